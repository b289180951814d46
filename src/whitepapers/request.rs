//! Taking a request for a whitepaper: one job at the write door.

use jiff::Timestamp;

use super::store::{self, NewRequest};
use super::{LINK_LIFE, NO_SECOND_ATTACHMENT, Request, RequestState, mails};
use crate::config::Rate;
use crate::contacts::{self, Known, RepeatMail};
use crate::db::{DbError, Tx};
use crate::mail::outbox::{self, NewMail};
use crate::values::PublicId;

/// What the page can tell from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requested {
    /// The same words for everybody; `charged`: the post counts against its network's limit.
    Thanks {
        /// False where the address is confirmed.
        charged: bool,
    },
    /// There is no such paper, or no edition of it yet.
    Unavailable,
}

/// The job. It may run again, so it keeps nothing.
pub async fn request(
    tx: &mut Tx,
    wanted: &NewRequest,
    limit: Option<Rate>,
    now: Timestamp,
) -> Result<Requested, DbError> {
    let Some(contact) = store::insert_contact(tx, wanted, now).await? else {
        return Ok(Requested::Unavailable);
    };
    let public_id = PublicId::random();
    match store::insert_request(tx, wanted, contact.id, public_id, now + LINK_LIFE, now).await? {
        Some(_) if wanted.suspicious => {}
        Some(id) => {
            let key = outbox::key(&mails::PAPER, &public_id, 1);
            outbox::enqueue(tx, &NewMail::new(&mails::PAPER, key, &wanted.email, id), now).await?;
        }
        None => {
            if let Some(known) = store::request_by_contact(tx, contact.id, &wanted.slug).await? {
                repeat(tx, wanted, &known, &contact, limit, now).await?;
            }
        }
    }
    Ok(Requested::Thanks {
        charged: !contact.is_confirmed(),
    })
}

/// Asked for before: within a day of the paper a link, later the paper again.
async fn repeat(
    tx: &mut Tx,
    wanted: &NewRequest,
    known: &Request,
    contact: &Known,
    limit: Option<Rate>,
    now: Timestamp,
) -> Result<(), DbError> {
    if known.state == RequestState::Pending && wanted.suspicious {
        return Ok(());
    }
    let is_recent = known.mailed_at.is_some_and(|at| now < at + NO_SECOND_ATTACHMENT);
    if !is_recent {
        return mail_paper(tx, known, now).await;
    }
    let RepeatMail::At(at) = contact.repeat_mail(known.repeated_at, limit, now) else {
        return Ok(());
    };
    let key = outbox::key(&mails::LINK, &known.public_id, at.as_microsecond());
    let mail = NewMail::new(&mails::LINK, key, &wanted.email, known.id).not_before(at);
    outbox::enqueue(tx, &mail, now).await?;
    store::note_repeat(tx, known.id, at, at + LINK_LIFE).await?;
    let window = limit.map_or(0, |limit| i64::from(limit.seconds) * 1_000_000);
    contacts::store::count_repeat(tx, contact.id, window, now).await
}

/// An organizer looked at what was held: a person filled in the form. The paper goes out. False: it was not held.
pub async fn release(tx: &mut Tx, request: &Request, now: Timestamp) -> Result<bool, DbError> {
    let was_held = store::release(tx, request.id, now + LINK_LIFE, now).await?;
    if was_held {
        enqueue_paper(tx, request, request.times, now).await?;
    }
    Ok(was_held)
}

/// The paper as a whole, to somebody who has asked before.
async fn mail_paper(tx: &mut Tx, request: &Request, now: Timestamp) -> Result<(), DbError> {
    store::note_mailed(tx, request.id, now + LINK_LIFE, now).await?;
    enqueue_paper(tx, request, request.times + 1, now).await
}

/// `times`: asked for so often; each has a mail of its own.
async fn enqueue_paper(tx: &mut Tx, request: &Request, times: i64, now: Timestamp) -> Result<(), DbError> {
    let key = outbox::key(&mails::PAPER, &request.public_id, times);
    outbox::enqueue(tx, &NewMail::new(&mails::PAPER, key, &request.email, request.id), now).await?;
    Ok(())
}
