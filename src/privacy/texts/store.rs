//! Texts in the database.

use jiff::Timestamp;

use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;

/// The text of this name; `None`: ours.
///
/// # Errors
/// When the database fails.
pub(crate) async fn find(conn: &mut Conn, key: &str) -> Result<Option<String>, DbError> {
    let found: Option<String> = on_db!(conn, c => sqlx::query_scalar("SELECT markdown FROM texts WHERE key = $1")
        .bind(key)
        .fetch_optional(c)
        .await)?;
    Ok(found.filter(|text| !text.is_empty()))
}

/// Writes it; an empty one brings ours back. False: it stood there already.
///
/// # Errors
/// When the database fails.
pub(crate) async fn put(tx: &mut Tx, key: &str, markdown: &str, who: i64, now: Timestamp) -> Result<bool, DbError> {
    if find(tx, key).await?.unwrap_or_default() == markdown {
        return Ok(false);
    }
    on_db!(tx, c => sqlx::query(
        "INSERT INTO texts (key, markdown, version, changed_by, changed_at) VALUES ($1, $2, 1, $3, $4)
         ON CONFLICT (key) DO UPDATE SET markdown = excluded.markdown, version = texts.version + 1,
                                         changed_by = excluded.changed_by, changed_at = excluded.changed_at")
        .bind(key)
        .bind(markdown)
        .bind(who)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(true)
}
