//! Pictures in the database.

use jiff::Timestamp;

use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::uploads::SmallPicture;
use crate::values::PublicId;

/// Keeps a picture; gives its row.
pub async fn put_picture(tx: &mut Tx, picture: &SmallPicture, now: Timestamp) -> Result<i64, DbError> {
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO pictures (public_id, width, height, jpeg, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id")
        .bind(PublicId::random().as_bytes())
        .bind(i64::from(picture.width))
        .bind(i64::from(picture.height))
        .bind(&picture.jpeg)
        .bind(micros(now))
        .fetch_one(c)
        .await)?)
}

/// Forgets it.
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
