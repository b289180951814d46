//! The log, read: the newest lines first, of some people, some acts, some days.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::words::AuditGroup;
use crate::db::{Conn, DbError, micros};
use crate::on_db;

/// A line as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct AuditLine {
    pub id: i64,
    /// Microseconds.
    pub at: i64,
    /// See [`Actor`](super::Actor).
    pub actor: String,
    /// Whose account; `None` for others, and for one that was removed.
    pub organizer_id: Option<i64>,
    pub action: String,
    pub subject: String,
    pub detail: String,
    /// JSON: what stood there, by field.
    pub before: Option<String>,
    /// JSON: what stands there.
    pub after: Option<String>,
}

/// Which lines.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AuditFilter {
    /// Of one account.
    pub organizer: Option<i64>,
    /// Of some acts.
    pub group: Option<&'static AuditGroup>,
    /// From here on,
    pub from: Option<Timestamp>,
    /// and before this.
    pub before: Option<Timestamp>,
}

/// The newest ones.
pub(crate) async fn latest(conn: &mut Conn, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditLine>, DbError> {
    older(conn, filter, i64::MAX, limit).await
}

/// Those before a line.
pub(crate) async fn older(
    conn: &mut Conn,
    filter: &AuditFilter,
    line: i64,
    limit: i64,
) -> Result<Vec<AuditLine>, DbError> {
    let acts = filter.group.map_or("TRUE".to_owned(), |group| {
        let each: Vec<String> = group
            .prefixes
            .iter()
            .map(|prefix| format!("action LIKE '{prefix}%'"))
            .collect();
        format!("({})", each.join(" OR "))
    });
    let text = format!(
        "SELECT id, at, actor, organizer_id, action, subject, detail, before, after FROM audit_log
          WHERE id < $1 AND ($2 = 0 OR organizer_id = $2) AND at >= $3 AND at < $4 AND {acts}
          ORDER BY id DESC LIMIT $5"
    );
    let rows = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(line)
        .bind(filter.organizer.unwrap_or_default())
        .bind(filter.from.map_or(i64::MIN, micros))
        .bind(filter.before.map_or(i64::MAX, micros))
        .bind(limit)
        .fetch_all(c)
        .await)?;
    Ok(rows)
}
