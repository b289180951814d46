//! What becomes of somebody's registrations when they are erased: their places go back, what their calendars have of them is
//! taken back, and all that was mailed about them is forgotten.

use jiff::Timestamp;

use super::takes_place;
use crate::contacts::ErasedPerson;
use crate::db::{DbError, Tx};
use crate::mail::outbox;
use crate::webcasts::mails::{kinds, withdrawn};
use crate::webcasts::{RegistrationState, Seat, SessionState, store};

/// Erases them; gives how many there were.
pub(crate) async fn erase(tx: &mut Tx, person: &ErasedPerson, now: Timestamp) -> Result<u64, DbError> {
    let Some(contact) = person.contact_id else {
        return Ok(0);
    };
    store::hold_sessions_of(tx, contact).await?;
    let seats = store::seats_of_contact(tx, contact).await?;
    for seat in &seats {
        if has_calendar_entry(tx, seat, now).await? {
            withdrawn::enqueue(tx, seat, now).await?;
        }
        if takes_place(seat) {
            store::free_place(tx, seat.session.public_id, now).await?;
        }
    }
    let ids: Vec<i64> = seats.iter().map(|seat| seat.id).collect();
    outbox::forget_about_rows(tx, &kinds::KINDS, &ids).await?;
    store::delete_seats_of(tx, contact).await
}

/// Whether a calendar has it that does not know of its end: of a session that is ahead, and of which somebody was told.
async fn has_calendar_entry(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<bool, DbError> {
    if seat.session.ends_at <= now || seat.session.state == SessionState::Cancelled || seat.is_replay {
        return Ok(false);
    }
    match seat.state {
        RegistrationState::Registered => Ok(!outbox::is_unsent(tx, &kinds::CONFIRMATION, seat.id).await?),
        RegistrationState::Cancelled => outbox::is_unsent(tx, &kinds::CANCELLATION, seat.id).await,
        _ => Ok(false),
    }
}

/// Guests of a webcast are listed by their address alone.
pub(crate) async fn erase_invitations(tx: &mut Tx, person: &ErasedPerson) -> Result<u64, DbError> {
    store::forget_guest(tx, &person.address_key).await
}
