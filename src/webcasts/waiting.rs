//! The waiting list: a place that is free goes to whoever has waited longest, at once or as an offer.
//!
//! One function gives turns, whatever freed the place: a cancelled seat (after the time in which that can be undone), a
//! raised capacity, an offer that ended. The session is held meanwhile, so nobody is passed over and no place goes twice.

use std::time::Duration;

use jiff::Timestamp;

use super::entry::WaitingList;
use super::mails::kinds;
use super::{RegistrationState, Seat, Session, SessionState, roster, store};
use crate::db::{Conn, DbError, Tx};
use crate::mail::outbox;
use crate::schedule::Work;
use crate::tallies;
use crate::undo::UNDO_FOR;
use crate::values::PublicId;
use crate::web::AppState;

/// How often it is looked whether somebody's turn has come.
const EVERY: Duration = Duration::from_secs(30);
/// Turns in one job; others have theirs then.
const MOST_TURNS: usize = 50;
/// Offers that end in one job.
const MOST_ENDED: i64 = 50;

/// The work that gives turns and ends offers.
pub(crate) fn work(state: &AppState) -> Work {
    let state = state.clone();
    Work::every("waiting_lists", EVERY, move || {
        let state = state.clone();
        Box::pin(async move { look(&state).await })
    })
}

/// Ends what is over, then gives the turns that have come.
///
/// # Errors
/// When the database fails.
pub(crate) async fn look(state: &AppState) -> Result<(), DbError> {
    let now = state.clock.now();
    loop {
        let ended = store::ended_offers(&mut state.db.read().await?, now, MOST_ENDED).await?;
        if ended.is_empty() {
            break;
        }
        let write = state.db.write(move |tx| {
            let ended = ended.clone();
            Box::pin(async move { end_offers(tx, &ended, now).await })
        });
        write.await?;
    }
    let sessions = store::sessions_with_queue(&mut state.db.read().await?, now).await?;
    for session in sessions {
        while give_some(state, session, now).await? == MOST_TURNS {}
    }
    let undone = now - UNDO_FOR;
    let write = state
        .db
        .write(move |tx| Box::pin(async move { store::forget_freed(tx, undone).await }));
    write.await?;
    state.bell.ring();
    Ok(())
}

async fn give_some(state: &AppState, session: PublicId, now: Timestamp) -> Result<usize, DbError> {
    let write = state
        .db
        .write(move |tx| Box::pin(async move { give_turns(tx, session, now).await }));
    write.await
}

async fn end_offers(tx: &mut Tx, ended: &[i64], now: Timestamp) -> Result<(), DbError> {
    for seat in store::seats_by_ids(tx, ended).await? {
        store::hold_session(tx, seat.session.public_id).await?;
        if !store::cancel(tx, seat.id, RegistrationState::Offered, store::OFFER_EXPIRED, now).await? {
            continue;
        }
        store::give_seat_back(tx, seat.session.public_id).await?;
        kinds::enqueue(tx, &kinds::OFFER_OVER, &seat, now).await?;
    }
    Ok(())
}

/// Gives the places of a session that are free to those who have waited longest; gives how many turns that were, at most
/// [`MOST_TURNS`].
pub(crate) async fn give_turns(tx: &mut Tx, session: PublicId, now: Timestamp) -> Result<usize, DbError> {
    let Some(session) = store::hold_session(tx, session).await? else {
        return Ok(0);
    };
    if session.state == SessionState::Cancelled || session.starts_at <= now {
        return Ok(0);
    }
    let free = free_places(tx, &session, now).await?;
    let mut turns = 0;
    while turns < free.min(MOST_TURNS) {
        let Some(next) = store::next_waiting(tx, session.id).await? else {
            break;
        };
        let Some(seat) = store::seats_by_ids(tx, &[next]).await?.pop() else {
            break;
        };
        if !store::take_place(tx, session.public_id).await? {
            break;
        }
        give_turn(tx, &seat, now).await?;
        turns += 1;
    }
    Ok(turns)
}

/// Places that may go on now: what was given back a moment ago may be taken back yet.
async fn free_places(conn: &mut Conn, session: &Session, now: Timestamp) -> Result<usize, DbError> {
    let Some(left) = session.seats_left() else {
        return Ok(usize::MAX);
    };
    let lately = store::freed_since(conn, session.id, now - UNDO_FOR).await?;
    Ok(usize::try_from(left - lately).unwrap_or(0))
}

/// A place was taken for this one.
async fn give_turn(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<(), DbError> {
    let rule = seat.session.entry;
    if rule.waiting_list == WaitingList::Offer || beyond_share(tx, seat).await? {
        let until = rule.offer_until(seat.session.starts_at, now);
        store::offer_place(tx, seat.id, until).await?;
        return kinds::enqueue_offer(tx, seat, until, now).await;
    }
    seat_it(tx, seat, now).await.map(drop)
}

/// Whether the network that it came from has its share of places already: then its owner is asked first.
async fn beyond_share(conn: &mut Conn, seat: &Seat) -> Result<bool, DbError> {
    let (Some(most), Some(network)) = (
        seat.session.places_for_one_network(),
        store::network_of(conn, seat.id).await?,
    ) else {
        return Ok(false);
    };
    Ok(store::places_of_network(conn, seat.session.public_id, &network).await? >= most)
}

/// Lets one have the place that was taken for it, and says so. False: it does not stand as it was read.
pub(super) async fn seat_it(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<bool, DbError> {
    if !store::seat_waiting(tx, seat.id, seat.state).await? {
        return Ok(false);
    }
    // Whoever had a confirmation once was counted then.
    if !outbox::was_told(tx, &[kinds::CONFIRMATION], seat.id).await?
        && let Some(tally) = roster::late(tx, seat.id).await?
    {
        tallies::store::add_late(tx, roster::REGISTRATIONS.name, seat.id, &tally).await?;
    }
    if let Some(seat) = store::seat_by_public_id(tx, seat.public_id).await? {
        kinds::enqueue_confirmation(tx, &seat, now).await?;
    }
    Ok(true)
}

/// What became of an offer that somebody takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferTaken {
    /// The place is theirs.
    Yes,
    /// The offer is over, or none was made.
    Over,
}

/// Takes the place that was offered, by the button in its mail; a second time does nothing.
pub(super) async fn take_offer(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<OfferTaken, DbError> {
    let is_on = seat.offer_until.is_some_and(|until| now < until) && seat.session.state != SessionState::Cancelled;
    if is_on && seat.state == RegistrationState::Offered && seat_it(tx, seat, now).await? {
        return Ok(OfferTaken::Yes);
    }
    match store::seat_by_public_id(tx, seat.public_id).await? {
        Some(seat) if seat.state == RegistrationState::Registered => Ok(OfferTaken::Yes),
        _ => Ok(OfferTaken::Over),
    }
}
