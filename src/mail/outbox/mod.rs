//! The outbox: mail that is owed, in the database.
//!
//! A row is put in within the transaction of what the mail is about, so there is never one without the other. `claim`
//! is what the couriers use, `view` and `change` are for organizers and for the command line.

mod again;
mod change;
mod claim;
mod view;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use again::{enqueue_again, is_unsent, is_waiting, join_rows, pass_on, readdress, was_told, withdraw};
pub use change::{
    HOLD_ALL, MailAct, act, forget_about, forget_about_rows, forget_address, forget_last_mails, hurry_waiting, prune,
    release_held,
};
pub(crate) use claim::hurry_refused;
pub(super) use claim::{Claim, Settlement, claim, clear_leases, expire_leases, put_back, renew, settle};
pub use view::{
    Counts, Filter, OutboxRow, Refused, about, count_in, count_sent, counts, find, list, owed, refused, waiting_since,
};

use super::kind::Kind;
use crate::db::{DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::{EmailAddress, PublicId};

/// What became of a mail, or will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailState {
    /// Waits for its time.
    Queued,
    /// A courier has it.
    Sending,
    /// The relay took it.
    Sent,
    /// Given up, or refused for good.
    Failed,
    /// The relay may have taken it, three times over; an organizer decides.
    Unknown,
    /// There was nothing to send any more.
    Skipped,
    /// An organizer, or a change of what it was about, stopped it.
    Cancelled,
    /// Held back after a restore, for an organizer to release.
    Held,
}

impl MailState {
    /// All of them, in the order pages show them.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Sending,
        Self::Held,
        Self::Failed,
        Self::Unknown,
        Self::Sent,
        Self::Skipped,
        Self::Cancelled,
    ];

    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
        }
    }

    /// Whether it may be tried again: it is with no courier and was not taken.
    #[must_use]
    pub fn can_retry(self) -> bool {
        !matches!(self, Self::Sending | Self::Sent)
    }

    /// Whether it may be stopped: it may still go, now or when somebody tries it again.
    #[must_use]
    pub fn can_cancel(self) -> bool {
        matches!(self, Self::Queued | Self::Held | Self::Failed | Self::Unknown)
    }

    /// The states that `may` is true of, as a list for SQL.
    fn list(may: fn(Self) -> bool) -> String {
        let names: Vec<String> = Self::ALL
            .into_iter()
            .filter(|state| may(*state))
            .map(|state| format!("'{state}'"))
            .collect();
        format!("({})", names.join(", "))
    }
}

impl fmt::Display for MailState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for MailState {
    type Err = crate::values::Problem;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|state| state.name() == word);
        known.ok_or_else(|| crate::values::Problem::new(format!("{word:?} is no state of a mail")))
    }
}

impl TryFrom<String> for MailState {
    type Error = crate::values::Problem;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        word.parse()
    }
}

/// The name of one mail, everywhere outside the database: `<kind>:<public id>:<generation>`. A second mail of the same
/// name is never put in; the generation rises with each reschedule, resend or change.
#[must_use]
pub fn key(kind: &Kind, subject: &PublicId, generation: i64) -> String {
    format!("{}:{subject}:{generation}", kind.name)
}

/// A mail to be put into the outbox.
#[derive(Clone, Debug)]
pub struct NewMail {
    kind: Kind,
    key: String,
    recipient: String,
    subject_id: i64,
    params: String,
    message_id: String,
    not_before: Option<Timestamp>,
    deadline: Option<Timestamp>,
}

/// The row that a mail is about whose recipient was erased: there is none.
pub(crate) const NOBODY: i64 = 0;

impl NewMail {
    /// A mail about the row `subject_id`, to go at once. It draws its Message-ID: a write job that is run again draws
    /// another, and the one that is committed counts.
    #[must_use]
    pub fn new(kind: &Kind, key: String, recipient: &EmailAddress, subject_id: i64) -> Self {
        Self {
            kind: *kind,
            key,
            recipient: recipient.as_str().to_owned(),
            subject_id,
            params: "{}".to_owned(),
            message_id: PublicId::random().to_string(),
            not_before: None,
            deadline: None,
        }
    }

