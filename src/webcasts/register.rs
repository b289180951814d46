//! Taking a registration: one job at the write door.
//!
//! Three statements for a new one: contact, registration, mail; more where its form asked for more. What a visitor is shown never depends on
//! whether the address is known: a second sign-up changes nothing and sends the personal link again.

use jiff::Timestamp;

use super::guests::{Guests, Refusal};
use super::mails::kinds;
use super::store::{self, DrawnSeat, Entrant, NewSeat, Seating};
use super::{Availability, Differences, HELD_FOR, RegistrationState, Seat, Session};
use crate::config::Rate;
use crate::contacts::store::consents::{self, ConsentSource};
use crate::contacts::{self, Known, RepeatMail, Traces, is_double_click};
use crate::db::{DbError, Tx, instant};
use crate::mail::outbox::{self, NewMail};
use crate::values::PublicId;

/// What the page can tell from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The same words for everybody.
    Thanks(Promise),
    /// Everybody who types this is refused.
    Refused(Refusal),
    /// The form asks other things by now than it was read by.
    FormChanged,
    /// The session takes no registrations now, or is not one of this webcast.
    Unavailable(Option<Availability>),
}

/// What everybody is promised who posts for this session now, whoever is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Promise {
    /// A place.
    #[default]
    Place,
    /// To wait for one.
    Turn,
    /// That an organizer looks.
    Look,
}

impl Promise {
    /// As the address of the next page says it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Place => "",
            Self::Turn => "turn",
            Self::Look => "look",
        }
    }

    /// Reads it.
    pub(super) fn parse(raw: &str) -> Self {
        match raw {
            "turn" => Self::Turn,
            "look" => Self::Look,
            _ => Self::Place,
        }
    }

    pub(super) fn of(place: Seating) -> Self {
        match place {
            Seating::Waiting => Self::Turn,
            Seating::Pending => Self::Look,
            Seating::Uncounted | Seating::Taken | Seating::Replay | Seating::Held(_) => Self::Place,
        }
    }
}

/// The job. It may run again, so it keeps nothing.
pub async fn register(
    tx: &mut Tx,
    seat: &NewSeat,
    limit: Option<Rate>,
    traces: &Traces,
    now: Timestamp,
) -> Result<Registered, DbError> {
    let mut looked = false;
    loop {
        let Some(entrant) = store::insert_contacts(tx, &[seat], looked, now).await?.pop() else {
            // Few webcasts have rules for their guests: the others are asked for them only now.
            if looked {
                return unavailable(tx, seat, now).await;
            }
            if let Some(version) = store::form_version(tx, &seat.slug).await?
                && version != seat.filled.version
            {
                return Ok(Registered::FormChanged);
            }
            if let Some(refused) = look_at_guest(tx, seat, now).await? {
                return Ok(refused);
            }
            looked = true;
            continue;
        };
        let Some(place) = place_for(tx, seat, &entrant, now).await? else {
            contacts::store::remove_unused(tx, entrant.contact.id, traces).await?;
            return unavailable(tx, seat, now).await;
        };
        if seat_or_repeat(tx, seat, &entrant, place, limit, now).await? {
            return Ok(Registered::Thanks(Promise::of(place)));
        }
    }
}

/// What somebody hears for whom the webcast is not, whether it takes registrations or not. `None`: it is for them.
async fn look_at_guest(tx: &mut Tx, seat: &NewSeat, now: Timestamp) -> Result<Option<Registered>, DbError> {
    let rule = store::guest_rule(tx, &seat.slug).await?;
    if let Err(refusal) = rule.look_at(&seat.email, &seat.code) {
        return Ok(Some(Registered::Refused(refusal)));
    }
    if rule.guests == Guests::Listed && !store::is_invited(tx, &seat.slug, &seat.email.key()).await? {
        return turn_away(tx, seat, now).await.map(Some);
    }
    Ok(None)
}

