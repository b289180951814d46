//! Webcasts.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::{PublicId, Slug};
use crate::webcasts::guests::Guests;
use crate::webcasts::text::WebcastText;
use crate::webcasts::{Webcast, WebcastState};

use super::texts::{TEXT_COLUMNS, TextRow};

/// A webcast to be made.
pub struct NewWebcast<'a> {
    /// Its address.
    pub slug: &'a Slug,
    /// What it says of itself.
    pub text: &'a WebcastText,
    /// Who sees it.
    pub state: WebcastState,
}

#[derive(sqlx::FromRow)]
struct WebcastRow {
    id: i64,
    state: String,
    slug: String,
    guests: String,
    form_version: i64,
    #[sqlx(flatten)]
    text: TextRow,
}

impl TryFrom<WebcastRow> for Webcast {
    type Error = DbError;

    fn try_from(row: WebcastRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            state: WebcastState::parse(&row.state).ok_or_else(|| DbError::stored("webcast state"))?,
            slug: Slug::parse(&row.slug).map_err(DbError::stored)?,
            text: row.text.try_into()?,
            guests: Guests::parse(&row.guests).ok_or_else(|| DbError::stored("guests"))?,
            form_version: row.form_version,
        })
    }
}

/// Puts a webcast in; gives its row. `None`: another one has this address.
pub async fn insert_webcast(tx: &mut Tx, webcast: &NewWebcast<'_>, now: Timestamp) -> Result<Option<i64>, DbError> {
    let text = TextRow::try_from(webcast.text)?;
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO webcasts
             (public_id, slug, title, summary, description, takeaways, agenda, cover, share_title, created_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (slug) DO NOTHING RETURNING id")
        .bind(PublicId::random().as_bytes())
        .bind(webcast.slug.as_str())
        .bind(text.title)
        .bind(text.summary)
        .bind(text.description)
        .bind(text.takeaways)
        .bind(text.agenda)
        .bind(text.cover)
        .bind(text.share_title)
        .bind(micros(now))
        .bind(webcast.state.as_str())
        .fetch_optional(c)
        .await)?)
}

/// Changes who sees a webcast. False: it does not stand so.
pub async fn set_state(tx: &mut Tx, webcast_id: i64, from: WebcastState, to: WebcastState) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query("UPDATE webcasts SET state = $3 WHERE id = $1 AND state = $2")
        .bind(webcast_id)
        .bind(from.as_str())
        .bind(to.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Notes that an organizer has looked at the mail that everybody gets who registers.
pub async fn note_confirmation_seen(tx: &mut Tx, webcast_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE webcasts SET confirmation_seen = 1 WHERE id = $1")
        .bind(webcast_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Whether an organizer has.
pub async fn is_confirmation_seen(conn: &mut Conn, webcast_id: i64) -> Result<bool, DbError> {
    let seen: i64 = on_db!(conn, c => sqlx::query_scalar("SELECT confirmation_seen FROM webcasts WHERE id = $1")
        .bind(webcast_id)
        .fetch_one(c)
        .await)?;
    Ok(seen == 1)
}

/// Takes a draft away that nobody was registered for, with all that belongs to it. False: there is none such.
pub async fn delete_draft(tx: &mut Tx, webcast_id: i64) -> Result<bool, DbError> {
    let deleted = on_db!(tx, c => sqlx::query(
        "DELETE FROM webcasts WHERE id = $1 AND state = 'draft'
            AND NOT EXISTS (SELECT 1 FROM registrations r WHERE r.webcast_id = $1)")
        .bind(webcast_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(deleted == 1)
}

/// The last part of a webcast's address.
pub async fn slug_of(conn: &mut Conn, webcast_id: i64) -> Result<Slug, DbError> {
    let slug: String = on_db!(conn, c => sqlx::query_scalar("SELECT slug FROM webcasts WHERE id = $1")
        .bind(webcast_id)
        .fetch_one(c)
        .await)?;
    Slug::parse(&slug).map_err(DbError::stored)
}

/// The webcast of an address, as organizers see it.
pub async fn webcast_by_slug(conn: &mut Conn, slug: &Slug) -> Result<Option<Webcast>, DbError> {
    let text = format!("SELECT id, state, slug, guests, form_version, {TEXT_COLUMNS} FROM webcasts WHERE slug = $1");
    let row: Option<WebcastRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(slug.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(Webcast::try_from).transpose()
}

/// The webcast of an address, as everybody sees it: no draft.
pub async fn public_webcast(conn: &mut Conn, slug: &Slug) -> Result<Option<Webcast>, DbError> {
    let found = webcast_by_slug(conn, slug).await?;
    Ok(found.filter(|webcast| webcast.state != WebcastState::Draft))
}

/// All webcasts that everybody sees, the newest first.
pub async fn public_webcasts(conn: &mut Conn) -> Result<Vec<Webcast>, DbError> {
    let text = format!(
        "SELECT id, state, slug, guests, form_version, {TEXT_COLUMNS} FROM webcasts WHERE state <> 'draft' ORDER BY id DESC"
    );
    let rows: Vec<WebcastRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(Webcast::try_from).collect()
}

/// The numbers of posts that organizers set for single webcasts, by slug.
pub async fn network_limits(conn: &mut Conn) -> Result<Vec<(String, i64)>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_as("SELECT slug, network_limit FROM webcasts WHERE network_limit IS NOT NULL")
        .fetch_all(c)
        .await)?,
    )
}
