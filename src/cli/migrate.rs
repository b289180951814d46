//! `migrate`: bring the database to this version.

use clap::Args;

use super::{CommandOutcome, open, say};
use crate::config::Config;
use crate::db::ServeLock;

/// Bring the database to this version, then exit
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground migrate --database-url sqlite:///var/lib/commonground/commonground.db"
)]
pub(super) struct Migrate {}

impl Migrate {
    pub(super) async fn run(&self, config: &Config) -> CommandOutcome {
        // Not under the hands of whoever serves it.
        let _lock = ServeLock::of(&config.database_url)?;
        open(config).await?.close().await;
        say!("The database is at version {}.", env!("CARGO_PKG_VERSION"))?;
        Ok(())
    }
}
