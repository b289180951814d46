//! The set-up link, in SQL.

use jiff::Timestamp;

use super::{NewOrganizer, create, find, has_owner};
use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::organizers::{Organizer, SETUP_LIMIT};
use crate::values::SecretToken;

/// What became of a set-up link that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetUp {
    /// The owner's account was made.
    Done(Organizer),
    /// The link is not, or no longer, the valid one.
    Expired,
    /// Somebody with another role has this address. The link stays valid.
    Known,
}

/// Keeps a new set-up link in place of any other. `only_if_none`: leaves a valid one alone. True where
/// it was kept: never once there is an owner.
///
/// # Errors
/// When the database fails.
pub async fn put_setup_link(
    tx: &mut Tx,
    token_hash: &[u8],
    only_if_none: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    if has_owner(tx).await? {
        return Ok(false);
    }
    let replaced = if only_if_none { micros(now) } else { i64::MAX };
    let expires = micros(now.saturating_add(SETUP_LIMIT).unwrap_or(now));
    let rows = on_db!(tx, c => sqlx::query(
        "INSERT INTO setup_link (id, token_hash, expires_at) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at
         WHERE setup_link.expires_at <= $3")
        .bind(token_hash)
        .bind(expires)
        .bind(replaced)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// True while a set-up link opens its page.
///
/// # Errors
/// When the database fails.
pub async fn is_setup_link(conn: &mut Conn, token: &SecretToken, now: Timestamp) -> Result<bool, DbError> {
    let valid: i64 = on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM setup_link WHERE token_hash = $1 AND expires_at > $2")
        .bind(token.hash())
        .bind(micros(now))
        .fetch_one(c)
        .await)?;
    Ok(valid == 1 && !has_owner(conn).await?)
}

/// Uses the set-up link up and makes the owner. The link's row is what makes two at once take turns.
///
/// # Errors
/// When the database fails.
pub async fn set_up(tx: &mut Tx, token_hash: &[u8], new: &NewOrganizer, now: Timestamp) -> Result<SetUp, DbError> {
    if find(tx, &new.email).await?.is_some() {
        return Ok(SetUp::Known);
    }
    let used = on_db!(tx, c => sqlx::query("DELETE FROM setup_link WHERE token_hash = $1 AND expires_at > $2")
        .bind(token_hash)
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if used == 0 || has_owner(tx).await? {
        return Ok(SetUp::Expired);
    }
    Ok(create(tx, new, now).await?.map_or(SetUp::Known, SetUp::Done))
}
