//! All that is kept of one person as a file: for them, or for an organizer who answers them.

use jiff::Timestamp;

use crate::audit::{self, Actor, Entry};
use crate::contacts::Traces;
use crate::contacts::record::{self, Record, RecordReader};
use crate::db::{Db, DbError};
use crate::export::{CsvStyle, csv};
use crate::values::PublicId;

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonFile {
    /// One object, with a list for each part.
    Json,
    /// A line for each value: part, row, name, value.
    Csv,
}

/// Whose it is, and who takes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taker {
    /// The contact's row.
    pub contact_id: i64,
    /// Names their page.
    pub person: PublicId,
    /// Who takes it.
    pub actor: Actor,
}

impl PersonFile {
    /// Reads the ending of its name.
    pub(crate) fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// As HTTP says it.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// Makes it, and notes in the audit log that it was taken.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn make(self, db: &Db, traces: &Traces, taker: Taker, now: Timestamp) -> Result<Vec<u8>, DbError> {
        let reader = match taker.actor {
            Actor::Visitor => RecordReader::Themselves,
            _ => RecordReader::Organizer,
        };
        let record = record::read(&mut db.read().await?, taker.contact_id, traces, reader).await?;
        let file = match self {
            Self::Json => record.as_json().map_err(DbError::stored)?,
            Self::Csv => as_csv(&record)?,
        };
        let write = db.write(move |tx| {
            let entry = Entry {
                actor: taker.actor,
                action: "export.person",
                subject: taker.person.to_string(),
                detail: String::new(),
            };
            Box::pin(async move { audit::record(tx, &entry, now).await })
        });
        write.await?;
        Ok(file)
    }
}

fn as_csv(record: &Record) -> Result<Vec<u8>, DbError> {
    let heading = ["Part", "Row", "Field", "Value"].map(str::to_owned);
    let lines: Vec<Vec<String>> = std::iter::once(heading).chain(record.lines()).map(Vec::from).collect();
    let mut file = csv::MARK.as_bytes().to_vec();
    file.extend(csv::encode(&lines, CsvStyle::default()).map_err(DbError::stored)?);
    Ok(file)
}
