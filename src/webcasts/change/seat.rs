//! What the holder of a seat may do with it. Each is one job at the write door, and says so by mail.

use jiff::Timestamp;

use crate::contacts::store::consents::{self, ConsentSource};
use crate::contacts::{self, AgreedTo};
use crate::db::{DbError, Tx};
use crate::mail::Kind;
use crate::questions::Filled;
use crate::questions::store::{AnswerOf, replace_answers};
use crate::values::{PersonName, Zone};
use crate::webcasts::mails::kinds;
use crate::webcasts::release::{Released, release};
use crate::webcasts::waiting::{self, OfferTaken};
use crate::webcasts::{Availability, RegistrationState, Seat, Session, store};

/// What an owner wants changed, checked.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Another name, or the same.
    pub name: PersonName,
    /// What else the form asks; `None` leaves it.
    pub filled: Option<Filled>,
    /// Another session, or the same.
    pub session: Session,
    /// Where times are shown besides the session's own zone.
    pub zone: Option<Zone>,
    /// Agrees to more mail; false leaves it.
    pub consent: bool,
}

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// All of it.
    Saved,
    /// The wanted session filled up meanwhile.
    Full,
    /// The registration was cancelled meanwhile.
    Cancelled,
    /// The form asks other things by now than it was read by.
    FormChanged,
}

/// Changes name, answers, zone and session. Who can do that holds the link from a mail, so the address is confirmed.
pub async fn edit(tx: &mut Tx, seat: &Seat, wanted: &Edit, now: Timestamp) -> Result<Edited, DbError> {
    contacts::store::details::hold(tx, seat.contact_id).await?;
    store::own(tx, seat, None, now).await?;
    if let Some(filled) = &wanted.filled
        && store::form_version(tx, &seat.slug).await? != Some(filled.version)
    {
        return Ok(Edited::FormChanged);
    }
    let mut seat = seat.clone();
    loop {
        if let Some(edited) = edit_as_read(tx, &seat, wanted, now).await? {
            return Ok(edited);
        }
        // Another click was quicker: what it left behind is what changes.
        match store::seat_by_public_id(tx, seat.public_id).await? {
            Some(fresh) if fresh.state.can_be_edited() => seat = fresh,
            _ => return Ok(Edited::Cancelled),
        }
    }
}

/// `None`: the seat is not as it was read.
async fn edit_as_read(tx: &mut Tx, seat: &Seat, wanted: &Edit, now: Timestamp) -> Result<Option<Edited>, DbError> {
    let (from, to) = (&seat.session, &wanted.session);
    let moves = to.id != from.id;
    if moves {
        store::hold_both_sessions(tx, from.id, to.id).await?;
        if !store::take_seat(tx, to.public_id, Some(now)).await? {
            return Ok(Some(Edited::Full));
        }
    }
    let saved = store::apply_edit(tx, seat.id, from.id, wanted, now).await?;
    if moves {
        // One seat stays taken: the new one, or the one before.
        if saved {
            store::free_place(tx, from.public_id, now).await?;
        } else {
            store::give_seat_back(tx, to.public_id).await?;
        }
    }
    if !saved {
        return Ok(None);
    }
    store::own(tx, seat, Some(wanted.name.as_str()), now).await?;
    if let Some(filled) = &wanted.filled {
        replace_answers(tx, AnswerOf::Registration(seat.id), filled).await?;
        contacts::store::details::follow_change(tx, seat.contact_id, &seat.person, &filled.person).await?;
    }
    if wanted.consent && !seat.consent {
        let agreed = [(seat.contact_id, &AgreedTo::default())];
        consents::give(tx, &agreed, ConsentSource::Page, seat.slug.as_str(), now).await?;
    }
    if moves && let Some(seat) = store::seat_by_public_id(tx, seat.public_id).await? {
        kinds::enqueue_updates(tx, &kinds::SEAT_UPDATE, std::slice::from_ref(&seat), None, now).await?;
    }
    Ok(Some(Edited::Saved))
}

