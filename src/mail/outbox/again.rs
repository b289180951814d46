//! Mails that an organizer has sent once more, takes back before they went, or has led to another address.

use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;

use super::{NewMail, enqueue};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::mail::kind::Kind;
use crate::mail::suppressions;
use crate::on_db;
use crate::values::EmailAddress;

/// So many mails of one kind about one thing go to an address within [`A_DAY`], whoever asks for more.
const MOST: i64 = 3;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Puts a mail in that goes once more. Whoever has it sent says that the address takes mail, so a bounce of it is
/// forgotten, and earlier ones of its kind that did not get there are no trouble any more. False: three of them were put
/// in within a day.
///
/// # Errors
/// When the database fails.
pub async fn enqueue_again(tx: &mut Tx, mail: &NewMail, now: Timestamp) -> Result<bool, DbError> {
    let since: i64 = on_db!(tx, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM outbox
          WHERE subject_id = $1 AND kind = $2 AND created_at > $3 AND state NOT IN ('cancelled', 'skipped')
            AND LOWER(recipient) = $4")
        .bind(mail.subject_id)
        .bind(mail.kind.name)
        .bind(micros(now - A_DAY))
        .bind(mail.recipient.to_lowercase())
        .fetch_one(c)
        .await)?;
    if since >= MOST {
        return Ok(false);
    }
    suppressions::lift_bounce_of(tx, &mail.recipient.to_lowercase()).await?;
    stop_others(tx, mail, now).await?;
    enqueue(tx, mail, now).await
}

/// Ends the trouble with other mails of its kind about the same: this one takes their place.
async fn stop_others(tx: &mut Tx, mail: &NewMail, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE outbox SET state = 'cancelled', ended_at = $3
          WHERE subject_id = $1 AND kind = $2 AND dedupe_key <> $4 AND state IN ('failed', 'unknown', 'queued')")
        .bind(mail.subject_id)
        .bind(mail.kind.name)
        .bind(micros(now))
        .bind(&mail.key)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Takes a mail back that has not gone yet. False: it has, or a courier has it.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(tx: &mut Tx, key: &str, now: Timestamp) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "UPDATE outbox SET state = 'cancelled', ended_at = $2
          WHERE dedupe_key = $1 AND state IN ('queued', 'held') AND ambiguous = 0")
        .bind(key)
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Whether a mail can still be taken back.
///
/// # Errors
/// When the database fails.
pub async fn is_waiting(conn: &mut Conn, key: &str) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM outbox WHERE dedupe_key = $1 AND state IN ('queued', 'held') AND ambiguous = 0")
        .bind(key)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// Whether a mail of this kind about a row waits to go for the first time, so that nobody has read it.
///
/// # Errors
/// When the database fails.
pub async fn is_unsent(conn: &mut Conn, kind: &Kind, subject_id: i64) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM outbox
          WHERE subject_id = $1 AND kind = $2 AND state IN ('queued', 'held') AND ambiguous = 0 LIMIT 1")
        .bind(subject_id)
        .bind(kind.name)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// Whether one of these mails about a row went, or is on its way.
///
/// # Errors
/// When the database fails.
pub async fn was_told(conn: &mut Conn, kinds: &[Kind], subject_id: i64) -> Result<bool, DbError> {
    let text = format!(
        "SELECT id FROM outbox
          WHERE subject_id = $1 AND state IN ('queued', 'sending', 'sent', 'held', 'unknown') AND kind IN {} LIMIT 1",
        sql::rows(1, kinds.len(), 1)
    );
    let found: Option<i64> = on_db!(conn, c => {
        let query = sqlx::query_scalar(AssertSqlSafe(text)).bind(subject_id);
        kinds.iter().fold(query, |query, kind| query.bind(kind.name)).fetch_optional(c).await
    })?;
    Ok(found.is_some())
}

/// Gives all mails to an address, by its key, to another one: both are one person's. What waits goes there; what went is
/// found with the rest.
///
/// # Errors
/// When the database fails.
pub async fn pass_on(tx: &mut Tx, from_key: &str, to: &EmailAddress) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE outbox SET recipient = $2 WHERE LOWER(recipient) = $1")
        .bind(from_key)
        .bind(to.as_str())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Mails of these kinds about a row are about another one from now on, which it was joined with: what waits is not sent, what
/// went stays to be found.
///
/// # Errors
/// When the database fails.
pub async fn join_rows(tx: &mut Tx, kinds: &[Kind], goes: i64, stays: i64, now: Timestamp) -> Result<(), DbError> {
    let text = format!(
        "UPDATE outbox
            SET subject_id = $2,
                ended_at = CASE WHEN state IN ('queued', 'held', 'failed', 'unknown') THEN $3 ELSE ended_at END,
                state = CASE WHEN state IN ('queued', 'held', 'failed', 'unknown') THEN 'cancelled' ELSE state END
          WHERE subject_id = $1 AND kind IN {}",
        sql::rows(1, kinds.len(), 3)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text)).bind(goes).bind(stays).bind(micros(now));
        kinds.iter().fold(query, |query, kind| query.bind(kind.name)).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Leads mails of these kinds about these rows to another address: those that wait go there, those that did not get to
/// the old one are no trouble any more.
///
/// # Errors
/// When the database fails.
pub async fn readdress(
    tx: &mut Tx,
    kinds: &[Kind],
    subjects: &[i64],
    to: &EmailAddress,
    now: Timestamp,
) -> Result<(), DbError> {
    if subjects.is_empty() {
        return Ok(());
    }
    let text = format!(
        "UPDATE outbox
            SET recipient = CASE WHEN state IN ('queued', 'held') THEN $1 ELSE recipient END,
                ended_at = CASE WHEN state IN ('failed', 'unknown') THEN $2 ELSE ended_at END,
                state = CASE WHEN state IN ('failed', 'unknown') THEN 'cancelled' ELSE state END
          WHERE state IN ('queued', 'held', 'failed', 'unknown') AND subject_id IN {} AND kind IN {}",
        sql::rows(1, subjects.len(), 2),
        sql::rows(1, kinds.len(), 2 + subjects.len())
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text)).bind(to.as_str()).bind(micros(now));
        let query = subjects.iter().fold(query, |query, subject| query.bind(*subject));
        kinds.iter().fold(query, |query, kind| query.bind(kind.name)).execute(c).await.map(drop)
    })?;
    Ok(())
}
