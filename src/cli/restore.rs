//! `restore`: a backup into an empty database. Says what the features' tables mean for it.

use std::path::PathBuf;

use clap::Args;

use super::{CommandOutcome, note, say};
use crate::app::SEEDED;
use crate::config::Config;
use crate::db::copy::{self, Rules};
use crate::mail::outbox::HOLD_ALL;
use crate::schedule;

/// Put a backup into an empty database; mail that was waiting is held until you release it
#[derive(Args)]
#[command(after_help = "Example:\n  commonground restore /var/backups/commonground-2026-11-24.db")]
pub(super) struct Restore {
    /// What `commonground backup` made
    file: PathBuf,
}

/// What `serve` puts into a new database by itself counts as empty. Mail that was waiting may have gone
/// since the backup, so it is held; who was signed in may have signed out since, so nobody is.
pub(super) const RULES: Rules<'static> = Rules {
    ignored: &["settings", "setup_link", "due_work", "consent_texts"],
    sample_marker: SEEDED,
    sample: &[
        "webcasts",
        "presenters",
        "speakers",
        "sessions",
        "whitepapers",
        "editions",
        "edition_chunks",
        "edition_pictures",
    ],
    finish: &[
        HOLD_ALL,
        schedule::store::HOLD_ALL,
        "DELETE FROM sign_ins",
        "DELETE FROM setup_link",
    ],
};

impl Restore {
    pub(super) async fn run(&self, config: &Config) -> CommandOutcome {
        let copied = copy::restore(&config.database_url, &self.file, &RULES).await?;
        say!("{} rows restored from {}", copied.rows, self.file.display())?;
        note!("Mail that was waiting is held. Look at it with `commonground outbox list --state held`,")?;
        note!("release it with `commonground outbox retry --held`.")?;
        note!(
            "Who was erased since the backup is in it again: `commonground erase --receipts FILE` erases them once more."
        )?;
        Ok(())
    }
}
