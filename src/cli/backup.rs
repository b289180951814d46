//! `backup`: one file with everything.

use std::path::PathBuf;

use clap::Args;

use super::{CommandOutcome, say};
use crate::config::Config;
use crate::db::copy;

/// Write a backup to FILE, while serving or not; it holds everything, the key that opens personal links included
#[derive(Args)]
#[command(after_help = "Example:\n  commonground backup /var/backups/commonground-2026-11-24.db")]
pub(super) struct Backup {
    /// A new file; an existing one is never replaced
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(&self, config: &Config) -> CommandOutcome {
        let copied = copy::backup(&config.database_url, &self.file).await?;
        say!("{}: {} rows, {} bytes", self.file.display(), copied.rows, copied.bytes)?;
        Ok(())
    }
}
