//! Getting claimed mails ready: what stops them, loading what they need, writing and encoding them. What goes wrong with
//! one mail, a panic of its composer too, is that mail's alone.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::FutureExt;

use super::compose::{Compose, Composed, Composition};
use super::delivery::Delivery;
use super::domains::{Takes, domain};
use super::kind::Kind;
use super::message::{Head, Message, Wire};
use super::outbox::{Claimed, MailState};
use super::suppressions::{self, Reason};
use crate::db::{Conn, DbError, micros};
use crate::values::{EmailAddress, address_key};

/// A mail that a newer version has put in waits this long for it.
const UNKNOWN_KIND: Duration = Duration::from_mins(5);
/// A mail waits this long when the database could not be read.
const DATABASE: Duration = Duration::from_secs(20);

/// A mail before it is carried.
pub(super) enum Ready {
    /// To be written and sent.
    Composition(Kind, Composition),
    /// Nothing is to be sent.
    Ended(MailState, String),
    /// Not now, but after this time.
    Later(Duration, String),
}

/// Why addresses get no mail, by their keys.
type Stopped = Result<HashMap<String, Vec<(Reason, String)>>, DbError>;

impl Delivery {
    /// Finds out what stops a mail, and loads what the others need: one query for each kind.
    pub(super) async fn prepare(&self, mails: Vec<Claimed>) -> VecDeque<(Claimed, Ready)> {
        let mut ready: Vec<Option<Ready>> = Vec::with_capacity(mails.len());
        let stopped = self.suppressed(&mails).await;
        let takes = self
            .domains
            .check_all(mails.iter().map(|mail| domain(&mail.recipient)))
            .await;
        ready.extend(mails.iter().map(|mail| self.obstacle(mail, &stopped, &takes)));
        let mut kinds: Vec<&str> = mails.iter().map(|mail| mail.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            let Some((kind, composer)) = self.composers.find(kind) else {
                continue;
            };
            let places: Vec<usize> = (0..mails.len())
                .filter(|place| mails.get(*place).is_some_and(|mail| mail.kind == kind.name))
                .filter(|place| ready.get(*place).is_some_and(Option::is_none))
                .collect();
            let batch: Vec<Claimed> = places.iter().filter_map(|place| mails.get(*place).cloned()).collect();
            for (place, composition) in places.iter().zip(self.load(kind, composer, &batch).await) {
                if let Some(slot) = ready.get_mut(*place) {
                    *slot = Some(composition);
                }
            }
        }
        let unready = || {
            Ready::Later(
                UNKNOWN_KIND,
                "Nothing in this program composes this kind of mail.".to_owned(),
            )
        };
        mails
            .into_iter()
            .zip(ready.into_iter().map(|ready| ready.unwrap_or_else(unready)))
            .collect()
    }

    /// Why a mail is not to be sent, or not now.
    fn obstacle(&self, mail: &Claimed, stopped: &Stopped, takes: &HashMap<String, Takes>) -> Option<Ready> {
        // A copy that knows the kind decides, on this too.
        let (kind, _) = self.composers.find(&mail.kind)?;
        if mail
            .deadline
            .is_some_and(|deadline| deadline <= micros(self.clock.now()))
        {
            let state = if mail.attempts > 0 {
                MailState::Failed
            } else {
                MailState::Skipped
            };
            return Some(Ready::Ended(state, "It was too late for this mail.".to_owned()));
        }
        let Ok(address) = EmailAddress::parse(&mail.recipient) else {
            return Some(Ready::Ended(
                MailState::Failed,
                "The address cannot be mailed to.".to_owned(),
            ));
        };
        let stopped = match stopped {
            Ok(stopped) => stopped,
            Err(error) => return Some(Ready::Later(DATABASE, error.to_string())),
        };
        let reason = stopped.get(&address.key()).and_then(|reasons| {
            let mut general = reasons.iter().filter(|(_, scope)| scope.is_empty());
            general.find(|(reason, _)| reason.stops(kind.purpose))
        });
        if let Some((reason, _)) = reason {
            return Some(Ready::Ended(MailState::Skipped, reason.sentence().to_owned()));
        }
        let objection = takes.get(address.domain())?.objection()?;
        Some(Ready::Ended(MailState::Failed, objection.to_owned()))
    }

    async fn suppressed(&self, mails: &[Claimed]) -> Stopped {
        let keys: Vec<String> = mails.iter().map(|mail| address_key(&mail.recipient)).collect();
        suppressions::reasons(&mut self.db.read().await?, &keys, self.clock.now()).await
    }

    /// Loads a batch of one kind. If that fails or panics, each mail by itself, so that a poison row fails alone.
    async fn load(&self, kind: Kind, composer: &dyn Compose, mails: &[Claimed]) -> Vec<Ready> {
        if mails.is_empty() {
            return Vec::new();
        }
        if let Ok(compositions) = self.load_batch(composer, mails).await
            && compositions.len() == mails.len()
        {
            return compositions
                .into_iter()
                .map(|composition| Ready::Composition(kind, composition))
                .collect();
        }
        let mut ready = Vec::with_capacity(mails.len());
        for mail in mails {
            ready.push(
                match self
                    .load_batch(composer, std::slice::from_ref(mail))
                    .await
                    .map(|mut compositions| compositions.pop())
                {
                    Ok(Some(composition)) => Ready::Composition(kind, composition),
                    Ok(None) => Ready::Ended(MailState::Failed, "The mail could not be composed.".to_owned()),
                    Err(error) if error.is_passing() => Ready::Later(DATABASE, error.to_string()),
                    Err(error) => Ready::Ended(MailState::Failed, format!("The mail could not be composed: {error}.")),
                },
            );
        }
        ready
    }

    async fn load_batch(&self, composer: &dyn Compose, mails: &[Claimed]) -> Result<Vec<Composition>, DbError> {
        let mut conn: Conn = self.db.read().await?;
        let loading = AssertUnwindSafe(composer.load(&mut conn, mails)).catch_unwind();
        loading.await.unwrap_or(Err(DbError::Panicked))
    }

    /// Writes the mail. A panic in here is this mail's alone.
    pub(super) fn write(&self, mail: &Claimed, composition: Composition) -> Result<Wire, (MailState, String)> {
        let failed = |why: String| (MailState::Failed, format!("The mail could not be composed: {why}."));
        let composed =
            catch_unwind(AssertUnwindSafe(composition)).map_err(|_| failed("its composer panicked".to_owned()))?;
        let message = match composed {
            Composed::Send(message) => message,
            Composed::Skip(why) => return Err((MailState::Skipped, why)),
            Composed::Poison(why) => return Err(failed(why)),
        };
        catch_unwind(AssertUnwindSafe(|| self.encode(mail, &message)))
            .map_err(|_| failed("its encoding panicked".to_owned()))?
            .map_err(failed)
    }

    fn encode(&self, mail: &Claimed, message: &Message) -> Result<Wire, String> {
        // Rows of versions that did not write it down.
        let domain = match mail.message_domain.as_str() {
            "" => self.from.address.domain(),
            domain => domain,
        };
        let message_id = format!("<{}@{domain}>", mail.message_id);
        let head = Head {
            from: &self.from,
            reply_to: self.reply_to.as_ref(),
            to: &mail.recipient,
            message_id: &message_id,
            date: mail.dated_at().map_err(|error| error.to_string())?,
        };
        message.encode(&head).map_err(|error| error.to_string())
    }
}
