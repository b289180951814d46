//! `doctor`: is everything as it should be? One line each, and what to do.

use clap::Args;

use super::{CommandOutcome, Failure, say};
use crate::clock::Clock;
use crate::config::Settings;
use crate::doctor::{self, Finding, Severity};

/// Check settings, database, mail server, public address, clock, disk, backups and proxies; one line each
#[derive(Args)]
#[command(after_help = "Example:\n  commonground doctor --config /etc/commonground.toml")]
pub(super) struct Doctor {}

impl Doctor {
    pub(super) async fn run(&self, settings: &Settings) -> CommandOutcome {
        let mut faults = 0;
        let mut tell = |finding: Finding| {
            faults += usize::from(finding.severity == Severity::Fault);
            say!("{finding}")
        };
        let config = match settings.parse() {
            Ok(config) => config,
            Err(problems) => {
                for problem in problems.0 {
                    tell(Finding::fault("settings", problem))?;
                }
                return Err(failed(faults));
            }
        };
        tell(Finding::good("settings", "all can be read"))?;
        for warning in settings.warnings() {
            tell(Finding::warning("settings", warning))?;
        }
        doctor::look(&config, Clock::system().now(), tell).await?;
        if faults == 0 { Ok(()) } else { Err(failed(faults)) }
    }
}

fn failed(faults: usize) -> Failure {
    Failure::Failed(anyhow::anyhow!(
        "{faults} {}. What to do stands on the lines with FAULT",
        if faults == 1 { "fault" } else { "faults" }
    ))
}