/// Takes the place that was held back, by the button in its mail.
pub async fn confirm_place(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<Released, DbError> {
    store::own(tx, seat, Some(seat.name.whole()), now).await?;
    release(tx, seat, now).await
}

/// Takes the place that is kept for it, by the button in its mail.
pub async fn take_offer(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<OfferTaken, DbError> {
    store::own(tx, seat, Some(seat.name.whole()), now).await?;
    store::hold_session(tx, seat.session.public_id).await?;
    waiting::take_offer(tx, seat, now).await
}

/// Gives the seat back; a second time does nothing. Of one that never had a place nobody's calendar has heard.
pub async fn cancel(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<(), DbError> {
    const REASON: &str = "by the visitor";
    store::own(tx, seat, None, now).await?;
    store::hold_session(tx, seat.session.public_id).await?;
    if store::cancel(tx, seat.id, RegistrationState::Registered, REASON, now).await? {
        // Read again: another click may have moved it to another session.
        let Some(seat) = store::seat_by_public_id(tx, seat.public_id).await? else {
            return Ok(());
        };
        store::free_place(tx, seat.session.public_id, now).await?;
        return kinds::enqueue(tx, &kinds::CANCELLATION, &seat, now).await;
    }
    if store::cancel(tx, seat.id, RegistrationState::Offered, store::GAVE_UP, now).await? {
        return store::give_seat_back(tx, seat.session.public_id).await;
    }
    let reason = |state| match state {
        RegistrationState::Held => REASON,
        _ => store::GAVE_UP,
    };
    for state in [
        RegistrationState::Held,
        RegistrationState::Waitlisted,
        RegistrationState::Pending,
    ] {
        store::cancel(tx, seat.id, state, reason(state), now).await?;
    }
    Ok(())
}

/// What somebody has who takes a seat again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenAgain {
    /// A place.
    Place,
    /// They wait for one, or for an organizer.
    Waits,
    /// Nothing: the session is full, or closed.
    Nothing,
}

/// Takes a seat again that was given back, or waits for one again.
pub async fn take_again(tx: &mut Tx, seat: &Seat, session: &Session, now: Timestamp) -> Result<TakenAgain, DbError> {
    store::own(tx, seat, Some(seat.name.whole()), now).await?;
    // One that was held back and is over, and that nobody has ended yet; one whose turn can come no more.
    store::cancel(tx, seat.id, RegistrationState::Held, store::NOT_CONFIRMED, now).await?;
    store::cancel(tx, seat.id, RegistrationState::Waitlisted, store::GAVE_UP, now).await?;
    if session.entry.approval {
        let waits = store::wait_for_organizer(tx, seat.id, session.id, RegistrationState::Cancelled).await?;
        return told_to_wait(tx, seat, &kinds::PENDING, waits, now).await;
    }
    if !store::take_seat(tx, session.public_id, Some(now)).await? {
        if session.availability(now) != Availability::Waiting {
            return Ok(TakenAgain::Nothing);
        }
        let waits = store::wait_for_place(tx, seat.id, session.id, RegistrationState::Cancelled, now).await?;
        return told_to_wait(tx, seat, &kinds::WAITING, waits, now).await;
    }
    if !store::reopen(tx, seat.id, session.id).await? {
        // Two clicks on the button: the first one took the seat.
        store::give_seat_back(tx, session.public_id).await?;
        return Ok(TakenAgain::Place);
    }
    if let Some(seat) = store::seat_by_public_id(tx, seat.public_id).await? {
        kinds::enqueue_confirmation(tx, &seat, now).await?;
    }
    Ok(TakenAgain::Place)
}

async fn told_to_wait(
    tx: &mut Tx,
    seat: &Seat,
    kind: &Kind,
    waits: bool,
    now: Timestamp,
) -> Result<TakenAgain, DbError> {
    // Each time it waits has its own mail.
    if waits && let Some(seat) = store::seat_by_public_id(tx, seat.public_id).await? {
        kinds::enqueue(tx, kind, &seat, now).await?;
    }
    Ok(TakenAgain::Waits)
}
