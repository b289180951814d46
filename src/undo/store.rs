//! Acts in the database.

use jiff::Timestamp;

use super::{NewAct, UNDO_FOR};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::PublicId;

/// An act that was done.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ActRow {
    /// Its kind.
    pub kind: String,
    /// The page that it was done on.
    pub page: String,
    pub(super) inverse: String,
    /// The mail that tells of it.
    pub mail: Option<String>,
    undo_until: i64,
    undone_at: Option<i64>,
}

impl ActRow {
    /// Whether its time is not over.
    pub(crate) fn can_be_undone(&self, now: Timestamp) -> bool {
        self.undone_at.is_none() && self.undo_until > micros(now)
    }
}

const COLUMNS: &str = "kind, subject AS page, inverse, mail, undo_until, undone_at";

pub(super) async fn insert(
    tx: &mut Tx,
    id: PublicId,
    act: &NewAct<'_>,
    inverse: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO acts (public_id, organizer_id, kind, subject, inverse, mail, created_at, undo_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(id.as_bytes())
        .bind(act.organizer.id)
        .bind(act.kind)
        .bind(&act.page)
        .bind(inverse)
        .bind(act.mail)
        .bind(micros(now))
        .bind(micros(now + UNDO_FOR))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The act of this name.
pub(crate) async fn find(conn: &mut Conn, id: PublicId) -> Result<Option<ActRow>, DbError> {
    find_with(conn, id, "").await
}

/// The same, held until the transaction ends: two clicks on one button undo it once.
pub(super) async fn hold(tx: &mut Tx, id: PublicId) -> Result<Option<ActRow>, DbError> {
    let held = sql::for_update(tx);
    find_with(tx, id, held).await
}

async fn find_with(conn: &mut Conn, id: PublicId, held: &str) -> Result<Option<ActRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM acts WHERE public_id = $1{held}");
    Ok(on_db!(conn, c => sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?)
}

pub(super) async fn note_undone(tx: &mut Tx, id: PublicId, organizer: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE acts SET undone_at = $2, undone_by = $3 WHERE public_id = $1")
        .bind(id.as_bytes())
        .bind(micros(now))
        .bind(organizer)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Forgets acts that could be undone until before this.
pub(crate) async fn forget_old(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    Ok(on_db!(tx, c => sqlx::query("DELETE FROM acts WHERE undo_until < $1")
        .bind(micros(before))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
