//! The visitors' pages of a webcast: list, page with form, personal page, the way in.

mod join;
mod list;
mod personal;
mod picture;
mod webcast;

use actix_web::web;
use jiff::Timestamp;

pub(crate) use list::next_session;
pub(crate) use personal::open as open_seat;
pub(crate) use webcast::{preview, preview_card};

use super::{Availability, Seat, Session};
use crate::values::HourCycle;
use crate::web::layout::{Badge, SessionTime, Tone};
use crate::web::{at, time};

/// The routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/webcasts").get(list::show))
        .service(at("/webcasts/{slug}").get(webcast::show))
        .service(
            at("/webcasts/{slug}/register")
                .get(webcast::back_to_form)
                .post(webcast::take_registration),
        )
        .service(at("/webcasts/{slug}/thanks").get(webcast::thanks))
        .service(at("/webcasts/{slug}/card.png").get(webcast::card))
        .service(at("/webcasts/{slug}/calendar.ics").get(webcast::calendar))
        .service(at("/pictures/{id}").get(picture::show))
        .service(at("/registrations/{token}").get(personal::show))
        .service(at("/registrations/{token}/confirm").post(personal::confirm))
        .service(at("/registrations/{token}/edit").post(personal::edit))
        .service(at("/registrations/{token}/cancel").post(personal::cancel))
        .service(at("/registrations/{token}/again").post(personal::again))
        .service(at("/registrations/{token}/calendar.ics").get(personal::own_calendar))
        .service(at("/calendar/{token}").get(personal::mailed_calendar))
        .service(at("/join/{token}").get(join::show).post(join::enter));
}

/// When a session is aired, ready to print for somebody whose zone is not known here; the page's script knows it.
#[must_use]
pub(crate) fn session_time(session: &Session, hours: HourCycle) -> SessionTime {
    session.airing().on_page(None, hours)
}

/// When the session of a seat is aired, in its owner's zone first.
fn seat_time(seat: &Seat, hours: HourCycle) -> SessionTime {
    seat.session.airing().on_page(seat.zone.as_ref(), hours)
}

/// What a session offers, in a word.
#[must_use]
pub(crate) fn availability_state(availability: Availability) -> Badge {
    let (tone, word) = match availability {
        Availability::Open => (Tone::Good, "open"),
        Availability::Early => (Tone::Idle, "opens later"),
        Availability::Waiting => (Tone::Warn, "waiting list"),
        Availability::Full => (Tone::Warn, "full"),
        Availability::Closed => (Tone::Idle, "closed"),
        Availability::Cancelled => (Tone::Wrong, "called off"),
        Availability::Past => (Tone::Idle, "over"),
    };
    Badge {
        tone,
        word: word.to_owned(),
    }
}

/// "Registration opens on Tuesday, December 1, 09:00 Los Angeles time"
fn opening(session: &Session, opens: Timestamp) -> String {
    format!(
        "Registration opens on {} {}",
        session.zone.at(opens).strftime("%A, %B %-d, %H:%M"),
        time::zone_in_words(opens, &session.zone)
    )
}

/// "12 places left", where there is a limit and it matters; or from when on there are any.
fn places_note(session: &Session, availability: Availability) -> Option<String> {
    if availability == Availability::Early {
        return session.window.opens_at.map(|opens| opening(session, opens));
    }
    match (availability, session.seats_left()?) {
        // Whoever asks an organizer for one may have it all the same.
        (Availability::Open, 0) => None,
        (Availability::Open, 1) => Some("1 place left".to_owned()),
        (Availability::Open, left) => Some(format!("{left} places left")),
        _ => None,
    }
}
