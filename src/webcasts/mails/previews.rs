//! How mails would read that organizers are about to send, without private links.

use super::SeatMail;
use super::kinds::{Before, CANCELLATION, SEAT_UPDATE, SESSION_UPDATE};
use crate::mail::Composed;
use crate::values::LinkKey;
use crate::web::AppState;
use crate::webcasts::{Seat, Session, SessionState};

/// How the mail would read that tells of a move to another session, without private links.
pub(crate) fn preview_of_move(state: &AppState, seat: &Seat, to: &Session) -> Composed {
    let mail = SeatMail {
        kind: SEAT_UPDATE.name.to_owned(),
        recipient: seat.email.to_string(),
        before: Before {
            session: Some(to.id),
            starts_at: None,
            by_organizer: true,
        },
        state: redacting(state),
        seat: Seat {
            session: to.clone(),
            ..seat.clone()
        },
        wanted_session: None,
    };
    mail.compose()
}

/// How the mail would read that tells the holder of a seat how its session is changed: moved, or called off.
pub(crate) fn preview_of_change(state: &AppState, seat: &Seat, changed: &Session) -> Composed {
    let is_off = changed.state == SessionState::Cancelled;
    let kind = if is_off { &CANCELLATION } else { &SESSION_UPDATE };
    let mail = SeatMail {
        kind: kind.name.to_owned(),
        recipient: seat.email.to_string(),
        before: Before {
            session: Some(changed.id),
            starts_at: Some(seat.session.starts_at.as_microsecond()),
            by_organizer: false,
        },
        state: redacting(state),
        seat: Seat {
            session: changed.clone(),
            ..seat.clone()
        },
        wanted_session: None,
    };
    mail.compose()
}

/// How the mail would read that tells the holder of a seat of another title.
pub(crate) fn preview_of_title(state: &AppState, seat: &Seat, title: &str) -> Composed {
    let mail = SeatMail {
        kind: SESSION_UPDATE.name.to_owned(),
        recipient: seat.email.to_string(),
        before: Before {
            session: Some(seat.session.id),
            starts_at: Some(seat.session.starts_at.as_microsecond()),
            by_organizer: false,
        },
        state: redacting(state),
        seat: Seat {
            title: title.to_owned(),
            ..seat.clone()
        },
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
