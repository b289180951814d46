//! All seats of an export.

use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::AssertSqlSafe;

use crate::contacts::roster::{ExportedContact, contact_array, from_hex, read_rows};
use crate::db::listing::ListCondition;
use crate::db::piece::{SqlPiece, SqlValue};
use crate::db::{Conn, DbError, micros, sql};
use crate::questions::FormOwner;
use crate::questions::store::answers_as_json;
use crate::values::Slug;
use crate::{bind_all, on_db};

/// Which seats an export has.
#[derive(Debug, Clone)]
pub(crate) struct ExportFilter {
    /// Of this webcast.
    pub webcast: Slug,
    /// For which all of this holds, over registrations `r` of people `c`.
    pub conditions: Vec<ListCondition>,
    /// Also those that were given back, or not given.
    pub cancelled: bool,
    /// Also those that are held back.
    pub held: bool,
    /// Only those that were made since.
    pub since: Option<Timestamp>,
}

/// One seat. Its fields stand in the order of [`export`]'s array.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SeatExportRow {
    /// The registration.
    #[serde(deserialize_with = "from_hex")]
    pub public_id: Vec<u8>,
    /// As given.
    pub name: String,
    /// Whose it is.
    pub contact: ExportedContact,
    /// See [`answers_as_json`].
    pub answers: Option<String>,
    /// The webcast's title.
    pub webcast: String,
    /// The session's start.
    pub starts_at: i64,
    /// Its end.
    pub ends_at: i64,
    /// Where its clock hangs.
    pub session_tz: String,
    /// registered, held, cancelled.
    pub state: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was given back.
    pub cancelled_at: Option<i64>,
    /// Why.
    pub cancel_reason: Option<String>,
    /// `attended`, `replay_only`, `no_show`, `unknown`.
    pub attendance: String,
    /// When they first came.
    pub first_join: Option<i64>,
    /// When they last went, where known.
    pub last_leave: Option<i64>,
    /// How long they were there, where known.
    pub minutes: Option<i64>,
    /// When they first watched the recording.
    pub replay_at: Option<i64>,
}

/// Whose form the seats of a webcast were filled in with. `None`: there is no such webcast.
pub(crate) async fn owner(conn: &mut Conn, webcast: &Slug) -> Result<Option<FormOwner>, DbError> {
    let id: Option<i64> = on_db!(conn, c => sqlx::query_scalar("SELECT id FROM webcasts WHERE slug = $1")
        .bind(webcast.as_str())
        .fetch_optional(c)
        .await)?;
    Ok(id.map(FormOwner::Webcast))
}

/// The seats of an export, ready to be read.
pub(crate) struct SeatExport {
    which: SqlPiece,
    needs_person: bool,
    has_questions: bool,
    now: Timestamp,
}

impl SeatExport {
    /// Of those that match.
    pub(crate) fn new(filter: &ExportFilter, has_questions: bool, now: Timestamp) -> Self {
        let conditions = &filter.conditions;
        let mut which = SqlPiece::new("WHERE 1 = 1").each(" AND ", conditions.iter().map(|condition| &condition.holds));
        if !filter.cancelled {
            which = which.then(" AND r.state NOT IN ('cancelled', 'rejected')");
        }
        if !filter.held {
            which = which.then(" AND r.state <> 'held'");
        }
        if let Some(since) = filter.since {
            which = which.then(" AND r.created_at >= ?").with(SqlValue::Int(micros(since)));
        }
        Self {
            needs_person: conditions.iter().any(|condition| condition.needs_person),
            which,
            has_questions,
            now,
        }
    }

    /// How many seats it has: for the room that they need, and for whether they are written beside the page.
    pub(crate) async fn count(&self, conn: &mut Conn) -> Result<i64, DbError> {
        let person = if self.needs_person {
            "JOIN contacts c ON c.id = r.contact_id "
        } else {
            ""
        };
        let count = SqlPiece::new(format!("SELECT COUNT(*) FROM registrations r {person}"));
        Ok(count.and_then(&self.which).number(conn).await?.unwrap_or(0))
    }

    /// Every one, as one moment saw them, in the order in which they came. Each row is one array that the database writes: a
    /// million rows are there in a third of the time that their columns, each by itself, would take.
    pub(crate) fn rows<'c>(&self, conn: &'c mut Conn) -> BoxStream<'c, Result<SeatExportRow, sqlx::Error>> {
        let answers = if self.has_questions {
            // With nothing behind it SQLite would take it for an array within the array.
            format!("{} || ''", answers_as_json(conn, "registration_id", "r"))
        } else {
            "CAST(NULL AS TEXT)".to_owned()
        };
        let (array, public_id) = (sql::json_array(conn), sql::hex(conn, "r.public_id"));
        let select = format!(
            "SELECT CAST({array}(
                    {public_id}, r.name, {contact}, {answers}, w.title, s.starts_at, s.ends_at, s.time_zone, r.state,
                    r.created_at, r.cancelled_at, r.cancel_reason, r.attendance, r.first_join, r.last_leave,
                    r.minutes, r.replay_at) AS TEXT)
               FROM registrations r
               JOIN contacts c ON c.id = r.contact_id
               JOIN webcasts w ON w.id = r.webcast_id
               JOIN sessions s ON s.id = r.session_id ",
            contact = contact_array(conn),
        );
        let (text, values) = SqlPiece::new(select)
            .with(SqlValue::Int(micros(self.now)))
            .and_then(&self.which)
            .then(" ORDER BY r.id")
            .numbered();
        read_rows(on_db!(conn, c => bind_all!(sqlx::query_scalar(AssertSqlSafe(text)), values).fetch(c)))
    }
}
