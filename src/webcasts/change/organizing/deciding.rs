//! Who gets a place where organizers give them: those who asked, and those who wait out of turn.

use jiff::Timestamp;

use super::Organizer;
use crate::audit::{self, Actor, Entry};
use crate::db::{DbError, Tx};
use crate::values::PublicId;
use crate::webcasts::mails::kinds;
use crate::webcasts::waiting::seat_it;
use crate::webcasts::{RegistrationState, Seat, store};

/// What an organizer decides of some who asked for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// They have a place. Who comes too late for one waits, or has one beyond those that there are.
    Accept {
        /// Whether more are accepted than there are places.
        beyond: bool,
    },
    /// They have none.
    Reject,
}

/// What became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Decided {
    /// They have a place now.
    pub accepted: usize,
    /// They wait for one.
    pub waiting: usize,
    /// They were not accepted.
    pub rejected: usize,
    /// They stand otherwise by now.
    pub meanwhile: usize,
}

/// Does it, in the order in which they came.
pub(crate) async fn decide(
    tx: &mut Tx,
    session: PublicId,
    seats: &[PublicId],
    decision: Decision,
    who: &Organizer,
    now: Timestamp,
) -> Result<Decided, DbError> {
    let mut decided = Decided::default();
    let Some(session) = store::hold_session(tx, session).await? else {
        return Ok(decided);
    };
    for id in seats {
        let seat = store::seat_by_public_id(tx, *id).await?;
        let seat = seat.filter(|seat| seat.session.id == session.id && session.ends_at > now);
        let count = match (seat, decision) {
            (Some(seat), Decision::Accept { beyond }) => accept(tx, &seat, beyond, now).await?,
            (Some(seat), Decision::Reject) => reject(tx, &seat, now).await?,
            (None, _) => None,
        };
        let Some(became) = count else {
            decided.meanwhile += 1;
            continue;
        };
        match became {
            RegistrationState::Registered => decided.accepted += 1,
            RegistrationState::Rejected => decided.rejected += 1,
            _ => decided.waiting += 1,
        }
        note(tx, who, became, *id, now).await?;
    }
    Ok(decided)
}

/// `None`: it does not ask for a place any more.
async fn accept(tx: &mut Tx, seat: &Seat, beyond: bool, now: Timestamp) -> Result<Option<RegistrationState>, DbError> {
    if !matches!(seat.state, RegistrationState::Pending | RegistrationState::Waitlisted) {
        return Ok(None);
    }
    let session = seat.session.public_id;
    if !store::take_place(tx, session).await? {
        if !beyond {
            return wait(tx, seat, now).await;
        }
        store::take_place_beyond(tx, session).await?;
    }
    if seat_it(tx, seat, now).await? {
        return Ok(Some(RegistrationState::Registered));
    }
    store::give_seat_back(tx, session).await?;
    Ok(None)
}

/// No place is free: it waits for one, if it does not already.
async fn wait(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<Option<RegistrationState>, DbError> {
    if seat.state == RegistrationState::Waitlisted {
        return Ok(Some(RegistrationState::Waitlisted));
    }
    if !store::wait_for_place(tx, seat.id, seat.session.id, seat.state, now).await? {
        return Ok(None);
    }
    kinds::enqueue(tx, &kinds::WAITING, seat, now).await?;
    Ok(Some(RegistrationState::Waitlisted))
}

async fn reject(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<Option<RegistrationState>, DbError> {
    if !store::reject(tx, seat.id).await? {
        return Ok(None);
    }
    kinds::enqueue(tx, &kinds::NOT_ACCEPTED, seat, now).await?;
    Ok(Some(RegistrationState::Rejected))
}

async fn note(
    tx: &mut Tx,
    who: &Organizer,
    became: RegistrationState,
    id: PublicId,
    now: Timestamp,
) -> Result<(), DbError> {
    let entry = Entry {
        actor: Actor::from(who),
        action: "registration.decide",
        subject: id.to_string(),
        detail: became.as_str().to_owned(),
    };
    audit::record(tx, &entry, now).await
}
