//! What organizers and the command line see of the outbox.

use sqlx::AssertSqlSafe;

use super::MailState;
use crate::db::sql::NEWEST;
use crate::db::{Conn, DbError, instant, micros, sql};
use crate::mail::Kind;
use crate::mail::blame::Blame;
use crate::mail::smtp::reply::Reply;
use crate::on_db;
use crate::values::EmailAddress;
use jiff::Timestamp;

/// One mail, as it is shown.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OutboxRow {
    /// Its name: unique, stable, and no number of a row.
    #[sqlx(rename = "dedupe_key")]
    pub key: String,
    /// Its kind.
    pub kind: String,
    /// To whom.
    pub recipient: String,
    /// What became of it.
    #[sqlx(try_from = "String")]
    pub state: MailState,
    /// Tries so far.
    pub attempts: i64,
    /// How often it may have been taken without our knowing: "possibly twice".
    pub ambiguous: i64,
    /// The code of the last reply.
    pub last_code: Option<i64>,
    /// The words of the last reply.
    pub last_reply: Option<String>,
    created_at: i64,
    next_at: i64,
    deadline: Option<i64>,
    ended_at: Option<i64>,
}

impl OutboxRow {
    /// When it was asked for.
    ///
    /// # Errors
    /// When the row was not written by this program; so with the others.
    pub fn created_at(&self) -> Result<Timestamp, DbError> {
        instant(self.created_at)
    }

    /// When it is tried next, while it is queued.
    ///
    /// # Errors
    /// As above.
    pub fn next_at(&self) -> Result<Timestamp, DbError> {
        instant(self.next_at)
    }

    /// When it is too late for it.
    ///
    /// # Errors
    /// As above.
    pub fn deadline(&self) -> Result<Option<Timestamp>, DbError> {
        self.deadline.map(instant).transpose()
    }

    /// When it came to its end; for a mail that was sent, when the relay took it.
    ///
    /// # Errors
    /// As above.
    pub fn ended_at(&self) -> Result<Option<Timestamp>, DbError> {
        self.ended_at.map(instant).transpose()
    }

    /// The last reply in one line.
    #[must_use]
    pub fn reply(&self) -> String {
        in_one_line(self.last_code, self.last_reply.as_deref())
    }

    /// Whether the last reply speaks of the recipient's address or mailbox.
    #[must_use]
    pub fn blames_address(&self) -> bool {
        let code = self
            .last_code
            .and_then(|code| u16::try_from(code).ok())
            .unwrap_or_default();
        let reply = Reply::new(code, self.last_reply.as_deref().unwrap_or_default());
        Blame::of(&reply) == Blame::Recipient
    }
}

fn in_one_line(code: Option<i64>, words: Option<&str>) -> String {
    match (code, words) {
        (Some(code), Some(words)) => format!("{code} {words}"),
        (None, words) => words.unwrap_or_default().to_owned(),
        (Some(code), None) => code.to_string(),
    }
}

/// Which mails, newest first.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<MailState>,
    /// Only to this address, in whatever case it was typed.
    pub recipient: Option<EmailAddress>,
    /// Only of the kind of this name.
    pub kind: Option<String>,
    /// Only those put in since then.
    pub since: Option<Timestamp>,
    /// Only where the last reply holds these words, in whatever case.
    pub reply: Option<String>,
    /// Only older than the mail of this name: the next page.
    pub after: Option<String>,
}

const COLUMNS: &str = "dedupe_key, kind, recipient, state, attempts, ambiguous, last_code, last_reply, created_at, \
                       next_at, deadline, ended_at";

/// A page of mails, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<OutboxRow>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM outbox
         WHERE (CAST($1 AS TEXT) IS NULL OR state = $1)
           AND (CAST($2 AS TEXT) IS NULL OR LOWER(recipient) = $2)
           AND id < COALESCE((SELECT id FROM outbox WHERE dedupe_key = $3), {NEWEST})
           AND (CAST($4 AS TEXT) IS NULL OR kind = $4)
           AND (CAST($5 AS BIGINT) IS NULL OR created_at >= $5)
           AND (CAST($6 AS TEXT) IS NULL OR LOWER(last_reply) LIKE $6 ESCAPE '!')
         ORDER BY id DESC LIMIT $7"
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(filter.state.map(MailState::name))
        .bind(filter.recipient.as_ref().map(EmailAddress::key))
        .bind(filter.after.as_deref())
        .bind(filter.kind.as_deref())
        .bind(filter.since.map(micros))
        .bind(filter.reply.as_deref().map(sql::containing))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// The mail of this name.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, key: &str) -> Result<Option<OutboxRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM outbox WHERE dedupe_key = $1");
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(key).fetch_optional(c).await)?)
}

