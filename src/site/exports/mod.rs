//! Exports: everything of a webcast's seats, or of the requests for papers, as a file.
//!
//! The rows are read in one statement, as one moment saw them, and written at full speed to a spool file on
//! the data disk; only then is the file sent, however slow the receiver. Memory does not grow with the rows.
//! Keys and order of the columns are a contract: other programs read these files.

mod attendees;
mod requests;
mod spool;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::db::{Db, DbError, micros};
use crate::organizers::audit::{self, Actor, Entry};
use crate::values::{PublicId, Slug, Zone};
use crate::webcasts::roster::ExportFilter;

pub use crate::web::csv::{Separator, Style};
pub use spool::Spool;

/// A column: what it is called for programs and for people, and what stands in it.
pub struct Column<R> {
    /// Stable; never used again for something else.
    pub key: &'static str,
    /// The heading.
    pub label: &'static str,
    value: fn(&R) -> String,
}

/// What is exported.
#[derive(Debug, Clone)]
pub enum Subject {
    /// The seats of a webcast.
    Attendees(ExportFilter),
    /// The requests for one paper, or for all.
    Requests(Option<Slug>),
}

/// How.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Keys of the columns, in their order; empty: all.
    pub columns: Vec<String>,
    /// The look of the file.
    pub style: Style,
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

/// Writes the file and notes in the audit log who took what.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub async fn export(
    db: &Db,
    subject: &Subject,
    options: &Options,
    actor: Actor,
    now: Timestamp,
) -> Result<Spool, ExportError> {
    let spool = match subject {
        Subject::Attendees(filter) => attendees::write(db, filter, options, now).await?,
        Subject::Requests(paper) => requests::write(db, paper.as_ref(), options, now).await?,
    };
    let entry = note(subject, options, spool.rows(), actor);
    db.write(move |tx| {
        let entry = entry.clone();
        Box::pin(async move { audit::record(tx, &entry, now).await })
    })
    .await?;
    Ok(spool)
}

fn note(subject: &Subject, options: &Options, rows: u64, actor: Actor) -> Entry {
    let columns = if options.columns.is_empty() {
        "all columns".to_owned()
    } else {
        format!("columns {}", options.columns.join(","))
    };
    let (action, subject, filter) = match subject {
        Subject::Attendees(filter) => {
            let session = filter
                .session
                .map_or("all sessions".to_owned(), |id| format!("session {id}"));
            let cancelled = if filter.cancelled { ", cancelled ones too" } else { "" };
            let slug = filter.webcast.to_string();
            ("export.attendees", slug, format!("{session}{cancelled}"))
        }
        Subject::Requests(paper) => {
            let slug = paper.as_ref().map_or("all whitepapers".to_owned(), ToString::to_string);
            ("export.requests", slug, "all requests".to_owned())
        }
    };
    Entry {
        actor,
        action,
        subject,
        detail: format!("{filter}, {columns}, {rows} rows"),
    }
}

/// The chosen columns, in the chosen order.
fn choose<'c, R>(all: &'c [Column<R>], keys: &[String]) -> Result<Vec<&'c Column<R>>, ExportError> {
    if keys.is_empty() {
        return Ok(all.iter().collect());
    }
    let unknown = |key: &String| ExportError::UnknownColumn {
        unknown: key.clone(),
        known: all.iter().map(|column| column.key).collect::<Vec<_>>().join(", "),
    };
    keys.iter()
        .map(|key| all.iter().find(|column| column.key == key).ok_or_else(|| unknown(key)))
        .collect()
}

/// The disk that holds the data, so that a full `/tmp` does not matter.
fn directory(db: &Db) -> PathBuf {
    match db.path().and_then(Path::parent) {
        Some(directory) if directory.as_os_str().is_empty() => PathBuf::from("."),
        Some(directory) => directory.to_owned(),
        None => std::env::temp_dir(),
    }
}

/// `YYYY-MM-DD HH:MM:SS`, as spreadsheets read it.
fn date_time(at: i64, zone: &Zone) -> String {
    Timestamp::from_microsecond(at).map_or_else(
        |_| String::new(),
        |at| zone.at(at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

fn optional_date_time(at: Option<i64>, zone: &Zone) -> String {
    at.map(|at| date_time(at, zone)).unwrap_or_default()
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn yes_no(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

fn id(bytes: &[u8]) -> String {
    PublicId::from_slice(bytes).map(|id| id.to_string()).unwrap_or_default()
}

/// In words what the database counts from the worst down.
fn mail_state(trouble: Option<i64>) -> String {
    match trouble {
        Some(1) => "bounced",
        Some(2) => "complained",
        Some(3) => "unsubscribed",
        _ => "ok",
    }
    .to_owned()
}

/// After so long without a sign of somebody, they were not there.
fn is_decided(ends_at: i64, now: Timestamp) -> bool {
    const DAY: i64 = 24 * 3_600 * 1_000_000;
    micros(now) >= ends_at.saturating_add(DAY)
}
