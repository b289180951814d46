//! The log: to stderr, as lines for people or as JSON.

use tracing_subscriber::EnvFilter;

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
    let filter = EnvFilter::try_new(filter).map_err(|error| Failure::Usage(format!("log: {error}")))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::Failed(anyhow::anyhow!("the log cannot be started: {error}")))
}
