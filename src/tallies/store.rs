//! Tallies in the database.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::Tally;
use crate::db::{Conn, DbError, Tx, sql, watermark};
use crate::on_db;

/// Rows that are added up at once.
const BATCH: i64 = 5_000;

/// Up to which row it may be added up next; `None` where nothing came.
pub(super) async fn next(conn: &mut Conn, table: &str, from: i64, now: Timestamp) -> Result<Option<i64>, DbError> {
    let at = if table == "attendance" { "from_at" } else { "created_at" };
    watermark::next(conn, table, at, from, BATCH, now).await
}

/// Adds these to what is there.
pub(super) async fn add(tx: &mut Tx, tallies: &[Tally]) -> Result<(), DbError> {
    for tallies in tallies.chunks(500) {
        let text = format!(
            "INSERT INTO tallies (day, webcast_id, session_id, source, registered, attended, requests) VALUES {}
             ON CONFLICT (day, webcast_id, session_id, source) DO UPDATE
                SET registered = tallies.registered + excluded.registered,
                    attended = tallies.attended + excluded.attended,
                    requests = tallies.requests + excluded.requests",
            sql::rows(tallies.len(), 7, 0)
        );
        on_db!(tx, c => {
            let mut query = sqlx::query(AssertSqlSafe(text));
            for tally in tallies {
                query = query
                    .bind(tally.day)
                    .bind(tally.webcast_id)
                    .bind(tally.session_id)
                    .bind(&tally.source)
                    .bind(tally.registered)
                    .bind(tally.attended)
                    .bind(tally.requests);
            }
            query.execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Adds one for a row that was passed over when its turn came: it was held back then. Before its turn nothing happens.
pub(crate) async fn add_late(tx: &mut Tx, table: &str, row: i64, tally: &Tally) -> Result<(), DbError> {
    if watermark::up_to(tx, table).await? >= row {
        add(tx, std::slice::from_ref(tally)).await?;
    }
    Ok(())
}

/// One day.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct DayTally {
    /// Days since 1970, in UTC.
    pub day: i64,
    /// Registrations for a session.
    pub registered: i64,
    /// Requests for papers.
    pub requests: i64,
}

/// The days after this one, those on which somebody came; of one webcast where it is given.
pub(crate) async fn days(conn: &mut Conn, webcast: Option<i64>, after: i64) -> Result<Vec<DayTally>, DbError> {
    let text = format!(
        "SELECT day, CAST(SUM(registered) AS BIGINT) AS registered, CAST(SUM(requests) AS BIGINT) AS requests
           FROM tallies WHERE {} day > $1 GROUP BY day ORDER BY day",
        only(webcast)
    );
    Ok(on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text)).bind(after);
        let query = match webcast {
            Some(id) => query.bind(id),
            None => query,
        };
        query.fetch_all(c).await
    })?)
}

/// Where most registrations of the days after this one came from: source and how many; of one webcast where it is given.
pub(crate) async fn sources(
    conn: &mut Conn,
    webcast: Option<i64>,
    after: i64,
    limit: i64,
) -> Result<Vec<(String, i64)>, DbError> {
    let text = format!(
        "SELECT source, CAST(SUM(registered) AS BIGINT) AS many FROM tallies WHERE {} day > $1
          GROUP BY source HAVING SUM(registered) > 0 ORDER BY many DESC, source LIMIT {limit}",
        only(webcast)
    );
    Ok(on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text)).bind(after);
        let query = match webcast {
            Some(id) => query.bind(id),
            None => query,
        };
        query.fetch_all(c).await
    })?)
}

fn only(webcast: Option<i64>) -> &'static str {
    if webcast.is_some() { "webcast_id = $2 AND" } else { "" }
}

/// How many registered for these sessions, and how many of them were seen.
pub(crate) async fn of_sessions(conn: &mut Conn, sessions: &[i64]) -> Result<(i64, i64), DbError> {
    if sessions.is_empty() {
        return Ok((0, 0));
    }
    let text = format!(
        "SELECT CAST(COALESCE(SUM(registered), 0) AS BIGINT), CAST(COALESCE(SUM(attended), 0) AS BIGINT)
           FROM tallies WHERE session_id IN ({})",
        sql::placeholders(sessions.len())
    );
    Ok(on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        sessions.iter().fold(query, |query, id| query.bind(*id)).fetch_one(c).await
    })?)
}
