//! The visitors' pages of a webcast: list, page with form, personal page, the way in.

mod join;
mod list;
mod personal;
mod webcast;

use actix_web::web;

pub(crate) use list::next_session;

use super::{Availability, Session};
use crate::web::layout::{Badge, SessionTime, Tone};
use crate::web::time;

/// The routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/webcasts", web::get().to(list::show))
        .route("/webcasts/{slug}", web::get().to(webcast::show))
        .route("/webcasts/{slug}/register", web::get().to(webcast::back_to_form))
        .route("/webcasts/{slug}/register", web::post().to(webcast::take_registration))
        .route("/webcasts/{slug}/thanks", web::get().to(webcast::thanks))
        .route("/registrations/{token}", web::get().to(personal::show))
        .route("/registrations/{token}/confirm", web::post().to(personal::confirm))
        .route("/registrations/{token}/edit", web::post().to(personal::edit))
        .route("/registrations/{token}/cancel", web::post().to(personal::cancel))
        .route("/registrations/{token}/again", web::post().to(personal::again))
        .route("/registrations/{token}/calendar.ics", web::get().to(personal::calendar))
        .route("/join/{token}", web::get().to(join::show))
        .route("/join/{token}", web::post().to(join::enter));
}

/// When a session is aired, ready to print.
#[must_use]
pub(crate) fn session_time(session: &Session) -> SessionTime {
    time::session(session.starts_at, session.minutes(), &session.zone)
}

/// What a session offers, in a word.
#[must_use]
pub(crate) fn availability_state(availability: Availability) -> Badge {
    let (tone, word) = match availability {
        Availability::Open => (Tone::Good, "open"),
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

/// "12 places left", where there is a limit and it matters.
fn places_note(session: &Session, availability: Availability) -> Option<String> {
    match (availability, session.seats_left()?) {
        (Availability::Open, 1) => Some("1 place left".to_owned()),
        (Availability::Open, left) => Some(format!("{left} places left")),
        _ => None,
    }
}
