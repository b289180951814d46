//! The database: can it be used, is it of this version, is there an owner.

use super::Finding::{self, Fault, Good, Warning};
use crate::app::secret_key;
use crate::config::Config;
use crate::db::inspect::{self, Inspected};
use crate::db::{Db, DbError};
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
        Err(error) => return (Fault(format!("database   {error}")), None),
    };
    let finding = match found {
        _ if inspect::is_open_to_others(&config.database_url) => Warning(
            "database   others on this machine can read its file, which holds people's data and the secret key. \
             Run `chmod 600` on it and on the files beside it"
                .to_owned(),
        ),
        Inspected::Current => Good("database   reachable, at this version".to_owned()),
        Inspected::Behind(steps) => Warning(format!(
            "database   reachable, {steps} steps behind this version. `commonground migrate` or `serve` brings it up to date"
        )),
        Inspected::Empty => Warning("database   reachable and empty. `commonground serve` fills it".to_owned()),
        Inspected::Missing(ref path) => Warning(format!(
            "database   {} is not there yet. `commonground serve` makes it",
            path.display()
        )),
    };
    if found != Inspected::Current {
        return (finding, None);
    }
    match read(config).await {
        Ok(installation) => (finding, installation),
        Err(error) => (Fault(format!("database   {error:#}")), None),
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
    let Some(secret) = secret_key(&mut conn, config.secret_key).await? else {
        return Ok(None);
    };
    Ok(Some(Installation {
        mark: LinkKey::new(secret).installation(),
        has_owner,
    }))
}

pub(super) fn owner(installation: &Installation) -> Finding {
    if installation.has_owner {
        Good("owner      there is one".to_owned())
    } else {
        Warning(
            "owner      there is none. `commonground organizer setup-link` prints a link that makes the account"
                .to_owned(),
        )
    }
}
