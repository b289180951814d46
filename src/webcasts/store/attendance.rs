//! Who was there, and when.

use jiff::Timestamp;

use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::webcasts::Seat;

/// Records a click on "Join now" or "Watch the replay". A second one within the session adds no row.
pub async fn record_join(tx: &mut Tx, seat: &Seat, source: &'static str, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO attendance (registration_id, session_id, source, from_at)
         SELECT $1, $2, $3, $4
          WHERE NOT EXISTS (SELECT 1 FROM attendance
                             WHERE registration_id = $1 AND session_id = $2 AND source = $3)")
        .bind(seat.id)
        .bind(seat.session.id)
        .bind(source)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// True once a click was recorded.
pub async fn was_there(conn: &mut Conn, registration_id: i64, source: &'static str) -> Result<bool, DbError> {
    let rows: i64 = on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM attendance WHERE registration_id = $1 AND source = $2")
        .bind(registration_id)
        .bind(source)
        .fetch_one(c)
        .await)?;
    Ok(rows > 0)
}
