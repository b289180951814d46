//! The way into a session. A GET shows a page with a button; the button's post records attendance and
//! carries on to the session's own address.

use actix_web::web;
use askama::Template;

use super::personal::open;
use super::seat_time;
use crate::framed;
use crate::values::{HourCycle, HttpUrl, LinkPurpose};
use crate::web::layout::{Layout, Section, SessionTime, When};
use crate::web::{Answer, AppState, Visitor, WebError, ok, see_other, time};
use crate::webcasts::attendance::AttendanceSource;
use crate::webcasts::{Doorway, RegistrationState, Seat, store};

#[derive(Template)]
#[template(path = "webcasts/join.html")]
struct JoinPage {
    layout: Layout,
    token: String,
    webcast: String,
    slug: String,
    time: SessionTime,
    door: Entrance,
}

framed!(JoinPage);

/// What the way in shows now.
enum Entrance {
    /// Too early; `opens` is when the button appears.
    Waiting {
        opens: When,
    },
    Open,
    /// Within the window, but no join URL is set yet.
    OpenWithoutUrl,
    Replay,
    /// Over, no replay yet.
    Ended,
    SessionCancelled,
    RegistrationCancelled,
    /// The place is held back.
    NotConfirmed,
    /// They wait for one.
    NoPlaceYet,
}

/// Carries on to the session's own address: a redirect of a form's post to another site is blocked by our
/// own policy.
#[derive(Template)]
#[template(path = "webcasts/carry_on.html")]
struct CarryOnPage {
    layout: Layout,
    webcast: String,
    url: String,
    /// The replay instead of the live session.
    replay: bool,
}

framed!(CarryOnPage);

/// `GET /join/{token}`; after the post with `?on=…`, the page that carries on.
pub(super) async fn show(
    state: web::Data<AppState>,
    request: actix_web::HttpRequest,
    visitor: Visitor,
    token: web::Path<String>,
) -> Answer {
    let (seat, _) = open_way_in(&state, &token).await?;
    if request.query_string() == "on"
        && let Some((_, url)) = destination(&state, &seat)
    {
        return carry_on(&state, &seat, url);
    }
    let layout = state
        .personal_layout(Section::Webcasts, seat.title.clone())
        .seen_by(&visitor);
    ok(&JoinPage {
        layout,
        token: token.into_inner(),
        webcast: seat.title.clone(),
        slug: seat.slug.to_string(),
        time: seat_time(&seat, visitor.hours),
        door: door(&state, &seat, visitor.hours),
    })
}

/// `POST /join/{token}`
pub(super) async fn enter(state: web::Data<AppState>, token: web::Path<String>) -> Answer {
    let (seat, purpose) = open_way_in(&state, &token).await?;
    let Some((source, _)) = destination(&state, &seat) else {
        // The door has closed meanwhile, or is not open yet: the page says which.
        return Ok(see_other(&format!("/join/{token}")));
    };
    let now = state.clock.now();
    let is_own = purpose == LinkPurpose::Join;
    let source = match source {
        AttendanceSource::Join if !is_own => AttendanceSource::Organizer,
        source => source,
    };
    state
        .db
        .write(move |tx| {
            let seat = seat.clone();
            Box::pin(async move {
                // Only who reads the mails of the address has shown that it is theirs.
                if is_own {
                    store::own(tx, &seat, None, now).await?;
                }
                store::record_join(tx, &seat, source, now).await
            })
        })
        .await?;
    Ok(see_other(&format!("/join/{token}?on")))
}

/// The seat of a link: its holder's, or the one that an organizer passes on.
async fn open_way_in(state: &AppState, token: &str) -> Result<(Seat, LinkPurpose), WebError> {
    let own = state.links.read(LinkPurpose::Join, token).is_some();
    let purpose = if own {
        LinkPurpose::Join
    } else {
        LinkPurpose::JoinByOrganizer
    };
    Ok((open(state, token, purpose).await?, purpose))
}

fn carry_on(state: &AppState, seat: &Seat, url: &HttpUrl) -> Answer {
    ok(&CarryOnPage {
        layout: state.personal_layout(Section::Webcasts, seat.title.clone()),
        webcast: seat.title.clone(),
        url: url.as_str().to_owned(),
        replay: seat.session.doorway(state.clock.now()) == Doorway::Over,
    })
}

/// Where a click leads now, and what it counts as.
fn destination<'s>(state: &AppState, seat: &'s Seat) -> Option<(AttendanceSource, &'s HttpUrl)> {
    if seat.state != RegistrationState::Registered {
        return None;
    }
    match seat.session.doorway(state.clock.now()) {
        Doorway::Open => Some((AttendanceSource::Join, seat.session.join_url.as_ref()?)),
        Doorway::Over => Some((AttendanceSource::Replay, seat.session.replay_url.as_ref()?)),
        Doorway::Waiting(_) | Doorway::Cancelled => None,
    }
}

fn door(state: &AppState, seat: &Seat, hours: HourCycle) -> Entrance {
    match seat.state {
        RegistrationState::Registered => {}
        RegistrationState::Held => return Entrance::NotConfirmed,
        RegistrationState::Offered | RegistrationState::Waitlisted | RegistrationState::Pending => {
            return Entrance::NoPlaceYet;
        }
        RegistrationState::Rejected | RegistrationState::Cancelled => return Entrance::RegistrationCancelled,
    }
    match seat.session.doorway(state.clock.now()) {
        Doorway::Waiting(opens) => Entrance::Waiting {
            opens: time::in_sentence(opens, &seat.session.zone, hours),
        },
        Doorway::Open if seat.session.join_url.is_some() => Entrance::Open,
        Doorway::Open => Entrance::OpenWithoutUrl,
        Doorway::Over if seat.session.replay_url.is_some() => Entrance::Replay,
        Doorway::Over => Entrance::Ended,
        Doorway::Cancelled => Entrance::SessionCancelled,
    }
}
