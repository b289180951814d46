//! Exports: rows as a file of any kind, whichever feature they belong to. Each feature has an `export.rs` with its columns.
//!
//! The rows are read in one statement, as one moment saw them, and written at full speed to a spool file on
//! the data disk; only then is the file sent, however slow the receiver. Memory does not grow with the rows.
//! Keys and order of the columns are a contract: other programs read these files.

mod cells;
pub(crate) mod csv;
mod first_rows;
mod format;
mod json;
mod list;
mod spool;
mod xlsx;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::audit::{self, Entry};
use crate::db::{Db, DbError};
use crate::values::Zone;

pub use cells::CellValue;
pub use csv::{CsvStyle, Separator};
pub use first_rows::FirstRows;
pub use format::FileFormat;
pub(crate) use list::{ExportedList, first_rows, write};
pub use spool::{FileShape, Spool, SpoolWriter, data_directory};

/// A column: what it is called for programs and for people, and what stands in it.
pub struct Column<R> {
    /// Stable; never used again for something else.
    pub key: String,
    /// The heading.
    pub label: String,
    value: CellOf<R>,
}

/// What stands in a cell of a row.
type CellOf<R> = Box<dyn for<'r> Fn(&'r R) -> CellValue<'r> + Send + Sync>;

impl<R> Column<R> {
    /// A column of the values that `value` gives.
    pub fn new(
        key: impl Into<String>,
        label: impl Into<String>,
        value: impl for<'r> Fn(&'r R) -> CellValue<'r> + Send + Sync + 'static,
    ) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            value: Box::new(value),
        }
    }

    /// Whether nothing stands in it.
    fn is_empty(&self, row: &R) -> bool {
        matches!((self.value)(row), CellValue::Empty)
    }

    /// What stands in it; a date-time in the file's zone, where there is one.
    fn cell<'r>(&self, row: &'r R, zone: Option<&'r Zone>) -> CellValue<'r> {
        match ((self.value)(row), zone) {
            (CellValue::Moment(at, _), Some(zone)) => CellValue::Moment(at, zone),
            (cell, _) => cell,
        }
    }
}

/// A choice of columns with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// All of them.
    Everything,
    /// For a CRM: whom one may write to, and how to reach them.
    Sales,
    /// For those who speak: who comes and what they asked, without a way to reach them.
    Speaker,
}

impl Preset {
    /// Reads its name.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Some(match raw {
            "everything" => Self::Everything,
            "sales" => Self::Sales,
            "speaker" => Self::Speaker,
            _ => return None,
        })
    }
}

/// Who is told of a file while it is written: rows so far, and about how many there will be.
#[derive(Clone)]
pub struct FileProgress(pub Arc<dyn Fn(u64, u64) + Send + Sync>);

impl fmt::Debug for FileProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileProgress").finish_non_exhaustive()
    }
}

/// How a file is written.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Keys of the columns, in their order; empty: those of the preset, else all.
    pub columns: Vec<String>,
    /// A choice with a name.
    pub preset: Option<Preset>,
    /// Told now and then.
    pub progress: Option<FileProgress>,
    /// The kind of file.
    pub format: FileFormat,
    /// The zone of all date-times; `None`: each row's own. A last column names it.
    pub zone: Option<Zone>,
    /// Columns that have nothing in any row are left out.
    pub leave_out_empty: bool,
}

/// The zone of a file, where one was chosen for all of it.
pub fn file_zone<R: 'static>(options: &Options) -> Option<Column<R>> {
    let name = options.zone.as_ref()?.name().to_owned();
    Some(Column::new("file_tz", "File time zone", move |_: &R| {
        CellValue::made(name.clone())
    }))
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
        // The last one says what the others are in, whether it was asked for or not.
        let zone = all
            .last()
            .filter(|last| self.zone.is_some() && !self.columns.contains(&last.key));
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
            .chain(zone.map(Ok))
            .collect()
    }

    /// The same with the columns that its preset stands for; a speaker has the answers besides.
    #[must_use]
    pub fn of_preset<R>(self, all: &[Column<R>], for_sales: &[&str], for_speakers: &[&str]) -> Self {
        if !self.columns.is_empty() {
            return self;
        }
        let answers = || {
            all.iter()
                .map(|column| column.key.as_str())
                .filter(|key| key.starts_with("q_"))
        };
        let keys: Vec<&str> = match self.preset {
            Some(Preset::Sales) => for_sales.to_vec(),
            Some(Preset::Speaker) => for_speakers.iter().copied().chain(answers()).collect(),
            Some(Preset::Everything) | None => Vec::new(),
        };
        Self {
            columns: keys.into_iter().map(str::to_owned).collect(),
            ..self
        }
    }

    /// "all columns", or which: for the audit log.
    #[must_use]
    pub fn columns_in_words(&self) -> String {
        let columns = match (self.columns.as_slice(), self.preset) {
            (_, Some(Preset::Sales)) => "for sales".to_owned(),
            (_, Some(Preset::Speaker)) => "for speakers".to_owned(),
            ([], None | Some(Preset::Everything)) => "all columns".to_owned(),
            (columns, _) => format!("columns {}", columns.join(",")),
        };
        match self.format {
            FileFormat::Csv(_) => columns,
            format => format!("{columns}, {}", format.ending()),
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
