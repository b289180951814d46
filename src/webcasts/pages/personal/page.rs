//! What the personal page of a registration shows.

use askama::Template;
use jiff::Timestamp;

use super::edit_form::EditForm;
use super::{FULL, session_to_return_to};
use crate::contacts::CONSENT;
use crate::db::{Conn, DbError};
use crate::framed;
use crate::mail::outbox::{self, MailState};
use crate::values::{LinkPurpose, PublicId, Zone};
use crate::web::layout::{Layout, Section, SessionTime, When};
use crate::web::{AppState, Form, WebError, time};
use crate::webcasts::mails::kinds;
use crate::webcasts::pages::session_time;
use crate::webcasts::pages::webcast::choice;
use crate::webcasts::{Availability, RegistrationState, Seat, SeatStanding, Session, SessionState, mails, store};

#[derive(Template)]
#[template(path = "webcasts/registration.html")]
pub(super) struct RegistrationPage {
    layout: Layout,
    token: String,
    join_token: String,
    webcast: String,
    slug: String,
    name: String,
    email: String,
    time: SessionTime,
    /// The same start in the zone given at sign-up, where it differs.
    visitor_time: Option<String>,
    status: RegistrationStatus,
    /// What became of the last mail about this seat.
    mail: MailNote,
    google_url: String,
    outlook_url: String,
    form: EditForm,
    /// After a cancellation: what a seat can be taken of again.
    return_time: Option<SessionTime>,
    /// What the last post did.
    flash: Option<&'static str>,
    /// A later sign-up differed; one button applies it.
    differs: Option<Differing>,
}

framed!(RegistrationPage);

#[derive(PartialEq, Eq)]
enum RegistrationStatus {
    Registered,
    Over {
        replay: bool,
    },
    Cancelled,
    SessionCancelled,
    /// Held back; its owner can take it until then.
    Held {
        until: String,
    },
}

enum MailNote {
    Queued,
    HandedOver(When),
    Failed,
}

/// What a later sign-up with the same address said differently.
struct Differing {
    changes: Vec<DifferenceRow>,
    /// Hidden fields of the form that `POST …/edit` gets.
    fields: Vec<(&'static str, String)>,
}

struct DifferenceRow {
    what: &'static str,
    now: String,
    wanted: String,
}

/// What the last post did. An old address must not say what is true no longer.
pub(super) fn flash(query: &str, state: RegistrationState) -> Option<&'static str> {
    let cancelled = state == RegistrationState::Cancelled;
    match Form::decode(query.as_bytes()).text("done") {
        "saved" if !cancelled => Some("Your changes are saved."),
        "over" if !cancelled => Some("The session is over, so there is nothing to cancel. Nothing was changed."),
        "unsaved" if cancelled => Some("Your registration is cancelled, so nothing was saved."),
        "unsaved" if state == RegistrationState::Held => Some("Confirm your place first. Nothing was saved."),
        "cancelled" if cancelled => {
            Some("Your registration is cancelled. A mail takes the session out of your calendar.")
        }
        "full" if state == RegistrationState::Held => Some(FULL),
        "confirmed" if state == RegistrationState::Registered => {
            Some("The place is yours. A confirmation with the link to join is on its way.")
        }
        "again" if state == RegistrationState::Registered => {
            Some("You are registered again. A new confirmation is on its way.")
        }
        _ => None,
    }
}

/// The page as it is now.
pub(super) async fn draw(
    state: &AppState,
    seat: Seat,
    mut form: EditForm,
    flash: Option<&'static str>,
) -> Result<RegistrationPage, WebError> {
    let now = state.clock.now();
    let conn = &mut state.db.read().await?;
    let sessions = store::sessions_of(conn, seat.webcast_id).await?;
    let ahead: Vec<&Session> = sessions
        .iter()
        .filter(|session| session.ends_at > now && session.state != SessionState::Cancelled)
        .collect();
    form.sessions = ahead
        .iter()
        .map(|session| {
            let held = session.id == seat.session.id;
            let offer = if held {
                Availability::Open
            } else {
                session.availability(now)
            };
            choice(session, offer, &form.session.value, false)
        })
        .collect();
    form.zones = Zone::names();
    let sign = |purpose| state.links.sign(purpose, seat.public_id, seat.link_generation);
    let (google_url, outlook_url) = calendar_links(state, &seat);
    Ok(RegistrationPage {
        layout: state.personal_layout(Section::Webcasts, "Your registration"),
        token: sign(LinkPurpose::Registration),
        join_token: sign(LinkPurpose::Join),
        webcast: seat.title.clone(),
        slug: seat.slug.to_string(),
        name: seat.name.whole().to_owned(),
        email: seat.email.to_string(),
        time: session_time(&seat.session),
        visitor_time: visitor_time(&seat),
        status: status(&seat, now),
        return_time: session_to_return_to(&seat, &sessions, now).map(session_time),
        mail: mail_note(conn, &seat).await?,
        google_url,
        outlook_url,
        form,
        flash,
        differs: differing(&seat, &sessions),
    })
}

