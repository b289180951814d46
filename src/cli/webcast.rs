//! `webcast`: what there is, for scripts.

use clap::{Args, Subcommand};

use super::{CommandOutcome, open_existing, say};
use crate::config::Config;
use crate::db::{DbError, instant};
use crate::values::{PublicId, Zone};
use crate::webcasts::roster::{self, ListedSession};

/// Look at the webcasts
#[derive(Args)]
#[command(after_help = "Example:\n  commonground webcast list")]
pub(super) struct Webcasts {
    #[command(subcommand)]
    command: WebcastCommand,
}

#[derive(Subcommand)]
enum WebcastCommand {
    List(ListSessions),
}

/// Print every session: the webcast's slug, the session's id, start, state, registered and capacity, separated by tabs
#[derive(Args)]
#[command(after_help = "Example:\n  commonground webcast list | cut -f1 | sort -u")]
struct ListSessions {}

impl Webcasts {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        match self.command {
            WebcastCommand::List(command) => command.run(config).await,
        }
    }
}

impl ListSessions {
    async fn run(self, config: &Config) -> CommandOutcome {
        let db = open_existing(config).await?;
        let sessions = roster::list(&mut db.read().await?).await?;
        db.close().await;
        for session in &sessions {
            say!("{}", line(session)?)?;
        }
        Ok(())
    }
}

/// A webcast without a session has a line too, with nothing behind its slug.
fn line(session: &ListedSession) -> Result<String, DbError> {
    let (Some(id), Some(starts_at)) = (
        session.public_id.as_deref().and_then(PublicId::from_slice),
        session.starts_at,
    ) else {
        return Ok(format!("{}\t\t\t\t\t", session.slug));
    };
    let zone = Zone::stored(session.time_zone.as_deref().unwrap_or_default());
    let start = zone.at(instant(starts_at)?);
    let capacity = session.capacity.map_or_else(String::new, |most| most.to_string());
    Ok(format!(
        "{}\t{id}\t{}\t{}\t{}\t{capacity}",
        session.slug,
        start.strftime("%Y-%m-%dT%H:%M:%S%:z"),
        session.state.as_deref().unwrap_or_default(),
        session.registered,
    ))
}
