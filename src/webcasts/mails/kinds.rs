//! The kinds of mail about a seat, and how they come into the outbox.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::db::{DbError, Tx};
use crate::mail::outbox::{self, NewMail};
use crate::mail::{Kind, Priority};
use crate::values::{EmailAddress, PublicId};
use crate::webcasts::{Seat, Session};

/// The seat is held.
pub(crate) const CONFIRMATION: Kind = Kind::new("confirmation", Priority::Confirmation);
/// A place is held back until the owner of the address takes it.
pub(crate) const PLACE_HELD: Kind = Kind::new("place-held", Priority::Confirmation);
/// The address was registered already.
pub(crate) const REPEAT: Kind = Kind::new("registration-again", Priority::Confirmation);
/// The seat was given back, or the session called off.
pub(crate) const CANCELLATION: Kind = Kind::new("cancellation", Priority::Confirmation);
/// The session has a new time.
pub(crate) const SESSION_UPDATE: Kind = Kind::new("session-update", Priority::Confirmation);
/// The visitor chose another session.
pub(crate) const SEAT_UPDATE: Kind = Kind::new("registration-update", Priority::Confirmation);

/// The recording was asked for.
pub(crate) const REPLAY_LINK: Kind = Kind::new("replay-link", Priority::Confirmation);

/// The address was corrected: what the one before has in its calendar is taken back.
pub(crate) const ADDRESS_LEFT: Kind = Kind::new("address-corrected", Priority::Confirmation);

/// Its holder was erased: what they have in their calendar is taken back.
pub(crate) const ENTRY_WITHDRAWN: Kind = Kind::new("entry-withdrawn", Priority::Confirmation);

/// They wait for a place.
pub(crate) const WAITING: Kind = Kind::new("waiting-list", Priority::Confirmation);
/// A place is kept for them to take.
pub(crate) const OFFERED: Kind = Kind::new("place-offered", Priority::Confirmation);
/// They did not take it in time.
pub(crate) const OFFER_OVER: Kind = Kind::new("offer-over", Priority::Confirmation);
/// An organizer looks first.
pub(crate) const PENDING: Kind = Kind::new("to-be-approved", Priority::Confirmation);
/// An organizer did not accept them.
pub(crate) const NOT_ACCEPTED: Kind = Kind::new("not-accepted", Priority::Confirmation);

/// All kinds of mail about seats.
pub(crate) const KINDS: [Kind; 14] = [
    CONFIRMATION,
    PLACE_HELD,
    REPEAT,
    CANCELLATION,
    SESSION_UPDATE,
    SEAT_UPDATE,
    REPLAY_LINK,
    ADDRESS_LEFT,
    ENTRY_WITHDRAWN,
    WAITING,
    OFFERED,
    OFFER_OVER,
    PENDING,
    NOT_ACCEPTED,
];

/// Those that go to whoever holds the seat.
pub(crate) fn to_its_holder() -> Vec<Kind> {
    let to_others = [ADDRESS_LEFT, ENTRY_WITHDRAWN];
    KINDS.into_iter().filter(|kind| !to_others.contains(kind)).collect()
}

/// What an update's row remembers: which session it is about, and how things were before.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Before {
    pub(super) session: Option<i64>,
    pub(super) starts_at: Option<i64>,
    /// An organizer did it.
    #[serde(default)]
    pub(super) by_organizer: bool,
}

/// The first mail about a seat; worth nothing once the session is over.
#[must_use]
pub(crate) fn confirmation(email: &EmailAddress, id: i64, public_id: PublicId, session_ends: Timestamp) -> NewMail {
    first_mail(&CONFIRMATION, email, id, public_id, session_ends)
}

/// The mail with the button that takes a place which is held back; worth nothing afterwards.
#[must_use]
pub(crate) fn place_held(email: &EmailAddress, id: i64, public_id: PublicId, until: Timestamp) -> NewMail {
    first_mail(&PLACE_HELD, email, id, public_id, until)
}

/// A first mail of this kind; worth nothing after that.
#[must_use]
pub(crate) fn first_mail(
    kind: &Kind,
    email: &EmailAddress,
    id: i64,
    public_id: PublicId,
    deadline: Timestamp,
) -> NewMail {
    NewMail::new(kind, outbox::key(kind, &public_id, 0), email, id).deadline(deadline)
}

/// Puts the mail with the button into the outbox that takes the place kept for this one. Each offer has its own.
pub(crate) async fn enqueue_offer(tx: &mut Tx, seat: &Seat, until: Timestamp, now: Timestamp) -> Result<(), DbError> {
    let key = outbox::key(&OFFERED, &seat.public_id, now.as_microsecond());
    let mail = NewMail::new(&OFFERED, key, &seat.email, seat.id).deadline(until);
    outbox::enqueue(tx, &mail, now).await?;
    Ok(())
}