    /// What the composer will need besides the row, as JSON. Ids and numbers, no bodies.
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn with_params(mut self, params: &impl Serialize) -> Result<Self, serde_json::Error> {
        self.params = serde_json::to_string(params)?;
        Ok(self)
    }

    /// Sends it later.
    #[must_use]
    pub fn not_before(mut self, at: Timestamp) -> Self {
        self.not_before = Some(at);
        self
    }

    /// Never sends it from this moment on, whatever held it up: the session has begun.
    #[must_use]
    pub fn deadline(mut self, at: Timestamp) -> Self {
        self.deadline = Some(at);
        self
    }

    /// The mail's name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Puts a mail into the outbox. False: one of this name is there already.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(tx: &mut Tx, mail: &NewMail, now: Timestamp) -> Result<bool, DbError> {
    Ok(enqueue_all(tx, std::slice::from_ref(mail), now).await? == 1)
}

/// Puts mails into the outbox, in one statement. Gives how many: those whose name is there already are left out.
///
/// # Errors
/// When the database fails.
pub async fn enqueue_all(tx: &mut Tx, mails: &[NewMail], now: Timestamp) -> Result<u64, DbError> {
    if mails.is_empty() {
        return Ok(0);
    }
    let text = format!(
        "INSERT INTO outbox
             (kind, priority, dedupe_key, recipient, subject_id, params, message_id, created_at, next_at, deadline)
         VALUES {}
         ON CONFLICT (dedupe_key) DO NOTHING",
        sql::rows(mails.len(), 10, 0)
    );
    Ok(on_db!(tx, c => {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
        for mail in mails {
            query = query
                .bind(mail.kind.name)
                .bind(mail.kind.priority.number())
                .bind(&mail.key)
                .bind(&mail.recipient)
                .bind(mail.subject_id)
                .bind(&mail.params)
                .bind(&mail.message_id)
                .bind(micros(now))
                .bind(micros(mail.not_before.unwrap_or(now)))
                .bind(mail.deadline.map(micros));
        }
        query.execute(c).await.map(|done| done.rows_affected())
    })?)
}

/// A mail in a courier's hands: what a composer sees of a row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Claimed {
    /// The row.
    pub id: i64,
    /// Its kind's name.
    pub kind: String,
    /// Its place in the order.
    pub priority: i64,
    /// Its name outside the database.
    pub dedupe_key: String,
    /// The address.
    pub recipient: String,
    /// The feature's row it is about.
    pub subject_id: i64,
    /// What the feature wrote down for itself.
    pub params: String,
    pub(super) message_id: String,
    pub(super) message_domain: String,
    pub(super) created_at: i64,
    pub(super) dated_at: Option<i64>,
    pub(super) next_at: i64,
    pub(super) deadline: Option<i64>,
    /// Tries so far.
    pub attempts: i64,
    pub(super) ambiguous: i64,
    /// The relay found the attachment too large: send a link instead.
    pub as_link: bool,
}

impl Claimed {
    /// What is read of a row.
    const COLUMNS: &str = "id, kind, priority, dedupe_key, recipient, subject_id, params, message_id, message_domain, \
                           created_at, dated_at, next_at, deadline, attempts, ambiguous, as_link";

    /// What stands before the @ of its Message-ID.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// What the feature wrote down for itself.
    ///
    /// # Errors
    /// When it is not what the feature expects: a poison row.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.params)
    }

    /// When it was asked for.
    ///
    /// # Errors
    /// When the row was not written by this program.
    pub fn created_at(&self) -> Result<Timestamp, DbError> {
        crate::db::instant(self.created_at)
    }

    /// What its headers say of when it was sent: its first try, or, before that, when it is due.
    ///
    /// # Errors
    /// When the row was not written by this program.
    pub(super) fn dated_at(&self) -> Result<Timestamp, DbError> {
        crate::db::instant(self.dated_at.unwrap_or(self.next_at))
    }
}
