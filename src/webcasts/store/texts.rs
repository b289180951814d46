//! What a webcast says of itself: as everybody sees it, and as it is written for the next time.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::Slug;
use crate::webcasts::WebcastState;
use crate::webcasts::cover::Cover;
use crate::webcasts::text::WebcastText;

/// Kept with the addresses that webcasts had.
const KIND: &str = "webcast";

/// The columns of a text.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct TextRow {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) takeaways: String,
    pub(super) agenda: String,
    pub(super) cover: String,
    pub(super) share_title: String,
}

/// A text with how often it was changed.
#[derive(sqlx::FromRow)]
struct VersionedRow {
    version: i64,
    #[sqlx(flatten)]
    text: TextRow,
}

/// The names of a text's columns.
pub(super) const TEXT_COLUMNS: &str = "title, summary, description, takeaways, agenda, cover, share_title";

impl TryFrom<TextRow> for WebcastText {
    type Error = DbError;

    fn try_from(row: TextRow) -> Result<Self, DbError> {
        Ok(Self {
            title: row.title,
            summary: row.summary,
            description: row.description,
            takeaways: serde_json::from_str(&row.takeaways).map_err(DbError::stored)?,
            agenda: serde_json::from_str(&row.agenda).map_err(DbError::stored)?,
            cover: match row.cover.as_str() {
                "" => None,
                _ => Some(Cover::try_from(row.cover).map_err(DbError::stored)?),
            },
            share_title: row.share_title,
        })
    }
}

impl TryFrom<&WebcastText> for TextRow {
    type Error = DbError;

    fn try_from(text: &WebcastText) -> Result<Self, DbError> {
        Ok(Self {
            title: text.title.clone(),
            summary: text.summary.clone(),
            description: text.description.clone(),
            takeaways: serde_json::to_string(&text.takeaways).map_err(DbError::stored)?,
            agenda: serde_json::to_string(&text.agenda).map_err(DbError::stored)?,
            cover: text.cover.map(String::from).unwrap_or_default(),
            share_title: text.share_title.clone(),
        })
    }
}

/// A text with what tells one state of it from the next.
#[derive(Debug, Clone)]
pub struct VersionedText {
    /// The text.
    pub text: WebcastText,
    /// Rises with every change.
    pub version: i64,
    /// Who changed it last, and when: of one that nobody sees yet.
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

/// The text that everybody sees, or that a draft has.
pub async fn live_text(conn: &mut Conn, webcast_id: i64) -> Result<VersionedText, DbError> {
    let text = format!("SELECT version, {TEXT_COLUMNS} FROM webcasts WHERE id = $1");
    let row: VersionedRow = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(webcast_id).fetch_one(c).await)?;
    Ok(VersionedText {
        text: row.text.try_into()?,
        version: row.version,
        changed: None,
    })
}

/// Who sees a webcast; it is held until the transaction ends. `None`: it is gone.
pub async fn hold_webcast(tx: &mut Tx, webcast_id: i64) -> Result<Option<WebcastState>, DbError> {
    let text = format!("SELECT state FROM webcasts WHERE id = $1{}", sql::for_update(tx));
    let state: Option<String> = on_db!(tx, c => sqlx::query_scalar(AssertSqlSafe(text))
        .bind(webcast_id)
        .fetch_optional(c)
        .await)?;
    state
        .map(|state| WebcastState::parse(&state).ok_or_else(|| DbError::stored("webcast state")))
        .transpose()
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
    let row = TextRow::try_from(text)?;
    on_db!(tx, c => sqlx::query(
        "UPDATE webcasts
            SET title = $2, summary = $3, description = $4, takeaways = $5, agenda = $6, cover = $7, share_title = $8,
                version = version + 1
          WHERE id = $1")
        .bind(webcast_id)
        .bind(row.title)
        .bind(row.summary)
        .bind(row.description)
        .bind(row.takeaways)
        .bind(row.agenda)
        .bind(row.cover)
        .bind(row.share_title)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Changes the cover that everybody sees. It is no change of the text, which another organizer may have open.
pub async fn put_cover(tx: &mut Tx, webcast_id: i64, cover: Option<Cover>) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE webcasts SET cover = $2 WHERE id = $1")
        .bind(webcast_id)
        .bind(cover.map(String::from).unwrap_or_default())
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
