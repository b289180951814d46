//! Who was erased, by the keyed hash of their address; and what there is to erase.

use std::collections::HashSet;

use futures_util::stream::BoxStream;
use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use sqlx::query::QueryScalar;

use crate::contacts::{Trace, TraceOf};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;

/// Fingerprints in one statement.
const TOGETHER: usize = 256;

/// Somebody who was erased.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Erasure {
    /// The keyed hash of the address.
    pub fingerprint: Vec<u8>,
    /// When, for the last time.
    pub erased_at: i64,
    /// How many rows went, by table: JSON.
    pub counts: String,
}

/// Notes it. Once more replaces the note of before.
pub async fn note(tx: &mut Tx, fingerprint: &[u8], by_whom: &str, counts: &str, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO erasures (fingerprint, erased_at, by_whom, counts) VALUES ($1, $2, $3, $4)
         ON CONFLICT (fingerprint)
             DO UPDATE SET erased_at = excluded.erased_at, by_whom = excluded.by_whom, counts = excluded.counts")
        .bind(fingerprint)
        .bind(micros(now))
        .bind(by_whom)
        .bind(counts)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// All of them, in the order in which it was done.
pub async fn all(conn: &mut Conn) -> Result<Vec<Erasure>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT fingerprint, erased_at, counts FROM erasures ORDER BY erased_at, fingerprint")
        .fetch_all(c)
        .await)?)
}

/// The erasure with this fingerprint.
pub async fn find(conn: &mut Conn, fingerprint: &[u8]) -> Result<Option<Erasure>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT fingerprint, erased_at, counts FROM erasures WHERE fingerprint = $1")
        .bind(fingerprint)
        .fetch_optional(c)
        .await)?)
}

/// When somebody was erased last.
pub async fn last(conn: &mut Conn) -> Result<Option<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar("SELECT MAX(erased_at) FROM erasures").fetch_one(c).await)?)
}

/// Those of these fingerprints whose owner was erased.
pub async fn among(conn: &mut Conn, fingerprints: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>, DbError> {
    let mut erased = HashSet::new();
    for fingerprints in fingerprints.chunks(TOGETHER) {
        let text = format!(
            "SELECT fingerprint FROM erasures WHERE fingerprint IN ({})",
            sql::placeholders(fingerprints.len())
        );
        let found: Vec<Vec<u8>> = on_db!(conn, c => {
            let query = sqlx::query_scalar(AssertSqlSafe(text));
            fingerprints.iter().fold(query, QueryScalar::bind).fetch_all(c).await
        })?;
        erased.extend(found);
    }
    Ok(erased)
}

/// How many rows of a table are this contact's.
pub async fn count(conn: &mut Conn, trace: &Trace, contact_id: i64) -> Result<i64, DbError> {
    let whose = match trace.of {
        TraceOf::Contact | TraceOf::Derived => "contact_id = $1".to_owned(),
        TraceOf::Address(key) => format!("{key} = (SELECT c.email_key FROM contacts c WHERE c.id = $1)"),
        TraceOf::Anybody => return Ok(0),
    };
    let text = format!("SELECT COUNT(*) FROM {} WHERE {whose}", trace.table);
    Ok(on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text)).bind(contact_id).fetch_one(c).await)?)
}

/// Erases a contact's row, and with it every row that names it.
pub async fn delete_contact(tx: &mut Tx, contact_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM contacts WHERE id = $1").bind(contact_id).execute(c).await.map(drop))?;
    Ok(())
}

/// Every address that a table holds, by its key.
pub fn addresses<'c>(conn: &'c mut Conn, table: &str, key: &str) -> BoxStream<'c, Result<String, sqlx::Error>> {
    let text = format!("SELECT {key} FROM {table}");
    on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text)).fetch(c))
}

/// What a contact is called.
pub async fn name_of(conn: &mut Conn, contact_id: i64) -> Result<Option<String>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT name FROM contacts WHERE id = $1")
        .bind(contact_id)
        .fetch_optional(c)
        .await)?,
    )
}

/// The key of a contact's address.
pub async fn address_of(conn: &mut Conn, contact_id: i64) -> Result<Option<String>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT email_key FROM contacts WHERE id = $1")
        .bind(contact_id)
        .fetch_optional(c)
        .await)?,
    )
}

/// When a contact first came, by its address.
pub async fn came_at(conn: &mut Conn, address_key: &str) -> Result<Option<i64>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT created_at FROM contacts WHERE email_key = $1")
        .bind(address_key)
        .fetch_optional(c)
        .await)?,
    )
}
