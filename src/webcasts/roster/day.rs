//! What organizers read on the day of a session: who came last, and the seats of those who cannot get in.

use sqlx::AssertSqlSafe;

use super::SeatLine;
use super::seats::seat_lines;
use crate::db::listing::in_order;
use crate::db::{Conn, DbError, sql};
use crate::on_db;

/// Those who came last, the newest first; each once.
pub(crate) async fn joined_last(conn: &mut Conn, session_id: i64, limit: i64) -> Result<Vec<SeatLine>, DbError> {
    let text = format!(
        "{} JOIN (SELECT registration_id, MIN(from_at) AS from_at, MIN(id) AS id FROM attendance
                   WHERE session_id = $1 AND source <> 'replay' GROUP BY registration_id) AS a
              ON a.registration_id = r.id
          ORDER BY a.from_at DESC, a.id DESC LIMIT $2",
        seat_lines("a.from_at")
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(session_id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// The seats of these rows, in this order.
pub(crate) async fn seats_of_rows(conn: &mut Conn, ids: &[i64]) -> Result<Vec<SeatLine>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "{} WHERE r.id IN ({})",
        seat_lines("r.first_join"),
        sql::placeholders(ids.len())
    );
    let rows: Vec<SeatLine> = on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?;
    Ok(in_order(rows, ids, |row| row.id))
}
