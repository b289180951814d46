//! Who was there, and when.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::db::{DbError, Tx, micros, sql};
use crate::on_db;
use crate::webcasts::Seat;
use crate::webcasts::attendance::AttendanceSource;

/// Records a click on "Join now" or "Watch the replay". A second one within the session adds no row.
pub async fn record_join(tx: &mut Tx, seat: &Seat, source: AttendanceSource, now: Timestamp) -> Result<(), DbError> {
    // Two clicks at once: the second one looks when the first one is recorded.
    let held = format!("SELECT id FROM registrations WHERE id = $1{}", sql::for_update(tx));
    on_db!(tx, c => sqlx::query(AssertSqlSafe(held)).bind(seat.id).execute(c).await.map(drop))?;
    on_db!(tx, c => sqlx::query(
        "INSERT INTO attendance (registration_id, session_id, source, from_at)
         SELECT $1, $2, $3, $4
          WHERE NOT EXISTS (SELECT 1 FROM attendance
                             WHERE registration_id = $1 AND session_id = $2 AND source = $3)")
        .bind(seat.id)
        .bind(seat.session.id)
        .bind(source.as_str())
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
