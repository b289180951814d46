//! `demo`: everything on one machine, to look at.

use std::path::PathBuf;

use clap::Args;

use super::{Outcome, log};
use crate::config::Settings;

/// Serve with sample content, an organizer whose sign-in is printed, and a mail catcher at /demo/mail
#[derive(Args)]
#[command(after_help = "Example:\n  commonground demo --listen 127.0.0.1:8080")]
pub(super) struct Demo {
    /// Keep the database in this directory [default: a temporary one, gone afterwards]
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
}

impl Demo {
    pub(super) async fn run(self, settings: Settings) -> Outcome {
        super::ready(&settings, log::Talk::Much)?;
        Ok(crate::app::demo(settings, self.data_dir).await?)
    }
}
