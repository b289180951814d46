//! The log: to stderr, as lines for people or as JSON.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::Failure;
use crate::config::{Config, LogFormat, Settings, Source};

/// How much a command has to say when nobody set `log`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Talk {
    /// A server tells what it does.
    Much,
    /// A short command tells of trouble only.
    Little,
}

/// Starts it, once.
pub(super) fn start(config: &Config, settings: &Settings, talk: Talk) -> Result<(), Failure> {
    let is_set = settings.source("log") != Source::Default;
    let filter = if talk == Talk::Little && !is_set {
        "warn"
    } else {
        config.log.as_str()
    };
    let filter: Targets = filter
        .parse()
        .map_err(|error| Failure::Usage(format!("log: {error}")))?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => tracing_subscriber::registry().with(lines).with(filter).try_init(),
        LogFormat::Json => tracing_subscriber::registry()
            .with(lines.json().flatten_event(true))
            .with(filter)
            .try_init(),
    };
    started.map_err(|error| Failure::Failed(anyhow::anyhow!("the log cannot be started: {error}")))
}
