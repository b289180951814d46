//! The places of a session: taken and given back one by one, counted where there is a limit.

use jiff::Timestamp;

use crate::db::{DbError, Tx, micros};
use crate::on_db;
use crate::values::PublicId;

/// Takes one seat, and counts it where seats are counted. False: the last one is gone, others wait for it, or the session
/// is closed. `now` is `None` for somebody who came in time and was held back: when registration closes is no matter then.
pub async fn take_seat(tx: &mut Tx, session: PublicId, now: Option<Timestamp>) -> Result<bool, DbError> {
    let taken = on_db!(tx, c => sqlx::query(
        "UPDATE sessions SET seats_taken = seats_taken + CASE WHEN capacity IS NULL THEN 0 ELSE 1 END
          WHERE public_id = $1 AND state = 'open' AND (capacity IS NULL OR seats_taken < capacity)
            AND (waiting_list = 'off' OR NOT EXISTS (SELECT 1 FROM registrations q
                                                      WHERE q.session_id = sessions.id AND q.state = 'waitlisted'))
            AND (CAST($2 AS BIGINT) IS NULL
                 OR ((opens_at IS NULL OR opens_at <= $2) AND (closes_at IS NULL OR closes_at > $2)))")
        .bind(session.as_bytes())
        .bind(now.map(micros))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(taken == 1)
}

/// The same for an organizer, who may give a place also where visitors cannot take one. False: the last one is gone, or the
/// session is called off.
pub async fn take_place(tx: &mut Tx, session: PublicId) -> Result<bool, DbError> {
    let taken = on_db!(tx, c => sqlx::query(
        "UPDATE sessions SET seats_taken = seats_taken + CASE WHEN capacity IS NULL THEN 0 ELSE 1 END
          WHERE public_id = $1 AND state <> 'cancelled' AND (capacity IS NULL OR seats_taken < capacity)")
        .bind(session.as_bytes())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(taken == 1)
}

/// Gives a place back that somebody had. Where others wait it goes on to them a little later, so that it can be undone.
pub async fn free_place(tx: &mut Tx, session: PublicId, now: Timestamp) -> Result<(), DbError> {
    give_seat_back(tx, session).await?;
    super::note_freed(tx, session, now).await
}

/// Takes it, also where none is free: an organizer says so.
pub async fn take_place_beyond(tx: &mut Tx, session: PublicId) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE sessions SET seats_taken = seats_taken + CASE WHEN capacity IS NULL THEN 0 ELSE 1 END WHERE public_id = $1")
        .bind(session.as_bytes())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Gives one seat back, where seats are counted.
pub async fn give_seat_back(tx: &mut Tx, session: PublicId) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE sessions SET seats_taken = seats_taken - 1
          WHERE public_id = $1 AND capacity IS NOT NULL AND seats_taken > 0")
        .bind(session.as_bytes())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
