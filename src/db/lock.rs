//! One `serve` per SQLite file: two would send the same mail.
//!
//! The lock is on the file itself, by `flock`, so that it holds under every name the file has: links, hard links, mounts.
//! SQLite locks parts of the file in another way (`fcntl`), and neither notices the other.

use std::fs::{File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{OpenError, open};
use crate::config::DatabaseUrl;

/// Held for as long as the program serves; the system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

/// Why the lock was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process serves this database.
    #[error("another commonground serves this database ({0}), perhaps under another name. Stop it first")]
    Taken(PathBuf),
    /// There is no place for the file.
    #[error(transparent)]
    Directory(#[from] OpenError),
    /// The file cannot be made or read.
    #[error("the database {path} cannot be used: {error}. Make it and its directory writable for this user")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl ServeLock {
    /// Takes the lock of a database that may not be there yet; none on PostgreSQL. To be taken before the database is
    /// opened: that migrates it, under the hands of whoever serves it.
    ///
    /// # Errors
    /// As [`ServeLock::acquire`].
    pub fn of(url: &DatabaseUrl) -> Result<Option<Self>, LockError> {
        let DatabaseUrl::Sqlite(path) = url else {
            return Ok(None);
        };
        Self::acquire(path).map(Some)
    }

    /// Takes the lock of a database file; an empty one is made where there is none.
    ///
    /// # Errors
    /// When another process holds it or the file cannot be made.
    pub fn acquire(database: &Path) -> Result<Self, LockError> {
        open::make_directory(database)?;
        let fail = |error| LockError::File {
            path: database.to_owned(),
            error,
        };
        loop {
            open::make_private(database);
            let file = File::open(database).map_err(fail)?;
            match file.try_lock() {
                // A restore may have put another file there meanwhile.
                Ok(()) if is_there(&file, database) => return Ok(Self { _file: file }),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(LockError::Taken(database.to_owned())),
                Err(TryLockError::Error(error)) => return Err(fail(error)),
            }
        }
    }
}

/// Whether this file is the one of that name.
fn is_there(file: &File, path: &Path) -> bool {
    let identity = |metadata: std::io::Result<std::fs::Metadata>| metadata.map(|file| (file.dev(), file.ino())).ok();
    identity(file.metadata()) == identity(path.metadata())
}
