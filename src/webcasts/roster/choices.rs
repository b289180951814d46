//! Webcasts and sessions to choose from.

use crate::db::{Conn, DbError};
use crate::on_db;

/// A session to choose from.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SessionOption {
    /// The session.
    pub public_id: Vec<u8>,
    /// The webcast's page.
    pub slug: String,
    /// The webcast's title.
    pub title: String,
    /// Start.
    pub starts_at: i64,
    /// End.
    pub ends_at: i64,
    /// Where its clock hangs.
    pub time_zone: String,
}

/// Sessions to choose from, the latest start first.
pub(crate) async fn choices(conn: &mut Conn, limit: i64) -> Result<Vec<SessionOption>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT s.public_id, w.slug, w.title, s.starts_at, s.ends_at, s.time_zone
           FROM sessions s JOIN webcasts w ON w.id = s.webcast_id
          ORDER BY s.starts_at DESC, s.id DESC LIMIT $1")
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
