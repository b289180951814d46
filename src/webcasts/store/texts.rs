//! What a webcast says of itself: as everybody sees it, and as it is written for the next time.

use jiff::Timestamp;

use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::Slug;
use crate::webcasts::text::WebcastText;

/// Kept with the addresses that webcasts had.
const KIND: &str = "webcast";

/// The columns of a text.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct TextRow {
    title: String,
    summary: String,
    description: String,
    takeaways: String,
    agenda: String,
}

impl TryFrom<TextRow> for WebcastText {
    type Error = DbError;

    fn try_from(row: TextRow) -> Result<Self, DbError> {
        Ok(Self {
            title: row.title,
            summary: row.summary,
            description: row.description,
            takeaways: serde_json::from_str(&row.takeaways).map_err(DbError::stored)?,
            agenda: serde_json::from_str(&row.agenda).map_err(DbError::stored)?,
        })
    }
}

/// What is taken away and what happens when, as columns.
pub(super) fn lists(text: &WebcastText) -> Result<(String, String), DbError> {
    let takeaways = serde_json::to_string(&text.takeaways).map_err(DbError::stored)?;
    let agenda = serde_json::to_string(&text.agenda).map_err(DbError::stored)?;
    Ok((takeaways, agenda))
}

/// A text with what tells one state of it from the next.
#[derive(Debug, Clone)]
pub struct VersionedText {
    /// The text.
    pub text: WebcastText,
    /// Rises with every change.
    pub version: i64,
    /// Who changed it last, and when, where that is known.
    pub changed: Option<(Option<String>, i64)>,
}

/// What is written for a page and nobody sees yet.
pub async fn draft_text(conn: &mut Conn, webcast_id: i64) -> Result<Option<VersionedText>, DbError> {
    let row: Option<(String, i64, Option<String>, i64)> = on_db!(conn, c => sqlx::query_as(
        "SELECT d.content, d.version, (SELECT o.name FROM organizers o WHERE o.id = d.changed_by), d.changed_at
           FROM webcast_drafts d WHERE d.webcast_id = $1")
        .bind(webcast_id)
        .fetch_optional(c)
        .await)?;
    row.map(|(content, version, by, at)| {
        Ok(VersionedText {
            text: serde_json::from_str(&content).map_err(DbError::stored)?,
            version,
            changed: Some((by, at)),
        })
    })
    .transpose()
}

/// How often the text that everybody sees was changed; the webcast is held until the transaction ends.
pub async fn hold_version(tx: &mut Tx, webcast_id: i64) -> Result<Option<i64>, DbError> {
    let text = format!("SELECT version FROM webcasts WHERE id = $1{}", sql::for_update(tx));
    Ok(on_db!(tx, c => sqlx::query_scalar(sqlx::AssertSqlSafe(text))
        .bind(webcast_id)
        .fetch_optional(c)
        .await)?)
}

/// How often the text that everybody sees was changed.
pub async fn version(conn: &mut Conn, webcast_id: i64) -> Result<i64, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT version FROM webcasts WHERE id = $1")
        .bind(webcast_id)
        .fetch_one(c)
        .await)?,
    )
}

/// Keeps a text that nobody sees yet.
pub async fn put_draft_text(
    tx: &mut Tx,
    webcast_id: i64,
    text: &WebcastText,
    version: i64,
    organizer: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let content = serde_json::to_string(text).map_err(DbError::stored)?;
    on_db!(tx, c => sqlx::query(
        "INSERT INTO webcast_drafts (webcast_id, content, changed_by, changed_at, version) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (webcast_id) DO UPDATE
            SET content = excluded.content, changed_by = excluded.changed_by, changed_at = excluded.changed_at,
                version = excluded.version")
        .bind(webcast_id)
        .bind(content)
        .bind(organizer)
        .bind(micros(now))
        .bind(version)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Forgets it.
pub async fn drop_draft_text(tx: &mut Tx, webcast_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM webcast_drafts WHERE webcast_id = $1")
        .bind(webcast_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Changes the text that everybody sees.
pub async fn put_text(tx: &mut Tx, webcast_id: i64, text: &WebcastText) -> Result<(), DbError> {
    let (takeaways, agenda) = lists(text)?;
    on_db!(tx, c => sqlx::query(
        "UPDATE webcasts
            SET title = $2, summary = $3, description = $4, takeaways = $5, agenda = $6, version = version + 1
          WHERE id = $1")
        .bind(webcast_id)
        .bind(&text.title)
        .bind(&text.summary)
        .bind(&text.description)
        .bind(takeaways)
        .bind(agenda)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Gives a webcast another address; the one before leads there. False: another webcast has it, or had it.
pub async fn change_slug(tx: &mut Tx, webcast_id: i64, from: &Slug, to: &Slug) -> Result<bool, DbError> {
    let taken: Option<i64> = on_db!(tx, c => sqlx::query_scalar(
        "SELECT id FROM webcasts WHERE slug = $1 AND id <> $2
         UNION ALL SELECT subject_id FROM old_slugs WHERE kind = $3 AND slug = $1 AND subject_id <> $2 LIMIT 1")
        .bind(to.as_str())
        .bind(webcast_id)
        .bind(KIND)
        .fetch_optional(c)
        .await)?;
    if taken.is_some() {
        return Ok(false);
    }
    on_db!(tx, c => sqlx::query("DELETE FROM old_slugs WHERE kind = $1 AND slug = $2")
        .bind(KIND)
        .bind(to.as_str())
        .execute(c)
        .await
        .map(drop))?;
    on_db!(tx, c => sqlx::query(
        "INSERT INTO old_slugs (kind, slug, subject_id) VALUES ($1, $2, $3)
         ON CONFLICT (kind, slug) DO UPDATE SET subject_id = excluded.subject_id")
        .bind(KIND)
        .bind(from.as_str())
        .bind(webcast_id)
        .execute(c)
        .await
        .map(drop))?;
    on_db!(tx, c => sqlx::query("UPDATE webcasts SET slug = $2 WHERE id = $1")
        .bind(webcast_id)
        .bind(to.as_str())
        .execute(c)
        .await
        .map(drop))?;
    Ok(true)
}

/// The address of today of the webcast that had this one.
pub async fn slug_of_today(conn: &mut Conn, slug: &Slug) -> Result<Option<Slug>, DbError> {
    let found: Option<String> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT w.slug FROM old_slugs o JOIN webcasts w ON w.id = o.subject_id WHERE o.kind = $1 AND o.slug = $2")
        .bind(KIND)
        .bind(slug.as_str())
        .fetch_optional(c)
        .await)?;
    found
        .map(|slug| Slug::parse(&slug).map_err(DbError::stored))
        .transpose()
}

/// Whether a webcast had this address.
pub async fn was_slug(conn: &mut Conn, slug: &Slug) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT subject_id FROM old_slugs WHERE kind = $1 AND slug = $2")
        .bind(KIND)
        .bind(slug.as_str())
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}
