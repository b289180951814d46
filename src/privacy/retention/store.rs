//! Retention in the database: how long what is kept, and what is old.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::rules::Older;
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;

/// A rule as it is kept.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct RuleRow {
    pub kind: String,
    pub days: i64,
    pub is_on: i64,
}

/// Those that somebody has set.
pub(super) async fn set(conn: &mut Conn) -> Result<Vec<RuleRow>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as("SELECT kind, days, is_on FROM retention").fetch_all(c).await)?)
}

/// Sets one.
pub(super) async fn put(tx: &mut Tx, kind: &str, days: i64, is_on: bool, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO retention (kind, days, is_on, changed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (kind) DO UPDATE SET days = excluded.days, is_on = excluded.is_on, changed_at = excluded.changed_at")
        .bind(kind)
        .bind(days)
        .bind(i64::from(is_on))
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// What holds of an old row, with `$1` for the moment and `$2` for now; both are used, whatever it needs.
fn holds(older: &Older) -> String {
    let holds = older.holds.replace("?1", "$1").replace("?2", "$2");
    format!("{holds} AND $1 <= $2")
}

/// How many are old.
pub(super) async fn count(conn: &mut Conn, older: &Older, before: Timestamp, now: Timestamp) -> Result<i64, DbError> {
    let text = format!("SELECT COUNT(*) FROM {} x WHERE {}", older.table, holds(older));
    Ok(on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text))
        .bind(micros(before))
        .bind(micros(now))
        .fetch_one(c)
        .await)?)
}

/// The next of them after a row.
pub(super) async fn next(
    conn: &mut Conn,
    older: &Older,
    (before, now): (Timestamp, Timestamp),
    after: i64,
    limit: i64,
) -> Result<Vec<i64>, DbError> {
    let text = format!(
        "SELECT x.id FROM {} x WHERE {} AND x.id > $3 ORDER BY x.id LIMIT $4",
        older.table,
        holds(older)
    );
    Ok(on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text))
        .bind(micros(before))
        .bind(micros(now))
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Of these, those that are old still.
pub(super) async fn still(
    tx: &mut Tx,
    older: &Older,
    (before, now): (Timestamp, Timestamp),
    ids: &[i64],
) -> Result<Vec<i64>, DbError> {
    let text = format!(
        "SELECT x.id FROM {} x WHERE {} AND x.id IN {} ORDER BY x.id{}",
        older.table,
        holds(older),
        sql::rows(1, ids.len(), 2),
        sql::for_update(tx)
    );
    Ok(on_db!(tx, c => {
        let query = sqlx::query_scalar(AssertSqlSafe(text)).bind(micros(before)).bind(micros(now));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?)
}

/// Removes rows; gives how many.
pub(super) async fn delete(tx: &mut Tx, table: &str, ids: &[i64]) -> Result<u64, DbError> {
    if ids.is_empty() {
        return Ok(0);
    }
    let text = format!("DELETE FROM {table} WHERE id IN {}", sql::rows(1, ids.len(), 0));
    Ok(on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).execute(c).await.map(|done| done.rows_affected())
    })?)
}
