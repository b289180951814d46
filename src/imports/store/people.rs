//! People of an import: put in, or filled up where nothing was known.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use sqlx::query::QueryAs;

use crate::contacts::store as contacts;
use crate::contacts::words::fold;
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::imports::PersonRow;
use crate::on_db;
use crate::values::PublicId;

/// Keys in one statement.
const TOGETHER: usize = 500;

/// Those of these addresses that are known, with their rows.
pub(crate) async fn known_keys(conn: &mut Conn, keys: &[String]) -> Result<HashMap<String, i64>, DbError> {
    let mut known = HashMap::new();
    for keys in keys.chunks(TOGETHER) {
        let text = format!(
            "SELECT email_key, id FROM contacts WHERE email_key IN ({})",
            sql::placeholders(keys.len())
        );
        let rows: Vec<(String, i64)> = on_db!(conn, c => {
            let query = sqlx::query_as(AssertSqlSafe(text));
            keys.iter().fold(query, QueryAs::bind).fetch_all(c).await
        })?;
        known.extend(rows);
    }
    Ok(known)
}

/// Somebody of an import, in the database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImportedContact {
    /// Their row.
    pub id: i64,
    /// Whether nobody knew them.
    pub is_new: bool,
}

#[derive(sqlx::FromRow)]
struct PutRow {
    id: i64,
    email_key: String,
}

/// Puts people in, or finds them; gives one for each row. What is known of somebody stays.
pub(crate) async fn put_people(
    tx: &mut Tx,
    rows: &[&PersonRow],
    organizer: i64,
    now: Timestamp,
) -> Result<Vec<ImportedContact>, DbError> {
    let keys: Vec<String> = rows.iter().map(|row| row.email.key()).collect();
    let known = known_keys(tx, &keys).await?;
    let text = contacts::upsert(rows.len(), 0, "WHERE TRUE", "");
    let put: Vec<(i64, String)> = on_db!(tx, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text)).bind(micros(now));
        for (row, key) in rows.iter().zip(&keys) {
            query = query
                .bind(row.email.as_str())
                .bind(key)
                .bind(row.name.as_str())
                .bind(PublicId::in_order(now).as_bytes().to_vec());
        }
        let rows: Result<Vec<PutRow>, sqlx::Error> = query.fetch_all(c).await;
        rows.map(|rows| rows.into_iter().map(|row| (row.id, row.email_key)).collect())
    })?;
    let ids: HashMap<&str, i64> = put.iter().map(|(id, key)| (key.as_str(), *id)).collect();
    let people: Vec<ImportedContact> = keys
        .iter()
        .filter_map(|key| {
            Some(ImportedContact {
                id: *ids.get(key.as_str())?,
                is_new: !known.contains_key(key),
            })
        })
        .collect();
    fill(tx, rows, &people, organizer, now).await?;
    put_tags(tx, rows, &people, now).await?;
    put_notes(tx, rows, &people, organizer, now).await?;
    put_consents(tx, rows, &people).await?;
    Ok(people)
}

/// Takes over what the rows say and nobody has said yet, and notes of new people who put them in.
async fn fill(
    tx: &mut Tx,
    rows: &[&PersonRow],
    people: &[ImportedContact],
    organizer: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let text = format!(
        "UPDATE contacts
            SET first_name = COALESCE(contacts.first_name, v.column2), last_name = COALESCE(contacts.last_name, v.column3),
                company = COALESCE(contacts.company, v.column4), job_title = COALESCE(contacts.job_title, v.column5),
                phone = COALESCE(contacts.phone, v.column6), country = COALESCE(contacts.country, v.column7),
                changed_at = CASE WHEN v.column8 = 1 THEN $1 ELSE contacts.changed_at END,
                changed_by = CASE WHEN v.column8 = 1 THEN $2 ELSE contacts.changed_by END
           FROM (VALUES {}) AS v
          WHERE contacts.id = v.column1
            AND (v.column8 = 1
                 OR (contacts.first_name IS NULL AND v.column2 IS NOT NULL)
                 OR (contacts.last_name IS NULL AND v.column3 IS NOT NULL)
                 OR (contacts.company IS NULL AND v.column4 IS NOT NULL)
                 OR (contacts.job_title IS NULL AND v.column5 IS NOT NULL)
                 OR (contacts.phone IS NULL AND v.column6 IS NOT NULL)
                 OR (contacts.country IS NULL AND v.column7 IS NOT NULL))",
        sql::rows(rows.len(), 8, 2)
    );
    on_db!(tx, c => {
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(micros(now)).bind(organizer);
        for (row, person) in rows.iter().zip(people) {
            query = query.bind(person.id);
            for value in row.person.values() {
                query = query.bind(value);
            }
            query = query.bind(i64::from(person.is_new));
        }
        query.execute(c).await.map(drop)
    })?;
    let with_company = rows
        .iter()
        .zip(people)
        .filter(|(row, person)| !person.is_new && row.person.company.is_some());
    let ids: Vec<i64> = with_company.map(|(_, person)| person.id).collect();
    contacts::words::keep_known(tx, &ids).await
}

