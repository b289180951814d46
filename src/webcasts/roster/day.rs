//! What organizers read on the day of a session: who came last, and the seats of those who cannot get in.

use sqlx::AssertSqlSafe;

use super::SeatLine;
use super::seats::{FIRST_JOINED, seat_lines};
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

/// The seats that these people have in a session.
pub(crate) async fn of_people(conn: &mut Conn, session_id: i64, people: &[Vec<u8>]) -> Result<Vec<SeatLine>, DbError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "{} WHERE c.public_id IN ({}) AND r.session_id = {session_id} ORDER BY c.name, r.id",
        seat_lines(FIRST_JOINED),
        sql::placeholders(people.len())
    );
    Ok(on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        people.iter().fold(query, |query, person| query.bind(person.clone())).fetch_all(c).await
    })?)
}
