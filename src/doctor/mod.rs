//! Is everything as it should be? A finding each, and what to do: for the command, and for the owners' page. And a backup when
//! somebody asks for one.

mod address;
pub(crate) mod backup;
mod database;
mod mail;
mod place;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::config::Config;

/// A relay or an address that takes longer to answer than this is a fault.
const PATIENCE: Duration = Duration::from_secs(30);

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    Good,
    Warning,
    Fault,
}

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub severity: Severity,
    /// "mail"
    pub about: &'static str,
    /// What is found, and what to do.
    pub words: String,
}

impl Finding {
    pub(crate) fn good(about: &'static str, words: impl Into<String>) -> Self {
        Self::new(Severity::Good, about, words.into())
    }

    pub(crate) fn warning(about: &'static str, words: impl Into<String>) -> Self {
        Self::new(Severity::Warning, about, words.into())
    }

    pub(crate) fn fault(about: &'static str, words: impl Into<String>) -> Self {
        Self::new(Severity::Fault, about, words.into())
    }

    const fn new(severity: Severity, about: &'static str, words: String) -> Self {
        Self { severity, about, words }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Good => "ok",
            Severity::Warning => "warn",
            Severity::Fault => "FAULT",
        };
        write!(f, "{severity:<6} {:<10} {}", self.about, self.words)
    }
}

/// All of an installation that may not run; `tell` hears of each as soon as it is found.
pub(crate) async fn look<E>(
    config: &Config,
    now: Timestamp,
    mut tell: impl FnMut(Finding) -> Result<(), E>,
) -> Result<(), E> {
    let (finding, installation) = database::look(config).await;
    tell(finding)?;
    if let Some(installation) = &installation {
        tell(database::owner(installation))?;
    }
    let mark = installation.as_ref().map(|installation| installation.mark.as_str());
    for finding in around(config, mark, now, PATIENCE).await {
        tell(finding)?;
    }
    Ok(())
}

/// All but the database, which whoever asks from within uses already. `mark`: of this installation, where it is known.
/// `patience`: with whatever is asked over the network.
pub(crate) async fn around(config: &Config, mark: Option<&str>, now: Timestamp, patience: Duration) -> Vec<Finding> {
    let (relay, address) = tokio::join!(mail::relay(config, patience), address::lead(config, mark, patience));
    vec![
        relay,
        mail::sender(config),
        address,
        place::clock(now),
        place::disk(config),
        place::backups(config, now),
        address::proxies(config),
    ]
}
