//! All that is kept of one person, to be told to them or to an organizer who answers them. Each feature says what it keeps
//! with its [`Trace`](super::Trace); here it is put together.

use serde_json::{Map, Value};

use super::Traces;
use super::store::record;
use crate::db::{Conn, DbError};

/// A part of it: the rows of one table.
#[derive(Debug, Clone, Copy)]
pub struct RecordPart {
    /// What it is called: `registrations`.
    pub name: &'static str,
    /// What is told of each row.
    pub fields: &'static [RecordField],
    /// `FROM`, with everything behind it; `$1` is the contact.
    pub from: &'static str,
    /// Written about them by organizers: it is told by an organizer alone.
    pub is_internal: bool,
}

/// What is told of a row.
#[derive(Debug, Clone, Copy)]
pub enum RecordField {
    /// A text or a number as it is: its name, and where it stands.
    Plain(&'static str, &'static str),
    /// A moment.
    Time(&'static str, &'static str),
}

impl RecordField {
    pub(super) const fn expression(&self) -> &'static str {
        match self {
            Self::Plain(_, expression) | Self::Time(_, expression) => expression,
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Plain(name, _) | Self::Time(name, _) => name,
        }
    }
}

impl RecordPart {
    /// One that is told to the person, too.
    #[must_use]
    pub const fn new(name: &'static str, fields: &'static [RecordField], from: &'static str) -> Self {
        Self {
            name,
            fields,
            from,
            is_internal: false,
        }
    }

    /// One that organizers wrote.
    #[must_use]
    pub const fn internal(self) -> Self {
        Self {
            is_internal: true,
            ..self
        }
    }
}

/// All that is kept of one person: parts by name, each a list of rows.
#[derive(Debug, Clone)]
pub(crate) struct Record(Vec<(&'static str, Vec<Map<String, Value>>)>);

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordReader {
    /// The person.
    Themselves,
    /// An organizer.
    Organizer,
}

/// Reads it.
pub(crate) async fn read(
    conn: &mut Conn,
    contact_id: i64,
    traces: &Traces,
    reader: RecordReader,
) -> Result<Record, DbError> {
    let mut parts = Vec::new();
    for part in traces.iter().flat_map(|trace| trace.told) {
        if part.is_internal && reader == RecordReader::Themselves {
            continue;
        }
        parts.push((part.name, record::rows(conn, part, contact_id).await?));
    }
    Ok(Record(parts))
}

impl Record {
    /// As one object of JSON.
    pub(crate) fn as_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let parts: Map<String, Value> = self
            .0
            .iter()
            .map(|(name, rows)| {
                let rows = rows.iter().cloned().map(Value::Object).collect();
                ((*name).to_owned(), Value::Array(rows))
            })
            .collect();
        serde_json::to_vec_pretty(&Value::Object(parts))
    }

    /// As a table: a line for each value that is there, with the part, the row's number, and the name of the value.
    pub(crate) fn lines(&self) -> impl Iterator<Item = [String; 4]> {
        self.0.iter().flat_map(|(part, rows)| {
            rows.iter().enumerate().flat_map(move |(number, row)| {
                row.iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(move |(name, value)| {
                        let value = match value {
                            Value::String(text) => text.clone(),
                            other => other.to_string(),
                        };
                        [(*part).to_owned(), (number + 1).to_string(), name.clone(), value]
                    })
            })
        })
    }
}
