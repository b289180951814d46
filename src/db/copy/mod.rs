//! Backup and restore. A backup is one SQLite file, whichever database it was made from.
//!
//! It is always built under a temporary name beside its place, checked, made durable, and only then given
//! its name: what bears the name is whole.

mod backup;
pub mod kept;
mod restore;
mod rows;

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tempfile::NamedTempFile;

use super::{DbError, LockError, OpenError};

pub use backup::backup;
pub use restore::{Rules, restore};

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Rows of all tables.
    pub rows: i64,
    /// Size of the backup file.
    pub bytes: u64,
}

/// Why nothing was copied, in words for the one who asked.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is something by that name.
    #[error("{0} exists already. Choose another name, or move it away first")]
    Exists(PathBuf),
    /// Nothing to make a backup of.
    #[error("there is no database of commonground at database_url, so there is nothing to make a backup of")]
    Nothing,
    /// A server's tables are not yet those of this version.
    #[error(
        "the database was written by an older version of commonground ({0} migrations behind). Make the backup with that version, or run `commonground migrate` first. Nothing was changed"
    )]
    Older(usize),
    /// No such backup.
    #[error("{0} is not there. Give the path of a file that `commonground backup` made")]
    Missing(PathBuf),
    /// Not ours, or damaged.
    #[error("{path} is no backup of commonground, or it is damaged: {problem}")]
    NotABackup {
        /// The file.
        path: PathBuf,
        /// What was found.
        problem: String,
    },
    /// Only an empty database takes a backup.
    #[error(
        "the database is not empty: there are rows in {0}. Restore into an empty one: set database_url to a new place"
    )]
    NotEmpty(String),
    /// The copy does not hold what the backup holds. Nothing was changed.
    #[error("the copy of {table} has {copied} rows instead of {expected}. Nothing was changed; try again")]
    Differs {
        /// Which table.
        table: String,
        /// In the backup.
        expected: i64,
        /// In the copy.
        copied: i64,
    },
    /// The two schemas are not the same.
    #[error("the table {0} is not the same in both databases. Nothing was changed; this is a fault of this version")]
    Schema(String),
    /// Reading or writing a file.
    #[error("{path} cannot be written: {error}. Check that the directory exists, is writable and has free space")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Somebody serves the database.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The target cannot be opened, or the backup is newer than this program.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

const PREFIX: &str = ".commonground-";
const SUFFIX: &str = ".partial";
/// Nobody writes to such a file any more after this.
const ABANDONED_AFTER: Duration = Duration::from_hours(6);

/// Removes what killed backups left behind. What cannot be removed does not matter to the next one.
fn remove_abandoned(directory: &Path) {
    let files = std::fs::read_dir(directory).into_iter().flatten().flatten();
    for file in files {
        let name = file.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        let age = || file.metadata().ok()?.modified().ok()?.elapsed().ok();
        if is_ours
            && age().is_some_and(|age| age > ABANDONED_AFTER)
            && let Err(error) = std::fs::remove_file(file.path())
        {
            tracing::debug!(%error, "what a killed backup left behind cannot be removed");
        }
    }
}

/// A file under a temporary name, gone again unless it gets its own. Only its owner may read it.
struct PartialFile(NamedTempFile);

impl PartialFile {
    fn in_directory(directory: &Path) -> Result<Self, CopyError> {
        remove_abandoned(directory);
        let file = tempfile::Builder::new()
            .prefix(PREFIX)
            .suffix(SUFFIX)
            .tempfile_in(directory);
        file.map(Self).map_err(|error| CopyError::File {
            path: directory.to_owned(),
            error,
        })
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Opens it without a journal: until it has its name, it is thrown away whole.
    async fn open(&self) -> Result<SqliteConnection, CopyError> {
        let options = SqliteConnectOptions::new()
            .filename(self.path())
            .foreign_keys(false)
            .pragma("journal_mode", "OFF")
            .pragma("synchronous", "OFF")
            .disable_statement_logging();
        Ok(options.connect().await?)
    }

    fn make_durable(&self) -> Result<u64, CopyError> {
        let sync = |path: &Path| {
            let file = File::open(path)?;
            file.sync_all()?;
            Ok(file.metadata()?.len())
        };
        sync(self.path()).map_err(|error| CopyError::File {
            path: self.path().to_owned(),
            error,
        })
    }

    /// Gives it its name unless that is taken: what is there is never replaced.
    fn name(self, path: &Path) -> Result<(), CopyError> {
        match self.0.persist_noclobber(path) {
            Ok(_) => sync_directory(path),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(CopyError::Exists(path.to_owned())),
            Err(error) => Err(not_named(path, error.error)),
        }
    }

    /// Gives it its name, in place of what is there.
    fn replace(self, path: &Path) -> Result<(), CopyError> {
        self.0.persist(path).map_err(|error| not_named(path, error.error))?;
        sync_directory(path)
    }
}

fn not_named(path: &Path, error: std::io::Error) -> CopyError {
    CopyError::File {
        path: path.to_owned(),
        error,
    }
}

/// The directory of a file; the working directory for a bare name.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    }
}

/// A new name is durable once its directory is.
fn sync_directory(path: &Path) -> Result<(), CopyError> {
    let directory = directory_of(path);
    File::open(directory)
        .and_then(|opened| opened.sync_all())
        .map_err(|error| CopyError::File {
            path: directory.to_owned(),
            error,
        })
}

/// A whole copy of a file, also of one that is in use. `into` is empty.
async fn vacuum_into(from: &Path, into: &PartialFile) -> Result<(), CopyError> {
    let options = SqliteConnectOptions::new()
        .filename(from)
        .read_only(true)
        .busy_timeout(std::time::Duration::from_secs(30))
        .disable_statement_logging();
    let mut source = options.connect().await?;
    sqlx::query("VACUUM INTO $1")
        .bind(into.path().to_string_lossy().into_owned())
        .execute(&mut source)
        .await?;
    source.close().await?;
    Ok(())
}

/// What SQLite finds wrong with a file; `None` where it is sound.
async fn find_damage(connection: &mut SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut *connection)
        .await?;
    if found != "ok" {
        return Ok(Some(found));
    }
    let orphans = sqlx::query("PRAGMA foreign_key_check")
        .fetch_optional(connection)
        .await?;
    Ok(orphans.map(|_| "rows refer to others that are not there".to_owned()))
}
