//! What the personal page of a registration shows.

use askama::Template;
use jiff::Timestamp;

use super::edit_form::EditForm;
use super::{FULL, session_to_return_to};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::mail::outbox::{self, MailState};
use crate::values::{HourCycle, LinkPurpose, PublicId, Zone};
use crate::web::layout::{Layout, Section, SessionTime, When};
use crate::web::{AppState, Form, Visitor, WebError, time};
use crate::webcasts::calendar_links::CalendarLinks;
use crate::webcasts::mails::kinds;
use crate::webcasts::pages::webcast::choice;
use crate::webcasts::pages::{seat_time, session_time};
use crate::webcasts::{Availability, RegistrationState, Seat, SeatStanding, Session, SessionState, mails, store};

/// Nobody counts further.
const MOST_COUNTED: i64 = 1_000;

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
    status: RegistrationStatus,
    /// What became of the last mail about this seat.
    mail: MailNote,
    calendar: CalendarLinks,
    /// Until the day, the calendar comes before the way in.
    is_the_day: bool,
    form: EditForm,
    /// Whether it can be changed now.
    can_edit: bool,
    /// After a cancellation: what a seat can be taken of again.
    return_time: Option<SessionTime>,
    /// After a cancellation: whether the recording can be watched all the same.
    can_watch: bool,
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
    /// A place is kept for its owner to take, until then.
    Offered {
        until: String,
    },
    /// It waits for a place.
    Waiting {
        /// "Nobody is before you." or how many are.
        before: String,
    },
    /// It waits for an organizer.
    Pending,
    /// An organizer did not accept it.
    Rejected,
}

impl RegistrationStatus {
    fn can_edit(&self) -> bool {
        matches!(
            self,
            Self::Registered | Self::Offered { .. } | Self::Waiting { .. } | Self::Pending
        )
    }
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
pub(super) fn flash(query: &str, state: RegistrationState, is_over: bool) -> Option<&'static str> {
    let cancelled = state == RegistrationState::Cancelled;
    match Form::decode(query.as_bytes()).text("done") {
        "saved" if !cancelled => Some("Your changes are saved."),
        "over" if !cancelled => Some("The session is over, so there is nothing to cancel. Nothing was changed."),
        "unsaved" if cancelled => Some("Your registration is cancelled, so nothing was saved."),
        "unsaved" if state == RegistrationState::Held => Some("Confirm your place first. Nothing was saved."),
        "cancelled" if cancelled => {
            Some("Your registration is cancelled. If it is in your calendar, a mail takes it out.")
        }
        "full" if state == RegistrationState::Held => Some(FULL),
        "waits" if state == RegistrationState::Waitlisted => {
            Some("Every place is taken. You are on the waiting list, and we write when it is your turn.")
        }
        "waits" if state == RegistrationState::Pending => Some("The organizers look at your request and write to you."),
        "over-offer" if state != RegistrationState::Registered => {
            Some("The time to take the place is over. It goes to the next in line.")
        }
        "confirmed" if state == RegistrationState::Registered => {
            Some("The place is yours. A confirmation with the link to join is on its way.")
        }
        "again" if is_over && state == RegistrationState::Registered => Some("You can watch the replay now."),
        "again" if state == RegistrationState::Registered => {
            Some("You are registered again. A new confirmation is on its way.")
        }
        _ => None,
    }
}

/// The page as it is now.
pub(super) async fn draw(
    state: &AppState,
    visitor: &Visitor,
    seat: Seat,
    mut form: EditForm,
    flash: Option<&'static str>,
) -> Result<RegistrationPage, WebError> {
    let (now, hours) = (state.clock.now(), visitor.hours);
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
            choice(session, offer, &form.session.value, false, hours)
        })
        .collect();
    form.zones = Zone::names();
    let sign = |purpose| state.links.sign(purpose, seat.public_id, seat.link_generation);
    let status = status(conn, &seat, hours, now).await?;
    Ok(RegistrationPage {
        can_edit: status.can_edit(),
        layout: state
            .personal_layout(Section::Webcasts, "Your registration")
            .seen_by(visitor),
        token: sign(LinkPurpose::Registration),
        join_token: sign(LinkPurpose::Join),
        webcast: seat.title.clone(),
        slug: seat.slug.to_string(),
        name: seat.name.whole().to_owned(),
        email: seat.email.to_string(),
        time: seat_time(&seat, hours),
        status,
        return_time: session_to_return_to(&seat, &sessions, now)
            .map(|session| session.airing().on_page(seat.zone.as_ref(), hours)),
        can_watch: seat.session.can_be_watched(now),
        mail: mail_note(conn, &seat).await?,
        is_the_day: seat.is_the_day(now),
        calendar: mails::calendar_links(state, &seat),
        form,
        flash,
        differs: differing(&state.consent.now().text, &seat, &sessions, hours),
    })
}

async fn status(conn: &mut Conn, seat: &Seat, hours: HourCycle, now: Timestamp) -> Result<RegistrationStatus, DbError> {
    let until = |until| time::with_zone(until, &seat.session.zone, hours);
    let standing = seat.standing(now);
    let is_off = seat.session.state == SessionState::Cancelled;
    Ok(match standing {
        SeatStanding::None => RegistrationStatus::Cancelled,
        SeatStanding::Rejected => RegistrationStatus::Rejected,
        _ if is_off => RegistrationStatus::SessionCancelled,
        SeatStanding::Held(end) => RegistrationStatus::Held { until: until(end) },
        SeatStanding::Offered(end) => RegistrationStatus::Offered { until: until(end) },
        SeatStanding::Waiting => RegistrationStatus::Waiting {
            before: before_you(store::waiting_before(conn, seat.id, MOST_COUNTED).await?),
        },
        SeatStanding::Pending => RegistrationStatus::Pending,
        SeatStanding::Registered if seat.session.ends_at <= now => RegistrationStatus::Over {
            replay: seat.session.replay_url.is_some(),
        },
        SeatStanding::Registered => RegistrationStatus::Registered,
    })
}

fn before_you(count: i64) -> String {
    match count {
        0 => "Nobody is before you.".to_owned(),
        1 => "One person is before you.".to_owned(),
        MOST_COUNTED.. => format!("{MOST_COUNTED} people or more are before you."),
        some => format!("{some} people are before you."),
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

fn differing(consent: &str, seat: &Seat, sessions: &[Session], hours: HourCycle) -> Option<Differing> {
    let wanted = seat.wanted.as_ref()?;
    if seat.state != RegistrationState::Registered {
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
            now: session_time(&seat.session, hours).start.full,
            wanted: session_time(session, hours).start.full,
        });
    }
    if wanted.consent {
        fields.push(("consent", "yes".to_owned()));
        changes.push(DifferenceRow {
            what: "News",
            now: "no".to_owned(),
            wanted: consent.to_owned(),
        });
    }
    (!changes.is_empty()).then_some(Differing { changes, fields })
}
