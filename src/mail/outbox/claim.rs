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

/// What a courier asks for.
pub(crate) struct Claim<'a> {
    /// The number of this claim.
    pub lease: i64,
    pub lane: Lane,
    pub most: usize,
    pub hold: Duration,
    /// The right side of Message-IDs, for mails that were never tried.
    pub message_domain: &'a str,
}

/// Claims the most urgent mails that are due, in the order in which they shall go. The limit stands in the text: SQLite
/// plans a statement anew each time a limit is bound.
///
/// Each priority is looked up by itself, from the most urgent on until there are enough: so mails whose time has not
/// come, however many, cost nothing. What a mail's headers say of its first try is written down with it, so that every
/// later one says the same.
pub(crate) async fn claim(tx: &mut Tx, claim: &Claim<'_>, now: Timestamp) -> Result<Vec<Claimed>, DbError> {
    let text = format!(
        "WITH due AS MATERIALIZED (SELECT id FROM ({due}) AS d LIMIT {most})
         UPDATE outbox SET state = 'sending', lease = $2, lease_until = {clock} + $3,
                message_domain = CASE WHEN dated_at IS NULL THEN $4 ELSE message_domain END,
                dated_at = COALESCE(dated_at, $1)
         WHERE id IN (SELECT id FROM due)
         RETURNING {columns}",
        due = due(claim.lane, claim.most, sql::skip_locked(tx)),
        most = claim.most,
        clock = sql::lease_clock(tx, "$1"),
        columns = Claimed::COLUMNS,
    );
    let mut mails: Vec<Claimed> = on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(micros(now))
        .bind(claim.lease)
        .bind(micros_in(claim.hold))
        .bind(claim.message_domain)
        .fetch_all(c)
        .await)?;
    mails.sort_by_key(|mail| (mail.priority, mail.next_at, mail.id));
    Ok(mails)
}

/// The due mails of a lane, the most urgent priority first.
fn due(lane: Lane, most: usize, skip_locked: &str) -> String {
    let each: Vec<String> = lane
        .priorities()
        .map(|priority| {
            format!(
                "SELECT id FROM (SELECT id FROM outbox
                     WHERE state = 'queued' AND priority = {number} AND next_at <= $1
                     ORDER BY next_at LIMIT {most}{skip_locked}) AS p{number}",
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

/// Lets what waits for another try go now, if that is within `within`: a new start may have mended what was in its way.
pub(crate) async fn hurry_refused(tx: &mut Tx, within: Duration, now: Timestamp) -> Result<u64, DbError> {
    Ok(on_db!(tx, c => sqlx::query(
        "UPDATE outbox SET next_at = $1
         WHERE state = 'queued' AND last_reply IS NOT NULL AND next_at > $1 AND next_at <= $1 + $2")
        .bind(micros(now))
        .bind(micros_in(within))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Mails that were refused for good by a fault of the route wait again, each once, and their addresses may get mail
/// again. Gives those that were found failed; what another courier has not recorded yet is asked for again later.
pub(crate) async fn put_back(tx: &mut Tx, ids: &[i64], next: i64, too_old: i64) -> Result<Vec<i64>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = sql::rows(1, ids.len(), 2);
    let text = format!(
        "UPDATE outbox SET state = 'queued', ended_at = NULL, next_at = $1, put_back = 1,
                attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
         WHERE state = 'failed' AND put_back = 0 AND created_at > $2 AND id IN {list}
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
