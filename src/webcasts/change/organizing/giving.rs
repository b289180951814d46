//! A seat that an organizer gives to somebody who called, or gave a card.

use jiff::Timestamp;

use crate::audit::{self, Actor, Entry};
use crate::contacts::correct::{self, Added, NewPerson};
use crate::contacts::{AgreedTo, Channel, Origin};
use crate::db::{DbError, Tx};
use crate::mail::outbox;
use crate::organizers::Organizer;
use crate::questions::Filled;
use crate::values::{PublicId, Slug};
use crate::webcasts::mails::kinds;
use crate::webcasts::store::{self, DrawnSeat, NewSeat, Seating};
use crate::webcasts::{RegistrationState, Seat, Session};

/// A seat that an organizer gives to somebody.
#[derive(Debug, Clone)]
pub(crate) struct SeatByHand {
    session: Session,
    seat: NewSeat,
    /// Whether they are told.
    is_told: bool,
}

impl SeatByHand {
    /// In a session of the webcast with this page.
    pub(crate) fn new(slug: Slug, session: Session, person: &NewPerson, is_told: bool) -> Self {
        let seat = NewSeat {
            slug,
            session: session.public_id,
            name: person.name.clone(),
            email: person.email.clone(),
            filled: Filled::default(),
            consent: false,
            agreed_to: AgreedTo::default(),
            origin: Origin {
                channel: Channel::Organizer,
                ..Origin::default()
            },
            network: Vec::new(),
            code: String::new(),
            suspicious: false,
        };
        Self { session, seat, is_told }
    }
}

/// What became of a seat that an organizer gives to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// They have it.
    Yes,
    /// They had one in this webcast already, whatever became of it.
    Already,
    /// No place is free in the session, or it is called off or over.
    NoPlace,
}

/// Puts a person in, or finds them, and gives them a seat.
pub(crate) async fn add_with_seat(
    tx: &mut Tx,
    person: &NewPerson,
    by_hand: &SeatByHand,
    who: &Organizer,
    now: Timestamp,
) -> Result<(Added, Given), DbError> {
    let added = correct::add(tx, person, who, now).await?;
    let given = give_seat(tx, added.contact_id, by_hand, now).await?;
    if given == Given::Yes {
        let entry = Entry {
            actor: Actor::from(who),
            action: "registration.add",
            subject: added.id.to_string(),
            detail: by_hand.session.public_id.to_string(),
        };
        audit::record(tx, &entry, now).await?;
    }
    Ok((added, given))
}

/// Whether the session takes registrations or not.
async fn give_seat(tx: &mut Tx, contact_id: i64, by_hand: &SeatByHand, now: Timestamp) -> Result<Given, DbError> {
    let session = &by_hand.session;
    let known = store::seat_by_contact(tx, contact_id, session.public_id).await?;
    if known.as_ref().is_some_and(|seat| !seat.state.is_over()) {
        return Ok(Given::Already);
    }
    if session.ends_at <= now || !store::take_place(tx, session.public_id).await? {
        return Ok(Given::NoPlace);
    }
    if let Some(known) = known {
        return give_again(tx, &known, by_hand, now).await;
    }
    let drawn = DrawnSeat {
        seat: &by_hand.seat,
        contact_id,
        public_id: PublicId::random(),
        place: Seating::Taken,
        is_confirmed: true,
    };
    let Some((_, id)) = store::insert_seats(tx, std::slice::from_ref(&drawn), now).await?.pop() else {
        store::give_seat_back(tx, session.public_id).await?;
        return Ok(Given::Already);
    };
    if by_hand.is_told {
        let mail = kinds::confirmation(&by_hand.seat.email, id, drawn.public_id, session.ends_at);
        outbox::enqueue(tx, &mail, now).await?;
    }
    Ok(Given::Yes)
}

/// The seat that was cancelled, in the session in which a place was taken for it.
async fn give_again(tx: &mut Tx, known: &Seat, by_hand: &SeatByHand, now: Timestamp) -> Result<Given, DbError> {
    let again = match known.state {
        RegistrationState::Rejected => store::seat_waiting(tx, known.id, known.state).await?,
        _ => store::reopen(tx, known.id, by_hand.session.id).await?,
    };
    if !again {
        store::give_seat_back(tx, by_hand.session.public_id).await?;
        return Ok(Given::Already);
    }
    if by_hand.is_told
        && let Some(seat) = store::seat_by_public_id(tx, known.public_id).await?
    {
        kinds::enqueue_confirmation(tx, &seat, now).await?;
    }
    Ok(Given::Yes)
}
