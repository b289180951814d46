//! What binds an account to a provider, in SQL.

use sqlx::AssertSqlSafe;

use super::{ACCOUNT, Account, AccountRow, ORGANIZER};
use crate::db::{Conn, DbError, Tx};
use crate::on_db;

/// The account that is bound to this issuer and subject.
///
/// # Errors
/// When the database fails.
pub async fn find_by_subject(conn: &mut Conn, issuer: &str, subject: &str) -> Result<Option<Account>, DbError> {
    let text = format!("SELECT {ORGANIZER}, {ACCOUNT} FROM organizers WHERE oidc_issuer = $1 AND oidc_subject = $2");
    let row: Option<AccountRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(issuer)
        .bind(subject)
        .fetch_optional(c)
        .await)?;
    row.map(Account::try_from).transpose()
}

/// Binds an account to issuer and subject, in place of what it was bound to.
///
/// # Errors
/// When the database fails, or they are somebody else's.
pub async fn bind_subject(tx: &mut Tx, organizer: i64, (issuer, subject): (&str, &str)) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE organizers SET oidc_issuer = $2, oidc_subject = $3 WHERE id = $1")
        .bind(organizer)
        .bind(issuer)
        .bind(subject)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Whether an account is bound to a provider.
///
/// # Errors
/// When the database fails.
pub async fn is_bound(conn: &mut Conn, organizer: i64) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM organizers WHERE id = $1 AND oidc_subject IS NOT NULL")
        .bind(organizer)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// Ends it. An account without a password stays bound: nobody could sign in with it.
///
/// # Errors
/// When the database fails.
pub async fn unbind_subject(tx: &mut Tx, organizer: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE organizers SET oidc_issuer = NULL, oidc_subject = NULL WHERE id = $1 AND password_hash <> ''")
        .bind(organizer)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
