//! How large the database is, and how fast it grows.

use jiff::{SignedDuration, Timestamp};

use super::{Conn, DbError, Tx, micros, settings};
use crate::on_db;

/// Where the sizes of the last days are kept.
const KEY: &str = "database_sizes";
const KEPT: SignedDuration = SignedDuration::from_hours(49);
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// What is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseSize {
    /// Bytes, now.
    pub bytes: i64,
    /// Bytes that came within the last day; `None`: it was not measured then.
    pub grown: Option<i64>,
}

/// Its size now, and a day ago.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, now: Timestamp) -> Result<DatabaseSize, DbError> {
    let (bytes, sizes) = (measure(conn).await?, kept(conn).await?);
    let before = sizes.iter().rfind(|(at, _)| *at <= micros(now - A_DAY));
    let grown = before.map(|(_, before)| bytes - before);
    Ok(DatabaseSize { bytes, grown })
}

/// Notes the size now; once an hour is enough.
///
/// # Errors
/// When the database fails.
pub async fn note(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    let bytes = measure(tx).await?;
    let mut sizes = kept(tx).await?;
    sizes.retain(|(at, _)| *at > micros(now - KEPT));
    sizes.push((micros(now), bytes));
    let json = serde_json::to_string(&sizes).map_err(DbError::stored)?;
    settings::put(tx, KEY, &json).await
}

/// Times and bytes, the oldest first.
async fn kept(conn: &mut Conn) -> Result<Vec<(i64, i64)>, DbError> {
    let json = settings::find(conn, KEY).await?;
    json.map_or_else(
        || Ok(Vec::new()),
        |json| serde_json::from_str(&json).map_err(DbError::stored),
    )
}

async fn measure(conn: &mut Conn) -> Result<i64, DbError> {
    let text = if conn.is_sqlite() {
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    } else {
        "SELECT pg_database_size(current_database())"
    };
    Ok(on_db!(conn, c => sqlx::query_scalar(text).fetch_one(c).await)?)
}
