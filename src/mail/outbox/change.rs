//! What organizers, features and the command line change in the outbox.

use std::collections::HashSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;

use super::{MailState, NOBODY};
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, Db, DbError, Tx, micros, sql};
use crate::mail::kind::Kind;
use crate::mail::suppressions;
use crate::on_db;

/// What a person does to one mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailAct {
    /// Try it again now.
    Retry,
    /// Stop it.
    Cancel,
}

/// Does it. False where it is too late or the mail does not exist.
///
/// # Errors
/// When the database fails.
pub async fn act(tx: &mut Tx, act: MailAct, key: &str, actor: Actor, now: Timestamp) -> Result<bool, DbError> {
    match act {
        MailAct::Retry => retry(tx, key, actor, now).await,
        MailAct::Cancel => cancel(tx, key, actor, now).await,
    }
}

/// Tries a mail again now, from the beginning. Whoever asks for that says that the address takes mail, so a bounce of it
/// is forgotten. False where it is with a courier, was sent, or does not exist; what was done stands in the audit log.
///
/// # Errors
/// When the database fails.
async fn retry(tx: &mut Tx, key: &str, actor: Actor, now: Timestamp) -> Result<bool, DbError> {
    let text = format!(
        "UPDATE outbox SET state = 'queued', next_at = $2, attempts = 0, ambiguous = 0, ended_at = NULL, put_back = 0,
                -- One that may have been taken must look the same, so that mail programs see it is no other.
                dated_at = CASE WHEN ambiguous > 0 THEN dated_at ELSE NULL END
         WHERE dedupe_key = $1 AND state IN {}",
        MailState::list(MailState::can_retry)
    );
    let rows = on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(key)
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 1 {
        suppressions::lift_bounce(tx, key).await?;
        note(tx, "outbox.retry", key, actor, now).await?;
    }
    Ok(rows == 1)
}

/// Stops a mail that has not gone. False where it is too late or it does not exist; what was done stands in the audit log.
///
/// # Errors
/// When the database fails.
async fn cancel(tx: &mut Tx, key: &str, actor: Actor, now: Timestamp) -> Result<bool, DbError> {
    let text = format!(
        "UPDATE outbox SET state = 'cancelled', ended_at = $2 WHERE dedupe_key = $1 AND state IN {}",
        MailState::list(MailState::can_cancel)
    );
    let rows = on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(key)
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 1 {
        note(tx, "outbox.cancel", key, actor, now).await?;
    }
    Ok(rows == 1)
}

async fn note(tx: &mut Tx, action: &'static str, key: &str, actor: Actor, now: Timestamp) -> Result<(), DbError> {
    let entry = Entry {
        actor,
        action,
        subject: key.to_owned(),
        detail: String::new(),
    };
    audit::record(tx, &entry, now).await
}

/// Hurries the mails of these kinds that still wait about some rows; gives the rows that have one. It is composed when it
/// goes, so it will say what is true by then: now, and until the new deadline. One that may have been taken already
/// does not count.
///
/// # Errors
/// When the database fails.
pub async fn hurry_waiting(
    tx: &mut Tx,
    kinds: &[Kind],
    subject_ids: &[i64],
    deadline: Timestamp,
    now: Timestamp,
) -> Result<HashSet<i64>, DbError> {
    if subject_ids.is_empty() {
        return Ok(HashSet::new());
    }
    let text = format!(
        "UPDATE outbox SET next_at = $1, deadline = $2
         WHERE state = 'queued' AND ambiguous = 0 AND kind IN {} AND subject_id IN {}
         RETURNING subject_id",
        sql::rows(1, kinds.len(), 2),
        sql::rows(1, subject_ids.len(), 2 + kinds.len())
    );
    let waiting: Vec<i64> = on_db!(tx, c => {
        let mut query = sqlx::query_scalar(AssertSqlSafe(text))
            .bind(micros(now))
            .bind(micros(deadline));
        for kind in kinds {
            query = query.bind(kind.name);
        }
        for id in subject_ids {
            query = query.bind(*id);
        }
        query.fetch_all(c).await
    })?;
    Ok(waiting.into_iter().collect())
}

