//! Seats: of a session, of a person, and the newest.

use sqlx::AssertSqlSafe;

use super::COUNTED;
use crate::db::sql::NEWEST;
use crate::db::{Conn, DbError, sql};
use crate::on_db;
use crate::values::PublicId;
use crate::webcasts::RegistrationState;
use crate::webcasts::store::takes_a_place;

/// A seat in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SeatLine {
    /// Its row.
    pub id: i64,
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
                COALESCE(r.first_join, r.replay_at) AS joined_at
           FROM registrations r
           JOIN webcasts w ON w.id = r.webcast_id
           JOIN sessions s ON s.id = r.session_id
          WHERE r.contact_id = $1 ORDER BY r.id DESC")
        .bind(contact_id)
        .fetch_all(c)
        .await)?)
}

/// The columns of a [`SeatLine`]; `joined_at` says when they came.
pub(super) fn seat_lines(joined_at: &str) -> String {
    format!(
        "SELECT r.id, r.public_id, c.public_id AS person, r.name, c.email, r.state, r.created_at, {joined_at} AS joined_at
           FROM registrations r JOIN contacts c ON c.id = r.contact_id"
    )
}

/// The newest registrations for a webcast.
pub(crate) async fn latest_of_webcast(conn: &mut Conn, webcast_id: i64, limit: i64) -> Result<Vec<SeatLine>, DbError> {
    let text = format!(
        "{} WHERE r.webcast_id = $1 AND r.state = 'registered' ORDER BY r.id DESC LIMIT $2",
        seat_lines("CAST(NULL AS BIGINT)")
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(webcast_id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Those of a session who stand so without a place, the first ones first.
pub(crate) async fn waiting(
    conn: &mut Conn,
    session_id: i64,
    state: RegistrationState,
    limit: i64,
) -> Result<Vec<SeatLine>, DbError> {
    let text = format!(
        "{} WHERE r.session_id = $1 AND r.state = $2 ORDER BY COALESCE(r.queue_at, r.created_at), r.id LIMIT $3",
        seat_lines("CAST(NULL AS BIGINT)")
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(session_id)
        .bind(state.as_str())
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Whom a change of these sessions reaches: how many, at most [`COUNTED`](super::COUNTED) and one, the first names, and one
/// registration for the mail to be shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reached {
    /// How many.
    pub count: i64,
    /// The names of the first five.
    pub names: Vec<String>,
    /// The row of the first one.
    pub first: Option<i64>,
}

/// Those who have a place in these sessions.
pub(crate) async fn reached(conn: &mut Conn, sessions: &[i64]) -> Result<Reached, DbError> {
    if sessions.is_empty() {
        return Ok(Reached::default());
    }
    let which = format!(
        "FROM registrations r WHERE r.session_id IN ({}) AND {}",
        sql::placeholders(sessions.len()),
        takes_a_place("r")
    );
    let count = format!(
        "SELECT COUNT(*) FROM (SELECT 1 AS one {which} LIMIT {}) AS many",
        COUNTED + 1
    );
    let count: i64 = on_db!(conn, c => {
        let query = sqlx::query_scalar(AssertSqlSafe(count));
        sessions.iter().fold(query, |query, id| query.bind(*id)).fetch_one(c).await
    })?;
    let first = format!("SELECT r.id, r.name {which} ORDER BY r.id LIMIT 5");
    let first: Vec<(i64, String)> = on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(first));
        sessions.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?;
    Ok(Reached {
        count,
        first: first.first().map(|(id, _)| *id),
        names: first.into_iter().map(|(_, name)| name).collect(),
    })
}

/// Where the clocks of those hang who have a place in a session, and how many there are of each.
pub(crate) async fn zones(conn: &mut Conn, session_id: i64) -> Result<Vec<(String, i64)>, DbError> {
    let text = format!(
        "SELECT r.time_zone, COUNT(*) FROM registrations r
          WHERE r.session_id = $1 AND r.time_zone IS NOT NULL AND {} GROUP BY r.time_zone",
        takes_a_place("r")
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(session_id).fetch_all(c).await)?)
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
    let text = format!(
        "{} WHERE r.session_id = (SELECT id FROM sessions WHERE public_id = $1)
            AND r.id < COALESCE((SELECT id FROM registrations WHERE public_id = $2), {NEWEST})
          ORDER BY r.id DESC LIMIT $3",
        seat_lines("r.first_join")
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(session.as_bytes().to_vec())
        .bind(after.map(|id| id.as_bytes().to_vec()))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
