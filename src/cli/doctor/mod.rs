//! `doctor`: is everything as it should be? One line each, and what to do.

mod database;
mod mail;
mod place;
mod site;

use std::fmt;

use clap::Args;

use super::{CommandOutcome, Failure, say};
use crate::clock::Clock;
use crate::config::Settings;

/// Check settings, database, mail server, public address, clock, disk, backups and proxies; one line each
#[derive(Args)]
#[command(after_help = "Example:\n  commonground doctor --config /etc/commonground.toml")]
pub(super) struct Doctor {}

/// One line.
enum Finding {
    Good(String),
    Warning(String),
    Fault(String),
}
use Finding::{Fault, Good, Warning};

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Good(words) => write!(f, "ok     {words}"),
            Warning(words) => write!(f, "warn   {words}"),
            Fault(words) => write!(f, "FAULT  {words}"),
        }
    }
}

impl Doctor {
    pub(super) async fn run(&self, settings: &Settings) -> CommandOutcome {
        let mut faults = 0;
        let mut tell = |finding: Finding| {
            faults += usize::from(matches!(finding, Fault(_)));
            say!("{finding}")
        };
        let config = match settings.parse() {
            Ok(config) => config,
            Err(problems) => {
                for problem in problems.0 {
                    tell(Fault(format!("settings   {problem}")))?;
                }
                return Err(failed(faults));
            }
        };
        tell(Good("settings   all can be read".to_owned()))?;
        for warning in settings.warnings() {
            tell(Warning(format!("settings   {warning}")))?;
        }
        let (finding, installation) = database::look(&config).await;
        tell(finding)?;
        if let Some(installation) = &installation {
            tell(database::owner(installation))?;
        }
        tell(mail::relay(&config).await)?;
        tell(mail::sender(&config))?;
        tell(site::address(&config, installation.as_ref()).await)?;
        let now = Clock::system().now();
        tell(place::clock(now))?;
        tell(place::disk(&config))?;
        tell(place::backups(&config, now))?;
        tell(site::proxies(&config))?;
        if faults == 0 { Ok(()) } else { Err(failed(faults)) }
    }
}

fn failed(faults: usize) -> Failure {
    Failure::Failed(anyhow::anyhow!(
        "{faults} {}. What to do stands on the lines with FAULT",
        if faults == 1 { "fault" } else { "faults" }
    ))
}
