//! `backup`: one file with everything.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::{CommandOutcome, Failure, note, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::copy::{self, kept};

/// Write a backup to FILE, while serving or not; it holds everything, the key that opens personal links included
#[derive(Args)]
#[command(after_help = "Example:\n  commonground backup /var/backups/commonground-2026-11-24.db")]
pub(super) struct Backup {
    /// A new file; an existing one is never replaced [default: one named by the time in `backup_dir`, where the oldest go]
    file: Option<PathBuf>,
}

impl Backup {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        match (self.file, &config.backup_dir) {
            (Some(file), _) => write(config, &file).await,
            (None, Some(directory)) => write_kept(config, directory).await,
            (None, None) => Err(Failure::Usage(
                "backup needs a FILE, or the setting backup_dir, where it names the file itself".to_owned(),
            )),
        }
    }
}

async fn write(config: &Config, file: &Path) -> CommandOutcome {
    let copied = copy::backup(&config.database_url, file).await?;
    say!("{}: {} rows, {} bytes", file.display(), copied.rows, copied.bytes)?;
    Ok(())
}

/// The old ones go only once the new one is whole.
async fn write_kept(config: &Config, directory: &Path) -> CommandOutcome {
    let problem = || {
        format!(
            "{}: the backups there cannot be kept. Make it writable for this user",
            directory.display()
        )
    };
    let file = kept::place(directory, Clock::system().now()).with_context(problem)?;
    write(config, &file).await?;
    let removed = kept::prune(directory, config.backup_keep).with_context(problem)?;
    if removed > 0 {
        note!("{removed} of the oldest were removed; backup_keep says how many stay")?;
    }
    Ok(())
}
