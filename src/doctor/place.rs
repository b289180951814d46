//! The machine: its clock, its disk, and where backups go.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::Finding;
use crate::config::{Config, DatabaseUrl};
use crate::db::copy::kept;
use crate::db::inspect;

/// Below this the next write may fail; below the other it is time to act.
const FAULT_BELOW: u64 = 100_000_000;
const WARN_BELOW: u64 = 1_000_000_000;
/// A backup each night, and some hours for one that takes long.
const BACKUP_EVERY: SignedDuration = SignedDuration::from_hours(36);

/// A clock that was never set is years off.
pub(super) fn clock(now: Timestamp) -> Finding {
    let year = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).year();
    if (2026..2100).contains(&year) {
        Finding::good("clock", format!("{now:.0}"))
    } else {
        Finding::fault(
            "clock",
            format!("says {now:.0}. Set it: reminders and links depend on it"),
        )
    }
}

pub(super) fn disk(config: &Config) -> Finding {
    let directory = data_directory(config);
    match inspect::free_space(&directory) {
        Ok(free) if free < FAULT_BELOW => Finding::fault(
            "disk",
            format!(
                "{} MB free in {}. Free some space: nothing can be stored soon",
                free / 1_000_000,
                directory.display()
            ),
        ),
        Ok(free) if free < WARN_BELOW => Finding::warning(
            "disk",
            format!("{} MB free in {}", free / 1_000_000, directory.display()),
        ),
        Ok(free) => Finding::good(
            "disk",
            format!("{} GB free in {}", free / 1_000_000_000, directory.display()),
        ),
        Err(error) => Finding::fault("disk", format!("{}: {error}", directory.display())),
    }
}

/// Where the data will be: the nearest directory that exists.
fn data_directory(config: &Config) -> PathBuf {
    let DatabaseUrl::Sqlite(path) = &config.database_url else {
        return std::env::temp_dir();
    };
    path.ancestors()
        .skip(1)
        .map(|directory| {
            if directory.as_os_str().is_empty() {
                Path::new(".")
            } else {
                directory
            }
        })
        .find(|directory| directory.is_dir())
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// How old the newest one is.
pub(super) fn backups(config: &Config, now: Timestamp) -> Finding {
    let Some(directory) = &config.backup_dir else {
        return Finding::warning("backups", "backup_dir is not set: nothing here tells how old the last one is. Set it, and run `commonground backup` each night"
                .to_owned(),
        );
    };
    let shown = directory.display();
    let made = match kept::newest(directory) {
        Ok(made) => made,
        Err(error) => {
            return Finding::fault(
                "backups",
                format!("{shown} cannot be read: {error}. Make it readable for this user"),
            );
        }
    };
    match made.map(|(path, made)| (path, now.duration_since(made))) {
        None => Finding::warning(
            "backups",
            format!("there is none in {shown} yet. `commonground backup` makes one"),
        ),
        Some((path, age)) if age > BACKUP_EVERY => Finding::fault(
            "backups",
            format!(
                "the newest, {}, is {} hours old. See why `commonground backup` does not run",
                path.display(),
                age.as_hours()
            ),
        ),
        Some((path, age)) => Finding::good("backups", format!("{}, {} hours old", path.display(), age.as_hours())),
    }
}
