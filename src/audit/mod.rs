//! The audit log: who did what, and when. It names things and fields, never people's data. It stands below mail, so that
//! the outbox notes its own changes.

mod log;
mod words;

use jiff::Timestamp;

use crate::db::{DbError, Tx, micros};
use crate::on_db;

pub(crate) use log::{AuditFilter, AuditLine, latest, older};
pub(crate) use words::{AuditGroup, in_words};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who is signed in, by id.
    Organizer(i64),
    /// Whoever can run commands on the server.
    CommandLine,
    /// Whoever opened the set-up link.
    SetupLink,
    /// Somebody who is not signed in.
    Visitor,
    /// The program by itself, by a rule that an owner has set.
    Program,
}

/// One line of the log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who.
    pub actor: Actor,
    /// What was done: `export.attendees`, `session.change`.
    pub action: &'static str,
    /// To what: a public id or a slug.
    pub subject: String,
    /// Which fields, how many rows; no values of people.
    pub detail: String,
}

impl Actor {
    fn as_str(self) -> &'static str {
        match self {
            Self::Organizer(_) => "organizer",
            Self::CommandLine => "command line",
            Self::SetupLink => "set-up link",
            Self::Visitor => "visitor",
            Self::Program => "program",
        }
    }

    /// The account's row, where it is one's.
    pub(crate) fn organizer_id(self) -> Option<i64> {
        match self {
            Self::Organizer(id) => Some(id),
            Self::CommandLine | Self::SetupLink | Self::Visitor | Self::Program => None,
        }
    }
}

/// What changed, by field: what stood there, and what stands there. Never of people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    before: serde_json::Map<String, serde_json::Value>,
    after: serde_json::Map<String, serde_json::Value>,
}

impl Change {
    /// Of one field.
    #[must_use]
    pub fn of(field: &str, before: &str, after: &str) -> Self {
        Self::default().and(field, before, after)
    }

    /// And of another one. A field that is as it was is left out.
    #[must_use]
    pub fn and(mut self, field: &str, before: &str, after: &str) -> Self {
        if before != after {
            self.before.insert(field.to_owned(), before.into());
            self.after.insert(field.to_owned(), after.into());
        }
        self
    }

    /// Whether nothing did.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.after.is_empty()
    }
}

/// Adds a line, in the same transaction as what it tells of.
///
/// # Errors
/// When the database fails.
pub async fn record(tx: &mut Tx, entry: &Entry, now: Timestamp) -> Result<(), DbError> {
    record_change(tx, entry, &Change::default(), now).await
}

/// The same, with what stood there before and what stands there after.
///
/// # Errors
/// When the database fails.
pub async fn record_change(tx: &mut Tx, entry: &Entry, change: &Change, now: Timestamp) -> Result<(), DbError> {
    let json = |fields: &serde_json::Map<String, serde_json::Value>| {
        (!fields.is_empty()).then(|| serde_json::Value::Object(fields.clone()).to_string())
    };
    on_db!(tx, c => sqlx::query(
        "INSERT INTO audit_log (at, actor, organizer_id, action, subject, detail, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(micros(now))
        .bind(entry.actor.as_str())
        .bind(entry.actor.organizer_id())
        .bind(entry.action)
        .bind(&entry.subject)
        .bind(&entry.detail)
        .bind(json(&change.before))
        .bind(json(&change.after))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
