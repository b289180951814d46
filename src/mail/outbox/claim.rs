//! Claiming mail under a lease, and recording what became of it.
//!
//! Each claim has a random number of its own, the lease. Results are written only where the row still carries it, so
//! a courier that was too slow changes nothing. Lease times come from the database's clock on PostgreSQL, where several
//! copies of the program share them.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::{Claimed, MailState};
use crate::db::{DbError, Tx, micros, micros_in, sql};
use crate::mail::kind::Lane;
use crate::mail::smtp::reply::Reply;
use crate::on_db;

/// What a courier writes back about one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settlement {
    pub id: i64,
    pub state: MailState,
    pub next_at: i64,
    pub attempts: i64,
    pub ambiguous: i64,
    pub as_link: bool,
    /// Belongs to `reply`; none where the words are our own.
    pub code: Option<i64>,
    /// `None`: what was said before stays, with its code.
    pub reply: Option<String>,
    pub ended_at: Option<i64>,
}

impl Settlement {
    /// The mail goes back as it was.
    pub(crate) fn unchanged(mail: &Claimed) -> Self {
        Self {
            id: mail.id,
            state: MailState::Queued,
            next_at: mail.next_at,
            attempts: mail.attempts,
            ambiguous: mail.ambiguous,
            as_link: mail.as_link,
            code: None,
            reply: None,
            ended_at: None,
        }
    }

    /// The same, with what was said.
    pub(crate) fn told(mail: &Claimed, reply: &Reply) -> Self {
        Self {
            code: (reply.code > 0).then(|| i64::from(reply.code)),
            reply: Some(reply.text.clone()),
            ..Self::unchanged(mail)
        }
    }
}

/// Claims the most urgent mails that are due, in the order in which they shall go.
///
/// Each priority is looked up by itself, from the most urgent on until there are enough: so mails whose time has not
/// come, however many, cost nothing.
pub(crate) async fn claim(
    tx: &mut Tx,
    lease: i64,
    lane: Lane,
    most: usize,
    hold: Duration,
    now: Timestamp,
) -> Result<Vec<Claimed>, DbError> {
    let text = format!(
        "WITH due AS MATERIALIZED (SELECT id FROM ({due}) AS d LIMIT $2)
         UPDATE outbox SET state = 'sending', lease = $3, lease_until = {clock} + $4
         WHERE id IN (SELECT id FROM due)
         RETURNING id, kind, priority, dedupe_key, recipient, subject_id, params, message_id, created_at, next_at,
                   deadline, attempts, ambiguous, as_link",
        due = due(lane, sql::skip_locked(tx)),
        clock = sql::lease_clock(tx, "$1"),
    );
    let mut mails: Vec<Claimed> = on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(micros(now))
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .bind(lease)
        .bind(micros_in(hold))
        .fetch_all(c)
        .await)?;
    mails.sort_by_key(|mail| (mail.priority, mail.next_at, mail.id));
    Ok(mails)
}

/// The due mails of a lane, the most urgent priority first.
fn due(lane: Lane, skip_locked: &str) -> String {
    let each: Vec<String> = lane
        .priorities()
        .map(|priority| {
            format!(
                "SELECT id FROM (SELECT id FROM outbox
                     WHERE state = 'queued' AND priority = {number} AND next_at <= $1
                     ORDER BY next_at LIMIT $2{skip_locked}) AS p{number}",
                number = priority.number()
            )
        })
        .collect();
    each.join(" UNION ALL ")
}

/// Records what became of mails that are held under `lease`. One statement for all of them.
pub(crate) async fn settle(tx: &mut Tx, lease: i64, settlements: &[Settlement]) -> Result<u64, DbError> {
    if settlements.is_empty() {
        return Ok(0);
    }
    let text = format!(
        "UPDATE outbox SET
             state = r.column2, next_at = r.column3, attempts = r.column4, ambiguous = r.column5, as_link = r.column6,
             last_code = CASE WHEN r.column8 IS NULL THEN outbox.last_code ELSE r.column7 END,
             last_reply = COALESCE(r.column8, outbox.last_reply),
             ended_at = r.column9, lease = NULL, lease_until = NULL
         FROM (VALUES {rows}) AS r
         WHERE outbox.id = r.column1 AND outbox.lease = $1 AND outbox.state = 'sending'",
        rows = sql::rows(settlements.len(), 9, 1),
    );
    on_db!(tx, c => {
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(lease);
        for s in settlements {
            query = query
                .bind(s.id)
                .bind(s.state.name())
                .bind(s.next_at)
                .bind(s.attempts)
                .bind(s.ambiguous)
                .bind(s.as_link)
                .bind(s.code)
                .bind(s.reply.as_deref())
                .bind(s.ended_at);
        }
        Ok(query.execute(c).await?.rows_affected())
    })
}

/// Holds on to what is held. Gives how many mails that are.
pub(crate) async fn renew(tx: &mut Tx, lease: i64, hold: Duration, now: Timestamp) -> Result<u64, DbError> {
    let clock = sql::lease_clock(tx, "$2");
    let text = format!(
        "UPDATE outbox SET lease_until = {clock} + $3
         WHERE state = 'sending' AND lease = $1 AND lease_until IS NOT NULL AND $2 = $2"
    );
    Ok(on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(lease)
        .bind(micros(now))
        .bind(micros_in(hold))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Takes back what a courier has left behind: its copy of the program was killed.
pub(crate) async fn expire_leases(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    let clock = sql::lease_clock(tx, "$1");
    let text = format!(
        "UPDATE outbox SET state = 'queued', lease = NULL, lease_until = NULL
         WHERE state = 'sending' AND lease_until < {clock} AND $1 = $1"
    );
    Ok(on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Takes everything back at once. Only where nobody else can be sending: on SQLite, at the start.
pub(crate) async fn clear_leases(tx: &mut Tx) -> Result<u64, DbError> {
    Ok(on_db!(tx, c => sqlx::query(
        "UPDATE outbox SET state = 'queued', lease = NULL, lease_until = NULL WHERE state = 'sending'")
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Mails that were refused for good by a fault of the route wait again, and their addresses may get mail again.
/// Gives those that were found failed; what another courier has not recorded yet is asked for again later.
pub(crate) async fn put_back(tx: &mut Tx, ids: &[i64], next: i64, too_old: i64) -> Result<Vec<i64>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = sql::rows(1, ids.len(), 2);
    let text = format!(
        "UPDATE outbox SET state = 'queued', ended_at = NULL, next_at = $1,
                attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
         WHERE state = 'failed' AND created_at > $2 AND id IN {list}
         RETURNING id"
    );
    let found: Vec<i64> = on_db!(tx, c => {
        let mut query = sqlx::query_scalar(AssertSqlSafe(text)).bind(next).bind(too_old);
        for id in ids {
            query = query.bind(*id);
        }
        query.fetch_all(c).await
    })?;
    Ok(found)
}
