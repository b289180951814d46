//! Registrations that wait: for an organizer, for a place, for their owner to take one.

use jiff::Timestamp;

use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::PublicId;
use crate::webcasts::RegistrationState;

use super::rewrite_attendance;

/// Why a registration ended that never had a place; stored, beside [`NOT_CONFIRMED`](super::NOT_CONFIRMED).
pub const GAVE_UP: &str = "stopped waiting";
/// The place that was offered was not taken in time; stored.
pub const OFFER_EXPIRED: &str = "offer expired";

/// Has one that stands so wait for a place, behind all others. False: it does not stand so.
pub async fn wait_for_place(
    tx: &mut Tx,
    id: i64,
    session_id: i64,
    from: RegistrationState,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET state = 'waitlisted', session_id = $2, queue_at = $3, held_until = NULL, cancelled_at = NULL,
                cancel_reason = NULL, wanted = NULL
          WHERE id = $1 AND state = $4")
        .bind(id)
        .bind(session_id)
        .bind(micros(now))
        .bind(from.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed == 1 {
        rewrite_attendance(tx, id).await?;
    }
    Ok(changed == 1)
}

/// Has one that stands so wait for an organizer. False: it does not stand so.
pub async fn wait_for_organizer(
    tx: &mut Tx,
    id: i64,
    session_id: i64,
    from: RegistrationState,
) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET state = 'pending', session_id = $2, held_until = NULL, cancelled_at = NULL, cancel_reason = NULL,
                wanted = NULL
          WHERE id = $1 AND state = $3")
        .bind(id)
        .bind(session_id)
        .bind(from.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed == 1 {
        rewrite_attendance(tx, id).await?;
    }
    Ok(changed == 1)
}

/// Lets one that stands so have the place that was taken for it. What calendars had of it is older. False: it does not
/// stand so.
pub async fn seat_waiting(tx: &mut Tx, id: i64, from: RegistrationState) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET state = 'registered', queue_at = NULL, offer_until = NULL, sequence = sequence + 1
          WHERE id = $1 AND state = $2")
        .bind(id)
        .bind(from.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Offers one that waits the place that was taken for it. False: it does not wait.
pub async fn offer_place(tx: &mut Tx, id: i64, until: Timestamp) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations SET state = 'offered', offer_until = $2 WHERE id = $1 AND state = 'waitlisted'")
        .bind(id)
        .bind(micros(until))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Does not accept one that waits for an organizer. False: it does not.
pub async fn reject(tx: &mut Tx, id: i64) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations SET state = 'rejected', wanted = NULL, sequence = sequence + 1
          WHERE id = $1 AND state = 'pending'")
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Lets a cancelled one wait again as it did before, at its place in the queue.
pub async fn wait_again(tx: &mut Tx, id: i64, state: RegistrationState) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET state = $2, cancelled_at = NULL, cancel_reason = NULL, offer_until = NULL, sequence = sequence + 1
          WHERE id = $1 AND state = 'cancelled'")
        .bind(id)
        .bind(state.as_str())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Who has waited longest for a place in a session.
pub async fn next_waiting(conn: &mut Conn, session_id: i64) -> Result<Option<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM registrations WHERE session_id = $1 AND state = 'waitlisted' ORDER BY queue_at, id LIMIT 1")
        .bind(session_id)
        .fetch_optional(c)
        .await)?)
}

/// How many have waited longer than this one, at most `most`.
pub async fn waiting_before(conn: &mut Conn, id: i64, most: i64) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM (
            SELECT 1 AS one FROM registrations r JOIN registrations me ON me.session_id = r.session_id
             WHERE me.id = $1 AND r.state = 'waitlisted'
               AND (r.queue_at < me.queue_at OR (r.queue_at = me.queue_at AND r.id < me.id)) LIMIT $2) AS before")
        .bind(id)
        .bind(most)
        .fetch_one(c)
        .await)?)
}

/// Sessions that have not begun and for which somebody waits.
pub async fn sessions_with_queue(conn: &mut Conn, now: Timestamp) -> Result<Vec<PublicId>, DbError> {
    let ids: Vec<Vec<u8>> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT s.public_id FROM sessions s
          WHERE s.starts_at > $1 AND s.state <> 'cancelled'
            AND EXISTS (SELECT 1 FROM registrations r WHERE r.session_id = s.id AND r.state = 'waitlisted')
          ORDER BY s.id")
        .bind(micros(now))
        .fetch_all(c)
        .await)?;
    ids.into_iter()
        .map(|id| id.try_into().map_err(DbError::stored))
        .collect()
}

/// Offers that are over, at most `most`.
pub async fn ended_offers(conn: &mut Conn, now: Timestamp, most: i64) -> Result<Vec<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM registrations WHERE state = 'offered' AND offer_until <= $1 ORDER BY offer_until, id LIMIT $2")
        .bind(micros(now))
        .bind(most)
        .fetch_all(c)
        .await)?)
}

/// Notes that a place was given back, where somebody can wait for it.
pub async fn note_freed(tx: &mut Tx, session: PublicId, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO freed_places (session_id, freed_at)
         SELECT id, $2 FROM sessions WHERE public_id = $1 AND capacity IS NOT NULL AND waiting_list <> 'off'")
        .bind(session.as_bytes())
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Places of a session that were given back after this moment.
pub async fn freed_since(conn: &mut Conn, session_id: i64, since: Timestamp) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM freed_places WHERE session_id = $1 AND freed_at > $2")
        .bind(session_id)
        .bind(micros(since))
        .fetch_one(c)
        .await)?)
}

/// Forgets those that were given back before.
pub async fn forget_freed(tx: &mut Tx, before: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM freed_places WHERE freed_at <= $1")
        .bind(micros(before))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The network of one that waits, where it is still known.
pub async fn network_of(conn: &mut Conn, id: i64) -> Result<Option<Vec<u8>>, DbError> {
    let network: Option<Option<Vec<u8>>> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT r.network FROM registrations r JOIN contacts c ON c.id = r.contact_id
          WHERE r.id = $1 AND c.confirmed_at IS NULL")
        .bind(id)
        .fetch_optional(c)
        .await)?;
    Ok(network.flatten())
}