async fn put_tags(tx: &mut Tx, rows: &[&PersonRow], people: &[ImportedContact], now: Timestamp) -> Result<(), DbError> {
    let pairs: HashSet<(String, &str, i64)> = rows
        .iter()
        .zip(people)
        .flat_map(|(row, person)| row.tags.iter().map(|tag| (fold(tag), tag.as_str(), person.id)))
        .collect();
    if pairs.is_empty() {
        return Ok(());
    }
    // One spelling for each.
    let mut names: Vec<(&str, &str)> = Vec::new();
    let mut sorted: Vec<&(String, &str, i64)> = pairs.iter().collect();
    sorted.sort();
    for (key, name, _) in &sorted {
        if names.last().is_none_or(|(last, _)| last != key) {
            names.push((key, name));
        }
    }
    let text = format!(
        "INSERT INTO tags (name_key, name) VALUES {}
         ON CONFLICT (name_key) DO UPDATE SET name_key = excluded.name_key RETURNING name_key, id",
        sql::rows(names.len(), 2, 0)
    );
    let ids: Vec<(String, i64)> = on_db!(tx, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        names.iter().fold(query, |query, (key, name)| query.bind(*key).bind(*name)).fetch_all(c).await
    })?;
    let ids: HashMap<String, i64> = ids.into_iter().collect();
    let links: HashSet<(i64, i64)> = sorted
        .iter()
        .filter_map(|(key, _, person)| Some((*person, *ids.get(key)?)))
        .collect();
    let links: Vec<(i64, i64)> = links.into_iter().collect();
    for links in links.chunks(TOGETHER) {
        let text = format!(
            "INSERT INTO contact_tags (contact_id, tag_id, created_at) VALUES {} ON CONFLICT DO NOTHING",
            sql::rows(links.len(), 3, 0)
        );
        on_db!(tx, c => {
            let query = sqlx::query(AssertSqlSafe(text));
            links
                .iter()
                .fold(query, |query, (person, tag)| query.bind(*person).bind(*tag).bind(micros(now)))
                .execute(c)
                .await
                .map(drop)
        })?;
    }
    Ok(())
}

/// A note that says the same stands there already where a file is imported twice.
async fn put_notes(
    tx: &mut Tx,
    rows: &[&PersonRow],
    people: &[ImportedContact],
    organizer: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let notes: Vec<(i64, &str)> = rows
        .iter()
        .zip(people)
        .filter_map(|(row, person)| Some((person.id, row.note.as_deref()?)))
        .collect();
    if notes.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO notes (public_id, contact_id, organizer_id, author, body, created_at)
         SELECT v.column1, v.column2, o.id, o.name, v.column3, $2
           FROM (VALUES {}) AS v CROSS JOIN organizers o
          WHERE o.id = $1 AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.contact_id = v.column2 AND n.body = v.column3)",
        sql::rows(notes.len(), 3, 2)
    );
    on_db!(tx, c => {
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(organizer).bind(micros(now));
        for (person, note) in &notes {
            query = query.bind(PublicId::random().as_bytes().to_vec()).bind(*person).bind(*note);
        }
        query.execute(c).await.map(drop)
    })?;
    Ok(())
}

/// What somebody agreed to elsewhere, with when and where; once.
async fn put_consents(tx: &mut Tx, rows: &[&PersonRow], people: &[ImportedContact]) -> Result<(), DbError> {
    let consents: Vec<(i64, i64, &str)> = rows
        .iter()
        .zip(people)
        .filter_map(|(row, person)| {
            let consent = row.consent.as_ref()?;
            Some((person.id, micros(consent.at), consent.source.as_str()))
        })
        .collect();
    if consents.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO consents (contact_id, purpose, version, act, at, source, subject)
         SELECT v.column1, 'marketing', 'elsewhere', 'given', v.column2, 'import', v.column3 FROM (VALUES {}) AS v
          WHERE NOT EXISTS (SELECT 1 FROM consents k WHERE k.contact_id = v.column1 AND k.source = 'import'
                                                       AND k.at = v.column2 AND k.subject = v.column3)",
        sql::rows(consents.len(), 3, 0)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        consents
            .iter()
            .fold(query, |query, (person, at, source)| query.bind(*person).bind(*at).bind(*source))
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Of these people, those whom nobody has touched since an import put them in: never confirmed, never corrected, and without
/// anything besides what it brought. `unused` says of what else they have nothing.
pub(crate) async fn untouched_contacts(tx: &mut Tx, ids: &[i64], unused: &str) -> Result<Vec<i64>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT c.id FROM contacts c
          WHERE c.id IN ({}) AND c.confirmed_at IS NULL AND c.version = 0 AND {unused}{}",
        sql::placeholders(ids.len()),
        sql::for_update(tx)
    );
    Ok(on_db!(tx, c => {
        let query = sqlx::query_scalar(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?)
}
