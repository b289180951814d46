//! One `serve` per SQLite file: two would send the same mail.

use std::fs::{File, TryLockError};
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
    #[error("another commonground serves this database (lock file {0}). Stop it first")]
    Taken(PathBuf),
    /// There is no place for the file.
    #[error(transparent)]
    Directory(#[from] OpenError),
    /// The file cannot be made.
    #[error("the lock file {path} cannot be used: {error}. Make it and its directory writable for this user")]
    File {
        /// The lock file.
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
        open::make_directory(path)?;
        Self::acquire(path).map(Some)
    }

    /// Takes the lock that belongs to a database file.
    ///
    /// # Errors
    /// When another process holds it or the file cannot be made.
    pub fn acquire(database: &Path) -> Result<Self, LockError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| LockError::File {
                path: path.clone(),
                error,
            })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken(path)),
            Err(TryLockError::Error(error)) => Err(LockError::File { path, error }),
        }
    }
}
