//! Two people who become one, in the database.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::merge::MergedPeople;
use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::PublicId;

/// Gives all rows of a table to the one who stays.
pub(in crate::contacts) async fn pass_on(tx: &mut Tx, table: &str, people: &MergedPeople) -> Result<(), DbError> {
    let text = format!("UPDATE {table} SET contact_id = $2 WHERE contact_id = $1");
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(people.from)
        .bind(people.into)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Gives the tags to the one who stays that they do not have.
pub(super) async fn pass_on_tags(tx: &mut Tx, people: &MergedPeople) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO contact_tags (contact_id, tag_id, created_at)
         SELECT $2, tag_id, created_at FROM contact_tags WHERE contact_id = $1 ON CONFLICT DO NOTHING")
        .bind(people.from)
        .bind(people.into)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// What is not known of the one who stays is taken from the other.
pub(in crate::contacts) async fn fill_up(
    tx: &mut Tx,
    people: &MergedPeople,
    organizer: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE contacts
            SET first_name = COALESCE(contacts.first_name, o.first_name),
                last_name = COALESCE(contacts.last_name, o.last_name),
                company = COALESCE(contacts.company, o.company), job_title = COALESCE(contacts.job_title, o.job_title),
                phone = COALESCE(contacts.phone, o.phone), country = COALESCE(contacts.country, o.country),
                created_at = CASE WHEN o.created_at < contacts.created_at THEN o.created_at ELSE contacts.created_at END,
                changed_at = $3, changed_by = $4, version = contacts.version + 1
           FROM contacts AS o WHERE o.id = $1 AND contacts.id = $2")
        .bind(people.from)
        .bind(people.into)
        .bind(micros(now))
        .bind(organizer)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The page of the one who goes leads to the other from now on.
pub(in crate::contacts) async fn note(tx: &mut Tx, from: PublicId, into: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("INSERT INTO merges (from_public_id, contact_id, at) VALUES ($1, $2, $3)")
        .bind(from.as_bytes())
        .bind(into)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Whose page the page of somebody who was merged leads to.
pub async fn leads_to(conn: &mut Conn, from: PublicId) -> Result<Option<PublicId>, DbError> {
    let found: Option<Vec<u8>> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT c.public_id FROM merges m JOIN contacts c ON c.id = m.contact_id WHERE m.from_public_id = $1")
        .bind(from.as_bytes())
        .fetch_optional(c)
        .await)?;
    found.map(PublicId::try_from).transpose().map_err(DbError::stored)
}
