//! How far work that goes through a table in the order of its rows has come. It needs no index and no mark on the rows.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::{Conn, DbError, Tx, sql};
use crate::on_db;

/// Up to which row this work has come.
pub(crate) async fn up_to(conn: &mut Conn, work: &str) -> Result<i64, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar("SELECT up_to FROM watermarks WHERE work = $1")
        .bind(work)
        .fetch_optional(c)
        .await)?;
    Ok(found.unwrap_or(0))
}

/// Up to which row of the table it may go next, at most so many; `None` where nothing came. `made_at` is the column that
/// says when a row was made: a row that is not committed yet may have a lower id than one that is, so the newest ones wait.
pub(crate) async fn next(
    conn: &mut Conn,
    table: &str,
    made_at: &str,
    from: i64,
    most: i64,
    now: Timestamp,
) -> Result<Option<i64>, DbError> {
    let text = format!(
        "SELECT MAX(id) FROM (SELECT id, {made_at} AS at FROM {table} WHERE id > $1 ORDER BY id LIMIT $2) AS n WHERE at < $3"
    );
    let settled = sql::settled_before(conn, now);
    Ok(on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text))
        .bind(from)
        .bind(most)
        .bind(settled)
        .fetch_one(c)
        .await)?)
}

/// Notes how far it has come. False: another copy of the program was quicker.
pub(crate) async fn advance(tx: &mut Tx, work: &str, from: i64, to: i64) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "INSERT INTO watermarks (work, up_to) VALUES ($1, $3)
         ON CONFLICT (work) DO UPDATE SET up_to = excluded.up_to WHERE watermarks.up_to = $2")
        .bind(work)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
