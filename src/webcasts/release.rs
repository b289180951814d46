//! A registration that was held back gets its place, or waits for one: an organizer lets it through, or its owner confirms.

use jiff::Timestamp;

use super::mails::kinds;
use super::{Availability, RegistrationState, Seat, roster, store};
use crate::db::{DbError, Tx};
use crate::mail::outbox;
use crate::tallies;

/// What became of a registration that was to be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    /// It has a place.
    Yes,
    /// It was not held back.
    NotHeld,
    /// It waits for one.
    Waits,
    /// No place is free, or the session takes no registrations.
    NoPlace,
}

/// Gives a registration that was held back its place, if there is one, and its first mail.
pub async fn release(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<Released, DbError> {
    if seat.state != RegistrationState::Held {
        return Ok(Released::NotHeld);
    }
    if seat.session.can_be_watched(now) {
        return release_for_replay(tx, seat, now).await;
    }
    if seat.session.ends_at <= now {
        return Ok(Released::NoPlace);
    }
    if seat.session.entry.approval {
        return wait_for_organizer(tx, seat, now).await;
    }
    if !store::take_seat(tx, seat.session.public_id, None).await? {
        return wait_for_place(tx, seat, now).await;
    }
    if !store::release(tx, seat.id).await? {
        store::give_seat_back(tx, seat.session.public_id).await?;
        return Ok(Released::NotHeld);
    }
    if let Some(tally) = roster::late(tx, seat.id).await? {
        tallies::store::add_late(tx, roster::REGISTRATIONS.name, seat.id, &tally).await?;
    }
    let mail = kinds::confirmation(&seat.email, seat.id, seat.public_id, seat.session.ends_at);
    outbox::enqueue(tx, &mail, now).await?;
    Ok(Released::Yes)
}

/// No place is free: it waits for one, where one can.
async fn wait_for_place(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<Released, DbError> {
    let can_wait = seat.session.entry.can_wait() && seat.session.availability(now) == Availability::Waiting;
    if !can_wait || !store::wait_for_place(tx, seat.id, seat.session.id, seat.state, now).await? {
        return Ok(Released::NoPlace);
    }
    kinds::enqueue(tx, &kinds::WAITING, seat, now).await?;
    Ok(Released::Waits)
}

async fn wait_for_organizer(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<Released, DbError> {
    if !store::wait_for_organizer(tx, seat.id, seat.session.id, seat.state).await? {
        return Ok(Released::NotHeld);
    }
    kinds::enqueue(tx, &kinds::PENDING, seat, now).await?;
    Ok(Released::Waits)
}

/// The session is over meanwhile, or was when the form was filled in: what there is now is the recording.
async fn release_for_replay(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<Released, DbError> {
    if !store::begin_replay(tx, seat.id, seat.state).await? {
        return Ok(Released::NotHeld);
    }
    outbox::enqueue(tx, &kinds::replay_link(&seat.email, seat.id, seat.public_id), now).await?;
    Ok(Released::Yes)
}
