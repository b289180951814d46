//! What organizers read of people: lists a page at a time, by the beginning of a word, and one person.

use sqlx::AssertSqlSafe;

use crate::db::sql::NEWEST;
use crate::db::{Conn, DbError};
use crate::on_db;
use crate::values::PublicId;

/// So many are few: they are looked through one by one.
pub const FEW: i64 = 2_000;

/// A person in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PersonLine {
    /// Names their page.
    pub public_id: Vec<u8>,
    /// As given last, or as they confirmed it.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// Where they work.
    pub company: Option<String>,
    /// When a personal page was first used.
    pub confirmed_at: Option<i64>,
    /// When they first came.
    pub created_at: i64,
    /// The word by which they were found: the next page starts after it.
    pub word: String,
}

/// Where a page of a search starts: after this word of this person.
#[derive(Debug, Clone)]
pub struct After {
    /// The word.
    pub word: String,
    /// The person.
    pub person: PublicId,
}

/// The newest people, after the person `after`.
///
/// # Errors
/// When the database fails.
pub async fn newest(conn: &mut Conn, after: Option<PublicId>, limit: i64) -> Result<Vec<PersonLine>, DbError> {
    let text = format!(
        "SELECT public_id, name, email, company, confirmed_at, created_at, '' AS word FROM contacts
          WHERE id < COALESCE((SELECT id FROM contacts WHERE public_id = $1), {NEWEST})
          ORDER BY id DESC LIMIT $2"
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(after.map(|id| id.as_bytes().to_vec()))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Those who have a word that begins with each of these, in the order of the words for the rarest one. Nobody for no words.
/// `narrowed`: a condition over the contact in a column, in our own words; empty for all.
///
/// # Errors
/// When the database fails.
pub async fn by_words(
    conn: &mut Conn,
    wanted: &[String],
    narrowed: impl Fn(&str) -> String,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<PersonLine>, DbError> {
    let wanted = rarest_first(conn, wanted).await?;
    let Some((first, others)) = wanted.split_first() else {
        return Ok(Vec::new());
    };
    let more: Vec<String> = (0..others.len())
        .map(|n| {
            let (from, to) = (6 + 2 * n, 7 + 2 * n);
            format!(
                " AND EXISTS (SELECT 1 FROM search_words o
                               WHERE o.contact_id = w.contact_id AND o.word >= ${from} AND o.word < ${to} LIMIT 1)"
            )
        })
        .collect();
    let narrowed = match narrowed("w.contact_id") {
        condition if condition.is_empty() => condition,
        condition => format!(" AND {condition}"),
    };
    // What leaves most of them out comes first. Its LIMIT keeps SQLite from joining it last. One person may have two such
    // words: the first one counts.
    let text = format!(
        "SELECT c.public_id, c.name, c.email, c.company, c.confirmed_at, c.created_at, f.word
           FROM (SELECT w.word, w.contact_id FROM search_words w
                  WHERE w.word >= $1 AND w.word < $2
                    AND (CAST($3 AS TEXT) IS NULL
                         OR w.word > $3
                         OR (w.word = $3 AND w.contact_id > (SELECT id FROM contacts WHERE public_id = $4)))
                    {}{narrowed}
                    AND NOT EXISTS (SELECT 1 FROM search_words e
                                     WHERE e.contact_id = w.contact_id AND e.word >= $1 AND e.word < w.word)
                  ORDER BY w.word, w.contact_id LIMIT $5) AS f
           JOIN contacts c ON c.id = f.contact_id ORDER BY f.word, f.contact_id",
        more.concat()
    );
    Ok(on_db!(conn, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text))
            .bind(first)
            .bind(end_of(first))
            .bind(after.map(|after| after.word.as_str()))
            .bind(after.map(|after| after.person.as_bytes().to_vec()))
            .bind(limit);
        for word in others {
            query = query.bind(word).bind(end_of(word));
        }
        query.fetch_all(c).await
    })?)
}

/// The words in the order of how many people have them, as far as it is worth counting; alike, the longer one first.
async fn rarest_first(conn: &mut Conn, wanted: &[String]) -> Result<Vec<String>, DbError> {
    if wanted.len() < 2 {
        return Ok(wanted.to_vec());
    }
    let mut counted = Vec::with_capacity(wanted.len());
    for word in wanted {
        let text = format!(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM search_words WHERE word >= $1 AND word < $2 LIMIT {FEW}) AS few"
        );
        let count: i64 = on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text))
            .bind(word)
            .bind(end_of(word))
            .fetch_one(c)
            .await)?;
        counted.push((count, std::cmp::Reverse(word.chars().count()), word.clone()));
    }
    counted.sort();
    Ok(counted.into_iter().map(|(_, _, word)| word).collect())
}

/// What comes after every word that begins so.
fn end_of(beginning: &str) -> String {
    format!("{beginning}\u{10ffff}")
}

/// The person of an address, also before their words are kept.
///
/// # Errors
/// When the database fails.
pub async fn by_address(conn: &mut Conn, email_key: &str) -> Result<Option<PersonLine>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT public_id, name, email, company, confirmed_at, created_at, '' AS word FROM contacts WHERE email_key = $1")
        .bind(email_key)
        .fetch_optional(c)
        .await)?)
}

/// The person of a row.
///
/// # Errors
/// When the database fails, or there is none.
pub async fn page_of(conn: &mut Conn, contact_id: i64) -> Result<PublicId, DbError> {
    let id: Vec<u8> = on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM contacts WHERE id = $1")
        .bind(contact_id)
        .fetch_one(c)
        .await)?;
    PublicId::try_from(id).map_err(DbError::stored)
}