/// The start in the visitor's own zone, where it differs.
pub(in crate::webcasts::pages) fn visitor_time(seat: &Seat) -> Option<String> {
    time::for_visitor(seat.session.starts_at, &seat.session.zone, seat.zone.as_ref()?)
}

fn status(seat: &Seat, now: Timestamp) -> RegistrationStatus {
    match seat.standing(now) {
        SeatStanding::Registered => {}
        SeatStanding::Held(until) => {
            let until = time::in_sentence(until, &seat.session.zone).full;
            return RegistrationStatus::Held { until };
        }
        SeatStanding::None => return RegistrationStatus::Cancelled,
    }
    if seat.session.state == SessionState::Cancelled {
        RegistrationStatus::SessionCancelled
    } else if seat.session.ends_at <= now {
        RegistrationStatus::Over {
            replay: seat.session.replay_url.is_some(),
        }
    } else {
        RegistrationStatus::Registered
    }
}

async fn mail_note(conn: &mut Conn, seat: &Seat) -> Result<MailNote, DbError> {
    let mails = outbox::about(conn, &kinds::KINDS, seat.id).await?;
    // What was not sent in the end says nothing of how the address takes mail.
    let told = |row: &&outbox::OutboxRow| !matches!(row.state, MailState::Skipped | MailState::Cancelled);
    let Some(last) = mails.iter().find(told) else {
        return Ok(MailNote::Queued);
    };
    Ok(match last.state {
        MailState::Sent => match last.ended_at()? {
            Some(at) => MailNote::HandedOver(time::in_table(at, seat.zone.as_ref().unwrap_or(&seat.session.zone))),
            None => MailNote::Queued,
        },
        MailState::Failed | MailState::Unknown => MailNote::Failed,
        _ => MailNote::Queued,
    })
}

fn differing(seat: &Seat, sessions: &[Session]) -> Option<Differing> {
    let wanted = seat.wanted.as_ref()?;
    if !seat.state.takes_a_place() {
        return None;
    }
    let mut changes = Vec::new();
    let mut fields = vec![(
        "name",
        wanted.name.clone().unwrap_or_else(|| seat.name.whole().to_owned()),
    )];
    if let Some(name) = &wanted.name {
        changes.push(DifferenceRow {
            what: "Name",
            now: seat.name.whole().to_owned(),
            wanted: name.clone(),
        });
    }
    let session = wanted.session.as_deref().and_then(PublicId::parse);
    if let Some(session) = sessions.iter().find(|known| Some(known.public_id) == session) {
        fields.push(("session", session.public_id.to_string()));
        changes.push(DifferenceRow {
            what: "Session",
            now: session_time(&seat.session).start.full,
            wanted: session_time(session).start.full,
        });
    }
    if wanted.consent {
        fields.push(("consent", "yes".to_owned()));
        changes.push(DifferenceRow {
            what: "News",
            now: "no".to_owned(),
            wanted: CONSENT.text.to_owned(),
        });
    }
    (!changes.is_empty()).then_some(Differing { changes, fields })
}

/// Other firms' calendar pages, filled in. They get what the visitor sends them, and nothing before.
fn calendar_links(state: &AppState, seat: &Seat) -> (String, String) {
    let join = mails::SeatLinks::new(state, seat).join;
    let details = format!("Join the session: {join}");
    let fill = |template: &str, times: &str| {
        let at = |instant: Timestamp| instant.strftime(times).to_string();
        [
            ("{title}", seat.title.as_str()),
            ("{start}", &at(seat.session.starts_at)),
            ("{end}", &at(seat.session.ends_at)),
            ("{details}", &details),
            ("{location}", &join),
        ]
        .iter()
        .fold(template.to_owned(), |url, (placeholder, value)| {
            let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            url.replace(placeholder, &encoded)
        })
    };
    let links = &state.config.calendar_links;
    (
        fill(&links.google, "%Y%m%dT%H%M%SZ"),
        fill(&links.outlook, "%Y-%m-%dT%H:%M:%SZ"),
    )
}
