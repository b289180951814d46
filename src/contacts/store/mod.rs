//! Contacts in the database.

pub mod consents;
pub mod details;
pub mod notes;
pub mod tags;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::{Known, Trace, Traces, words};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::{EmailAddress, PersonName, PublicId};

/// What this module keeps of a contact itself. Whom organizers write about is kept; consents and search words keep nobody.
pub const TRACES: [Trace; 4] = [
    Trace::of("notes"),
    Trace::of("contact_tags"),
    Trace::derived("consents"),
    Trace::derived("search_words"),
];

/// Notes that a personal page was used: the address is somebody's who reads its mail. `own_name`: they also went on under
/// the name that stood there.
pub async fn confirm(tx: &mut Tx, contact_id: i64, own_name: Option<&str>, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE contacts
            SET confirmed_at = COALESCE(confirmed_at, $2), name = COALESCE($3, name), own_name = COALESCE($3, own_name)
          WHERE id = $1 AND (confirmed_at IS NULL OR own_name IS NULL OR own_name <> COALESCE($3, own_name))")
        .bind(contact_id)
        .bind(micros(now))
        .bind(own_name)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Counts a mail that a repeated post caused; `window` is how long a count lasts, in microseconds.
pub async fn count_repeat(tx: &mut Tx, contact_id: i64, window: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE contacts
            SET repeats       = CASE WHEN repeats_since + $2 > $3 THEN repeats + 1 ELSE 1 END,
                repeats_since = CASE WHEN repeats_since + $2 > $3 THEN repeats_since ELSE $3 END
          WHERE id = $1")
        .bind(contact_id)
        .bind(window)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Puts contacts in, or finds them; a known one is not changed. The text of the one statement that does so: `$1` is the
/// time, and after `before` more placeholders each row takes address, key, name and a fresh public id. A feature adds its own `condition` (it begins with WHERE) and what else is to come back for each row.
#[must_use]
pub fn upsert(rows: usize, before: usize, condition: &str, also: &str) -> String {
    // A conflict updates the key to itself: DO NOTHING would give no row back for those who are known.
    format!(
        "INSERT INTO contacts (email, email_key, name, public_id, created_at)
         SELECT v.column1, v.column2, v.column3, v.column4, $1 FROM (VALUES {}) AS v {condition}
         ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key
         RETURNING id, email_key, confirmed_at, repeats, repeats_since{also}",
        sql::rows(rows, 4, 1 + before)
    )
}

/// Puts one contact in, or finds it.
pub async fn put(tx: &mut Tx, email: &EmailAddress, name: &PersonName, now: Timestamp) -> Result<Known, DbError> {
    // SQLite takes ON CONFLICT after a SELECT for a join, unless there is a WHERE.
    let text = upsert(1, 0, "WHERE TRUE", "");
    Ok(on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(micros(now))
        .bind(email.as_str())
        .bind(email.key())
        .bind(name.as_str())
        .bind(PublicId::random().as_bytes().to_vec())
        .fetch_one(c)
        .await)?)
}

/// Takes back a contact that nothing refers to any more, unless an organizer put it in.
pub async fn remove_unused(tx: &mut Tx, contact_id: i64, traces: &Traces) -> Result<(), DbError> {
    let text = format!(
        "DELETE FROM contacts WHERE id = $1 AND changed_at IS NULL AND {}",
        traces.unused("$1")
    );
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(contact_id).execute(c).await.map(drop))?;
    Ok(())
}

/// The contact of a normalised address.
pub async fn find_by_key(conn: &mut Conn, key: &str) -> Result<Option<Known>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT id, confirmed_at, repeats, repeats_since FROM contacts WHERE email_key = $1")
        .bind(key)
        .fetch_optional(c)
        .await)?)
}

/// Somebody whose words are to be kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Wordless {
    /// Their row.
    pub id: i64,
    name: String,
    email_key: String,
    company: Option<String>,
    version: i64,
}

/// People whose words are not kept, or whose name changed, in the order of their rows, after one of them.
pub async fn without_words(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Wordless>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT id, name, email_key, company, version FROM contacts
          WHERE id > $1 AND (words_of IS NULL OR words_of <> name) ORDER BY id LIMIT $2")
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Keeps the words of these people, in place of those that were kept.
pub async fn keep_words(tx: &mut Tx, people: &[Wordless]) -> Result<(), DbError> {
    let forget = format!(
        "DELETE FROM search_words WHERE contact_id IN {}",
        sql::rows(1, people.len(), 0)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(forget));
        people.iter().fold(query, |query, person| query.bind(person.id)).execute(c).await.map(drop)
    })?;
    let words_of = |person: &Wordless| words::of_person(&person.name, &person.email_key, person.company.as_deref());
    let rows: Vec<(String, i64)> = people
        .iter()
        .flat_map(|person| words_of(person).into_iter().map(|word| (word, person.id)))
        .collect();
    for rows in rows.chunks(5_000) {
        // Whoever was erased meanwhile has none.
        let put = format!(
            "INSERT INTO search_words (word, contact_id)
             SELECT v.column1, v.column2 FROM (VALUES {}) AS v
              WHERE EXISTS (SELECT 1 FROM contacts k WHERE k.id = v.column2)
             ON CONFLICT DO NOTHING",
            sql::rows(rows.len(), 2, 0)
        );
        on_db!(tx, c => {
            let query = sqlx::query(AssertSqlSafe(put));
            rows.iter().fold(query, |query, (word, id)| query.bind(word).bind(*id)).execute(c).await.map(drop)
        })?;
    }
    note_words(tx, people).await
}

/// Under the name that the words were made of: where it changed meanwhile, they are kept again.
async fn note_words(tx: &mut Tx, people: &[Wordless]) -> Result<(), DbError> {
    let text = format!(
        "UPDATE contacts SET words_of = v.column2 FROM (VALUES {}) AS v
          WHERE contacts.id = v.column1 AND contacts.version = v.column3",
        sql::rows(people.len(), 3, 0)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        let bound = people.iter().fold(query, |query, person| {
            query.bind(person.id).bind(&person.name).bind(person.version)
        });
        bound.execute(c).await.map(drop)
    })?;
    Ok(())
}
