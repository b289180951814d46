//! What an organizer does to one seat. Each is one job at the write door; its holder is told a minute later, so that it can
//! be undone without a word. None of it says that the address is somebody's.

mod deciding;
mod erasing;
mod following;
mod giving;
mod merging;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::{DbError, Tx};
use crate::mail::{Kind, outbox};
use crate::organizers::Organizer;
use crate::undo::{self, ActRow, NewAct, UndoKind, Undone};
use crate::values::PublicId;
use crate::webcasts::mails::kinds;
use crate::webcasts::{RegistrationState, Seat, Session, SessionState, store};

pub(crate) use deciding::{Decided, Decision, decide};
pub(crate) use erasing::{erase, erase_invitations};
pub(crate) use following::follow;
pub(crate) use giving::{Given, SeatByHand, add_with_seat};
pub(crate) use merging::join;

/// Stored as why it ended.
const REASON: &str = "by an organizer";

/// What an organizer wants of a seat.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SeatWish {
    /// It is taken away.
    Cancel(PublicId),
    /// It goes to another session.
    Move {
        /// The seat.
        seat: PublicId,
        /// Where the page showed it.
        from: PublicId,
        /// Where it goes.
        to: PublicId,
    },
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeatOutcome {
    /// It is done, and can be undone under this name.
    Done(PublicId),
    /// The seat does not stand as the page showed it.
    Meanwhile,
    /// No place is free in the session, or it is called off or over.
    NoPlace,
}

/// How a cancelled seat comes back.
pub(crate) const SEAT_CANCELLED: UndoKind = UndoKind {
    name: "seat.cancel",
    said: "The registration is cancelled.",
    turn_back: |tx, act, now| Box::pin(undo(tx, act, now)),
};

/// How a moved seat goes back.
pub(crate) const SEAT_MOVED: UndoKind = UndoKind {
    name: "seat.move",
    said: "The registration is moved.",
    turn_back: |tx, act, now| Box::pin(undo(tx, act, now)),
};

/// Does it, and keeps how it is undone; `page` is where that is offered.
pub(crate) async fn change(
    tx: &mut Tx,
    wish: SeatWish,
    who: &Organizer,
    page: &str,
    now: Timestamp,
) -> Result<SeatOutcome, DbError> {
    let (kind, changed) = match wish {
        SeatWish::Cancel(seat) => (SEAT_CANCELLED, cancel_seat(tx, seat, now).await?),
        SeatWish::Move { seat, from, to } => (SEAT_MOVED, move_seat(tx, seat, from, to, now).await?),
    };
    let (inverse, mail) = match changed {
        SeatChanged::Yes(inverse, mail) => (inverse, mail),
        SeatChanged::Meanwhile => return Ok(SeatOutcome::Meanwhile),
        SeatChanged::NoPlace => return Ok(SeatOutcome::NoPlace),
    };
    let act = NewAct {
        kind: kind.name,
        page: page.to_owned(),
        mail: mail.as_deref(),
        organizer: who,
    };
    Ok(SeatOutcome::Done(undo::keep(tx, &act, &inverse, now).await?))
}

/// Takes a seat away from its holder, for good: one of many. False: it stands so no more.
pub(crate) async fn cancel(tx: &mut Tx, seat: PublicId, now: Timestamp) -> Result<bool, DbError> {
    Ok(matches!(cancel_seat(tx, seat, now).await?, SeatChanged::Yes(..)))
}

/// What undoing a change of a seat needs. It names rows; nothing of the person.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SeatInverse {
    seat: String,
    /// The seat's part of the calendar's SEQUENCE after the change: it rises with every change.
    sequence: i64,
    /// How it stood before.
    state: String,
    /// Its session before.
    session: String,
}

/// A change on its way.
enum SeatChanged {
    /// It is done: how it is undone, and the mail that tells of it.
    Yes(SeatInverse, Option<String>),
    Meanwhile,
    NoPlace,
}

impl SeatInverse {
    fn of(before: &Seat, sequence: i64) -> Self {
        Self {
            seat: before.public_id.to_string(),
            sequence,
            state: before.state.as_str().to_owned(),
            session: before.session.public_id.to_string(),
        }
    }
}

