//! `/organizer/webcasts/{slug}/sessions/{id}`: one session, its attendees, and the form that changes it.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::deciding::{self, WaitingRow, waiting_rows};
use super::session_form::SessionForm;
use super::telling;
use crate::audit::{self, Actor};
use crate::console::busy::form_again;
use crate::console::{Console, ConsoleFrame, MenuEntry, list, moved_to, words};
use crate::db::DbError;
use crate::framed;
use crate::organizers::SignedIn;
use crate::organizers::acts::Act;
use crate::values::HourCycle;
use crate::values::PublicId;
use crate::web::layout::{Badge, Layout, When};
use crate::web::{Answer, AppState, Form, WebError, ok, page as answer, see_other, time};
use crate::webcasts::change::{SessionChanged, change_session};
use crate::webcasts::pages::availability_state;
use crate::webcasts::release::Released;
use crate::webcasts::roster::{self, SeatLine, SessionLine};
use crate::webcasts::{RegistrationState, Session, SessionState, release, store};

#[derive(Template)]
#[template(path = "console/webcasts/session.html")]
struct SessionPage {
    layout: Layout,
    frame: ConsoleFrame,
    /// Its own address.
    path: String,
    /// The page for its day.
    run_path: String,
    id: String,
    webcast: String,
    slug: String,
    start: When,
    zone_text: String,
    state: Badge,
    form: SessionForm,
    attendees: Vec<AttendeeRow>,
    count: String,
    /// Held back; an organizer can let each through.
    held: Option<String>,
    joined: String,
    next_page: Option<String>,
    /// False for those who only look.
    may_edit: bool,
    /// It is ahead and not called off.
    is_ahead: bool,
    /// Those who wait for an organizer, and those who wait for a place, in the order in which they came.
    asking: Vec<WaitingRow>,
    waiting: Vec<WaitingRow>,
    /// Whether there is a limit of places.
    is_counted: bool,
}

framed!(SessionPage);

struct AttendeeRow {
    /// Held for review: where its button posts to.
    release: Option<String>,
    /// Their own page.
    path: String,
    name: String,
    email: String,
    status: Badge,
    registered: When,
    joined: Option<When>,
}

/// What the page may be asked with.
#[derive(Deserialize)]
pub(super) struct SessionQuery {
    /// The seat that the page before ended with.
    after: Option<String>,
    saved: Option<String>,
}

/// `GET /organizer/webcasts/{slug}/sessions/{id}`
pub(super) async fn page(console: Console, at: Path<(String, String)>, wanted: Query<SessionQuery>) -> Answer {
    let after = wanted.after.as_deref().map(list::id).transpose()?;
    let session = load(&console.state, list::id(&at.1)?).await?;
    let form = SessionForm::of(&session);
    let mut shown = show(&console, &session, form, after).await?;
    if shown.slug != at.0 {
        return Ok(moved_to(&shown.path));
    }
    shown.frame = shown
        .frame
        .with(wanted.saved.as_deref().map(|what| saved(&session, what).to_owned()));
    ok(&shown)
}

/// `GET /organizer/sessions/{id}`: where it was before.
pub(super) async fn moved(console: Console, raw: Path<String>) -> Answer {
    let line = roster::sessions(&mut console.state.db.read().await?, Some(list::id(&raw)?), 1)
        .await?
        .pop();
    let line = line.ok_or(WebError::NotFound)?;
    Ok(moved_to(&super::session_path(&line.slug, &line.public_id)?))
}

/// `GET /organizer/sessions/{id}/attendees.csv`: where it was before.
pub(super) async fn moved_file(_: SignedIn, request: HttpRequest, raw: Path<String>) -> Answer {
    let id = list::id(&raw)?;
    let query = request.query_string();
    let more = if query.is_empty() {
        String::new()
    } else {
        format!("&{query}")
    };
    Ok(moved_to(&format!(
        "/organizer/exports/attendees.csv?session={id}{more}"
    )))
}