/// Somebody who is on no list reads what those read who are; they get no mail, and nothing of them is kept.
async fn turn_away(tx: &mut Tx, seat: &NewSeat, now: Timestamp) -> Result<Registered, DbError> {
    let outcome = unavailable(tx, seat, now).await?;
    let session = store::session_by_public_id(tx, seat.session).await?;
    let (Registered::Unavailable(Some(availability)), Some(session)) = (outcome, session) else {
        return Ok(outcome);
    };
    let promise = match availability {
        Availability::Open if session.entry.approval => Promise::Look,
        Availability::Open => Promise::Place,
        Availability::Waiting => Promise::Turn,
        // The recording is for the same people.
        Availability::Past if session.can_be_watched(now) => Promise::Place,
        _ => return Ok(outcome),
    };
    store::count_turned_away(tx, &seat.slug).await?;
    Ok(Registered::Thanks(promise))
}

/// Takes a place, or holds the registration back. `None`: no place is left.
async fn place_for(tx: &mut Tx, seat: &NewSeat, entrant: &Entrant, now: Timestamp) -> Result<Option<Seating>, DbError> {
    if seat.suspicious {
        return Ok(Some(Seating::Held(None)));
    }
    if entrant.needs_approval() {
        return Ok(Some(Seating::Pending));
    }
    if !entrant.is_counted() {
        return Ok(Some(Seating::Uncounted));
    }
    if !store::take_seat(tx, seat.session, Some(now)).await? {
        return Ok(entrant.can_wait().then_some(Seating::Waiting));
    }
    let held_until = beyond_share(tx, seat, &entrant.contact, now).await?;
    if held_until.is_some() {
        store::give_seat_back(tx, seat.session).await?;
        return Ok(Some(Seating::Held(held_until)));
    }
    Ok(Some(Seating::Taken))
}

/// Until when the owner of the address is asked, where this network has its share of the places already. The session is
/// held while they are counted.
async fn beyond_share(
    tx: &mut Tx,
    seat: &NewSeat,
    contact: &Known,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    if contact.is_confirmed() {
        return Ok(None);
    }
    let Some(session) = store::session_by_public_id(tx, seat.session).await? else {
        return Ok(None);
    };
    let Some(most) = session.places_for_one_network() else {
        return Ok(None);
    };
    let taken = store::places_of_network(tx, seat.session, &seat.network).await?;
    let last = if now < session.starts_at {
        session.starts_at
    } else {
        session.ends_at
    };
    Ok((taken >= most).then(|| last.min(now + HELD_FOR)))
}

/// A new seat, or what a second post for an address causes. False: things are not as they were when the place was taken,
/// so the post is to be looked at again.
async fn seat_or_repeat(
    tx: &mut Tx,
    seat: &NewSeat,
    entrant: &Entrant,
    place: Seating,
    limit: Option<Rate>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let drawn = DrawnSeat {
        seat,
        contact_id: entrant.contact.id,
        public_id: PublicId::random(),
        place,
        is_confirmed: entrant.contact.is_confirmed(),
    };
    if let Some((_, id)) = store::insert_seats(tx, std::slice::from_ref(&drawn), now).await?.pop() {
        if place != Seating::Uncounted {
            store::note_beginning(tx, id, &drawn, now).await?;
        }
        store::keep_filled(tx, &[(id, entrant.contact.id, &seat.filled)]).await?;
        if seat.consent {
            let agreed = [(entrant.contact.id, &seat.agreed_to)];
            consents::give(tx, &agreed, ConsentSource::Form, seat.slug.as_str(), now).await?;
        }
        if let Some(mail) = first_mail(&drawn, id, instant(entrant.ends_at)?) {
            outbox::enqueue(tx, &mail, now).await?;
        }
        return Ok(true);
    }
    if place == Seating::Taken {
        store::give_seat_back(tx, seat.session).await?;
    }
    let Some(known) = store::seat_by_contact(tx, entrant.contact.id, seat.session).await? else {
        return Ok(false);
    };
    let is_a_programs = known.state == RegistrationState::Held && known.held_until.is_none();
    if is_a_programs && seat.suspicious {
        return Ok(true);
    }
    let has_a_place = place.has_place();
    // What others posted for this address must not cost its owner the place that there is for them.
    if (is_a_programs || has_a_place) && store::give_way(tx, known.id).await? {
        return Ok(false);
    }
    repeat(tx, seat, &known, &entrant.contact, limit, now).await?;
    Ok(true)
}