/// The mail with the link to the recording.
#[must_use]
pub(crate) fn replay_link(email: &EmailAddress, id: i64, public_id: PublicId) -> NewMail {
    NewMail::new(&REPLAY_LINK, outbox::key(&REPLAY_LINK, &public_id, 0), email, id)
}

/// Puts a mail about a change of this seat into the outbox.
pub(crate) async fn enqueue(tx: &mut Tx, kind: &Kind, seat: &Seat, now: Timestamp) -> Result<(), DbError> {
    outbox::enqueue(tx, &of_change(kind, seat), now).await?;
    Ok(())
}

/// That mail. The calendar's SEQUENCE rises with each change of the seat and of its session, so it tells one mail from
/// the next.
pub(crate) fn of_change(kind: &Kind, seat: &Seat) -> NewMail {
    let key = outbox::key(kind, &seat.public_id, seat.calendar_sequence());
    NewMail::new(kind, key, &seat.email, seat.id).deadline(seat.session.ends_at)
}

/// Confirms a seat that was taken again, by the confirmation that still waits or by another one.
pub(crate) async fn enqueue_confirmation(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<(), DbError> {
    let waiting = outbox::hurry_waiting(tx, &[CONFIRMATION], &[seat.id], seat.session.ends_at, now).await?;
    if waiting.is_empty() {
        enqueue(tx, &CONFIRMATION, seat, now).await?;
    }
    Ok(())
}

/// Puts the mails about a new time or session into the outbox, for seats in one session. Where a mail about a seat still
/// waits that will say it, none is added: so nobody gets two that say the same, or reads of a time they were never told.
pub(crate) async fn enqueue_updates(
    tx: &mut Tx,
    kind: &Kind,
    seats: &[Seat],
    previous_start: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), DbError> {
    let Some(Session { id, ends_at, .. }) = seats.first().map(|seat| &seat.session) else {
        return Ok(());
    };
    let before = Before {
        session: Some(*id),
        starts_at: previous_start.map(Timestamp::as_microsecond),
        by_organizer: false,
    };
    let ids: Vec<i64> = seats.iter().map(|seat| seat.id).collect();
    let waiting = outbox::hurry_waiting(tx, &[CONFIRMATION, SESSION_UPDATE, SEAT_UPDATE], &ids, *ends_at, now).await?;
    let told = seats.iter().filter(|seat| !waiting.contains(&seat.id));
    let mails: Result<Vec<NewMail>, _> = told.map(|seat| of_change(kind, seat).with_params(&before)).collect();
    outbox::enqueue_all(tx, &mails.map_err(DbError::stored)?, now).await?;
    Ok(())
}

/// What an organizer does to a seat is told after this, so that it can be undone without a word.
pub(crate) const UNDO_FIRST: SignedDuration = SignedDuration::from_secs(60);

/// Puts a mail about what an organizer did to this seat into the outbox, and gives its name. It goes a minute later.
pub(crate) async fn enqueue_for_organizer(
    tx: &mut Tx,
    kind: &Kind,
    seat: &Seat,
    now: Timestamp,
) -> Result<String, DbError> {
    let before = Before {
        session: Some(seat.session.id),
        starts_at: None,
        by_organizer: true,
    };
    let key = outbox::key(kind, &seat.public_id, seat.calendar_sequence());
    let mail = NewMail::new(kind, key.clone(), &seat.email, seat.id)
        .with_params(&before)
        .map_err(DbError::stored)?
        .not_before(now + UNDO_FIRST)
        .deadline(seat.session.ends_at);
    outbox::enqueue(tx, &mail, now).await?;
    Ok(key)
}

/// A mail that a seat's holder had before, at once. False: they got three of its kind within a day.
pub(crate) async fn enqueue_again(tx: &mut Tx, kind: &Kind, seat: &Seat, now: Timestamp) -> Result<bool, DbError> {
    let key = outbox::key(kind, &seat.public_id, now.as_microsecond());
    let mail = NewMail::new(kind, key, &seat.email, seat.id);
    let mail = if *kind == REPLAY_LINK {
        mail
    } else {
        mail.deadline(seat.held_until.unwrap_or(seat.session.ends_at))
    };
    outbox::enqueue_again(tx, &mail, now).await
}

/// Takes the entry back from the calendar of an address that is not theirs any more.
pub(crate) async fn enqueue_address_left(
    tx: &mut Tx,
    old: &EmailAddress,
    seat: &Seat,
    now: Timestamp,
) -> Result<(), DbError> {
    let key = outbox::key(&ADDRESS_LEFT, &seat.public_id, seat.calendar_sequence());
    let mail = NewMail::new(&ADDRESS_LEFT, key, old, seat.id).deadline(seat.session.ends_at);
    outbox::enqueue(tx, &mail, now).await?;
    Ok(())
}
