//! Taking a request for a whitepaper: one job at the write door.

use jiff::Timestamp;

use super::store::{self, NewRequest};
use super::{LINK_LIFE, NO_SECOND_ATTACHMENT, Request, RequestState, mails, roster};
use crate::config::Rate;
use crate::contacts::merge::MergedPeople;
use crate::contacts::store::consents::{self, ConsentSource};
use crate::contacts::{self, ErasedPerson, Known, PersonChange, RepeatMail, is_double_click};
use crate::db::{DbError, Tx};
use crate::mail::outbox::{self, NewMail};
use crate::questions::store::{AnswerOf, insert_answers};
use crate::tallies;
use crate::values::PublicId;

/// What the page can tell from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requested {
    /// The same words for everybody.
    Thanks,
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
    if !insert(tx, wanted, &contact, now).await?
        && let Some(known) = store::request_by_contact(tx, contact.id, &wanted.slug).await?
    {
        match (known.state, wanted.suspicious) {
            (RequestState::Held, true) => {}
            (RequestState::Held, false) if store::give_way(tx, known.id).await? => {
                insert(tx, wanted, &contact, now).await?;
            }
            _ => repeat(tx, wanted, &known, &contact, limit, now).await?,
        }
    }
    Ok(Requested::Thanks)
}

/// A new request, with its first mail unless an organizer looks first. False: this contact has asked before.
async fn insert(tx: &mut Tx, wanted: &NewRequest, contact: &Known, now: Timestamp) -> Result<bool, DbError> {
    let public_id = PublicId::random();
    let Some(id) = store::insert_request(tx, wanted, contact.id, public_id, now + LINK_LIFE, now).await? else {
        return Ok(false);
    };
    insert_answers(tx, &[(AnswerOf::Request(id), &wanted.filled)]).await?;
    if !wanted.filled.person.is_empty() {
        contacts::store::details::fill(tx, &[(contact.id, &wanted.filled.person)]).await?;
    }
    if wanted.consent {
        let agreed = [(contact.id, &wanted.agreed_to)];
        consents::give(tx, &agreed, ConsentSource::Form, wanted.slug.as_str(), now).await?;
    }
    if !wanted.suspicious {
        let key = outbox::key(&mails::PAPER, &public_id, 1);
        outbox::enqueue(tx, &NewMail::new(&mails::PAPER, key, &wanted.email, id), now).await?;
    }
    Ok(true)
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
    if is_the_same_post(wanted, known, now) {
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

/// A double click, or the form sent again because the answer was slow.
fn is_the_same_post(wanted: &NewRequest, known: &Request, now: Timestamp) -> bool {
    let last = known.repeated_at.max(known.mailed_at);
    wanted.name.as_str() == known.name.whole() && last.is_some_and(|last| is_double_click(last, now))
}

/// An organizer looked at what was held: a person filled in the form. The paper goes out. False: it was not held.
pub async fn release(tx: &mut Tx, request: &Request, now: Timestamp) -> Result<bool, DbError> {
    let was_held = store::release(tx, request.id, now + LINK_LIFE, now).await?;
    if was_held {
        if let Some(tally) = roster::tallied(tx, request.id - 1, request.id).await?.pop() {
            tallies::store::add_late(tx, roster::REQUESTS.name, request.id, &tally).await?;
        }
        enqueue_paper(tx, request, request.times, now).await?;
    }
    Ok(was_held)
}

/// An organizer sends the paper again. False: it went three times within a day, or the request is held back.
pub(crate) async fn send_again(tx: &mut Tx, request: &Request, now: Timestamp) -> Result<bool, DbError> {
    if request.state == RequestState::Held {
        return Ok(false);
    }
    let key = outbox::key(&mails::PAPER, &request.public_id, now.as_microsecond());
    let is_sent = outbox::enqueue_again(tx, &NewMail::new(&mails::PAPER, key, &request.email, request.id), now).await?;
    if is_sent {
        store::renew_link(tx, request.id, now + LINK_LIFE, now).await?;
    }
    Ok(is_sent)
}

/// Gives them to whoever stays of two people who are one. Of two for one paper the earlier one stays; what is known of the
/// other is added to it, and its link leads there.
pub(super) async fn join(tx: &mut Tx, people: &MergedPeople, now: Timestamp) -> Result<(), DbError> {
    let theirs = store::requests_of_contact(tx, people.into).await?;
    for request in store::requests_of_contact(tx, people.from).await? {
        let Some(other) = theirs.iter().find(|other| other.whitepaper_id == request.whitepaper_id) else {
            continue;
        };
        let (stays, goes) = (other.id.min(request.id), other.id.max(request.id));
        outbox::join_rows(tx, &mails::KINDS, goes, stays, now).await?;
        store::join_requests(tx, stays, goes).await?;
    }
    store::pass_on_requests(tx, people.from, people.into).await
}

/// Erases them, with all that was mailed about them, whoever it went to; gives how many there were.
pub(super) async fn erase(tx: &mut Tx, person: &ErasedPerson) -> Result<u64, DbError> {
    let Some(contact) = person.contact_id else {
        return Ok(0);
    };
    let requests = store::requests_of_contact(tx, contact).await?;
    let ids: Vec<i64> = requests.iter().map(|request| request.id).collect();
    outbox::forget_about_rows(tx, &mails::KINDS, &ids).await?;
    store::delete_requests_of(tx, contact).await
}

/// Requests take over a new name. With another address the links of before open nothing any more, and what waits goes to
/// the new one.
pub(super) async fn follow(tx: &mut Tx, change: &PersonChange, now: Timestamp) -> Result<(), DbError> {
    store::correct(tx, change).await?;
    let Some(address) = &change.address else {
        return Ok(());
    };
    store::raise_links(tx, change.contact_id).await?;
    let requests = store::requests_of_contact(tx, change.contact_id).await?;
    let ids: Vec<i64> = requests.iter().map(|request| request.id).collect();
    outbox::readdress(tx, &mails::KINDS, &ids, &address.new, now).await?;
    for request in requests.iter().filter(|_| address.send) {
        send_again(tx, request, now).await?;
    }
    Ok(())
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
