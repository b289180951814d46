//! The visitor's own page of a registration: see, change, cancel, calendar. The link is the key.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::Timestamp;

use super::session_time;
use super::webcast::{SessionChoice, choice};
use crate::contacts::CONSENT;
use crate::db::{Conn, DbError};
use crate::mail::Person;
use crate::mail::calendar::Method;
use crate::mail::outbox::{self, State as MailState};
use crate::values::{PersonName, PublicId, Purpose, Zone};
use crate::web::layout::{Field, Layout, Mistake, Section, SessionTime, When, mistakes};
use crate::web::{Answer, AppState, Form, WebError, ok, page, see_other, time};
use crate::webcasts::change::{self, Edit, Edited};
use crate::webcasts::{Availability, RegistrationState, Seat, Session, SessionState, mails, store};

/// Why a cancelled seat cannot be taken again now.
const FULL: &str =
    "This session is full. A place may become free: try it again later from the page of your registration.";

#[derive(Template)]
#[template(path = "webcasts/registration.html")]
struct RegistrationPage {
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

#[derive(PartialEq, Eq)]
enum RegistrationStatus {
    Registered,
    Over { replay: bool },
    Cancelled,
    SessionCancelled,
}

enum MailNote {
    Queued,
    HandedOver(When),
    Failed,
}

#[derive(Default)]
struct EditForm {
    name: Field,
    session: Field,
    /// One entry or none: the choice is left out.
    sessions: Vec<SessionChoice>,
    time_zone: Field,
    zones: Vec<String>,
}

impl EditForm {
    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("session", &self.session),
            ("name", &self.name),
            ("time_zone", &self.time_zone),
        ])
    }
}

/// What a later sign-up with the same address said differently.
struct Differing {
    changes: Vec<Change>,
    /// Hidden fields of the form that `POST …/edit` gets.
    fields: Vec<(&'static str, String)>,
}

struct Change {
    what: &'static str,
    now: String,
    wanted: String,
}

/// `GET /registrations/{token}`
pub(super) async fn show(state: web::Data<AppState>, request: HttpRequest, token: web::Path<String>) -> Answer {
    let seat = open(&state, &token, Purpose::Registration).await?;
    note_opened(&state, seat.id).await;
    let form = edit_form(&seat);
    let flash = flash(request.query_string(), seat.state);
    ok(&draw(&state, seat, form, flash).await?)
}

/// `GET /registrations/{token}/calendar.ics`
pub(super) async fn calendar(state: web::Data<AppState>, token: web::Path<String>) -> Answer {
    let seat = open(&state, &token, Purpose::Registration).await?;
    if seat.state == RegistrationState::Cancelled {
        return Err(WebError::NotFound);
    }
    let sender = state.config.mail_from.as_ref().map(Person::from);
    let organizer = sender.unwrap_or_else(|| Person::nameless(seat.email.clone()));
    let entry = mails::calendar_entry(&state, &seat, organizer);
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8; method=PUBLISH")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"webcast.ics\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(entry.write(Method::Publish)))
}

/// `POST /registrations/{token}/edit`
pub(super) async fn edit(state: web::Data<AppState>, token: web::Path<String>, form: Form) -> Answer {
    let seat = open(&state, &token, Purpose::Registration).await?;
    let unsaved = || Ok(see_other(&format!("/registrations/{token}?done=unsaved")));
    if seat.state == RegistrationState::Cancelled {
        return unsaved();
    }
    let wanted = match parse(&state, &seat, &form).await? {
        Ok(wanted) => wanted,
        Err(mistaken) => return refuse(&state, seat, mistaken).await,
    };
    let now = state.clock.now();
    let (job_seat, job_wanted) = (seat.clone(), wanted.clone());
    let saved = state
        .db
        .write(move |tx| {
            let (seat, wanted) = (job_seat.clone(), job_wanted.clone());
            Box::pin(async move { change::edit(tx, &seat, &wanted, now).await })
        })
        .await?;
    match saved {
        Edited::Saved => {
            state.bell.ring();
            Ok(see_other(&format!("/registrations/{token}?done=saved")))
        }
        Edited::Cancelled => unsaved(),
        Edited::Full => {
            let mut mistaken = typed(&form);
            mistaken.session.error = Some("This session is full by now. Choose another one.".to_owned());
            refuse(&state, seat, mistaken).await
        }
    }
}

