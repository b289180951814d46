//! What can go wrong with the database, for those who answer for it.

use std::borrow::Cow;

use sqlx::error::ErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation};

/// Why a read or a job failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Too many writers wait, or another process holds the database: try again shortly.
    #[error("the database is busy")]
    Busy,
    /// The job did not end in its time and was cut off.
    #[error("the database job took too long")]
    TooLong,
    /// The job panicked.
    #[error("the database job panicked")]
    Panicked,
    /// The commit failed: nothing of the job counts as stored.
    #[error("the commit failed: {0}")]
    Commit(String),
    /// The writer has stopped.
    #[error("the database is closed")]
    Closed,
    /// A row holds what this program does not write.
    #[error("a stored value cannot be read: {0}")]
    Stored(String),
    /// Everything else the database says.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
}

/// SQLite's primary result codes that mean "somebody else has it".
const SQLITE_BUSY: &str = "5";
const SQLITE_LOCKED: &str = "6";

impl DbError {
    /// A stored value that does not parse.
    pub fn stored(problem: impl std::fmt::Display) -> Self {
        Self::Stored(problem.to_string())
    }

    /// True where the same request may work a moment later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Busy | Self::TooLong | Self::Commit(_) | Self::Closed => true,
            Self::Sql(error) => is_out_of_reach(error),
            Self::Panicked | Self::Stored(_) => false,
        }
    }

    /// The same for another one who waited; an error cannot be cloned, so its words are.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Closed => Self::Closed,
            Self::Commit(words) => Self::Commit(words.clone()),
            other => Self::Commit(other.to_string()),
        }
    }

    /// A violated constraint leaves the connection and its transaction usable; nothing else surely does.
    pub(super) fn is_constraint(&self) -> bool {
        let Self::Sql(sqlx::Error::Database(error)) = self else {
            return false;
        };
        matches!(
            error.kind(),
            UniqueViolation | ForeignKeyViolation | NotNullViolation | CheckViolation
        )
    }

    /// What `BEGIN IMMEDIATE` says while another process writes.
    pub(super) fn busy_or(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code().map(Cow::into_owned));
        match code.as_deref() {
            Some(SQLITE_BUSY | SQLITE_LOCKED) => Self::Busy,
            _ => Self::Sql(error),
        }
    }
}

/// Connection lost, pool exhausted, disk full, server starting or stopping.
fn is_out_of_reach(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_passing_code(&code)),
        _ => false,
    }
}

/// SQLite: BUSY 5, LOCKED 6, READONLY 8, IOERR 10, FULL 13, CANTOPEN 14 in the low byte.
/// PostgreSQL: classes 08 (connection), 53 (resources), 57 (operator intervention), read-only 25006,
/// and conflicts that outlived their retries.
fn is_passing_code(code: &str) -> bool {
    if let (true, Ok(number)) = (code.len() < 5, code.parse::<u32>()) {
        return matches!(number & 0xff, 5 | 6 | 8 | 10 | 13 | 14);
    }
    code.starts_with("08")
        || code.starts_with("53")
        || code.starts_with("57")
        || matches!(code, "25006" | "40001" | "40P01" | "55P03")
}
