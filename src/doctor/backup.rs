//! A backup that an owner asks for: made beside the pages, into the directory of those that are made each night.

use jiff::Timestamp;

use crate::audit::{self, Actor, Entry};
use crate::db::copy::{self, kept};
use crate::db::{Conn, DbError, Tx, settings};
use crate::organizers::Organizer;
use crate::schedule::{self, Work};
use crate::web::AppState;

/// As the schedule knows it.
const BACKUP: &str = "backup";
/// Why the last one failed.
const PROBLEM: &str = "backup.problem";

/// How it stands.
pub(crate) struct BackupStanding {
    /// One is being made.
    pub is_going: bool,
    /// Why the last one failed.
    pub problem: Option<String>,
}

/// Reads it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn standing(conn: &mut Conn) -> Result<BackupStanding, DbError> {
    let problem = settings::find(conn, PROBLEM).await?;
    Ok(BackupStanding {
        is_going: schedule::store::is_open(conn, BACKUP, "").await?,
        problem: problem.filter(|problem| !problem.is_empty()),
    })
}

/// Has one made.
///
/// # Errors
/// When the database fails.
pub(crate) async fn ask(tx: &mut Tx, who: &Organizer, now: Timestamp) -> Result<(), DbError> {
    schedule::store::put(tx, BACKUP, "", now).await?;
    let entry = Entry {
        actor: Actor::from(who),
        action: "system.backup",
        subject: String::new(),
        detail: String::new(),
    };
    audit::record(tx, &entry, now).await
}

/// The work that makes it. One that fails is not tried again by itself: its owner sees why, and presses the button.
pub(crate) fn work(state: &AppState) -> Work {
    let state = state.clone();
    Work::once(BACKUP, move |_| {
        let state = state.clone();
        Box::pin(async move {
            let problem = make(&state).await.err().unwrap_or_default();
            if !problem.is_empty() {
                tracing::warn!(problem, "the backup that was asked for could not be made");
            }
            let write = state.db.write(move |tx| {
                let problem = problem.clone();
                Box::pin(async move { settings::put(tx, PROBLEM, &problem).await })
            });
            write.await
        })
    })
}

/// The old ones go only once the new one is whole.
async fn make(state: &AppState) -> Result<(), String> {
    let config = &state.config;
    let directory = config.backup_dir.as_deref().ok_or("backup_dir is not set")?;
    let in_words =
        |error: std::io::Error| format!("{}: {error}. Make it writable for the program", directory.display());
    let file = kept::place(directory, state.clock.now()).map_err(in_words)?;
    copy::backup(&config.database_url, &file)
        .await
        .map_err(|error| error.to_string())?;
    kept::prune(directory, config.backup_keep).map_err(in_words)?;
    Ok(())
}