/// `POST /registrations/{token}/cancel`
pub(super) async fn cancel(state: web::Data<AppState>, token: web::Path<String>) -> Answer {
    let seat = open(&state, &token, Purpose::Registration).await?;
    let now = state.clock.now();
    if seat.state != RegistrationState::Cancelled && seat.session.ends_at <= now {
        // From a page that was opened earlier. A cancelled seat has no replay.
        return Ok(see_other(&format!("/registrations/{token}?done=over")));
    }
    state
        .db
        .write(move |tx| {
            let seat = seat.clone();
            Box::pin(async move { change::cancel(tx, &seat, now).await })
        })
        .await?;
    state.bell.ring();
    Ok(see_other(&format!("/registrations/{token}?done=cancelled")))
}

/// `POST /registrations/{token}/again`: takes the seat again after it was cancelled.
pub(super) async fn again(state: web::Data<AppState>, token: web::Path<String>) -> Answer {
    let seat = open(&state, &token, Purpose::Registration).await?;
    let done = Ok(see_other(&format!("/registrations/{token}?done=again")));
    if seat.state != RegistrationState::Cancelled {
        // Two clicks on the button, and the first one may have taken the last seat.
        return done;
    }
    let now = state.clock.now();
    let sessions = store::sessions_of(&mut state.db.read().await?, seat.webcast_id).await?;
    let Some(session) = session_to_return_to(&seat, &sessions, now).cloned() else {
        return Err(WebError::Unprocessable(no_return(&sessions, now).to_owned()));
    };
    let has_seat = state
        .db
        .write(move |tx| {
            let (seat, session) = (seat.clone(), session.clone());
            Box::pin(async move { change::take_again(tx, &seat, &session, now).await })
        })
        .await?;
    if !has_seat {
        return Err(WebError::Unprocessable(FULL.to_owned()));
    }
    state.bell.ring();
    done
}

/// The seat that a link opens. Forged, revoked and unknown links look the same.
pub(super) async fn open(state: &AppState, token: &str, purpose: Purpose) -> Result<Seat, WebError> {
    let link = state.links.read(purpose, token).ok_or(WebError::LinkExpired)?;
    let seat = store::seat_by_public_id(&mut state.db.read().await?, link.id).await?;
    seat.filter(|seat| seat.link_generation == link.generation)
        .ok_or(WebError::LinkExpired)
}

/// Weak evidence, and only that: a database that cannot write now must not take the page away.
async fn note_opened(state: &AppState, id: i64) {
    let now = state.clock.now();
    let noted = state
        .db
        .write(move |tx| Box::pin(async move { store::note_opened(tx, id, now).await }))
        .await;
    if let Err(error) = noted {
        tracing::warn!(%error, "that a personal page was opened could not be noted");
    }
}

async fn parse(state: &AppState, seat: &Seat, form: &Form) -> Result<Result<Edit, EditForm>, WebError> {
    let name = PersonName::parse(form.text("name"));
    let session = wanted_session(state, seat, form.text("session")).await?;
    let zone = match form.text("time_zone") {
        _ if !form.has("time_zone") => Ok(seat.zone.clone()),
        "" => Ok(None),
        raw => Zone::parse(raw).map(Some),
    };
    match (name, session, zone) {
        (Ok(name), Ok(session), Ok(zone)) => Ok(Ok(Edit {
            name,
            session,
            zone,
            consent: form.is_checked("consent"),
        })),
        (name, session, zone) => {
            let mut mistaken = typed(form);
            mistaken.name.error = name.err().map(|problem| problem.to_string());
            mistaken.session.error = session.err().map(str::to_owned);
            mistaken.time_zone.error = zone.err().map(|problem| problem.to_string());
            Ok(Err(mistaken))
        }
    }
}

async fn wanted_session(state: &AppState, seat: &Seat, raw: &str) -> Result<Result<Session, &'static str>, WebError> {
    if raw.is_empty() || raw == seat.session.public_id.to_string() {
        return Ok(Ok(seat.session.clone()));
    }
    let Some(id) = PublicId::parse(raw) else {
        return Ok(Err("Choose one of the sessions."));
    };
    let session = store::session_by_public_id(&mut state.db.read().await?, id).await?;
    let Some(session) = session.filter(|session| session.webcast_id == seat.webcast_id) else {
        return Ok(Err("Choose one of the sessions."));
    };
    Ok(match session.availability(state.clock.now()) {
        Availability::Open => Ok(session),
        Availability::Full => Err("This session is full. Choose another one."),
        _ => Err("This session takes no registrations any more. Choose another one."),
    })
}

