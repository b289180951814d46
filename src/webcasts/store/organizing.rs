//! What organizers change of registrations.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::PersonChange;
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::webcasts::Seat;

use super::{rewrite_attendance, seats_by_ids, takes_a_place};

/// Moves a registered seat from one session to another. A calendar that has the entry hears of it by the raised SEQUENCE,
/// as in [`apply_edit`](super::apply_edit). False: it does not stand there.
pub async fn move_seat(tx: &mut Tx, id: i64, from: i64, to: i64) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET wanted = NULL, session_id = $3,
                sequence = sequence + 1 +
                    (SELECT CASE WHEN old.sequence > new.sequence THEN old.sequence - new.sequence ELSE 0 END
                       FROM sessions old, sessions new WHERE old.id = $2 AND new.id = $3)
          WHERE id = $1 AND session_id = $2 AND state = 'registered'")
        .bind(id)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed == 1 {
        rewrite_attendance(tx, id).await?;
    }
    Ok(changed == 1)
}

/// Holds a cancelled registration back again, as it was.
pub async fn hold_back_again(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET state = 'held', cancelled_at = NULL, cancel_reason = NULL, sequence = sequence + 1
          WHERE id = $1 AND state = 'cancelled'")
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Makes the personal links of all seats of a contact anew: those that were mailed open nothing any more.
pub async fn raise_links(tx: &mut Tx, contact_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE registrations SET link_generation = link_generation + 1, sequence = sequence + 1 WHERE contact_id = $1")
        .bind(contact_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Where a registration has the name, or another field, as its person had it, it takes over the new one.
pub async fn correct(tx: &mut Tx, change: &PersonChange) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE registrations SET name = $3, first_name = NULL, last_name = NULL WHERE contact_id = $1 AND name = $2 AND $3 <> $2")
        .bind(change.contact_id)
        .bind(&change.old_name)
        .bind(&change.name)
        .execute(c)
        .await
        .map(drop))?;
    for field in &change.fields {
        let text = format!(
            "UPDATE registrations SET {0} = $3 WHERE contact_id = $1 AND {0} = $2",
            field.column
        );
        on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
            .bind(change.contact_id)
            .bind(field.old.as_deref())
            .bind(field.new.as_deref())
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// How many are registered for sessions of a webcast that are ahead.
pub async fn count_expected(conn: &mut Conn, webcast_id: i64, now: Timestamp) -> Result<i64, DbError> {
    let text = format!(
        "SELECT COUNT(*) FROM registrations r JOIN sessions s ON s.id = r.session_id
          WHERE r.webcast_id = $1 AND s.ends_at > $2 AND s.state <> 'cancelled' AND {places}",
        places = takes_a_place("r")
    );
    Ok(on_db!(conn, c => sqlx::query_scalar(sqlx::AssertSqlSafe(text))
        .bind(webcast_id)
        .bind(micros(now))
        .fetch_one(c)
        .await)?)
}

/// Holds the sessions of all seats of a contact until the transaction ends, in the order of their rows.
pub async fn hold_sessions_of(tx: &mut Tx, contact_id: i64) -> Result<(), DbError> {
    let text = format!(
        "SELECT s.id FROM sessions s
          WHERE s.id IN (SELECT r.session_id FROM registrations r WHERE r.contact_id = $1) ORDER BY s.id{}",
        sql::for_update(tx)
    );
    let _held: Vec<i64> = on_db!(tx, c => sqlx::query_scalar(AssertSqlSafe(text))
        .bind(contact_id)
        .fetch_all(c)
        .await)?;
    Ok(())
}

/// Erases all registrations of a contact, with answers and attendance; gives how many.
pub async fn delete_seats_of(tx: &mut Tx, contact_id: i64) -> Result<u64, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM registrations WHERE contact_id = $1")
        .bind(contact_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// Erases these registrations, with answers and attendance.
pub async fn delete_seats(tx: &mut Tx, ids: &[i64]) -> Result<(), DbError> {
    if ids.is_empty() {
        return Ok(());
    }
    let text = format!(
        "DELETE FROM registrations WHERE id IN ({})",
        sql::placeholders(ids.len())
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// All seats of a contact, in the order they came.
pub async fn seats_of_contact(conn: &mut Conn, contact_id: i64) -> Result<Vec<Seat>, DbError> {
    let ids: Vec<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM registrations WHERE contact_id = $1 ORDER BY id")
        .bind(contact_id)
        .fetch_all(c)
        .await)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut seats = seats_by_ids(conn, &ids).await?;
    seats.sort_by_key(|seat| seat.id);
    Ok(seats)
}
