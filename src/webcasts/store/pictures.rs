//! Pictures in the database.

use jiff::Timestamp;

use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::uploads::SmallPicture;
use crate::values::PublicId;

/// Keeps a picture; gives its row and its id.
pub async fn put_picture(tx: &mut Tx, picture: &SmallPicture, now: Timestamp) -> Result<(i64, PublicId), DbError> {
    let id = PublicId::random();
    let row = on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO pictures (public_id, width, height, jpeg, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id")
        .bind(id.as_bytes())
        .bind(i64::from(picture.width))
        .bind(i64::from(picture.height))
        .bind(&picture.jpeg)
        .bind(micros(now))
        .fetch_one(c)
        .await)?;
    Ok((row, id))
}

/// Keeps the same picture once more, for another owner; gives its id. `None`: it is gone.
pub async fn copy_picture(tx: &mut Tx, id: PublicId, now: Timestamp) -> Result<Option<PublicId>, DbError> {
    let copy = PublicId::random();
    let copied = on_db!(tx, c => sqlx::query(
        "INSERT INTO pictures (public_id, width, height, jpeg, created_at)
         SELECT $2, width, height, jpeg, $3 FROM pictures WHERE public_id = $1")
        .bind(id.as_bytes())
        .bind(copy.as_bytes())
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok((copied == 1).then_some(copy))
}

/// Width and height of a picture, in pixels.
pub async fn picture_size(conn: &mut Conn, id: PublicId) -> Result<Option<(u32, u32)>, DbError> {
    let size: Option<(i64, i64)> = on_db!(conn, c => sqlx::query_as(
        "SELECT width, height FROM pictures WHERE public_id = $1")
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    let pixels = |length: i64| u32::try_from(length).map_err(DbError::stored);
    size.map(|(width, height)| Ok((pixels(width)?, pixels(height)?)))
        .transpose()
}

/// Forgets the picture of this id.
pub async fn forget_picture(tx: &mut Tx, id: PublicId) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM pictures WHERE public_id = $1")
        .bind(id.as_bytes())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Forgets the picture of this row.
pub async fn delete_picture(tx: &mut Tx, picture_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM pictures WHERE id = $1").bind(picture_id).execute(c).await.map(drop))?;
    Ok(())
}

/// The JPEG of a picture.
pub async fn picture_jpeg(conn: &mut Conn, id: PublicId) -> Result<Option<Vec<u8>>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT jpeg FROM pictures WHERE public_id = $1")
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?,
    )
}