fn saved(session: &Session, what: &str) -> &'static str {
    if what == "added" {
        "The session is added."
    } else if what == "off" {
        "The session is called off. Everybody who was registered is told."
    } else if what == "meanwhile" {
        "Nothing was changed: it was called off already, or is over."
    } else if what == "no-place" {
        "It was not let through: no place is free, or the session takes no registrations."
    } else if let Some(decided) = deciding::said(what) {
        decided
    } else if session.capacity.is_some_and(|most| session.seats_taken > most) {
        "The session is saved. More people are registered than there are places now. Nobody loses theirs, and nobody \
         else can register."
    } else {
        "The session is saved."
    }
}

/// What a session's form posts, for the page in between.
const FIELDS: [&str; 14] = [
    "date",
    "time",
    "time_zone",
    "duration",
    "join_url",
    "replay_url",
    "capacity",
    "state",
    "version",
    "opens_at",
    "closes_at",
    "waiting_list",
    "offer_hours",
    "approval",
];

/// `POST /organizer/webcasts/{slug}/sessions/{id}`: saved at once, unless those who are registered are told of it.
pub(super) async fn change(console: Console, at: Path<(String, String)>, form: Form) -> Answer {
    let session = load(&console.state, list::id(&at.1)?).await?;
    let wanted = SessionForm::typed(&form).keeping(&session, &form).read(session.state);
    if let Some(update) = wanted.filter(|update| !form.is_brought_back() && update.moves(&session))
        && update.ends_at > console.state.clock.now()
    {
        let reached = roster::reached(&mut console.state.db.read().await?, &[session.id]).await?;
        if reached.count > 0 {
            let sent = FIELDS.into_iter().filter(|name| form.has(name));
            let hidden = sent.map(|name| (name.to_owned(), form.text(name).to_owned())).collect();
            let path = format!("/organizer/webcasts/{}/sessions/{}", at.0, session.public_id);
            return telling::review_move(&console, &path, &session, &update, hidden).await;
        }
    }
    send(console, at, form).await
}

