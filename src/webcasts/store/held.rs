//! Places that are counted by network, and registrations that are held back.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::{DrawnSeat, Seating, takes_a_place};
use crate::contacts;
use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::PublicId;
use crate::webcasts::Seat;

/// Why a place ended that was held back; stored.
pub const NOT_CONFIRMED: &str = "not confirmed";

/// Notes what a registration with a place that is counted, or with none, begins with besides.
pub async fn note_beginning(tx: &mut Tx, id: i64, drawn: &DrawnSeat<'_>, now: Timestamp) -> Result<(), DbError> {
    let waits = drawn.place == Seating::Waiting;
    on_db!(tx, c => sqlx::query("UPDATE registrations SET held_until = $2, network = $3, queue_at = $4 WHERE id = $1")
        .bind(id)
        .bind(drawn.place.held_until().map(micros))
        .bind(drawn.network())
        .bind(waits.then(|| micros(now)))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// A registration that never had a place gives way to a post that has one: what is held back, and what was and was not
/// confirmed in time. False: it is none of these.
pub async fn give_way(tx: &mut Tx, id: i64) -> Result<bool, DbError> {
    let removed = on_db!(tx, c => sqlx::query(
        "DELETE FROM registrations
          WHERE id = $1 AND (state = 'held' OR (state = 'cancelled' AND cancel_reason = $2))")
        .bind(id)
        .bind(NOT_CONFIRMED)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(removed == 1)
}

/// How many places of a session one network has whose addresses are not confirmed.
pub async fn places_of_network(conn: &mut Conn, session: PublicId, network: &[u8]) -> Result<i64, DbError> {
    let text = format!(
        "SELECT COUNT(*) FROM registrations r JOIN contacts c ON c.id = r.contact_id
          WHERE r.session_id = (SELECT id FROM sessions WHERE public_id = $1) AND r.network = $2
            AND {places} AND c.confirmed_at IS NULL",
        places = takes_a_place("r")
    );
    Ok(on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text))
        .bind(session.as_bytes())
        .bind(network)
        .fetch_one(c)
        .await)?)
}

/// The owner of the address has used a page of this seat, so where they came from is of no more use. `name`: what they
/// went on under.
pub async fn own(tx: &mut Tx, seat: &Seat, name: Option<&str>, now: Timestamp) -> Result<(), DbError> {
    contacts::store::confirm(tx, seat.contact_id, name, now).await?;
    if seat.confirmed_at.is_none() && !seat.person.is_empty() {
        contacts::store::details::take_over(tx, seat.contact_id, &seat.person).await?;
    }
    on_db!(tx, c => sqlx::query("UPDATE registrations SET network = NULL WHERE contact_id = $1 AND network IS NOT NULL")
        .bind(seat.contact_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Forgets where registrations made before `before` came from.
pub async fn forget_networks(tx: &mut Tx, before: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE registrations SET network = NULL WHERE network IS NOT NULL AND created_at < $1")
        .bind(micros(before))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends what was held back for its owner and was not confirmed in time.
pub async fn end_held(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET state = 'cancelled', cancelled_at = $1, cancel_reason = $2, held_until = NULL, sequence = sequence + 1
          WHERE state = 'held' AND held_until <= $1")
        .bind(micros(now))
        .bind(NOT_CONFIRMED)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
