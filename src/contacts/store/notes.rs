//! Notes that organizers write about a person. A deleted one is kept for as long as that can be undone.

use jiff::Timestamp;

use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::PublicId;

/// A note, as it is shown.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct NoteLine {
    /// Names it in addresses.
    pub public_id: Vec<u8>,
    /// Who wrote it, as they were called then.
    pub author: String,
    /// Plain text.
    pub body: String,
    /// When.
    pub created_at: i64,
}

/// The notes about a person, the newest first.
pub async fn of_person(conn: &mut Conn, contact_id: i64) -> Result<Vec<NoteLine>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT public_id, author, body, created_at FROM notes
          WHERE contact_id = $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT 200")
        .bind(contact_id)
        .fetch_all(c)
        .await)?)
}

/// Adds a note to the person of a page. False: there is no such person.
pub async fn add(
    tx: &mut Tx,
    person: PublicId,
    (organizer, author): (i64, &str),
    body: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "INSERT INTO notes (public_id, contact_id, organizer_id, author, body, created_at)
         SELECT $1, id, $2, $3, $4, $5 FROM contacts WHERE public_id = $6")
        .bind(PublicId::random().as_bytes())
        .bind(organizer)
        .bind(author)
        .bind(body)
        .bind(micros(now))
        .bind(person.as_bytes())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The person that a note is about, unless it was deleted.
pub async fn person_of(conn: &mut Conn, note: PublicId) -> Result<Option<PublicId>, DbError> {
    let found: Option<Vec<u8>> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT c.public_id FROM notes n JOIN contacts c ON c.id = n.contact_id
          WHERE n.public_id = $1 AND n.deleted_at IS NULL")
        .bind(note.as_bytes())
        .fetch_optional(c)
        .await)?;
    found
        .map(|id| PublicId::try_from(id).map_err(DbError::stored))
        .transpose()
}

/// Takes a note away. False: it is gone already.
pub async fn delete(tx: &mut Tx, note: PublicId, now: Timestamp) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "UPDATE notes SET deleted_at = $2 WHERE public_id = $1 AND deleted_at IS NULL")
        .bind(note.as_bytes())
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Puts a deleted note back. False: it is gone for good, or was not deleted.
pub async fn put_back(tx: &mut Tx, note: PublicId) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "UPDATE notes SET deleted_at = NULL WHERE public_id = $1 AND deleted_at IS NOT NULL")
        .bind(note.as_bytes())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Erases what was deleted before this.
pub async fn erase_deleted(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    Ok(on_db!(tx, c => sqlx::query("DELETE FROM notes WHERE deleted_at < $1")
        .bind(micros(before))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
