//! `commonground demo`: everything on one machine, with a mail catcher instead of a relay.

use std::path::PathBuf;

use super::start::{Start, StartError, announce, stop_signal};
use crate::clock::Clock;
use crate::config::{ConfigError, Settings, Source};
use crate::db::DbError;
use crate::mail::catcher::Catcher;
use crate::organizers::{self, NewOrganizer, Role};
use crate::values::{EmailAddress, PersonName, SecretToken};

/// Why the demo did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// No directory or no port.
    #[error("the demo needs a directory and a port of its own: {0}")]
    Io(#[from] std::io::Error),
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// As `serve`.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error("the database fails: {0}")]
    Db(#[from] DbError),
    /// The organizer's account.
    #[error("the demo's organizer could not be made: {0}")]
    Organizer(String),
}
