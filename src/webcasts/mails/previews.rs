//! How mails would read that organizers are about to send, without private links.

use super::SeatMail;
use super::kinds::{Before, CANCELLATION, CONFIRMATION, NOT_ACCEPTED, SEAT_UPDATE, SESSION_UPDATE};
use crate::contacts::PersonFields;
use crate::mail::{Composed, Kind};
use crate::organizers::Organizer;
use crate::values::{HourCycle, LinkKey, PublicId, Said};
use crate::web::AppState;
use crate::webcasts::change::organizing::says_how_it_stands;
use crate::webcasts::{RegistrationState, Seat, Session, SessionState, Webcast};

/// How the first mail about a seat would read, if this organizer held one.
pub(crate) fn preview_of_confirmation(
    state: &AppState,
    webcast: &Webcast,
    session: &Session,
    who: &Organizer,
) -> Composed {
    let seat = Seat {
        id: 0,
        public_id: PublicId::random(),
        link_generation: 0,
        contact_id: 0,
        email: who.email.clone(),
        person: PersonFields::default(),
        confirmed_at: None,
        name: Said::new(who.name.as_str()),
        is_own_name: true,
        state: RegistrationState::Registered,
        is_replay: false,
        held_until: None,
        offer_until: None,
        calendar_uid: PublicId::random().to_string(),
        sequence: 0,
        zone: None,
        hours: HourCycle::default(),
        consent: false,
        wanted: None,
        repeated_at: None,
        created_at: state.clock.now(),
        webcast_id: webcast.id,
        slug: webcast.slug.clone(),
        title: webcast.text.title.clone(),
        session: session.clone(),
    };
    composed(state, &CONFIRMATION, seat, Before::default())
}

/// How the mail would read that tells of a move to another session, without private links.
pub(crate) fn preview_of_move(state: &AppState, seat: &Seat, to: &Session) -> Composed {
    composed(
        state,
        &SEAT_UPDATE,
        Seat {
            session: to.clone(),
            ..seat.clone()
        },
        Before {
            session: Some(to.id),
            starts_at: None,
            by_organizer: true,
        },
    )
}

/// How the mail would read that tells somebody of the place that they get, or do not get.
pub(crate) fn preview_of_decision(state: &AppState, seat: &Seat, is_rejected: bool) -> Composed {
    let (kind, stands) = if is_rejected {
        (&NOT_ACCEPTED, RegistrationState::Rejected)
    } else {
        (&CONFIRMATION, RegistrationState::Registered)
    };
    composed(
        state,
        kind,
        Seat {
            state: stands,
            ..seat.clone()
        },
        Before::default(),
    )
}

/// How the mail would read that goes to one of many whose registrations are cancelled, or who get a place; else the one that
/// says how theirs stands.
pub(crate) fn preview_of_bulk(state: &AppState, seat: &Seat, is_cancelled: bool, is_given: bool) -> Composed {
    let stands = if is_cancelled {
        RegistrationState::Cancelled
    } else if is_given {
        RegistrationState::Registered
    } else {
        seat.state
    };
    let seat = Seat {
        state: stands,
        ..seat.clone()
    };
    let kind = if is_cancelled {
        Some(CANCELLATION)
    } else {
        says_how_it_stands(&seat, state.clock.now())
    };
    // As it stands in the mail itself: who gave the place back reads something else.
    let before = Before {
        by_organizer: is_cancelled,
        ..Before::default()
    };
    match kind {
        Some(kind) => composed(state, &kind, seat, before),
        None => Composed::Skip("There is nothing that they would have to know now.".to_owned()),
    }
}

/// How the mail would read that tells the holder of a seat how its session is changed: moved, or called off.
pub(crate) fn preview_of_change(state: &AppState, seat: &Seat, changed: &Session) -> Composed {
    let is_off = changed.state == SessionState::Cancelled;
    let kind = if is_off { &CANCELLATION } else { &SESSION_UPDATE };
    composed(
        state,
        kind,
        Seat {
            session: changed.clone(),
            ..seat.clone()
        },
        Before {
            session: Some(changed.id),
            starts_at: Some(seat.session.starts_at.as_microsecond()),
            by_organizer: false,
        },
    )
}

/// How the mail would read that tells the holder of a seat of another title.
pub(crate) fn preview_of_title(state: &AppState, seat: &Seat, title: &str) -> Composed {
    composed(
        state,
        &SESSION_UPDATE,
        Seat {
            title: title.to_owned(),
            ..seat.clone()
        },
        Before {
            session: Some(seat.session.id),
            starts_at: Some(seat.session.starts_at.as_microsecond()),
            by_organizer: false,
        },
    )
}

fn composed(state: &AppState, kind: &Kind, seat: Seat, before: Before) -> Composed {
    let mail = SeatMail {
        kind: kind.name.to_owned(),
        recipient: seat.email.to_string(),
        before,
        state: redacting(state),
        seat,
        wanted_session: None,
    };
    mail.compose()
}

/// Signs no links.
fn redacting(state: &AppState) -> AppState {
    AppState {
        links: LinkKey::redacting(),
        ..state.clone()
    }
}
