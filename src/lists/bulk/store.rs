//! Acts on many rows, in the database.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::kinds::BulkKind;
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::lists::ListPlace;
use crate::on_db;
use crate::undo::UNDO_FOR;
use crate::values::PublicId;

/// How far an act is; stored.
pub(crate) const ASKED: &str = "asked";
pub(crate) const GOING: &str = "going";
pub(crate) const DONE: &str = "done";
pub(crate) const UNDOING: &str = "undoing";
pub(crate) const UNDONE: &str = "undone";

/// An act as it is kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct BulkRow {
    pub id: i64,
    pub organizer_id: i64,
    pub kind: String,
    /// See [`ListPlace::key`](crate::lists::ListPlace::key).
    pub place: String,
    /// JSON.
    pub chosen: String,
    /// The tag.
    pub word: String,
    /// The last row that it was done to, or left alone.
    pub after_row: i64,
    pub done: i64,
    pub left_alone: i64,
    pub state: String,
    pub undo_until: Option<i64>,
}

/// An act that begins.
pub(crate) struct NewBulkAct {
    pub organizer: i64,
    pub kind: BulkKind,
    pub place: String,
    pub chosen: String,
    pub word: String,
}

/// Keeps it, in this state. Gives its row and its name.
pub(crate) async fn insert(
    tx: &mut Tx,
    act: &NewBulkAct,
    state: &str,
    now: Timestamp,
) -> Result<(i64, PublicId), DbError> {
    let name = PublicId::random();
    let id: i64 = on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO bulk_acts (public_id, organizer_id, kind, place, chosen, word, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id")
        .bind(name.as_bytes())
        .bind(act.organizer)
        .bind(act.kind.as_str())
        .bind(&act.place)
        .bind(&act.chosen)
        .bind(&act.word)
        .bind(state)
        .bind(micros(now))
        .fetch_one(c)
        .await)?;
    Ok((id, name))
}

const COLUMNS: &str = "id, organizer_id, kind, place, chosen, word, after_row, done, left_alone, state, undo_until";

/// The act of this name.
pub(crate) async fn find(conn: &mut Conn, name: PublicId) -> Result<Option<BulkRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM bulk_acts WHERE public_id = $1");
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(name.as_bytes()).fetch_optional(c).await)?)
}

/// The act of a row, held until the transaction ends: of two copies of the program one goes on with it.
pub(crate) async fn hold(tx: &mut Tx, id: i64) -> Result<Option<BulkRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM bulk_acts WHERE id = $1{}", sql::for_update(tx));
    Ok(on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text)).bind(id).fetch_optional(c).await)?)
}

/// Notes how far it has come.
pub(crate) async fn advance(tx: &mut Tx, act: &BulkRow) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE bulk_acts SET after_row = $2, done = $3, left_alone = $4 WHERE id = $1")
        .bind(act.id)
        .bind(act.after_row)
        .bind(act.done)
        .bind(act.left_alone)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes that it is done. It can be undone for a while, or never.
pub(crate) async fn finish(tx: &mut Tx, id: i64, can_be_undone: bool, now: Timestamp) -> Result<(), DbError> {
    let undo_until = can_be_undone.then(|| micros(now + UNDO_FOR));
    on_db!(tx, c => sqlx::query("UPDATE bulk_acts SET state = 'done', undo_until = $2 WHERE id = $1")
        .bind(id)
        .bind(undo_until)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Goes from one state to the next one. False: it is not in the first.
pub(crate) async fn go(tx: &mut Tx, id: i64, from: &str, to: &str) -> Result<bool, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("UPDATE bulk_acts SET state = $3 WHERE id = $1 AND state = $2")
        .bind(id)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?,
    )
}

/// Begins to undo it. Gives its row; `None`: it is too late, or it is being undone.
pub(crate) async fn begin_to_undo(tx: &mut Tx, name: PublicId, now: Timestamp) -> Result<Option<i64>, DbError> {
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "UPDATE bulk_acts SET state = 'undoing' WHERE public_id = $1 AND state = 'done' AND undo_until > $2 RETURNING id")
        .bind(name.as_bytes())
        .bind(micros(now))
        .fetch_optional(c)
        .await)?)
}

/// Keeps the rows that it changed.
pub(crate) async fn keep_changed(tx: &mut Tx, act: i64, rows: &[i64]) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO bulk_rows (bulk_id, row_id) VALUES {} ON CONFLICT DO NOTHING",
        sql::rows(rows.len(), 2, 0)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        rows.iter().fold(query, |query, row| query.bind(act).bind(*row)).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// The next rows that it changed.
pub(crate) async fn changed(conn: &mut Conn, act: i64, limit: i64) -> Result<Vec<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT row_id FROM bulk_rows WHERE bulk_id = $1 ORDER BY row_id LIMIT $2")
        .bind(act)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Forgets them up to this one: they are as they were.
pub(crate) async fn forget_changed(tx: &mut Tx, act: i64, up_to: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM bulk_rows WHERE bulk_id = $1 AND row_id <= $2")
        .bind(act)
        .bind(up_to)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Forgets acts that ended, and can be undone no more, or were only asked for, and are from before this.
pub(crate) async fn forget_old(tx: &mut Tx, before: Timestamp, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "DELETE FROM bulk_rows WHERE bulk_id IN (SELECT id FROM bulk_acts WHERE state = 'done' AND undo_until < $1)")
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    on_db!(tx, c => sqlx::query("DELETE FROM bulk_acts WHERE state IN ('asked', 'done', 'undone') AND created_at < $1")
        .bind(micros(before))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Forgets all acts but those that go on: which rows they chose may say a name. The others are forgotten when they have ended.
pub(crate) async fn forget_ended(tx: &mut Tx) -> Result<u64, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM bulk_acts WHERE state IN ('asked', 'done', 'undone')")
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// The same of those that began before somebody was erased and have ended since; gives how many.
pub(crate) async fn forget_ended_since(tx: &mut Tx, erased_at: Timestamp) -> Result<u64, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM bulk_acts WHERE state IN ('done', 'undone') AND created_at <= $1")
        .bind(micros(erased_at))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// The people of these rows of a list, in the order of the rows.
pub(crate) async fn people_of(conn: &mut Conn, place: &ListPlace, rows: &[i64]) -> Result<Vec<i64>, DbError> {
    let table = match place {
        ListPlace::People => return Ok(rows.to_vec()),
        ListPlace::Attendees(_) => "registrations",
        ListPlace::Requests(_) => "requests",
    };
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT contact_id FROM {table} WHERE id IN ({}) ORDER BY id",
        sql::placeholders(rows.len())
    );
    Ok(on_db!(conn, c => {
        let query = sqlx::query_scalar(AssertSqlSafe(text));
        rows.iter().fold(query, |query, row| query.bind(*row)).fetch_all(c).await
    })?)
}

/// Names of people by their rows.
pub(crate) async fn names(conn: &mut Conn, people: &[i64]) -> Result<Vec<String>, DbError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT name FROM contacts WHERE id IN ({}) ORDER BY id",
        sql::placeholders(people.len())
    );
    Ok(on_db!(conn, c => {
        let query = sqlx::query_scalar(AssertSqlSafe(text));
        people.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?)
}
