//! The table of an import until it is put in, and the rows that were not taken.

use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, sql};
use crate::on_db;
use crate::uploads::Table;

/// Bytes of a piece.
const PIECE: usize = 256 * 1024;
/// Rows in one statement.
const TOGETHER: usize = 200;

/// Keeps a table.
pub(crate) async fn keep_parts(tx: &mut Tx, import: i64, table: &[u8]) -> Result<(), DbError> {
    for (position, piece) in (0_i64..).zip(table.chunks(PIECE)) {
        on_db!(tx, c => sqlx::query("INSERT INTO import_parts (import_id, position, data) VALUES ($1, $2, $3)")
            .bind(import)
            .bind(position)
            .bind(piece)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// The table that is kept; `None`: it is gone.
pub(crate) async fn table_of(conn: &mut Conn, import: i64) -> Result<Option<Table>, DbError> {
    let pieces: Vec<Vec<u8>> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT data FROM import_parts WHERE import_id = $1 ORDER BY position")
        .bind(import)
        .fetch_all(c)
        .await)?;
    if pieces.is_empty() {
        return Ok(None);
    }
    let whole = pieces.concat();
    let table = tokio::task::spawn_blocking(move || Table::from_csv(&whole)).await;
    table.map_err(DbError::stored)?.map(Some).map_err(DbError::stored)
}

/// Forgets it.
pub(crate) async fn forget_parts(tx: &mut Tx, import: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM import_parts WHERE import_id = $1").bind(import).execute(c).await.map(drop))?;
    Ok(())
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct BadLine {
    /// Its number in a spreadsheet.
    pub line: i64,
    /// Its cells, as JSON; `[]` where nothing of it may be kept.
    pub cells: String,
    /// Why.
    pub reason: String,
}

/// Keeps rows that were not taken; a second time replaces the first.
pub(crate) async fn keep_bad(tx: &mut Tx, import: i64, lines: &[BadLine]) -> Result<(), DbError> {
    for lines in lines.chunks(TOGETHER) {
        let text = format!(
            "INSERT INTO import_rows (import_id, line, cells, reason) VALUES {}
             ON CONFLICT (import_id, line) DO UPDATE SET reason = excluded.reason",
            sql::rows(lines.len(), 4, 0)
        );
        on_db!(tx, c => {
            let query = sqlx::query(AssertSqlSafe(text));
            lines
                .iter()
                .fold(query, |query, line| query.bind(import).bind(line.line).bind(&line.cells).bind(&line.reason))
                .execute(c)
                .await
                .map(drop)
        })?;
    }
    Ok(())
}

/// Rows that were not taken, in the order of the file.
pub(crate) async fn bad_lines(conn: &mut Conn, import: i64, limit: i64) -> Result<Vec<BadLine>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT line, cells, reason FROM import_rows WHERE import_id = $1 ORDER BY line LIMIT $2")
        .bind(import)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
