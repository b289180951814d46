//! What the overview reads of the outbox beyond what the outbox itself tells.

use crate::db::{Conn, DbError};
use crate::on_db;

/// How many mails were handed over, at most one above `limit`.
pub(super) async fn sent_mails(conn: &mut Conn, limit: i64) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM outbox WHERE state = 'sent' LIMIT $1) AS sent")
        .bind(limit + 1)
        .fetch_one(c)
        .await)?)
}

/// Since when the mail that waits longest could have gone.
pub(super) async fn waiting_since(conn: &mut Conn) -> Result<Option<i64>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT MIN(next_at) FROM outbox WHERE state = 'queued'")
        .fetch_one(c)
        .await)?,
    )
}
