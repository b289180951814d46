//! Addresses that must not get mail, or not every mail.
//!
//! | reason | asked-for mail | reminders and follow-ups | marketing |
//! |---|---|---|---|
//! | hard bounce (30 days, or until the address is corrected) | no | no | no |
//! | complaint | yes | no | no |
//! | unsubscribed from one webcast / from all | yes | not that one / none | all: none |
//! | "this wasn't me" | one mail with a confirm button, once in 24 h | no | no |
//!
//! What depends on one webcast, and the mail with the confirm button, is for the feature to decide in its composer
//! ([`reasons`] tells it); the rest is decided here.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::kind::MailPurpose;
use super::outbox::NOBODY;
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::EmailAddress;

/// Why an address does not get mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The server says there is no such mailbox.
    Bounced,
    /// Its owner pressed "spam".
    Complained,
    /// Its owner wants no more of one webcast, or of anything.
    Unsubscribed,
    /// Its owner says somebody else typed it.
    NotMe,
}

impl Reason {
    const ALL: [Self; 4] = [Self::Bounced, Self::Complained, Self::Unsubscribed, Self::NotMe];

    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Unsubscribed => "unsubscribed",
            Self::NotMe => "not_me",
        }
    }

    /// Whether it stops mail of this purpose. `NotMe` stops asked-for mail only where the feature does not know better.
    #[must_use]
    pub fn stops(self, purpose: MailPurpose) -> bool {
        match self {
            Self::Bounced => true,
            Self::Complained | Self::Unsubscribed | Self::NotMe => purpose != MailPurpose::AskedFor,
        }
    }

    /// For the outbox's list.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Bounced => "Mail to this address came back.",
            Self::Complained => "The recipient marked our mail as spam.",
            Self::Unsubscribed => "The recipient has unsubscribed.",
            Self::NotMe => "The recipient says somebody else gave this address.",
        }
    }

    /// True where the recipient said so: only they take it back.
    #[must_use]
    pub fn is_their_wish(self) -> bool {
        self != Self::Bounced
    }
}

impl TryFrom<String> for Reason {
    type Error = crate::values::Problem;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        let known = Self::ALL.into_iter().find(|reason| reason.name() == word);
        known.ok_or_else(|| crate::values::Problem::new(format!("{word:?} is no reason for a suppression")))
    }
}

/// A column for lists: the worst reason that keeps mail from the address whose key stands in `address_key`, at the moment
/// in the placeholder `now`; NULL where there is none. What "not me" means for a mail, its feature decides.
#[must_use]
pub fn trouble(address_key: &str, now: &str) -> String {
    format!(
        "(SELECT x.reason FROM suppressions x
           WHERE x.address_key = {address_key} AND (x.until IS NULL OR x.until > {now}) AND x.reason <> 'not_me'
           ORDER BY CASE x.reason WHEN 'bounced' THEN 1 WHEN 'complained' THEN 2 ELSE 3 END LIMIT 1)"
    )
}

/// What [`trouble`] found, as files have it.
#[must_use]
pub fn trouble_in_words(reason: Option<&str>) -> &str {
    reason.unwrap_or("ok")
}

/// A suppression to be kept.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// [`crate::values::EmailAddress::key`].
    pub address_key: String,
    /// Why.
    pub reason: Reason,
    /// A webcast's public id, or empty for all.
    pub scope: String,
    /// Until when; `None`: until it is lifted.
    pub until: Option<Timestamp>,
    /// The server's words.
    pub detail: String,
    /// The mail that bounced.
    pub mail_id: Option<i64>,
}

/// An address that gets no mail, or not every mail.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoppedAddress {
    /// The row.
    pub id: i64,
    /// [`crate::values::EmailAddress::key`].
    pub address_key: String,
    /// Why.
    #[sqlx(try_from = "String")]
    pub reason: Reason,
    /// The server's words.
    pub detail: String,
    /// Since when.
    pub created_at: i64,
    /// Until when; `None`: until it is lifted.
    pub until: Option<i64>,
}

