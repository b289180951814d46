//! Files that were asked for, in the database.

use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::PublicId;

/// For so long a file is kept, and remembered.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How far a file is; stored.
pub(crate) const WAITING: &str = "waiting";
pub(crate) const DONE: &str = "done";

/// A file as it is remembered.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ExportFile {
    pub id: i64,
    pub public_id: Vec<u8>,
    pub organizer_id: i64,
    /// See [`ListPlace::key`](crate::lists::ListPlace::key).
    pub list: String,
    /// What stands behind the question mark of its address.
    pub query: String,
    /// The file's name, with its ending.
    pub name: String,
    pub state: String,
    pub expected: i64,
    pub rows: i64,
    pub bytes: i64,
    /// In the directory of such files; none: it was sent at once.
    pub file: Option<String>,
    /// Why there is none, in words.
    pub problem: Option<String>,
    pub created_at: i64,
}

/// A file to be remembered.
#[derive(Debug, Clone)]
pub(crate) struct NewExportFile {
    pub organizer: i64,
    pub list: String,
    pub query: String,
    pub name: String,
    pub expected: i64,
    /// Rows and bytes of one that was sent at once; `None`: it is to be written.
    pub sent: Option<(i64, i64)>,
}

const COLUMNS: &str =
    "id, public_id, organizer_id, list, query, name, state, expected, rows, bytes, file, problem, created_at";

/// Remembers it. Gives its row and its name.
pub(crate) async fn insert(tx: &mut Tx, new: &NewExportFile, now: Timestamp) -> Result<(i64, PublicId), DbError> {
    let name = PublicId::random();
    let (rows, bytes) = new.sent.unwrap_or_default();
    let id: i64 = on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO export_files (public_id, organizer_id, list, query, name, state, expected, rows, bytes, created_at,
                                   keep_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id")
        .bind(name.as_bytes())
        .bind(new.organizer)
        .bind(&new.list)
        .bind(&new.query)
        .bind(&new.name)
        .bind(if new.sent.is_some() { DONE } else { WAITING })
        .bind(new.expected)
        .bind(rows)
        .bind(bytes)
        .bind(micros(now))
        .bind(micros(now + KEPT))
        .fetch_one(c)
        .await)?;
    Ok((id, name))
}

/// The file of this name, for whoever asked for it.
pub(crate) async fn find(conn: &mut Conn, organizer: i64, name: PublicId) -> Result<Option<ExportFile>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM export_files WHERE public_id = $1 AND organizer_id = $2");
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(name.as_bytes())
        .bind(organizer)
        .fetch_optional(c)
        .await)?)
}

/// The file of a row.
pub(crate) async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<ExportFile>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM export_files WHERE id = $1");
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(id).fetch_optional(c).await)?)
}

/// The last files of somebody, the newest first.
pub(crate) async fn latest(conn: &mut Conn, organizer: i64, limit: i64) -> Result<Vec<ExportFile>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM export_files WHERE organizer_id = $1 ORDER BY id DESC LIMIT $2");
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(organizer).bind(limit).fetch_all(c).await)?)
}

/// Notes how many rows are written.
pub(crate) async fn note_rows(tx: &mut Tx, id: i64, rows: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE export_files SET rows = $2 WHERE id = $1 AND state = 'waiting'")
        .bind(id)
        .bind(rows)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes that it is written. False: it was written already, or is forgotten.
pub(crate) async fn note_done(tx: &mut Tx, id: i64, rows: i64, bytes: i64, file: &str) -> Result<bool, DbError> {
    let noted = on_db!(tx, c => sqlx::query(
        "UPDATE export_files SET state = 'done', rows = $2, bytes = $3, file = $4 WHERE id = $1 AND state = 'waiting'")
        .bind(id)
        .bind(rows)
        .bind(bytes)
        .bind(file)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(noted == 1)
}

/// Notes that there is none.
pub(crate) async fn note_failed(tx: &mut Tx, id: i64, problem: &str) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE export_files SET state = 'failed', problem = $2 WHERE id = $1 AND state = 'waiting'")
        .bind(id)
        .bind(problem)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Forgets those whose time is over.
pub(crate) async fn forget_old(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM export_files WHERE keep_until <= $1")
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Forgets all of them: somebody was erased who may be in any. One that is just being written has nowhere to go then.
pub(crate) async fn forget_all(tx: &mut Tx) -> Result<u64, DbError> {
    Ok(on_db!(tx, c => sqlx::query("DELETE FROM export_files")
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// The files in the directory that are remembered.
pub(crate) async fn kept_files(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT file FROM export_files WHERE file IS NOT NULL").fetch_all(c).await)?,
    )
}
