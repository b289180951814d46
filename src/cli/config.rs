//! `config`: what is set, and where it came from; or a file to begin with.

use std::io::{self, Write};

use clap::Args;

use super::{CommandOutcome, note, say};
use crate::config::{self, Settings};

/// Print every setting, its value (secrets hidden) and where it came from
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground config --config /etc/commonground.toml\n  commonground config --sample > commonground.toml"
)]
pub(super) struct ShowConfig {
    /// Print a settings file with every key and its meaning instead
    #[arg(long)]
    sample: bool,
}

impl ShowConfig {
    pub(super) fn run(&self, settings: &Settings) -> CommandOutcome {
        if self.sample {
            return Ok(write!(io::stdout(), "{}", config::sample())?);
        }
        for warning in settings.warnings() {
            note!("commonground: {warning}")?;
        }
        for set in settings.shown() {
            say!("{:<22} {}  ({})", set.name, set.value, set.source)?;
        }
        settings.parse()?;
        Ok(())
    }
}
