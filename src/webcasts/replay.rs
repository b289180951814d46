//! Asking for the recording of a session that is over: a registration that takes no place, and one mail with the link.

use jiff::Timestamp;

use super::mails::kinds;
use super::register::mail_again;
use super::store::{self, DrawnSeat, NewSeat, Seating};
use super::{RegistrationState, Seat, Session};
use crate::config::Rate;
use crate::contacts::{self, is_double_click};
use crate::db::{DbError, Tx};
use crate::mail::outbox;
use crate::values::PublicId;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayRequested {
    /// The same words for everybody.
    Thanks,
    /// The session has no recording, or is not one of this webcast.
    NoReplay,
}

/// The job. An address that has a registration keeps it as it is, and gets the link.
pub async fn request_replay(
    tx: &mut Tx,
    seat: &NewSeat,
    limit: Option<Rate>,
    now: Timestamp,
) -> Result<ReplayRequested, DbError> {
    if recording(tx, seat, now).await?.is_none() {
        return Ok(ReplayRequested::NoReplay);
    }
    let contact = contacts::store::put(tx, &seat.email, &seat.name, now).await?;
    let drawn = DrawnSeat {
        seat,
        contact_id: contact.id,
        public_id: PublicId::random(),
        place: if seat.suspicious {
            Seating::Held(None)
        } else {
            Seating::Replay
        },
        is_confirmed: contact.is_confirmed(),
    };
    if let Some((_, id)) = store::insert_seats(tx, std::slice::from_ref(&drawn), now).await?.pop() {
        store::keep_filled(tx, &[(id, contact.id, &seat.filled)]).await?;
        if !seat.suspicious {
            outbox::enqueue(tx, &kinds::replay_link(&seat.email, id, drawn.public_id), now).await?;
        }
        return Ok(ReplayRequested::Thanks);
    }
    if let Some(known) = store::seat_by_contact(tx, contact.id, seat.session).await? {
        // Whoever waited in vain asks for what there is now.
        if never_had_a_turn(&known) && !seat.suspicious && store::begin_replay(tx, known.id, known.state).await? {
            outbox::enqueue(tx, &kinds::replay_link(&seat.email, known.id, known.public_id), now).await?;
            return Ok(ReplayRequested::Thanks);
        }
        let last = known.repeated_at.unwrap_or(known.created_at);
        if known.state != RegistrationState::Held && !is_double_click(last, now) {
            mail_again(tx, seat, &known, &contact, limit, now).await?;
        }
    }
    Ok(ReplayRequested::Thanks)
}

fn never_had_a_turn(seat: &Seat) -> bool {
    matches!(seat.state, RegistrationState::Waitlisted | RegistrationState::Pending)
}

async fn recording(tx: &mut Tx, seat: &NewSeat, now: Timestamp) -> Result<Option<Session>, DbError> {
    let Some(webcast) = store::public_webcast(tx, &seat.slug).await? else {
        return Ok(None);
    };
    let session = store::session_by_public_id(tx, seat.session).await?;
    Ok(session.filter(|session| session.webcast_id == webcast.id && session.can_be_watched(now)))
}

/// The holder of a cancelled seat wants to see the recording. False: there is none.
pub async fn watch_after_all(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<bool, DbError> {
    if !seat.session.can_be_watched(now) {
        return Ok(false);
    }
    store::own(tx, seat, Some(seat.name.whole()), now).await?;
    let from = if never_had_a_turn(seat) {
        seat.state
    } else {
        RegistrationState::Cancelled
    };
    store::begin_replay(tx, seat.id, from).await?;
    Ok(true)
}
