//! Seats: of a session, of a person, and the newest.

use crate::db::{Conn, DbError};
use crate::on_db;
use crate::values::PublicId;

/// A seat in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SeatLine {
    /// The registration; the next page starts after it.
    pub public_id: Vec<u8>,
    /// Whose it is: their page.
    pub person: Vec<u8>,
    /// As given.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// registered, held, cancelled.
    pub state: String,
    /// When it was made.
    pub created_at: i64,
    /// When they were first seen.
    pub joined_at: Option<i64>,
}

/// What one person has with us: a registration.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct PersonsSeat {
    /// The registration.
    pub public_id: Vec<u8>,
    /// The webcast's page.
    pub slug: String,
    /// The webcast's title.
    pub title: String,
    /// The session.
    pub session: Vec<u8>,
    /// Its start.
    pub starts_at: i64,
    /// Where its clock hangs.
    pub time_zone: String,
    /// Where it stands.
    pub state: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was given back.
    pub cancelled_at: Option<i64>,
    /// Where they came from, as the campaign calls itself.
    pub utm_source: Option<String>,
    /// The site that led here.
    pub referrer: Option<String>,
    /// When they were first seen there.
    pub joined_at: Option<i64>,
}

/// All registrations of a person, the newest first.
pub(crate) async fn of_person(conn: &mut Conn, contact_id: i64) -> Result<Vec<PersonsSeat>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT r.public_id, w.slug, w.title, s.public_id AS session, s.starts_at, s.time_zone, r.state, r.created_at, r.cancelled_at,
                r.utm_source, r.referrer,
                (SELECT MIN(a.from_at) FROM attendance a WHERE a.registration_id = r.id) AS joined_at
           FROM registrations r
           JOIN webcasts w ON w.id = r.webcast_id
           JOIN sessions s ON s.id = r.session_id
          WHERE r.contact_id = $1 ORDER BY r.id DESC")
        .bind(contact_id)
        .fetch_all(c)
        .await)?)
}

/// A registration as news.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct LatestSeat {
    /// Whose it is: their page.
    pub person: Vec<u8>,
    /// As given.
    pub name: String,
    /// The webcast's title.
    pub title: String,
    /// When it was made.
    pub created_at: i64,
}

/// The newest registrations.
pub(crate) async fn latest(conn: &mut Conn, limit: i64) -> Result<Vec<LatestSeat>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT c.public_id AS person, r.name, w.title, r.created_at
           FROM registrations r JOIN webcasts w ON w.id = r.webcast_id JOIN contacts c ON c.id = r.contact_id
          WHERE r.state = 'registered' ORDER BY r.id DESC LIMIT $1")
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// A page of a session's seats, the newest first, after the seat `after`.
pub(crate) async fn seats(
    conn: &mut Conn,
    session: PublicId,
    after: Option<PublicId>,
    limit: i64,
) -> Result<Vec<SeatLine>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT r.public_id, c.public_id AS person, r.name, c.email, r.state, r.created_at,
                (SELECT MIN(a.from_at) FROM attendance a
                  WHERE a.registration_id = r.id AND a.session_id = r.session_id AND a.source <> 'replay') AS joined_at
           FROM registrations r JOIN contacts c ON c.id = r.contact_id
          WHERE r.session_id = (SELECT id FROM sessions WHERE public_id = $1)
            AND (CAST($2 AS BYTEA) IS NULL OR r.id < (SELECT id FROM registrations WHERE public_id = $2))
          ORDER BY r.id DESC LIMIT $3")
        .bind(session.as_bytes().to_vec())
        .bind(after.map(|id| id.as_bytes().to_vec()))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
