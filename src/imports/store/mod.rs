//! Imports in the database.

mod made;
mod matching;
mod parts;
mod people;
mod seats;

use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::PublicId;

pub(crate) use made::{Made, forget_made, keep_made, next_made};
pub(crate) use matching::{
    SeatHolder, Unmatched, add_stays, decide_absences, delete_unmatched, forget_unmatched_of, insert_unmatched,
    pass_on_unmatched, put_alias, put_stays, seat_holders, take_back_stays, unmatched, unmatched_by_id,
};
pub(crate) use parts::{BadLine, bad_lines, forget_parts, keep_bad, keep_parts, table_of};
pub(crate) use people::{ImportedContact, known_keys, put_people, untouched_contacts};
pub(crate) use seats::{NewImportedSeat, SeatsPut, answer_rows, put_seats, untouched_seats};

/// For so long an import is remembered, and rows that were not taken are kept.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How far an import is; stored.
pub(crate) const READ: &str = "read";
pub(crate) const GOING: &str = "going";
pub(crate) const DONE: &str = "done";
pub(crate) const UNDOING: &str = "undoing";
pub(crate) const UNDONE: &str = "undone";
/// Somebody was erased before it began: what was sent is gone.
pub(crate) const EMPTIED: &str = "emptied";

/// An import as it is kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ImportRow {
    pub id: i64,
    pub public_id: Vec<u8>,
    pub organizer_id: i64,
    pub kind: String,
    pub file_name: String,
    pub mapping: String,
    pub choices: String,
    pub state: String,
    /// The last row of the file that was put in.
    pub after_line: i64,
    pub new_rows: i64,
    pub known_rows: i64,
    pub bad_rows: i64,
    pub created_at: i64,
    pub undo_until: Option<i64>,
}

const COLUMNS: &str = "id, public_id, organizer_id, kind, file_name, mapping, choices, state, after_line, new_rows, \
                       known_rows, bad_rows, created_at, undo_until";

/// A file that was read.
pub(crate) struct NewImport {
    pub organizer: i64,
    pub kind: String,
    pub file_name: String,
    pub mapping: String,
    pub choices: String,
}

/// Remembers it. Gives its row and its name.
pub(crate) async fn insert(tx: &mut Tx, new: &NewImport, now: Timestamp) -> Result<(i64, PublicId), DbError> {
    let name = PublicId::random();
    let id: i64 = on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO imports (public_id, organizer_id, kind, file_name, mapping, choices, state, created_at, keep_until)
         VALUES ($1, $2, $3, $4, $5, $6, 'read', $7, $8) RETURNING id")
        .bind(name.as_bytes())
        .bind(new.organizer)
        .bind(&new.kind)
        .bind(&new.file_name)
        .bind(&new.mapping)
        .bind(&new.choices)
        .bind(micros(now))
        .bind(micros(now + KEPT))
        .fetch_one(c)
        .await)?;
    Ok((id, name))
}

/// The import of this name, for whoever sent the file.
pub(crate) async fn find(conn: &mut Conn, organizer: i64, name: PublicId) -> Result<Option<ImportRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM imports WHERE public_id = $1 AND organizer_id = $2");
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(name.as_bytes())
        .bind(organizer)
        .fetch_optional(c)
        .await)?)
}

/// The import of a row.
pub(crate) async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<ImportRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM imports WHERE id = $1");
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(id).fetch_optional(c).await)?)
}

/// The same, held until the transaction ends: of two copies of the program one goes on with it.
pub(crate) async fn hold(tx: &mut Tx, id: i64) -> Result<Option<ImportRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM imports WHERE id = $1{}", sql::for_update(tx));
    Ok(on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text)).bind(id).fetch_optional(c).await)?)
}

/// The last imports of somebody, the newest first.
pub(crate) async fn latest(conn: &mut Conn, organizer: i64, limit: i64) -> Result<Vec<ImportRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM imports WHERE organizer_id = $1 ORDER BY id DESC LIMIT $2");
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(organizer).bind(limit).fetch_all(c).await)?)
}

/// Keeps what was chosen. False: it has begun meanwhile.
pub(crate) async fn choose(tx: &mut Tx, id: i64, kind: &str, mapping: &str, choices: &str) -> Result<bool, DbError> {
    let chosen = on_db!(tx, c => sqlx::query(
        "UPDATE imports SET kind = $2, mapping = $3, choices = $4 WHERE id = $1 AND state = 'read'")
        .bind(id)
        .bind(kind)
        .bind(mapping)
        .bind(choices)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(chosen == 1)
}

/// Goes from one state to another. False: it was in another one.
pub(crate) async fn go(tx: &mut Tx, id: i64, from: &str, to: &str) -> Result<bool, DbError> {
    let went = on_db!(tx, c => sqlx::query("UPDATE imports SET state = $3 WHERE id = $1 AND state = $2")
        .bind(id)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(went == 1)
}

/// Notes how far it has come.
pub(crate) async fn advance(tx: &mut Tx, row: &ImportRow) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE imports SET after_line = $2, new_rows = $3, known_rows = $4, bad_rows = $5 WHERE id = $1")
        .bind(row.id)
        .bind(row.after_line)
        .bind(row.new_rows)
        .bind(row.known_rows)
        .bind(row.bad_rows)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes that it is done, and until when it can be undone.
pub(crate) async fn finish(tx: &mut Tx, id: i64, undo_until: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE imports SET state = 'done', undo_until = $2 WHERE id = $1")
        .bind(id)
        .bind(micros(undo_until))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Forgets those whose time is over, and what undoing others would take that can be undone no more. Gives how many went.
pub(crate) async fn forget_old(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    on_db!(tx, c => sqlx::query(
        "DELETE FROM import_made WHERE import_id IN (SELECT id FROM imports WHERE state = 'done' AND undo_until < $1)")
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM imports WHERE keep_until < $1 AND state NOT IN ('going', 'undoing')")
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// Somebody was erased who may be in any: what was sent and is not put in yet is gone. One that is going on takes nobody in who
/// was erased, and keeps nothing of its file once it is done.
pub(crate) async fn empty_parts(tx: &mut Tx) -> Result<u64, DbError> {
    on_db!(tx, c => sqlx::query("UPDATE imports SET state = 'emptied' WHERE state = 'read'").execute(c).await.map(drop))?;
    Ok(on_db!(tx, c => sqlx::query(
        "DELETE FROM import_parts WHERE import_id IN (SELECT id FROM imports WHERE state NOT IN ('going', 'undoing'))")
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// The same of rows that were not taken.
pub(crate) async fn empty_rows(tx: &mut Tx) -> Result<u64, DbError> {
    Ok(on_db!(tx, c => sqlx::query("DELETE FROM import_rows").execute(c).await.map(|done| done.rows_affected()))?)
}

/// The same of rows that were not taken by imports which began before somebody was erased and ended after it.
pub(crate) async fn empty_since(tx: &mut Tx, erased_at: Timestamp) -> Result<u64, DbError> {
    Ok(on_db!(tx, c => sqlx::query(
        "DELETE FROM import_rows
          WHERE import_id IN (SELECT id FROM imports WHERE created_at <= $1 AND state NOT IN ('going', 'undoing'))")
        .bind(micros(erased_at))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