/// The first mail of a seat; none where an organizer looks first.
fn first_mail(drawn: &DrawnSeat<'_>, id: i64, session_ends: Timestamp) -> Option<NewMail> {
    let email = &drawn.seat.email;
    match drawn.place {
        Seating::Held(None) => None,
        Seating::Held(Some(until)) => Some(kinds::place_held(email, id, drawn.public_id, until)),
        Seating::Replay => Some(kinds::replay_link(email, id, drawn.public_id)),
        Seating::Waiting => Some(kinds::first_mail(
            &kinds::WAITING,
            email,
            id,
            drawn.public_id,
            session_ends,
        )),
        Seating::Pending => Some(kinds::first_mail(
            &kinds::PENDING,
            email,
            id,
            drawn.public_id,
            session_ends,
        )),
        Seating::Uncounted | Seating::Taken => Some(kinds::confirmation(email, id, drawn.public_id, session_ends)),
    }
}

/// The address is registered already: nothing changes, one mail says how things stand.
async fn repeat(
    tx: &mut Tx,
    seat: &NewSeat,
    known: &Seat,
    contact: &Known,
    limit: Option<Rate>,
    now: Timestamp,
) -> Result<(), DbError> {
    let wanted = differences(seat, known);
    if is_the_same_post(&wanted, known, now) {
        return Ok(());
    }
    if !wanted.is_empty() && known.wanted.as_ref() != Some(&wanted) {
        store::note_wanted(tx, known.id, &wanted).await?;
    }
    mail_again(tx, seat, known, contact, limit, now).await
}

/// A double click, or the form sent again because the answer was slow.
fn is_the_same_post(wanted: &Differences, known: &Seat, now: Timestamp) -> bool {
    let says_the_same = known
        .wanted
        .as_ref()
        .map_or(wanted.is_empty(), |before| before == wanted);
    says_the_same && is_double_click(known.repeated_at.unwrap_or(known.created_at), now)
}

pub(super) async fn mail_again(
    tx: &mut Tx,
    seat: &NewSeat,
    known: &Seat,
    contact: &Known,
    limit: Option<Rate>,
    now: Timestamp,
) -> Result<(), DbError> {
    let RepeatMail::At(at) = contact.repeat_mail(known.repeated_at, limit, now) else {
        return Ok(());
    };
    let key = outbox::key(&kinds::REPEAT, &known.public_id, at.as_microsecond());
    let mail = NewMail::new(&kinds::REPEAT, key, &seat.email, known.id).not_before(at);
    outbox::enqueue(tx, &mail, now).await?;
    store::note_repeat(tx, known.id, at).await?;
    let window = limit.map_or(0, |limit| i64::from(limit.seconds) * 1_000_000);
    contacts::store::count_repeat(tx, contact.id, window, now).await
}

/// What this post says differently from what is registered.
fn differences(seat: &NewSeat, known: &Seat) -> Differences {
    Differences {
        name: (seat.name.as_str() != known.name.whole()).then(|| seat.name.as_str().to_owned()),
        session: (seat.session != known.session.public_id).then(|| seat.session.to_string()),
        consent: seat.consent && !known.consent,
        again: known.state.is_over(),
    }
}

/// Why there is no seat; the page says it to everybody. The same is looked at for everybody, so that the time tells nobody
/// who is known: whoever holds a seat is written to by [`tell_holder`], beside the request.
async fn unavailable(tx: &mut Tx, seat: &NewSeat, now: Timestamp) -> Result<Registered, DbError> {
    let Some(webcast) = store::public_webcast(tx, &seat.slug).await? else {
        return Ok(Registered::Unavailable(None));
    };
    let session = store::session_by_public_id(tx, seat.session).await?;
    let session = session.filter(|session: &Session| session.webcast_id == webcast.id);
    Ok(Registered::Unavailable(
        session.map(|session| session.availability(now)),
    ))
}

/// After a post for a session that takes nobody: whoever holds a seat in its webcast already gets the links again.
pub async fn tell_holder(tx: &mut Tx, seat: &NewSeat, limit: Option<Rate>, now: Timestamp) -> Result<(), DbError> {
    let Some(contact) = contacts::store::find_by_key(tx, &seat.email.key()).await? else {
        return Ok(());
    };
    let Some(known) = store::seat_by_contact(tx, contact.id, seat.session).await? else {
        return Ok(());
    };
    let last = known.repeated_at.unwrap_or(known.created_at);
    if known.slug != seat.slug || known.state == RegistrationState::Held || is_double_click(last, now) {
        return Ok(());
    }
    mail_again(tx, seat, &known, &contact, limit, now).await
}
