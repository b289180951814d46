//! Registrations of two people who are one.

use crate::db::{Conn, DbError, Tx};
use crate::on_db;
use crate::values::Link;
use crate::webcasts::Seat;

use super::seats::seat_by_public_id;

/// Adds what is known of the one that goes to the one that stays, and takes it away; its links lead on.
pub async fn join_seats(tx: &mut Tx, stays: i64, goes: &Seat) -> Result<(), DbError> {
    for text in [
        "UPDATE attendance SET registration_id = $1 WHERE registration_id = $2",
        "UPDATE answers SET registration_id = $1
          WHERE registration_id = $2
            AND question_id NOT IN (SELECT k.question_id FROM answers k WHERE k.registration_id = $1)",
        "UPDATE registrations
            SET first_name = COALESCE(registrations.first_name, o.first_name),
                last_name = COALESCE(registrations.last_name, o.last_name),
                company = COALESCE(registrations.company, o.company),
                job_title = COALESCE(registrations.job_title, o.job_title),
                phone = COALESCE(registrations.phone, o.phone), country = COALESCE(registrations.country, o.country),
                consent_at = COALESCE(registrations.consent_at, o.consent_at),
                consent_version = COALESCE(registrations.consent_version, o.consent_version)
           FROM registrations AS o WHERE registrations.id = $1 AND o.id = $2",
        "UPDATE merged_registrations SET registration_id = $1 WHERE registration_id = $2",
        "INSERT INTO merged_registrations (public_id, link_generation, registration_id)
         SELECT public_id, link_generation, $1 FROM registrations WHERE id = $2",
        "DELETE FROM registrations WHERE id = $2 AND id <> $1",
    ] {
        on_db!(tx, c => sqlx::query(text).bind(stays).bind(goes.id).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Gives all registrations of one contact to another.
pub async fn pass_on_seats(tx: &mut Tx, from: i64, into: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE registrations SET contact_id = $2 WHERE contact_id = $1")
        .bind(from)
        .bind(into)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The seat that a link opens: its own, or the one that it was joined with.
pub async fn seat_of_link(conn: &mut Conn, link: Link) -> Result<Option<Seat>, DbError> {
    if let Some(seat) = seat_by_public_id(conn, link.id).await? {
        return Ok(Some(seat).filter(|seat| seat.link_generation == link.generation));
    }
    let joined: Option<Vec<u8>> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT r.public_id FROM merged_registrations m JOIN registrations r ON r.id = m.registration_id
          WHERE m.public_id = $1 AND m.link_generation = $2")
        .bind(link.id.as_bytes())
        .bind(link.generation)
        .fetch_optional(c)
        .await)?;
    match joined {
        Some(id) => seat_by_public_id(conn, id.try_into().map_err(DbError::stored)?).await,
        None => Ok(None),
    }
}
