//! Facts about this installation that are kept in the database: its secret key, markers of what was done.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Conn, DbError, Tx};
use crate::on_db;

/// The value kept under `key`.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, key: &str) -> Result<Option<String>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT value FROM settings WHERE key = $1")
        .bind(key)
        .fetch_optional(c)
        .await)?,
    )
}

/// Where the secret key is.
pub const SECRET_KEY: &str = "secret_key";

/// The secret key that is set outside, or the one in the database; `None` where there is none that can be used.
///
/// # Errors
/// When the database fails.
pub async fn secret_key(conn: &mut Conn, set: Option<[u8; 32]>) -> Result<Option<[u8; 32]>, DbError> {
    if set.is_some() {
        return Ok(set);
    }
    let kept = find(conn, SECRET_KEY).await?;
    Ok(kept.and_then(|kept| STANDARD.decode(kept).ok()?.try_into().ok()))
}

/// Keeps `value` under `key`, in place of what was there.
///
/// # Errors
/// When the database fails.
pub async fn put(tx: &mut Tx, key: &str, value: &str) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO settings (key, value) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(key)
        .bind(value)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Keeps nothing under `key`.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &mut Tx, key: &str) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM settings WHERE key = $1").bind(key).execute(c).await.map(drop))?;
    Ok(())
}

/// Keeps `value` unless there is one already, and gives the one that is kept: of several copies that
/// start at once, one wins.
///
/// # Errors
/// When the database fails.
pub async fn put_first(tx: &mut Tx, key: &str, value: &str) -> Result<String, DbError> {
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO settings (key, value) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET value = settings.value
         RETURNING value")
        .bind(key)
        .bind(value)
        .fetch_one(c)
        .await)?)
}
