//! The database: can it be used, is it of this version, is there an owner.

use super::Finding;
use crate::config::Config;
use crate::db::inspect::{self, Inspected};
use crate::db::{Db, DbError, settings};
use crate::organizers::store;
use crate::values::LinkKey;

/// What stands in a database of this version.
pub(super) struct Installation {
    /// As `/healthz` says it.
    pub mark: String,
    has_owner: bool,
}

/// Where the database is of this version, what stands in it too.
pub(super) async fn look(config: &Config) -> (Finding, Option<Installation>) {
    let found = match inspect::inspect(&config.database_url).await {
        Ok(found) => found,
        Err(error) => return (Finding::fault("database", format!("{error}")), None),
    };
    let finding = match found {
        _ if inspect::is_open_to_others(&config.database_url) => Finding::warning(
            "database",
            "others on this machine can read its file, which holds people's data and the secret key. \
             Run `chmod 600` on it and on the files beside it"
                .to_owned(),
        ),
        Inspected::Current => Finding::good("database", "reachable, at this version".to_owned()),
        Inspected::Behind(steps) => Finding::warning(
            "database",
            format!(
                "reachable, {steps} steps behind this version. `commonground migrate` or `serve` brings it up to date"
            ),
        ),
        Inspected::Empty => Finding::warning(
            "database",
            "reachable and empty. `commonground serve` fills it".to_owned(),
        ),
        Inspected::Missing(ref path) => Finding::warning(
            "database",
            format!("{} is not there yet. `commonground serve` makes it", path.display()),
        ),
    };
    if found != Inspected::Current {
        return (finding, None);
    }
    match read(config).await {
        Ok(installation) => (finding, installation),
        Err(error) => (Finding::fault("database", format!("{error:#}")), None),
    }
}

/// `None` where nothing was started on it yet.
async fn read(config: &Config) -> anyhow::Result<Option<Installation>> {
    let db = Db::open(&config.database_url).await?;
    let found = find(&db, config).await;
    db.close().await;
    Ok(found?)
}

async fn find(db: &Db, config: &Config) -> Result<Option<Installation>, DbError> {
    let mut conn = db.read().await?;
    let has_owner = store::has_owner(&mut conn).await?;
    let Some(secret) = settings::secret_key(&mut conn, config.secret_key).await? else {
        return Ok(None);
    };
    Ok(Some(Installation {
        mark: LinkKey::new(secret).installation(),
        has_owner,
    }))
}

pub(super) fn owner(installation: &Installation) -> Finding {
    if installation.has_owner {
        Finding::good("owner", "there is one".to_owned())
    } else {
        Finding::warning(
            "owner",
            "there is none. `commonground organizer setup-link` prints a link that makes the account".to_owned(),
        )
    }
}
