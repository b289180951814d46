//! The audit log: who did what, and when. It names things and fields, never people's data. It stands below mail, so that
//! the outbox notes its own changes.

use jiff::Timestamp;

use crate::db::{DbError, Tx, micros};
use crate::on_db;

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

    fn organizer_id(self) -> Option<i64> {
        match self {
            Self::Organizer(id) => Some(id),
            Self::CommandLine | Self::SetupLink | Self::Visitor | Self::Program => None,
        }
    }
}

/// Adds a line, in the same transaction as what it tells of.
///
/// # Errors
/// When the database fails.
pub async fn record(tx: &mut Tx, entry: &Entry, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO audit_log (at, actor, organizer_id, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(micros(now))
        .bind(entry.actor.as_str())
        .bind(entry.actor.organizer_id())
        .bind(entry.action)
        .bind(&entry.subject)
        .bind(&entry.detail)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
