//! The words by which people are found and sorted, in the database.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::words;
use crate::db::{Conn, DbError, Tx, sql, watermark};
use crate::on_db;

/// Up to this row of `contacts` the words are kept; whoever is renamed before it gets theirs with the new name.
const KEPT: &str = "search_words";
/// Up to this row the names are kept as lists are sorted by them; it follows the other one, which does both.
const SORTED: &str = "sort_names";
/// People whose words are kept at once: a job of a few milliseconds.
const BATCH: i64 = 200;

/// Somebody whose words are to be kept.
#[derive(Debug, sqlx::FromRow)]
struct Wordless {
    id: i64,
    name: String,
    email_key: String,
    company: Option<String>,
}

/// Keeps the words of those who came next. False: nobody did.
pub async fn keep_next(tx: &mut Tx, now: Timestamp) -> Result<bool, DbError> {
    let from = watermark::up_to(tx, KEPT).await?;
    let Some(to) = watermark::next(tx, "contacts", "created_at", from, BATCH, now).await? else {
        return Ok(false);
    };
    if watermark::advance(tx, KEPT, from, to).await? {
        keep_between(tx, from, to).await?;
    }
    Ok(true)
}

/// Whether somebody came whose words are not kept.
pub async fn are_wanted(conn: &mut Conn, now: Timestamp) -> Result<bool, DbError> {
    let from = watermark::up_to(conn, KEPT).await?;
    Ok(watermark::next(conn, "contacts", "created_at", from, BATCH, now)
        .await?
        .is_some())
}

/// Keeps the names of the next of those, as lists are sorted by them, who were there before names were kept so. False: all
/// have theirs.
pub async fn sort_next(tx: &mut Tx) -> Result<bool, DbError> {
    let (from, up_to) = (watermark::up_to(tx, SORTED).await?, watermark::up_to(tx, KEPT).await?);
    if from >= up_to {
        return Ok(false);
    }
    let to = up_to.min(from + BATCH);
    if watermark::advance(tx, SORTED, from, to).await? {
        let people = people_between(tx, from, to).await?;
        put_sort_names(tx, &people).await?;
    }
    Ok(true)
}

/// Whether somebody waits for that.
pub async fn are_unsorted(conn: &mut Conn) -> Result<bool, DbError> {
    Ok(watermark::up_to(conn, SORTED).await? < watermark::up_to(conn, KEPT).await?)
}

/// Keeps the words of one person, in place of those that were kept: the name changed.
pub async fn keep_of(tx: &mut Tx, contact_id: i64) -> Result<(), DbError> {
    keep_between(tx, contact_id - 1, contact_id).await
}

/// The same of those whose words are kept already; the others have theirs when their turn comes.
pub async fn keep_known(tx: &mut Tx, contacts: &[i64]) -> Result<(), DbError> {
    let up_to = watermark::up_to(tx, KEPT).await?;
    for contact in contacts.iter().filter(|contact| **contact <= up_to) {
        keep_of(tx, *contact).await?;
    }
    Ok(())
}

/// The words of those after the first row, up to the second one.
async fn keep_between(tx: &mut Tx, from: i64, to: i64) -> Result<(), DbError> {
    let people = people_between(tx, from, to).await?;
    on_db!(tx, c => sqlx::query("DELETE FROM search_words WHERE contact_id > $1 AND contact_id <= $2")
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(drop))?;
    put(tx, &people).await?;
    put_sort_names(tx, &people).await
}

async fn people_between(tx: &mut Tx, from: i64, to: i64) -> Result<Vec<Wordless>, DbError> {
    let text = format!(
        "SELECT id, name, email_key, company FROM contacts WHERE id > $1 AND id <= $2{}",
        sql::for_update(tx)
    );
    Ok(on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text)).bind(from).bind(to).fetch_all(c).await)?)
}

async fn put(tx: &mut Tx, people: &[Wordless]) -> Result<(), DbError> {
    let words_of = |person: &Wordless| words::of_person(&person.name, &person.email_key, person.company.as_deref());
    let rows: Vec<(String, i64)> = people
        .iter()
        .flat_map(|person| words_of(person).into_iter().map(|word| (word, person.id)))
        .collect();
    for rows in rows.chunks(5_000) {
        let text = format!(
            "INSERT INTO search_words (word, contact_id) VALUES {}",
            sql::rows(rows.len(), 2, 0)
        );
        on_db!(tx, c => {
            let query = sqlx::query(AssertSqlSafe(text));
            rows.iter().fold(query, |query, (word, id)| query.bind(word).bind(*id)).execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Keeps the names as lists are sorted by them.
async fn put_sort_names(tx: &mut Tx, people: &[Wordless]) -> Result<(), DbError> {
    let ids = || people.iter().map(|person| person.id);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
        return Ok(());
    };
    // Between the two, so that nobody reads all people to find these.
    let text = format!(
        "UPDATE contacts SET sort_name = v.column2 FROM (VALUES {}) AS v
          WHERE contacts.id = v.column1 AND contacts.id >= $1 AND contacts.id <= $2 AND contacts.sort_name <> v.column2",
        sql::rows(people.len(), 2, 2)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text)).bind(first).bind(last);
        people
            .iter()
            .fold(query, |query, person| query.bind(person.id).bind(words::sort_key(&person.name)))
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}
