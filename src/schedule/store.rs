//! The table of due work.
//!
//! Lease times come from the database's clock on PostgreSQL, where several copies of the program share them. What a claim
//! writes back is written only where the row still carries its lease.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::Due;
use crate::db::{Conn, DbError, Tx, micros, micros_in, sql};
use crate::on_db;

/// Never, unless it is let go.
const HELD: i64 = i64::MAX;

/// Holds what was put in by somebody's act: after a restore nobody knows what of it was done since the backup. A text,
/// because it is run before there is a database to write to.
pub const HOLD_ALL: &str =
    "UPDATE due_work SET due_at = 9223372036854775807, lease = NULL, lease_until = NULL WHERE every IS NULL";

/// Puts in work that is done once, at `due_at`. Where the same is there already, it is due then once more; a copy that has
/// it in hand loses it, so that what was put in after it began is not taken for done.
///
/// # Errors
/// When the database fails.
pub async fn put(tx: &mut Tx, kind: &str, subject: &str, due_at: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO due_work (kind, subject, due_at) VALUES ($1, $2, $3)
         ON CONFLICT (kind, subject)
             DO UPDATE SET due_at = excluded.due_at, attempts = 0, lease = NULL, lease_until = NULL")
        .bind(kind)
        .bind(subject)
        .bind(micros(due_at))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Whether work is waiting or in hand; what is held after a restore is neither.
///
/// # Errors
/// When the database fails.
pub async fn is_open(conn: &mut Conn, kind: &str, subject: &str) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM due_work WHERE kind = $1 AND subject = $2 AND due_at < $3")
        .bind(kind)
        .bind(subject)
        .bind(HELD)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// Makes sure that work which comes again is in; one that is keeps its time.
///
/// # Errors
/// When the database fails.
pub async fn keep(tx: &mut Tx, kind: &str, every: Duration, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO due_work (kind, subject, due_at, every) VALUES ($1, '', $2, $3)
         ON CONFLICT (kind, subject) DO UPDATE SET every = excluded.every")
        .bind(kind)
        .bind(micros(now))
        .bind(micros_in(every))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Whether anything of these kinds is due. A look costs no write.
///
/// # Errors
/// When the database fails.
pub async fn is_due(conn: &mut Conn, kinds: &[&str], now: Timestamp) -> Result<bool, DbError> {
    if kinds.is_empty() {
        return Ok(false);
    }
    let text = format!("SELECT id FROM due_work WHERE {} LIMIT 1", due(conn, kinds.len()));
    let found: Option<i64> = on_db!(conn, c => {
        let query = sqlx::query_scalar(AssertSqlSafe(text)).bind(micros(now));
        kinds.iter().fold(query, |query, kind| query.bind(*kind)).fetch_optional(c).await
    })?;
    Ok(found.is_some())
}

/// Claims what has been due longest, of these kinds, for `hold`.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    tx: &mut Tx,
    kinds: &[&str],
    lease: i64,
    hold: Duration,
    now: Timestamp,
) -> Result<Option<Due>, DbError> {
    let last = kinds.len() + 1;
    let text = format!(
        "UPDATE due_work SET lease = ${lease}, lease_until = {clock} + ${hold}
          WHERE id = (SELECT id FROM due_work WHERE {due} ORDER BY due_at, id LIMIT 1{skip})
         RETURNING id, kind, subject, attempts",
        lease = last + 1,
        hold = last + 2,
        clock = sql::lease_clock(tx, "$1"),
        due = due(tx, kinds.len()),
        skip = sql::skip_locked(tx),
    );
    Ok(on_db!(tx, c => {
        let query = sqlx::query_as(AssertSqlSafe(text)).bind(micros(now));
        let query = kinds.iter().fold(query, |query, kind| query.bind(*kind));
        query.bind(lease).bind(micros_in(hold)).fetch_optional(c).await
    })?)
}

/// Due at `$1`, of the kinds behind it, and held by nobody.
fn due(conn: &Conn, kinds: usize) -> String {
    format!(
        "due_at <= $1 AND (lease IS NULL OR lease_until < {}) AND kind IN {}",
        sql::lease_clock(conn, "$1"),
        sql::rows(1, kinds, 1)
    )
}

/// Holds on to what is held. False: another copy has taken it.
///
/// # Errors
/// When the database fails.
pub async fn renew(tx: &mut Tx, id: i64, lease: i64, hold: Duration, now: Timestamp) -> Result<bool, DbError> {
    let clock = sql::lease_clock(tx, "$3");
    let text = format!("UPDATE due_work SET lease_until = {clock} + $4 WHERE id = $1 AND lease = $2 AND $3 = $3");
    let rows = on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(id)
        .bind(lease)
        .bind(micros(now))
        .bind(micros_in(hold))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// It is done. What comes again gets its next time; the rest goes. Nothing happens where it was put in once
/// more meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn finish(tx: &mut Tx, done: &Due, lease: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "DELETE FROM due_work WHERE id = $1 AND lease = $2 AND every IS NULL")
        .bind(done.id)
        .bind(lease)
        .execute(c)
        .await
        .map(drop))?;
    on_db!(tx, c => sqlx::query(
        "UPDATE due_work
            SET due_at = $3 + every, attempts = 0, last_error = NULL, lease = NULL, lease_until = NULL
          WHERE id = $1 AND lease = $2")
        .bind(done.id)
        .bind(lease)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// It failed, and is tried again at `again_at`.
///
/// # Errors
/// When the database fails.
pub async fn fail(tx: &mut Tx, failed: &Due, lease: i64, error: &str, again_at: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE due_work
            SET due_at = $3, attempts = attempts + 1, last_error = $4, lease = NULL, lease_until = NULL
          WHERE id = $1 AND lease = $2")
        .bind(failed.id)
        .bind(lease)
        .bind(micros(again_at))
        .bind(error)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Takes everything back at once. Only where nobody else can be at work: on SQLite, at the start.
///
/// # Errors
/// When the database fails.
pub async fn clear_leases(tx: &mut Tx) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE due_work SET lease = NULL, lease_until = NULL WHERE lease IS NOT NULL")
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Lets go of what a restore has held.
///
/// # Errors
/// When the database fails.
pub async fn release_held(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE due_work SET due_at = $1 WHERE due_at = $2")
        .bind(micros(now))
        .bind(HELD)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