/// Addresses that get no mail now, the newest first, older than the row `after`.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    after: Option<i64>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<StoppedAddress>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT id, address_key, reason, detail, created_at, until FROM suppressions
          WHERE (until IS NULL OR until > $1) AND (CAST($2 AS BIGINT) IS NULL OR id < $2)
          ORDER BY id DESC LIMIT $3")
        .bind(micros(now))
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Lets an address have mail again that it came back from. False: there is no such row.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Tx, id: i64) -> Result<bool, DbError> {
    let removed = on_db!(tx, c => sqlx::query("DELETE FROM suppressions WHERE id = $1 AND reason = $2")
        .bind(id)
        .bind(Reason::Bounced.name())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(removed == 1)
}

/// Keeps a suppression; a newer one of the same reason takes the place of the old one. What a mail brought about whose row
/// is gone, or that goes to nobody's address any more, is not kept: its recipient was erased meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn add(tx: &mut Tx, suppression: &Suppression, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO suppressions (address_key, reason, scope, created_at, until, detail, mail_id)
         SELECT $1, $2, $3, $4, $5, $6, $7
          WHERE CAST($7 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM outbox WHERE id = $7 AND subject_id <> $8)
         ON CONFLICT (address_key, reason, scope) DO UPDATE SET
             created_at = excluded.created_at, until = excluded.until, detail = excluded.detail,
             mail_id = excluded.mail_id")
        .bind(&suppression.address_key)
        .bind(suppression.reason.name())
        .bind(&suppression.scope)
        .bind(micros(now))
        .bind(suppression.until.map(micros))
        .bind(&suppression.detail)
        .bind(suppression.mail_id)
        .bind(NOBODY)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Lifts what these mails brought about: it was the route's fault.
pub(super) async fn lift_for_mails(tx: &mut Tx, mails: &[i64]) -> Result<(), DbError> {
    if mails.is_empty() {
        return Ok(());
    }
    let text = format!(
        "DELETE FROM suppressions WHERE mail_id IN {}",
        sql::rows(1, mails.len(), 0)
    );
    on_db!(tx, c => {
        let mut query = sqlx::query(AssertSqlSafe(text));
        for mail in mails {
            query = query.bind(*mail);
        }
        query.execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Lifts the bounce of the address that this mail goes to.
pub(super) async fn lift_bounce(tx: &mut Tx, mail_key: &str) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "DELETE FROM suppressions
          WHERE reason = $2 AND address_key = (SELECT LOWER(recipient) FROM outbox WHERE dedupe_key = $1)")
        .bind(mail_key)
        .bind(Reason::Bounced.name())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Lifts the bounce of an address, by its key: it was corrected, or somebody says that it takes mail.
///
/// # Errors
/// When the database fails.
pub async fn lift_bounce_of(tx: &mut Tx, address_key: &str) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM suppressions WHERE address_key = $1 AND reason = $2")
        .bind(address_key)
        .bind(Reason::Bounced.name())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// What stops mail to an address, by its key, stops it to another one: both are one person's. That mail came back says
/// nothing of the other one.
///
/// # Errors
/// When the database fails.
pub async fn pass_on(tx: &mut Tx, from_key: &str, to: &EmailAddress) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO suppressions (address_key, reason, scope, created_at, until, detail, mail_id)
         SELECT $2, reason, scope, created_at, until, detail, mail_id FROM suppressions
          WHERE address_key = $1 AND reason <> $3
         ON CONFLICT (address_key, reason, scope) DO NOTHING")
        .bind(from_key)
        .bind(to.key())
        .bind(Reason::Bounced.name())
        .execute(c)
        .await
        .map(drop))?;
    forget(tx, from_key).await.map(drop)
}

/// Forgets all that is kept of an address, by its key: its owner is erased.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &mut Tx, address_key: &str) -> Result<u64, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM suppressions WHERE address_key = $1")
        .bind(address_key)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// Every reason that holds for these addresses now, whatever webcast it is about: (reason, scope) by address key. One
/// query for all.
///
/// # Errors
/// When the database fails.
pub async fn reasons(
    conn: &mut Conn,
    address_keys: &[String],
    now: Timestamp,
) -> Result<HashMap<String, Vec<(Reason, String)>>, DbError> {
    if address_keys.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT address_key, reason, scope FROM suppressions
         WHERE (until IS NULL OR until > $1) AND address_key IN {}",
        sql::rows(1, address_keys.len(), 1)
    );
    let rows: Vec<(String, String, String)> = on_db!(conn, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text)).bind(micros(now));
        for key in address_keys {
            query = query.bind(key);
        }
        query.fetch_all(c).await
    })?;
    let mut found: HashMap<String, Vec<(Reason, String)>> = HashMap::new();
    for (key, reason, scope) in rows {
        let reason = Reason::try_from(reason).map_err(DbError::stored)?;
        found.entry(key).or_default().push((reason, scope));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bounce_stops_what_was_asked_for() {
        for reason in Reason::ALL {
            assert_eq!(reason.stops(MailPurpose::AskedFor), reason == Reason::Bounced);
            assert!(reason.stops(MailPurpose::Webcast) && reason.stops(MailPurpose::Marketing));
        }
    }
}
