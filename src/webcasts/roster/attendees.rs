//! Registrations as the list of attendees shows them.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::roster::{ListedPerson, listed_person};
use crate::db::listing::in_order;
use crate::db::{Conn, DbError, micros, sql};
use crate::on_db;
use crate::tallies::source_of;

/// A registration in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct AttendeeLine {
    /// Its row.
    pub id: i64,
    /// The registration; the next page starts after it.
    pub public_id: Vec<u8>,
    /// As given.
    pub name: String,
    /// Whose it is.
    #[sqlx(flatten)]
    pub person: ListedPerson,
    /// Where it stands.
    pub state: String,
    /// Whether they came.
    pub attendance: String,
    /// How long they were there, where known.
    pub minutes: Option<i64>,
    /// The session's start.
    pub starts_at: i64,
    /// Where its clock hangs.
    pub time_zone: String,
    /// When it was made.
    pub created_at: i64,
    /// The campaign, else the site that led here, else nothing.
    pub source: String,
}

/// Registrations of these rows, in this order.
pub(crate) async fn attendees(conn: &mut Conn, ids: &[i64], now: Timestamp) -> Result<Vec<AttendeeLine>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT r.id, r.public_id, r.name, r.state, r.attendance, r.minutes, s.starts_at, s.time_zone, r.created_at,
                {source} AS source, {person}
           FROM registrations r JOIN contacts c ON c.id = r.contact_id JOIN sessions s ON s.id = r.session_id
          WHERE r.id IN ({placeholders})",
        source = source_of("r"),
        person = listed_person(conn, Some("r"), &format!("${}", ids.len() + 1)),
        placeholders = sql::placeholders(ids.len()),
    );
    let rows: Vec<AttendeeLine> = on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).bind(micros(now)).fetch_all(c).await
    })?;
    Ok(in_order(rows, ids, |row| row.id))
}
