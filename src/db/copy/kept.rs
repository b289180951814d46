//! Backups that are made each night: named by their time, and only so many kept.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

const BEGINNING: &str = "commonground-";
const ENDING: &str = ".db";

/// Where a backup of this moment goes; the directory is made where there is none, for its owner alone.
///
/// # Errors
/// When the directory cannot be made.
pub fn place(directory: &Path, now: Timestamp) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let time = now.to_zoned_datetime(TimeZone::UTC).strftime("%Y-%m-%dT%H%M%SZ");
    Ok(directory.join(format!("{BEGINNING}{time}{ENDING}")))
}

/// The newest, and when it was made.
///
/// # Errors
/// When the directory cannot be read; one that is not there has none.
pub fn newest(directory: &Path) -> io::Result<Option<(PathBuf, Timestamp)>> {
    let Some(newest) = all(directory)?.pop() else {
        return Ok(None);
    };
    let made = Timestamp::try_from(newest.metadata()?.modified()?).map_err(io::Error::other)?;
    Ok(Some((newest, made)))
}

/// Removes the oldest, so that `keep` are left, and says how many it removed. Files with other names are left alone.
///
/// # Errors
/// When the directory cannot be read or changed.
pub fn prune(directory: &Path, keep: usize) -> io::Result<usize> {
    let all = all(directory)?;
    let old = all.len().saturating_sub(keep);
    for path in all.iter().take(old) {
        std::fs::remove_file(path)?;
    }
    Ok(old)
}

/// From the oldest to the newest: their names sort as their times do.
fn all(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_ours) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_ours(name: &str) -> bool {
    let time = name.strip_prefix(BEGINNING).and_then(|rest| rest.strip_suffix(ENDING));
    let shape = |time: &str| -> String { time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect() };
    time.is_some_and(|time| shape(time) == "0000-00-00T000000Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_and_what_is_not_ours_stays() {
        let directory = tempfile::tempdir().unwrap();
        let place_at = |time: &str| place(directory.path(), time.parse().unwrap()).unwrap();
        assert!(newest(&directory.path().join("none")).unwrap().is_none());
        for day in 10..20 {
            std::fs::write(place_at(&format!("2026-11-{day}T03:00:00Z")), "").unwrap();
        }
        for other in [
            "commonground.db",
            "commonground-2026-11-24.db",
            "commonground-before-update.db",
            "notes",
        ] {
            std::fs::write(directory.path().join(other), "").unwrap();
        }
        assert_eq!(prune(directory.path(), 3).unwrap(), 7);
        assert_eq!(prune(directory.path(), 3).unwrap(), 0);
        assert_eq!(
            newest(directory.path()).unwrap().unwrap().0,
            place_at("2026-11-19T03:00:00Z")
        );
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 3 + 4);
    }
}