/// Takes a seat away from its holder. Of one that was held back, or that is over, nobody is told.
async fn cancel_seat(tx: &mut Tx, id: PublicId, now: Timestamp) -> Result<SeatChanged, DbError> {
    let Some(seat) = hold_seat(tx, id).await? else {
        return Ok(SeatChanged::Meanwhile);
    };
    let stands = !seat.state.is_over();
    if !stands || !store::cancel(tx, seat.id, seat.state, REASON, now).await? {
        return Ok(SeatChanged::Meanwhile);
    }
    if takes_place(&seat) {
        store::free_place(tx, seat.session.public_id, now).await?;
    }
    let Some(after) = store::seat_by_public_id(tx, id).await? else {
        return Ok(SeatChanged::Meanwhile);
    };
    let is_told = !matches!(seat.state, RegistrationState::Held) && !seat.is_replay && seat.session.ends_at > now;
    let mail = if is_told {
        Some(kinds::enqueue_for_organizer(tx, &kinds::CANCELLATION, &after, now).await?)
    } else {
        None
    };
    Ok(SeatChanged::Yes(SeatInverse::of(&seat, after.sequence), mail))
}

/// Moves a seat to another session of its webcast; `from` is where the page showed it.
async fn move_seat(
    tx: &mut Tx,
    id: PublicId,
    from: PublicId,
    to: PublicId,
    now: Timestamp,
) -> Result<SeatChanged, DbError> {
    let Some(seat) = store::seat_by_public_id(tx, id).await? else {
        return Ok(SeatChanged::Meanwhile);
    };
    let Some(wanted) = store::session_by_public_id(tx, to).await? else {
        return Ok(SeatChanged::NoPlace);
    };
    if !is_seated(&seat) || seat.session.public_id != from || wanted.webcast_id != seat.webcast_id {
        return Ok(SeatChanged::Meanwhile);
    }
    if wanted.ends_at <= now || !take_other(tx, &seat, &wanted).await? {
        return Ok(SeatChanged::NoPlace);
    }
    let Some(after) = change_session(tx, &seat, &wanted, now).await? else {
        return Ok(SeatChanged::Meanwhile);
    };
    let mail = kinds::enqueue_for_organizer(tx, &kinds::SEAT_UPDATE, &after, now).await?;
    Ok(SeatChanged::Yes(SeatInverse::of(&seat, after.sequence), Some(mail)))
}

/// Undoes either. Where its holder was told of the change, they are told of this too.
async fn undo(tx: &mut Tx, act: &ActRow, now: Timestamp) -> Result<Undone, DbError> {
    let inverse: SeatInverse = act.inverse()?;
    let mail = act.mail.as_deref();
    let parsed = (PublicId::parse(&inverse.seat), PublicId::parse(&inverse.session));
    let (Some(seat), Some(session)) = parsed else {
        return Err(DbError::stored("an act names no seat"));
    };
    let Some(seat) = store::seat_by_public_id(tx, seat).await? else {
        return Ok(Undone::Changed);
    };
    if seat.sequence != inverse.sequence {
        return Ok(Undone::Changed);
    }
    if seat.state == RegistrationState::Cancelled {
        return uncancel(tx, &seat, &inverse, mail, now).await;
    }
    let Some(before) = store::session_by_public_id(tx, session).await? else {
        return Ok(Undone::Changed);
    };
    if before.ends_at <= now || !take_other(tx, &seat, &before).await? {
        return Ok(Undone::NoPlace);
    }
    let Some(seat) = change_session(tx, &seat, &before, now).await? else {
        return Ok(Undone::Changed);
    };
    if was_told(tx, mail, now).await? {
        kinds::enqueue_for_organizer(tx, &kinds::SEAT_UPDATE, &seat, now).await?;
    }
    Ok(Undone::Yes)
}

async fn uncancel(
    tx: &mut Tx,
    seat: &Seat,
    inverse: &SeatInverse,
    mail: Option<&str>,
    now: Timestamp,
) -> Result<Undone, DbError> {
    if inverse.state == RegistrationState::Held.as_str() {
        store::hold_back_again(tx, seat.id).await?;
        return Ok(Undone::Yes);
    }
    if seat.is_replay {
        store::begin_replay(tx, seat.id, seat.state).await?;
        return Ok(Undone::Yes);
    }
    if let Some(state) = waited_as(&inverse.state) {
        store::wait_again(tx, seat.id, state).await?;
        if was_told(tx, mail, now).await? {
            return tell_of_standing(tx, seat, now).await.map(|()| Undone::Yes);
        }
        return Ok(Undone::Yes);
    }
    if !store::take_place(tx, seat.session.public_id).await? {
        return Ok(Undone::NoPlace);
    }
    if !store::reopen(tx, seat.id, seat.session.id).await? {
        store::give_seat_back(tx, seat.session.public_id).await?;
        return Ok(Undone::Changed);
    }
    let was_told = was_told(tx, mail, now).await?;
    let Some(seat) = store::seat_by_public_id(tx, seat.public_id).await? else {
        return Ok(Undone::Changed);
    };
    // Where the confirmation had not gone yet it may have been given up meanwhile.
    if was_told || !outbox::was_told(tx, &[kinds::CONFIRMATION], seat.id).await? {
        kinds::enqueue_confirmation(tx, &seat, now).await?;
    }
    Ok(Undone::Yes)
}

