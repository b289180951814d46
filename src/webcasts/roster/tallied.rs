//! What is added up of registrations and attendance, and of the sessions that were aired lately.

use futures_util::FutureExt;
use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, micros, sql};
use crate::on_db;
use crate::tallies::{TalliedTable, Tally, day_of_column, source_of};
use crate::webcasts::store::came_to_a_place;

/// Registrations, by the day they were made. One that is held back is added when it is let through, one for the recording
/// never.
pub(crate) const REGISTRATIONS: TalliedTable = TalliedTable {
    name: "registrations",
    between: |conn, from, to| registrations(conn, from, to).boxed(),
};

/// Those who were seen, by the day of it; each registration once.
pub(crate) const ATTENDANCE: TalliedTable = TalliedTable {
    name: "attendance",
    between: |conn, from, to| attendance(conn, from, to).boxed(),
};

async fn registrations(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<Tally>, DbError> {
    // Whoever cancelled since has registered all the same; whoever never came to a place has not.
    let text = format!(
        "SELECT {day} AS day, r.webcast_id, r.session_id, {source} AS source, COUNT(*) AS registered,
                CAST(0 AS BIGINT) AS attended, CAST(0 AS BIGINT) AS requests
           FROM registrations r
          WHERE r.id > $1 AND r.id <= $2 AND r.channel <> 'replay' AND r.is_test = 0 AND {came}
          GROUP BY 1, 2, 3, 4",
        came = came_to_a_place("r"),
        day = day_of_column("r.created_at"),
        source = source_of("r"),
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(from).bind(to).fetch_all(c).await)?)
}

async fn attendance(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<Tally>, DbError> {
    let text = format!(
        "SELECT {day} AS day, r.webcast_id, a.session_id, {source} AS source, CAST(0 AS BIGINT) AS registered,
                COUNT(*) AS attended, CAST(0 AS BIGINT) AS requests
           FROM attendance a JOIN registrations r ON r.id = a.registration_id
          WHERE a.id > $1 AND a.id <= $2 AND a.source <> 'replay' AND r.is_test = 0
            AND NOT EXISTS (SELECT 1 FROM attendance e
                             WHERE e.registration_id = a.registration_id AND e.session_id = a.session_id
                               AND e.source <> 'replay' AND e.id < a.id)
          GROUP BY 1, 2, 3, 4",
        day = day_of_column("a.from_at"),
        source = source_of("r"),
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(from).bind(to).fetch_all(c).await)?)
}

/// What one registration adds when it is let through after its turn.
pub(crate) async fn late(conn: &mut Conn, id: i64) -> Result<Option<Tally>, DbError> {
    Ok(registrations(conn, id - 1, id).await?.pop())
}

/// Sessions that ended in this time, and how many of their registrations do not stand any more.
pub(crate) async fn ended(
    conn: &mut Conn,
    between: std::ops::Range<Timestamp>,
    limit: i64,
) -> Result<(Vec<i64>, i64), DbError> {
    let ids: Vec<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM sessions WHERE ends_at >= $1 AND ends_at < $2 AND state <> 'cancelled' ORDER BY ends_at DESC LIMIT $3")
        .bind(micros(between.start))
        .bind(micros(between.end))
        .bind(limit)
        .fetch_all(c)
        .await)?;
    if ids.is_empty() {
        return Ok((ids, 0));
    }
    let text = format!(
        "SELECT COUNT(*) FROM registrations r
          WHERE r.state = 'cancelled' AND r.channel <> 'replay' AND r.is_test = 0 AND {}
            AND r.session_id IN ({})",
        came_to_a_place("r"),
        sql::placeholders(ids.len())
    );
    let cancelled = on_db!(conn, c => {
        let query = sqlx::query_scalar(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_one(c).await
    })?;
    Ok((ids, cancelled))
}
