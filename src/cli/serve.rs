//! `serve`: web pages and workers.

use clap::Args;

use super::CommandOutcome;
use crate::config::Config;

/// Serve the web pages and send the mail; the database is brought to this version first
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground serve --listen 127.0.0.1:8080 --public-url https://events.example.org"
)]
pub(super) struct Serve {}

impl Serve {
    pub(super) async fn run(&self, config: Config) -> CommandOutcome {
        Ok(crate::app::serve(config).await?)
    }
}