/// The mails of these kinds about one row, newest first: what a visitor's own page says of them.
///
/// # Errors
/// When the database fails.
pub async fn about(conn: &mut Conn, kinds: &[Kind], subject_id: i64) -> Result<Vec<OutboxRow>, DbError> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    // Other features' rows may have the same number.
    let text = format!(
        "SELECT {COLUMNS} FROM outbox WHERE subject_id = $1 AND kind IN {} ORDER BY id DESC LIMIT 40",
        sql::rows(1, kinds.len(), 1)
    );
    Ok(on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text)).bind(subject_id);
        kinds.iter().fold(query, |query, kind| query.bind(kind.name)).fetch_all(c).await
    })?)
}

/// The row as a composer sees it, for a preview.
///
/// # Errors
/// When the database fails.
pub async fn owed(conn: &mut Conn, key: &str) -> Result<Option<super::Claimed>, DbError> {
    let text = format!("SELECT {} FROM outbox WHERE dedupe_key = $1", super::Claimed::COLUMNS);
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(key).fetch_optional(c).await)?)
}

/// How many mails are in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The state.
    pub state: MailState,
    /// How many; 10,001 stands for more than 10,000.
    pub count: i64,
}

/// Nobody reads more digits than this.
const COUNTED: i64 = 10_000;

/// How many mails wait or are in trouble. What was sent is not counted: there are too many.
///
/// # Errors
/// When the database fails.
pub async fn counts(conn: &mut Conn) -> Result<Vec<Counts>, DbError> {
    let rows: Vec<(String, i64)> = on_db!(conn, c => sqlx::query_as(
        "SELECT state, COUNT(*) FROM (SELECT state FROM outbox WHERE state = 'queued' LIMIT $1) AS q GROUP BY state
         UNION ALL
         SELECT state, COUNT(*) FROM (SELECT state FROM outbox WHERE state = 'sending' LIMIT $1) AS s GROUP BY state
         UNION ALL
         SELECT state, COUNT(*) FROM
             (SELECT state FROM outbox WHERE state IN ('failed', 'unknown', 'held') LIMIT $1) AS t GROUP BY state")
        .bind(COUNTED + 1)
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|(state, count)| {
            let state = MailState::try_from(state).map_err(DbError::stored)?;
            Ok(Counts { state, count })
        })
        .collect()
}

/// How many of them are in a state; none where it is not listed.
#[must_use]
pub fn count_in(counts: &[Counts], state: MailState) -> i64 {
    counts.iter().filter(|c| c.state == state).map(|c| c.count).sum()
}

/// How many mails were handed over; 10,001 stands for more than 10,000.
///
/// # Errors
/// When the database fails.
pub async fn count_sent(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM outbox WHERE state = 'sent' LIMIT $1) AS sent")
        .bind(COUNTED + 1)
        .fetch_one(c)
        .await)?)
}

/// Since when the mail that waits longest could have gone.
///
/// # Errors
/// When the database fails.
pub async fn waiting_since(conn: &mut Conn) -> Result<Option<Timestamp>, DbError> {
    let since: Option<i64> = on_db!(conn, c => sqlx::query_scalar("SELECT MIN(next_at) FROM outbox WHERE state = 'queued'")
        .fetch_one(c)
        .await)?;
    since.map(instant).transpose()
}

/// Mails that wait for another try, and what was said of most of them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Refused {
    last_code: Option<i64>,
    last_reply: Option<String>,
    /// How many wait with these words.
    pub count: i64,
}

impl Refused {
    /// Whether the relay said it; otherwise it says what happened instead.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.last_code.is_some()
    }

    /// What was said, in one line.
    #[must_use]
    pub fn reply(&self) -> String {
        in_one_line(self.last_code, self.last_reply.as_deref())
    }
}

/// What most of the mails that wait for another try were told; of a long queue, its first 10,001 are looked at.
///
/// # Errors
/// When the database fails.
pub async fn refused(conn: &mut Conn) -> Result<Option<Refused>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT last_code, last_reply, COUNT(*) AS count FROM
             (SELECT last_code, last_reply FROM outbox WHERE state = 'queued' LIMIT $1) AS r
         WHERE last_reply IS NOT NULL
         GROUP BY last_code, last_reply ORDER BY count DESC LIMIT 1")
        .bind(COUNTED + 1)
        .fetch_optional(c)
        .await)?)
}