/// How one waits again that waited before. Whose place was kept waits for it again, where it stood in the queue.
fn waited_as(before: &str) -> Option<RegistrationState> {
    match RegistrationState::parse(before)? {
        RegistrationState::Waitlisted | RegistrationState::Offered => Some(RegistrationState::Waitlisted),
        RegistrationState::Pending => Some(RegistrationState::Pending),
        _ => None,
    }
}

async fn tell_of_standing(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<(), DbError> {
    if let Some(seat) = store::seat_by_public_id(tx, seat.public_id).await?
        && let Some(kind) = says_how_it_stands(&seat, now)
    {
        kinds::enqueue(tx, &kind, &seat, now).await?;
    }
    Ok(())
}

/// Whether the mail that tells of a change has gone; else it is taken back.
async fn was_told(tx: &mut Tx, mail: Option<&str>, now: Timestamp) -> Result<bool, DbError> {
    match mail {
        Some(mail) => Ok(!outbox::withdraw(tx, mail, now).await?),
        None => Ok(false),
    }
}

/// Sends the mail again that says how a seat stands. False: it went three times within a day, or there is none.
pub(crate) async fn tell_again(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<bool, DbError> {
    match says_how_it_stands(seat, now) {
        Some(kind) => kinds::enqueue_again(tx, &kind, seat, now).await,
        None => Ok(false),
    }
}

/// The kind of mail that gives its holder what they need now.
pub(crate) fn says_how_it_stands(seat: &Seat, now: Timestamp) -> Option<Kind> {
    let is_ahead = seat.session.ends_at > now && seat.session.state != SessionState::Cancelled;
    match seat.state {
        RegistrationState::Registered if seat.is_replay => {
            seat.session.can_be_watched(now).then_some(kinds::REPLAY_LINK)
        }
        RegistrationState::Registered => is_ahead.then_some(kinds::CONFIRMATION),
        RegistrationState::Held => (seat.held_until > Some(now)).then_some(kinds::PLACE_HELD),
        RegistrationState::Offered => (seat.offer_until > Some(now)).then_some(kinds::OFFERED),
        RegistrationState::Waitlisted => is_ahead.then_some(kinds::WAITING),
        RegistrationState::Pending => is_ahead.then_some(kinds::PENDING),
        RegistrationState::Rejected | RegistrationState::Cancelled => None,
    }
}

async fn hold_seat(tx: &mut Tx, id: PublicId) -> Result<Option<Seat>, DbError> {
    let Some(seat) = store::seat_by_public_id(tx, id).await? else {
        return Ok(None);
    };
    store::hold_session(tx, seat.session.public_id).await?;
    // Read again: another click may have moved it to another session meanwhile.
    let held = store::seat_by_public_id(tx, id).await?;
    Ok(held.filter(|held| held.session.id == seat.session.id))
}

/// Takes a place in another session; both are held.
async fn take_other(tx: &mut Tx, seat: &Seat, to: &Session) -> Result<bool, DbError> {
    store::hold_both_sessions(tx, seat.session.id, to.id).await?;
    store::take_place(tx, to.public_id).await
}

/// The seat as it is in the session in which a place was taken for it. `None`: it was changed meanwhile.
async fn change_session(tx: &mut Tx, seat: &Seat, to: &Session, now: Timestamp) -> Result<Option<Seat>, DbError> {
    let moved = store::move_seat(tx, seat.id, seat.session.id, to.id).await?;
    if moved {
        store::free_place(tx, seat.session.public_id, now).await?;
    } else {
        store::give_seat_back(tx, to.public_id).await?;
    }
    if moved {
        store::seat_by_public_id(tx, seat.public_id).await
    } else {
        Ok(None)
    }
}

fn takes_place(seat: &Seat) -> bool {
    seat.state.takes_a_place() && !seat.is_replay
}

/// Whether calendars have it.
fn is_seated(seat: &Seat) -> bool {
    seat.state == RegistrationState::Registered && !seat.is_replay
}
