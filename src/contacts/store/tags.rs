//! Words that organizers put to people.

use jiff::Timestamp;

use crate::contacts::words;
use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::PublicId;

/// Most tags of one person.
pub const MOST: i64 = 50;

/// What became of a tag that was to be put to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagged {
    /// It is there now.
    Yes,
    /// It was there.
    Had,
    /// They have [`MOST`] already.
    TooMany,
    /// There is no such person.
    Unknown,
}

/// A person's tags, in alphabetical order.
pub async fn of_person(conn: &mut Conn, contact_id: i64) -> Result<Vec<String>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT t.name FROM contact_tags p JOIN tags t ON t.id = p.tag_id
          WHERE p.contact_id = $1 ORDER BY t.name_key")
        .bind(contact_id)
        .fetch_all(c)
        .await)?)
}

/// Tags that are in use, to choose from.
pub async fn known(conn: &mut Conn, limit: i64) -> Result<Vec<String>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT name FROM tags ORDER BY name_key LIMIT $1")
        .bind(limit)
        .fetch_all(c)
        .await)?,
    )
}

/// Puts a tag to the person of a page; it is made where there is none of this name.
pub async fn put(tx: &mut Tx, person: PublicId, name: &str, now: Timestamp) -> Result<Tagged, DbError> {
    match contact_of(tx, person).await? {
        Some(contact) => put_to(tx, contact, name, now).await,
        None => Ok(Tagged::Unknown),
    }
}

/// The same for the person of a row.
pub async fn put_to(tx: &mut Tx, contact: i64, name: &str, now: Timestamp) -> Result<Tagged, DbError> {
    let has: i64 = on_db!(tx, c => sqlx::query_scalar("SELECT COUNT(*) FROM contact_tags WHERE contact_id = $1")
        .bind(contact)
        .fetch_one(c)
        .await)?;
    if has >= MOST {
        return Ok(Tagged::TooMany);
    }
    let tag: i64 = on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO tags (name, name_key) VALUES ($1, $2)
         ON CONFLICT (name_key) DO UPDATE SET name_key = excluded.name_key RETURNING id")
        .bind(name)
        .bind(words::fold(name))
        .fetch_one(c)
        .await)?;
    let is_new = on_db!(tx, c => sqlx::query(
        "INSERT INTO contact_tags (contact_id, tag_id, created_at)
         SELECT id, $2, $3 FROM contacts WHERE id = $1 ON CONFLICT DO NOTHING")
        .bind(contact)
        .bind(tag)
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?;
    Ok(if is_new { Tagged::Yes } else { Tagged::Had })
}

/// Takes a tag from the person of a page; one that nobody has is forgotten.
pub async fn take(tx: &mut Tx, person: PublicId, name: &str) -> Result<(), DbError> {
    if let Some(contact) = contact_of(tx, person).await? {
        take_from(tx, contact, name).await?;
    }
    Ok(())
}

/// The same for the person of a row. False: they did not have it.
pub async fn take_from(tx: &mut Tx, contact: i64, name: &str) -> Result<bool, DbError> {
    let key = words::fold(name);
    let taken = on_db!(tx, c => sqlx::query(
        "DELETE FROM contact_tags WHERE contact_id = $1 AND tag_id = (SELECT id FROM tags WHERE name_key = $2)")
        .bind(contact)
        .bind(&key)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?;
    on_db!(tx, c => sqlx::query(
        "DELETE FROM tags WHERE name_key = $1 AND NOT EXISTS (SELECT 1 FROM contact_tags p WHERE p.tag_id = tags.id)")
        .bind(&key)
        .execute(c)
        .await
        .map(drop))?;
    Ok(taken)
}

/// Takes all tags from the person of a row; those that nobody has are forgotten. Gives how many there were.
pub async fn take_all(tx: &mut Tx, contact: i64) -> Result<u64, DbError> {
    let taken: Vec<i64> = on_db!(tx, c => sqlx::query_scalar(
        "DELETE FROM contact_tags WHERE contact_id = $1 RETURNING tag_id")
        .bind(contact)
        .fetch_all(c)
        .await)?;
    for tag in &taken {
        on_db!(tx, c => sqlx::query(
            "DELETE FROM tags WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM contact_tags p WHERE p.tag_id = tags.id)")
            .bind(*tag)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(taken.len() as u64)
}

async fn contact_of(conn: &mut Conn, person: PublicId) -> Result<Option<i64>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT id FROM contacts WHERE public_id = $1")
        .bind(person.as_bytes())
        .fetch_optional(c)
        .await)?,
    )
}
