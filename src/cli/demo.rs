//! `demo`: everything on one machine, to look at.

use std::path::PathBuf;

use clap::Args;

use super::{CommandOutcome, Failure, log};
use crate::config::{Settings, Source};

/// Serve with sample content, an organizer whose sign-in is printed, and a mail catcher at /demo/mail
#[derive(Args)]
#[command(after_help = "Example:\n  commonground demo --listen 127.0.0.1:8080")]
pub(super) struct Demo {
    /// Keep the database in this directory [default: a temporary one, gone afterwards]
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
}

/// What the demo brings itself.
const INSTEAD: [(&str, &str); 2] = [
    (
        "database_url",
        "it has a database of its own. Give --data-dir to keep it, or use `serve`",
    ),
    (
        "smtp_url",
        "it catches all mail, at /demo/mail. Use `serve` to send some",
    ),
];

impl Demo {
    pub(super) async fn run(self, settings: Settings) -> CommandOutcome {
        for (key, instead) in INSTEAD {
            if settings.source(key) == Source::Flag {
                return Err(Failure::Usage(format!(
                    "the demo takes no --{}: {instead}",
                    key.replace('_', "-")
                )));
            }
        }
        super::ready(&settings, log::Talk::Much)?;
        Ok(crate::app::demo(settings, self.data_dir).await?)
    }
}
