//! Webcasts as organizers list them: with the session that is next, or was last.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::COUNTED;
use crate::db::{Conn, DbError, micros};
use crate::on_db;
use crate::webcasts::store::counts;

/// A webcast in the list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ProgrammeLine {
    /// Its address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// draft, published, cancelled.
    pub state: String,
    /// Whether a session is ahead.
    pub is_ahead: bool,
    /// How many sessions it has.
    pub sessions: i64,
    /// Start of the session that is next, or was last.
    pub starts_at: Option<i64>,
    /// Where its clock hangs.
    pub time_zone: Option<String>,
    /// Most seats of it.
    pub capacity: Option<i64>,
    /// Seats of it that count against that.
    pub seats_taken: Option<i64>,
    /// Whether it has a join address.
    pub has_join_url: bool,
    /// Registrations for the webcast that take a place, at most [`COUNTED`] and one.
    pub registered: i64,
    /// Those that are held back, at most [`COUNTED`] and one.
    pub held: i64,
}

/// Webcasts: those with a session ahead by its start, then the others, the latest first.
pub(crate) async fn programmes(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<ProgrammeLine>, DbError> {
    let text = format!(
        "SELECT w.slug, w.title, w.state, COALESCE(n.ends_at > $1 AND n.state <> 'cancelled', $4) AS is_ahead,
                (SELECT COUNT(*) FROM sessions s WHERE s.webcast_id = w.id) AS sessions,
                n.starts_at, n.time_zone, n.capacity, n.seats_taken, n.join_url IS NOT NULL AS has_join_url,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM registrations r
                                        WHERE r.webcast_id = w.id AND {places} LIMIT $2) AS taken) AS registered,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM registrations r JOIN sessions h ON h.id = r.session_id
                                        WHERE h.webcast_id = w.id AND r.state = 'held' LIMIT $2) AS back) AS held
           FROM webcasts w
           LEFT JOIN sessions n ON n.id = COALESCE(
                (SELECT s.id FROM sessions s WHERE s.webcast_id = w.id AND s.ends_at > $1 AND s.state <> 'cancelled'
                  ORDER BY s.starts_at, s.id LIMIT 1),
                (SELECT s.id FROM sessions s WHERE s.webcast_id = w.id ORDER BY s.starts_at DESC, s.id DESC LIMIT 1))
          ORDER BY CASE WHEN n.ends_at > $1 AND n.state <> 'cancelled' THEN 0 ELSE 1 END,
                   CASE WHEN n.ends_at > $1 AND n.state <> 'cancelled' THEN n.starts_at ELSE -n.starts_at END, w.id DESC
          LIMIT $3",
        places = counts("r")
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(micros(now))
        .bind(COUNTED + 1)
        .bind(limit)
        .bind(false)
        .fetch_all(c)
        .await)?)
}

/// Whether an organizer has tried it as a visitor.
pub(crate) async fn was_tried(conn: &mut Conn) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar("SELECT id FROM registrations WHERE is_test = 1 LIMIT 1")
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}
