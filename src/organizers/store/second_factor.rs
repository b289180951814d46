//! The second factor of an account, and its recovery codes, in SQL.

use jiff::Timestamp;

use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;

/// Switches it on: the sealed secret, the step of the code that confirmed it, and its recovery codes by their hashes.
///
/// # Errors
/// When the database fails.
pub async fn switch_on(
    tx: &mut Tx,
    organizer: i64,
    (sealed, step): (&[u8], i64),
    codes: &[Vec<u8>],
    now: Timestamp,
) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE organizers SET totp_secret = $2, totp_step = $3, totp_at = $4 WHERE id = $1")
        .bind(organizer)
        .bind(sealed)
        .bind(step)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    put_recovery_codes(tx, organizer, codes).await
}

/// Switches it off. False: it was off.
///
/// # Errors
/// When the database fails.
pub async fn switch_off(tx: &mut Tx, organizer: i64) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE organizers SET totp_secret = NULL, totp_at = NULL WHERE id = $1 AND totp_secret IS NOT NULL")
        .bind(organizer)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    put_recovery_codes(tx, organizer, &[]).await?;
    Ok(changed > 0)
}

/// Uses a code up, by its step: one that was used, or is older than the last one, is used no more. False: so it is.
///
/// # Errors
/// When the database fails.
pub async fn use_step(tx: &mut Tx, organizer: i64, step: i64) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE organizers SET totp_step = $2 WHERE id = $1 AND totp_step < $2 AND totp_secret IS NOT NULL")
        .bind(organizer)
        .bind(step)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Puts recovery codes, by their hashes, in place of all earlier ones.
///
/// # Errors
/// When the database fails.
pub async fn put_recovery_codes(tx: &mut Tx, organizer: i64, codes: &[Vec<u8>]) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM recovery_codes WHERE organizer_id = $1")
        .bind(organizer)
        .execute(c)
        .await
        .map(drop))?;
    for code in codes {
        on_db!(tx, c => sqlx::query("INSERT INTO recovery_codes (organizer_id, code_hash) VALUES ($1, $2)")
            .bind(organizer)
            .bind(code)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Uses a recovery code up. False: there is none with this hash, or it was used.
///
/// # Errors
/// When the database fails.
pub async fn use_recovery_code(tx: &mut Tx, organizer: i64, hash: &[u8], now: Timestamp) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE recovery_codes SET used_at = $3 WHERE organizer_id = $1 AND code_hash = $2 AND used_at IS NULL")
        .bind(organizer)
        .bind(hash)
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// How many recovery codes are left.
///
/// # Errors
/// When the database fails.
pub async fn recovery_codes_left(conn: &mut Conn, organizer: i64) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM recovery_codes WHERE organizer_id = $1 AND used_at IS NULL")
        .bind(organizer)
        .fetch_one(c)
        .await)?)
}
