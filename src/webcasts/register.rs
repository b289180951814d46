//! Taking a registration: one job at the write door.
//!
//! Three statements for a new one: contact, registration, mail. What a visitor is shown never depends on
//! whether the address is known: a second sign-up changes nothing and sends the personal link again.

use jiff::Timestamp;

use super::mails::kinds;
use super::store::{self, DrawnSeat, Entrant, NewSeat};
use super::{Availability, Differences, RegistrationState, Seat, Session};
use crate::config::Rate;
use crate::contacts::{self, Known, RepeatMail, Traces};
use crate::db::{DbError, Tx, instant};
use crate::mail::outbox::{self, NewMail};
use crate::values::PublicId;

/// What the page can tell from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The same words for everybody; `charged`: the post counts against its network's limit.
    Thanks {
        /// False where the address is confirmed.
        charged: bool,
    },
    /// The session takes no registrations now, or is not one of this webcast.
    Unavailable(Option<Availability>),
}

/// The job. It may run again, so it keeps nothing.
pub async fn register(
    tx: &mut Tx,
    seat: &NewSeat,
    limit: Option<Rate>,
    traces: &Traces,
    now: Timestamp,
) -> Result<Registered, DbError> {
    loop {
        let Some(entrant) = store::insert_contacts(tx, &[seat], now).await?.pop() else {
            return unavailable(tx, seat, limit, now).await;
        };
        if entrant.counted && !store::take_seat(tx, seat.session).await? {
            contacts::store::remove_unused(tx, entrant.contact.id, traces).await?;
            return unavailable(tx, seat, limit, now).await;
        }
        if seat_or_repeat(tx, seat, &entrant, limit, now).await? {
            return Ok(Registered::Thanks {
                charged: !entrant.contact.is_confirmed(),
            });
        }
    }
}

/// A new seat, or what a second post for an address causes. False: an organizer set a capacity meanwhile, so the seat
/// is to be counted.
async fn seat_or_repeat(
    tx: &mut Tx,
    seat: &NewSeat,
    entrant: &Entrant,
    limit: Option<Rate>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let drawn = DrawnSeat {
        seat,
        contact_id: entrant.contact.id,
        public_id: PublicId::random(),
        counted: entrant.counted,
    };
    if let Some((_, id)) = store::insert_seats(tx, std::slice::from_ref(&drawn), now).await?.pop() {
        if !seat.suspicious {
            let mail = kinds::confirmation(&seat.email, id, drawn.public_id, instant(entrant.ends_at)?);
            outbox::enqueue(tx, &mail, now).await?;
        }
        return Ok(true);
    }
    if entrant.counted {
        store::give_seat_back(tx, seat.session).await?;
    }
    let Some(known) = store::seat_by_contact(tx, entrant.contact.id, seat.session).await? else {
        return Ok(false);
    };
    repeat(tx, seat, &known, &entrant.contact, limit, now).await?;
    Ok(true)
}

/// The address is registered already: nothing changes, one mail says how things stand.
async fn repeat(
    tx: &mut Tx,
    seat: &NewSeat,
    known: &Seat,
    contact: &Known,
    limit: Option<Rate>,
    now: Timestamp,
) -> Result<(), DbError> {
    if known.state == RegistrationState::Pending {
        if seat.suspicious {
            return Ok(());
        }
        // The first post looked like a program's, this one like a person's.
        return release(tx, known, now).await.map(drop);
    }
    let wanted = differences(seat, known);
    if !wanted.is_empty() && known.wanted.as_ref() != Some(&wanted) {
        store::note_wanted(tx, known.id, &wanted).await?;
    }
    mail_again(tx, seat, known, contact, limit, now).await
}

/// An organizer looked at what was held: a person filled in the form. The seat gets its first mail. False: it was not
/// held.
pub async fn release(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<bool, DbError> {
    let was_held = store::release(tx, seat.id).await?;
    if was_held {
        let mail = kinds::confirmation(&seat.email, seat.id, seat.public_id, seat.session.ends_at);
        outbox::enqueue(tx, &mail, now).await?;
    }
    Ok(was_held)
}

async fn mail_again(
    tx: &mut Tx,
    seat: &NewSeat,
    known: &Seat,
    contact: &Known,
    limit: Option<Rate>,
    now: Timestamp,
) -> Result<(), DbError> {
    let RepeatMail::At(at) = contact.repeat_mail(known.repeated_at, limit, now) else {
        return Ok(());
    };
    let key = outbox::key(&kinds::REPEAT, &known.public_id, at.as_microsecond());
    let mail = NewMail::new(&kinds::REPEAT, key, &seat.email, known.id).not_before(at);
    outbox::enqueue(tx, &mail, now).await?;
    store::note_repeat(tx, known.id, at).await?;
    let window = limit.map_or(0, |limit| i64::from(limit.seconds) * 1_000_000);
    contacts::store::count_repeat(tx, contact.id, window, now).await
}

/// What this post says differently from what is registered.
fn differences(seat: &NewSeat, known: &Seat) -> Differences {
    Differences {
        name: (seat.name.as_str() != known.name).then(|| seat.name.as_str().to_owned()),
        session: (seat.session != known.session.public_id).then(|| seat.session.to_string()),
        consent: seat.consent && !known.consent,
        again: known.state == RegistrationState::Cancelled,
    }
}

/// Why there is no seat. The page says it to everybody; who holds one already gets the links again.
async fn unavailable(tx: &mut Tx, seat: &NewSeat, limit: Option<Rate>, now: Timestamp) -> Result<Registered, DbError> {
    let Some(webcast) = store::webcast_by_slug(tx, &seat.slug).await? else {
        return Ok(Registered::Unavailable(None));
    };
    let session = store::session_by_public_id(tx, seat.session).await?;
    let Some(session) = session.filter(|session: &Session| session.webcast_id == webcast.id) else {
        return Ok(Registered::Unavailable(None));
    };
    if let Some(contact) = contacts::store::find_by_key(tx, &seat.email.key()).await?
        && let Some(known) = store::seat_by_contact(tx, contact.id, seat.session).await?
        && known.state != RegistrationState::Pending
    {
        mail_again(tx, seat, &known, &contact, limit, now).await?;
    }
    Ok(Registered::Unavailable(Some(session.availability(now))))
}