/// Of those that are open: the one that a later sign-up named, the one it was for, or the next one.
fn session_to_return_to<'s>(seat: &Seat, sessions: &'s [Session], now: Timestamp) -> Option<&'s Session> {
    let open = || {
        sessions
            .iter()
            .filter(|session| session.availability(now) == Availability::Open)
    };
    let named = seat
        .wanted
        .as_ref()
        .and_then(|wanted| PublicId::parse(wanted.session.as_deref()?));
    open()
        .find(|session| Some(session.public_id) == named)
        .or_else(|| open().find(|session| session.id == seat.session.id))
        .or_else(|| open().next())
}

/// Why a cancelled seat cannot be taken again.
fn no_return(sessions: &[Session], now: Timestamp) -> &'static str {
    if sessions
        .iter()
        .any(|session| session.availability(now) == Availability::Full)
    {
        FULL
    } else {
        "This webcast takes no registrations any more. Look at the other webcasts."
    }
}

fn edit_form(seat: &Seat) -> EditForm {
    EditForm {
        name: Field::of(seat.name.clone()),
        session: Field::of(seat.session.public_id.to_string()),
        time_zone: Field::of(seat.zone.as_ref().map(Zone::name).unwrap_or_default()),
        ..EditForm::default()
    }
}

fn typed(form: &Form) -> EditForm {
    EditForm {
        name: Field::of(form.text("name")),
        session: Field::of(form.text("session")),
        time_zone: Field::of(form.text("time_zone")),
        ..EditForm::default()
    }
}

async fn refuse(state: &AppState, seat: Seat, form: EditForm) -> Answer {
    page(StatusCode::UNPROCESSABLE_ENTITY, &draw(state, seat, form, None).await?)
}

/// An old address must not say what is true no longer.
fn flash(query: &str, state: RegistrationState) -> Option<&'static str> {
    let cancelled = state == RegistrationState::Cancelled;
    match Form::decode(query.as_bytes()).text("done") {
        "saved" if !cancelled => Some("Your changes are saved."),
        "over" if !cancelled => Some("The session is over, so there is nothing to cancel. Nothing was changed."),
        "unsaved" if cancelled => Some("Your registration is cancelled, so nothing was saved."),
        "cancelled" if cancelled => {
            Some("Your registration is cancelled. A mail takes the session out of your calendar.")
        }
        "again" if state == RegistrationState::Registered => {
            Some("You are registered again. A new confirmation is on its way.")
        }
        _ => None,
    }
}

async fn draw(
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
        token: sign(Purpose::Registration),
        join_token: sign(Purpose::Join),
        webcast: seat.title.clone(),
        slug: seat.slug.to_string(),
        name: seat.name.clone(),
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

pub(super) fn visitor_time(seat: &Seat) -> Option<String> {
    time::for_visitor(seat.session.starts_at, &seat.session.zone, seat.zone.as_ref()?)
}

fn status(seat: &Seat, now: Timestamp) -> RegistrationStatus {
    if seat.state == RegistrationState::Cancelled {
        RegistrationStatus::Cancelled
    } else if seat.session.state == SessionState::Cancelled {
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
    let mails = outbox::about(conn, &mails::KINDS, seat.id).await?;
    // What was not sent in the end says nothing of how the address takes mail.
    let told = |row: &&outbox::Row| !matches!(row.state, MailState::Skipped | MailState::Cancelled);
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
    if seat.state == RegistrationState::Cancelled {
        return None;
    }
    let mut changes = Vec::new();
    let mut fields = vec![("name", wanted.name.clone().unwrap_or_else(|| seat.name.clone()))];
    if let Some(name) = &wanted.name {
        changes.push(Change {
            what: "Name",
            now: seat.name.clone(),
            wanted: name.clone(),
        });
    }
    let session = wanted.session.as_deref().and_then(PublicId::parse);
    if let Some(session) = sessions.iter().find(|known| Some(known.public_id) == session) {
        fields.push(("session", session.public_id.to_string()));
        changes.push(Change {
            what: "Session",
            now: session_time(&seat.session).start.full,
            wanted: session_time(session).start.full,
        });
    }
    if wanted.consent {
        fields.push(("consent", "yes".to_owned()));
        changes.push(Change {
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
