//! Contacts in the database.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::{Known, Traces};
use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::{EmailAddress, PersonName};

/// Notes that a personal page was used: the address is somebody's who reads its mail.
pub async fn confirm(tx: &mut Tx, contact_id: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE contacts SET confirmed_at = $2 WHERE id = $1 AND confirmed_at IS NULL")
        .bind(contact_id)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Counts a mail that a repeated post caused; `window` is how long a count lasts, in microseconds.
pub async fn count_repeat(tx: &mut Tx, contact_id: i64, window: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE contacts
            SET repeats       = CASE WHEN repeats_since + $2 > $3 THEN repeats + 1 ELSE 1 END,
                repeats_since = CASE WHEN repeats_since + $2 > $3 THEN repeats_since ELSE $3 END
          WHERE id = $1")
        .bind(contact_id)
        .bind(window)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Puts a contact in, or finds it; a known one is not changed.
pub async fn put(tx: &mut Tx, email: &EmailAddress, name: &PersonName, now: Timestamp) -> Result<Known, DbError> {
    Ok(on_db!(tx, c => sqlx::query_as(
        "INSERT INTO contacts (email, email_key, name, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key
         RETURNING id, confirmed_at, repeats, repeats_since")
        .bind(email.as_str())
        .bind(email.key())
        .bind(name.as_str())
        .bind(micros(now))
        .fetch_one(c)
        .await)?)
}

/// Takes back a contact that nothing refers to any more.
pub async fn remove_unused(tx: &mut Tx, contact_id: i64, traces: &Traces) -> Result<(), DbError> {
    let text = format!("DELETE FROM contacts WHERE id = $1 AND {}", traces.unused("$1"));
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(contact_id).execute(c).await.map(drop))?;
    Ok(())
}

/// The contact of a normalised address.
pub async fn find_by_key(conn: &mut Conn, key: &str) -> Result<Option<Known>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT id, confirmed_at, repeats, repeats_since FROM contacts WHERE email_key = $1")
        .bind(key)
        .fetch_optional(c)
        .await)?)
}