/// Forgets all mails of one kind about one row, whatever became of them: what they were about is erased. One that is
/// with a courier may still go.
///
/// # Errors
/// When the database fails.
pub async fn forget_about(tx: &mut Tx, kind: &Kind, subject_id: i64) -> Result<u64, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM outbox WHERE subject_id = $1 AND kind = $2")
        .bind(subject_id)
        .bind(kind.name)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// Forgets all mails of these kinds about these rows, whoever they went to; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_about_rows(tx: &mut Tx, kinds: &[Kind], subject_ids: &[i64]) -> Result<u64, DbError> {
    if subject_ids.is_empty() {
        return Ok(0);
    }
    let text = format!(
        "DELETE FROM outbox WHERE kind IN {} AND subject_id IN {}",
        sql::rows(1, kinds.len(), 0),
        sql::rows(1, subject_ids.len(), kinds.len())
    );
    Ok(on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        let query = kinds.iter().fold(query, |query, kind| query.bind(kind.name));
        let query = subject_ids.iter().fold(query, |query, id| query.bind(*id));
        query.execute(c).await.map(|done| done.rows_affected())
    })?)
}

/// Forgets all mails to an address, by its key, whatever they are about: its owner is erased. The last mail to
/// them stays until it has gone, see [`forget_last_mails`].
///
/// # Errors
/// When the database fails.
pub async fn forget_address(tx: &mut Tx, address_key: &str) -> Result<u64, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM outbox WHERE LOWER(recipient) = $1 AND subject_id <> $2")
        .bind(address_key)
        .bind(NOBODY)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// Forgets mails to those who were erased: those that ended, and those put in before this. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_last_mails(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    Ok(on_db!(tx, c => sqlx::query(
        "DELETE FROM outbox WHERE subject_id = $1 AND (ended_at IS NOT NULL OR created_at < $2) AND state <> 'sending'")
        .bind(NOBODY)
        .bind(micros(before))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Holds everything that is owed: after a restore nobody knows what was sent since the backup. A text, because it is run
/// before there is a database to write to.
pub const HOLD_ALL: &str =
    "UPDATE outbox SET state = 'held', lease = NULL, lease_until = NULL WHERE state IN ('queued', 'sending')";

/// Lets go of everything that is held, and notes how many in the audit log.
///
/// # Errors
/// When the database fails.
pub async fn release_held(tx: &mut Tx, actor: Actor, now: Timestamp) -> Result<u64, DbError> {
    let released = on_db!(tx, c => sqlx::query("UPDATE outbox SET state = 'queued' WHERE state = 'held'")
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    let entry = Entry {
        actor,
        action: "outbox.release",
        subject: String::new(),
        detail: format!("{released} mails released"),
    };
    audit::record(tx, &entry, now).await?;
    Ok(released)
}

/// Rows removed by one job; it must not hold up others.
const PRUNED: i64 = 500;
/// Then the others have their turn for so long: there may be a million of them to remove.
const BREATH: Duration = Duration::from_millis(100);

/// Removes mails that came to their end longer ago than their kind is kept; gives how many. Looks with a reading
/// connection, so that the search holds up nobody.
///
/// # Errors
/// When the database fails.
pub async fn prune(db: &Db, kinds: &[Kind], now: Timestamp) -> Result<u64, DbError> {
    let mut pruned = 0;
    for kind in kinds {
        let keep = SignedDuration::try_from(kind.keep).unwrap_or(SignedDuration::MAX);
        let before = now.checked_sub(keep).unwrap_or(Timestamp::MIN);
        loop {
            let ids = ended_before(&mut db.read().await?, kind, before).await?;
            if ids.is_empty() {
                break;
            }
            if pruned > 0 {
                tokio::time::sleep(BREATH).await;
            }
            pruned += db
                .write(move |tx| {
                    let ids = ids.clone();
                    Box::pin(async move { remove_ended(tx, &ids).await })
                })
                .await?;
        }
    }
    Ok(pruned)
}

async fn ended_before(conn: &mut Conn, kind: &Kind, before: Timestamp) -> Result<Vec<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM outbox WHERE kind = $1 AND ended_at < $2 ORDER BY ended_at LIMIT $3")
        .bind(kind.name)
        .bind(micros(before))
        .bind(PRUNED)
        .fetch_all(c)
        .await)?)
}

async fn remove_ended(tx: &mut Tx, ids: &[i64]) -> Result<u64, DbError> {
    let text = format!(
        "DELETE FROM outbox WHERE ended_at IS NOT NULL AND id IN {}",
        sql::rows(1, ids.len(), 0)
    );
    Ok(on_db!(tx, c => {
        let mut query = sqlx::query(AssertSqlSafe(text));
        for id in ids {
            query = query.bind(*id);
        }
        query.execute(c).await.map(|done| done.rows_affected())
    })?)
}
