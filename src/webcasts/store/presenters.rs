//! Presenters, and who speaks in which webcast.

use crate::db::{Conn, DbError, Tx, sql};
use crate::on_db;
use crate::values::PublicId;
use crate::webcasts::presenter::{AboutPresenter, Presenter};

/// More are not listed.
const MOST: i64 = 1_000;

const COLUMNS: &str = "p.id, p.public_id, p.name, p.role, p.firm, p.bio, p.version,
                       (SELECT i.public_id FROM pictures i WHERE i.id = p.picture_id) AS picture";

#[derive(sqlx::FromRow)]
struct PresenterRow {
    id: i64,
    public_id: Vec<u8>,
    name: String,
    role: String,
    firm: String,
    bio: String,
    version: i64,
    picture: Option<Vec<u8>>,
}

impl TryFrom<PresenterRow> for Presenter {
    type Error = DbError;

    fn try_from(row: PresenterRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            about: AboutPresenter {
                name: row.name,
                role: row.role,
                firm: row.firm,
                bio: row.bio,
            },
            picture: row
                .picture
                .map(PublicId::try_from)
                .transpose()
                .map_err(DbError::stored)?,
            version: row.version,
        })
    }
}

/// Who speaks in a webcast, in order.
pub async fn speakers_of(conn: &mut Conn, webcast_id: i64) -> Result<Vec<Presenter>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM speakers s JOIN presenters p ON p.id = s.presenter_id
          WHERE s.webcast_id = $1 ORDER BY s.position"
    );
    let rows: Vec<PresenterRow> =
        on_db!(conn, c => sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(webcast_id).fetch_all(c).await)?;
    rows.into_iter().map(Presenter::try_from).collect()
}

/// All presenters by name.
pub async fn presenters(conn: &mut Conn) -> Result<Vec<Presenter>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM presenters p ORDER BY LOWER(p.name), p.id LIMIT {MOST}");
    let rows: Vec<PresenterRow> = on_db!(conn, c => sqlx::query_as(sqlx::AssertSqlSafe(text)).fetch_all(c).await)?;
    rows.into_iter().map(Presenter::try_from).collect()
}

/// One of them.
pub async fn presenter(conn: &mut Conn, id: PublicId) -> Result<Option<Presenter>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM presenters p WHERE p.public_id = $1");
    let row: Option<PresenterRow> = on_db!(conn, c => sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    row.map(Presenter::try_from).transpose()
}

/// The same, held until the transaction ends.
pub async fn hold_presenter(tx: &mut Tx, id: PublicId) -> Result<Option<Presenter>, DbError> {
    let text = format!("SELECT id FROM presenters WHERE public_id = $1{}", sql::for_update(tx));
    let found: Option<i64> = on_db!(tx, c => sqlx::query_scalar(sqlx::AssertSqlSafe(text))
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    if found.is_none() {
        return Ok(None);
    }
    presenter(tx, id).await
}

/// Puts somebody in; gives the row and its public id.
pub async fn insert_presenter(tx: &mut Tx, about: &AboutPresenter) -> Result<(i64, PublicId), DbError> {
    let public_id = PublicId::random();
    let id = on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO presenters (public_id, name, role, firm, bio) VALUES ($1, $2, $3, $4, $5) RETURNING id")
        .bind(public_id.as_bytes())
        .bind(&about.name)
        .bind(&about.role)
        .bind(&about.firm)
        .bind(&about.bio)
        .fetch_one(c)
        .await)?;
    Ok((id, public_id))
}

/// Changes what is said of somebody.
pub async fn put_about(tx: &mut Tx, presenter_id: i64, about: &AboutPresenter) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE presenters SET name = $2, role = $3, firm = $4, bio = $5, version = version + 1 WHERE id = $1")
        .bind(presenter_id)
        .bind(&about.name)
        .bind(&about.role)
        .bind(&about.firm)
        .bind(&about.bio)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Gives somebody this picture, or none; the one before is forgotten.
pub async fn set_picture(tx: &mut Tx, presenter_id: i64, picture_id: Option<i64>) -> Result<(), DbError> {
    let before: Option<i64> = on_db!(tx, c => sqlx::query_scalar("SELECT picture_id FROM presenters WHERE id = $1")
        .bind(presenter_id)
        .fetch_one(c)
        .await)?;
    on_db!(tx, c => sqlx::query("UPDATE presenters SET picture_id = $2 WHERE id = $1")
        .bind(presenter_id)
        .bind(picture_id)
        .execute(c)
        .await
        .map(drop))?;
    match before {
        Some(before) => super::delete_picture(tx, before).await,
        None => Ok(()),
    }
}

/// Takes somebody away, picture and all, from whatever webcast.
pub async fn delete_presenter(tx: &mut Tx, presenter_id: i64) -> Result<(), DbError> {
    set_picture(tx, presenter_id, None).await?;
    on_db!(tx, c => sqlx::query("DELETE FROM presenters WHERE id = $1").bind(presenter_id).execute(c).await.map(drop))?;
    Ok(())
}

/// Has these speak in a webcast, in this order, and nobody else.
pub async fn put_speakers(tx: &mut Tx, webcast_id: i64, presenters: &[i64]) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM speakers WHERE webcast_id = $1").bind(webcast_id).execute(c).await.map(drop))?;
    for (position, presenter) in (1_i64..).zip(presenters) {
        on_db!(tx, c => sqlx::query("INSERT INTO speakers (webcast_id, position, presenter_id) VALUES ($1, $2, $3)")
            .bind(webcast_id)
            .bind(position)
            .bind(presenter)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Slug and title of each webcast that somebody speaks in, the newest first.
pub async fn webcasts_with(conn: &mut Conn, presenter_id: i64) -> Result<Vec<(String, String)>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT w.slug, w.title FROM speakers s JOIN webcasts w ON w.id = s.webcast_id
          WHERE s.presenter_id = $1 ORDER BY w.id DESC LIMIT 50")
        .bind(presenter_id)
        .fetch_all(c)
        .await)?)
}
