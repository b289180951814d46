//! Whom an import put in, and what of theirs: for as long as it can be undone.

use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, sql};
use crate::on_db;

/// Something that it made.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(crate) struct Made {
    /// Whose it is.
    pub contact_id: i64,
    /// Whether the person was put in.
    pub is_new: i64,
    /// The registration that was put in.
    pub registration_id: Option<i64>,
}

/// Keeps it.
pub(crate) async fn keep_made(tx: &mut Tx, import: i64, made: &[Made]) -> Result<(), DbError> {
    if made.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO import_made (import_id, contact_id, is_new, registration_id) VALUES {} ON CONFLICT DO NOTHING",
        sql::rows(made.len(), 4, 0)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        made
            .iter()
            .fold(query, |query, made| {
                query.bind(import).bind(made.contact_id).bind(made.is_new).bind(made.registration_id)
            })
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// The next of it.
pub(crate) async fn next_made(conn: &mut Conn, import: i64, limit: i64) -> Result<Vec<Made>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT contact_id, is_new, registration_id FROM import_made WHERE import_id = $1 ORDER BY contact_id LIMIT $2")
        .bind(import)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Forgets it up to this contact.
pub(crate) async fn forget_made(tx: &mut Tx, import: i64, up_to: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM import_made WHERE import_id = $1 AND contact_id <= $2")
        .bind(import)
        .bind(up_to)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