/// `POST /organizer/webcasts/{slug}/sessions/{id}/send`: saved, and everybody is told where its time moved.
pub(super) async fn send(console: Console, at: Path<(String, String)>, form: Form) -> Answer {
    let state = &console.state;
    let session = load(state, list::id(&at.1)?).await?;
    let mut typed = SessionForm::typed(&form).keeping(&session, &form);
    if form.is_brought_back() {
        let mut shown = show(&console, &session, typed, None).await?;
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let Some(update) = typed.read(session.state) else {
        let shown = show(&console, &session, typed, None).await?;
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };
    let (id, actor) = (session.public_id, Actor::from(&console.who));
    let clock = state.clock.clone();
    let version = typed.version.clone();
    let write = state.db.write(move |tx| {
        let (update, version, clock) = (update.clone(), version.clone(), clock.clone());
        Box::pin(async move { change_session(tx, id, &update, &version, actor, &clock).await })
    });
    let saved = match write.await {
        Ok(saved) => saved,
        Err(error) => {
            let mut shown = show(&console, &session, typed, None).await?;
            shown.frame = shown.frame.not_saved();
            return form_again(error, &shown);
        }
    };
    match saved {
        SessionChanged::Yes => {
            state.bell.ring();
            Ok(see_other(&format!(
                "/organizer/webcasts/{}/sessions/{id}?saved=yes",
                at.0
            )))
        }
        SessionChanged::Gone => Err(WebError::NotFound),
        SessionChanged::Meanwhile => {
            let now = load(state, id).await?;
            typed.refuse_as_changed(&now);
            let shown = show(&console, &now, typed, None).await?;
            answer(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

async fn load(state: &AppState, id: PublicId) -> Result<Session, WebError> {
    let found = store::session_by_public_id(&mut state.db.read().await?, id).await?;
    found.ok_or(WebError::NotFound)
}

async fn show(
    console: &Console,
    session: &Session,
    form: SessionForm,
    after: Option<PublicId>,
) -> Result<SessionPage, WebError> {
    let mut conn = console.state.db.read().await?;
    let line = roster::sessions(&mut conn, Some(session.public_id), 1).await?.pop();
    let line: SessionLine = line.ok_or(WebError::NotFound)?;
    let path = super::session_path(&line.slug, &line.public_id)?;
    let mut seats = roster::seats(&mut conn, session.public_id, after, list::READ).await?;
    let next_page = next_page(&path, &mut seats)?;
    let (layout, frame) = console.page(MenuEntry::Webcasts, &line.title);
    let attendees = seats.iter().map(|seat| attendee(console, seat));
    let now = console.state.clock.now();
    let asking = waiting_rows(&mut conn, console, session, RegistrationState::Pending).await?;
    let waiting = waiting_rows(&mut conn, console, session, RegistrationState::Waitlisted).await?;
    Ok(SessionPage {
        layout,
        frame: frame
            .below("/organizer/webcasts", "Webcasts")
            .below(format!("/organizer/webcasts/{}", line.slug), line.title.clone()),
        run_path: super::run_path(&line.slug, session.public_id),
        id: session.public_id.to_string(),
        start: time::in_sentence(session.starts_at, &session.zone, HourCycle::H23),
        zone_text: time::zone_in_words(session.starts_at, &session.zone),
        state: availability_state(session.availability(console.state.clock.now())),
        form,
        attendees: attendees.collect::<Result<_, _>>()?,
        count: words::count(line.registered),
        held: (line.held > 0).then(|| words::count(line.held)),
        joined: words::count(line.joined),
        next_page,
        asking,
        waiting,
        is_counted: session.capacity.is_some(),
        may_edit: console.may(Act::ChangeWebcasts),
        is_ahead: session.ends_at > now && session.state != SessionState::Cancelled,
        webcast: line.title,
        slug: line.slug,
        path,
    })
}

fn next_page(path: &str, seats: &mut Vec<SeatLine>) -> Result<Option<String>, DbError> {
    let Some(last) = list::cut(seats) else { return Ok(None) };
    let after = list::shown_id(&last.public_id)?;
    Ok(Some(list::next_page(path, &[], &after)))
}

fn attendee(console: &Console, line: &SeatLine) -> Result<AttendeeRow, DbError> {
    Ok(AttendeeRow {
        release: release_path(line)?,
        registered: console.stored_moment(line.created_at)?,
        joined: line.joined_at.map(|at| console.stored_moment(at)).transpose()?,
        status: words::seat_state(&line.state),
        path: format!("/organizer/people/{}", list::shown_id(&line.person)?),
        name: console.name(&line.name),
        email: console.address(&line.email),
    })
}

/// Where the button of a held registration posts to.
fn release_path(line: &SeatLine) -> Result<Option<String>, DbError> {
    let id = list::shown_id(&line.public_id)?;
    Ok((line.state == "held").then(|| format!("/organizer/registrations/{id}/release")))
}

/// `POST /organizer/registrations/{id}/release`: lets go what was held because a program may have filled in the form.
pub(super) async fn release(state: Data<AppState>, who: SignedIn, raw: Path<String>) -> Answer {
    let id = list::id(&raw)?;
    let seat = store::seat_by_public_id(&mut state.db.read().await?, id).await?;
    let seat = seat.ok_or(WebError::NotFound)?;
    let back = super::session_path(seat.slug.as_str(), seat.session.public_id.as_bytes())?;
    let (actor, now) = (Actor::from(&who.0), state.clock.now());
    let write = state.db.write(move |tx| {
        let seat = seat.clone();
        let entry = audit::Entry {
            actor,
            action: "registration.release",
            subject: id.to_string(),
            detail: String::new(),
        };
        Box::pin(async move {
            let released = release::release(tx, &seat, now).await?;
            if matches!(released, Released::Yes | Released::Waits) {
                audit::record(tx, &entry, now).await?;
            }
            Ok(released)
        })
    });
    let released = write.await?;
    if released == Released::Waits {
        return Ok(see_other(&format!("{back}?saved=waits")));
    }
    if released == Released::NoPlace {
        return Ok(see_other(&format!("{back}?saved=no-place")));
    }
    state.bell.ring();
    Ok(see_other(&back))
}
