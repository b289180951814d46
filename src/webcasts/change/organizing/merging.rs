//! What becomes of somebody's registrations when they and another one are one person. Of two in one webcast the earlier one
//! stays, unless it is over and the other is not; what is known of the other is added to it, and its links lead there.

use jiff::Timestamp;

use super::takes_place;
use crate::contacts::merge::MergedPeople;
use crate::db::{DbError, Tx};
use crate::mail::outbox;
use crate::webcasts::mails::kinds;
use crate::webcasts::{Seat, store};

/// Gives them to whoever stays.
pub(crate) async fn join(tx: &mut Tx, people: &MergedPeople, now: Timestamp) -> Result<(), DbError> {
    store::hold_sessions_of(tx, people.from).await?;
    store::hold_sessions_of(tx, people.into).await?;
    let theirs = store::seats_of_contact(tx, people.into).await?;
    for seat in store::seats_of_contact(tx, people.from).await? {
        if let Some(other) = theirs.iter().find(|other| other.webcast_id == seat.webcast_id) {
            let (stays, goes) = which_stays(other, &seat);
            join_two(tx, stays, goes, now).await?;
        }
    }
    store::pass_on_seats(tx, people.from, people.into).await
}

fn which_stays<'s>(one: &'s Seat, other: &'s Seat) -> (&'s Seat, &'s Seat) {
    let comes_first = |seat: &Seat| (seat.state.is_over(), seat.created_at, seat.id);
    if comes_first(one) <= comes_first(other) {
        (one, other)
    } else {
        (other, one)
    }
}

async fn join_two(tx: &mut Tx, stays: &Seat, goes: &Seat, now: Timestamp) -> Result<(), DbError> {
    if takes_place(goes) {
        store::free_place(tx, goes.session.public_id, now).await?;
    }
    outbox::join_rows(tx, &kinds::KINDS, goes.id, stays.id, now).await?;
    store::join_seats(tx, stays.id, goes).await?;
    store::rewrite_attendance(tx, stays.id).await
}
