//! Exports: rows as a file, whichever feature they belong to. Each feature has an `export.rs` with its columns.
//!
//! The rows are read in one statement, as one moment saw them, and written at full speed to a spool file on
//! the data disk; only then is the file sent, however slow the receiver. Memory does not grow with the rows.
//! Keys and order of the columns are a contract: other programs read these files.

mod cells;
pub(crate) mod csv;
mod spool;

use std::path::PathBuf;

use jiff::Timestamp;

use crate::audit::{self, Entry};
use crate::db::{Db, DbError};

pub use cells::{date_time, id, optional_date_time, text, yes_no};
pub use csv::{CsvStyle, Separator};
pub use spool::{Spool, SpoolWriter};

/// A column: what it is called for programs and for people, and what stands in it.
pub struct Column<R> {
    /// Stable; never used again for something else.
    pub key: String,
    /// The heading.
    pub label: String,
    value: CellOf<R>,
}

/// What stands in a cell of a row.
type CellOf<R> = Box<dyn Fn(&R) -> String + Send + Sync>;

impl<R> Column<R> {
    /// A column of the values that `value` gives.
    pub fn new(
        key: impl Into<String>,
        label: impl Into<String>,
        value: impl Fn(&R) -> String + Send + Sync + 'static,
    ) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            value: Box::new(value),
        }
    }
}

/// How a file is written.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Keys of the columns, in their order; empty: all.
    pub columns: Vec<String>,
    /// The look of the file.
    pub style: CsvStyle,
}

impl Options {
    /// The chosen columns, in the chosen order.
    ///
    /// # Errors
    /// [`ExportError::UnknownColumn`].
    pub fn choose<'c, R>(&self, all: &'c [Column<R>]) -> Result<Vec<&'c Column<R>>, ExportError> {
        if self.columns.is_empty() {
            return Ok(all.iter().collect());
        }
        let unknown = |key: &String| ExportError::UnknownColumn {
            unknown: key.clone(),
            known: all
                .iter()
                .map(|column| column.key.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        };
        self.columns
            .iter()
            .map(|key| all.iter().find(|column| column.key == *key).ok_or_else(|| unknown(key)))
            .collect()
    }

    /// "all columns", or which: for the audit log.
    #[must_use]
    pub fn columns_in_words(&self) -> String {
        if self.columns.is_empty() {
            "all columns".to_owned()
        } else {
            format!("columns {}", self.columns.join(","))
        }
    }
}

/// Why there is no file, in words for the one who asked.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No such column.
    #[error("there is no column {unknown}. There are: {known}")]
    UnknownColumn {
        /// What was asked for.
        unknown: String,
        /// What there is.
        known: String,
    },
    /// The file would not fit.
    #[error("{directory} has {free} MB free, and the file may need {needed}. Free some space and try again", directory = .directory.display())]
    NoSpace {
        /// Where the file would be.
        directory: PathBuf,
        /// Megabytes.
        free: u64,
        /// Megabytes.
        needed: u64,
    },
    /// The spool file failed.
    #[error("the file cannot be written in {path}: {error}", path = .directory.display())]
    File {
        /// Where the file would be.
        directory: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for ExportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Notes in the audit log who took what, once the file is whole.
///
/// # Errors
/// When the database fails: then nobody gets the file.
pub async fn note(db: &Db, entry: Entry, now: Timestamp) -> Result<(), ExportError> {
    db.write(move |tx| {
        let entry = entry.clone();
        Box::pin(async move { audit::record(tx, &entry, now).await })
    })
    .await?;
    Ok(())
}
