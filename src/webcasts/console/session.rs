//! `/organizer/sessions/{id}`: one session, its attendees, and the form that changes it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::session_form::SessionForm;
use crate::audit::{self, Actor, Entry};
use crate::console::downloads::{self, ExportQuery};
use crate::console::{list, words};
use crate::db::DbError;
use crate::framed;
use crate::organizers::{Editor, Organizer, SignedIn};
use crate::values::HourCycle;
use crate::values::{PublicId, Slug};
use crate::web::layout::{Badge, Layout, Section, Tone, When};
use crate::web::{Answer, AppState, Form, WebError, ok, page as answer, see_other, time};
use crate::webcasts::change::{SessionChanged, change_session};
use crate::webcasts::pages::availability_state;
use crate::webcasts::register::Released;
use crate::webcasts::roster::{self, ExportFilter, SeatLine, SessionLine};
use crate::webcasts::{Session, export, register, store};

#[derive(Template)]
#[template(path = "organizers/session.html")]
struct SessionPage {
    layout: Layout,
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
    flash: Option<String>,
    /// False for those who only look.
    may_edit: bool,
}

framed!(SessionPage);

struct AttendeeRow {
    /// Held for review: where its button posts to.
    release: Option<String>,
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

/// `GET /organizer/sessions/{id}`
pub(super) async fn page(
    state: Data<AppState>,
    who: SignedIn,
    raw: Path<String>,
    wanted: Query<SessionQuery>,
) -> Answer {
    let id = list::id(&raw)?;
    let after = wanted.after.as_deref().map(list::id).transpose()?;
    let session = load(&state, id).await?;
    let form = SessionForm::of(&session);
    let mut shown = show(&state, &who.0, &session, form, after).await?;
    shown.flash = wanted.saved.as_deref().map(|what| saved(&session, what).to_owned());
    ok(&shown)
}

fn saved(session: &Session, what: &str) -> &'static str {
    if what == "no-place" {
        "It was not let through: no place is free, or the session takes no registrations."
    } else if session.capacity.is_some_and(|most| session.seats_taken > most) {
        "The session is saved. More people are registered than there are places now. Nobody loses theirs, and nobody \
         else can register."
    } else {
        "The session is saved."
    }
}

/// `POST /organizer/sessions/{id}`
pub(super) async fn change(state: Data<AppState>, who: Editor, raw: Path<String>, form: Form) -> Answer {
    let session = load(&state, list::id(&raw)?).await?;
    let mut typed = SessionForm::typed(&form);
    let Some(update) = typed.read(session.state) else {
        let shown = show(&state, &who.0, &session, typed, None).await?;
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };
    let (id, actor) = (session.public_id, Actor::from(&who.0));
    let clock = state.clock.clone();
    let version = typed.version.clone();
    let saved = state
        .db
        .write(move |tx| {
            let (update, version, clock) = (update.clone(), version.clone(), clock.clone());
            Box::pin(async move { change_session(tx, id, &update, &version, actor, &clock).await })
        })
        .await?;
    match saved {
        SessionChanged::Yes => {
            state.bell.ring();
            Ok(see_other(&format!("/organizer/sessions/{id}?saved=yes")))
        }
        SessionChanged::Gone => Err(WebError::NotFound),
        SessionChanged::Meanwhile => {
            let now = load(&state, id).await?;
            typed.refuse_as_changed(&now);
            let shown = show(&state, &who.0, &now, typed, None).await?;
            answer(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

async fn load(state: &AppState, id: PublicId) -> Result<Session, WebError> {
    let found = store::session_by_public_id(&mut state.db.read().await?, id).await?;
    found.ok_or(WebError::NotFound)
}

async fn show(
    state: &AppState,
    who: &Organizer,
    session: &Session,
    form: SessionForm,
    after: Option<PublicId>,
) -> Result<SessionPage, WebError> {
    let mut conn = state.db.read().await?;
    let line = roster::sessions(&mut conn, Some(session.public_id), 1).await?.pop();
    let line: SessionLine = line.ok_or(WebError::NotFound)?;
    let mut seats = roster::seats(&mut conn, session.public_id, after, list::READ).await?;
    let next_page = next_page(session.public_id, &mut seats)?;
    Ok(SessionPage {
        layout: crate::console::layout(who, state, Section::Overview, &line.title),
        id: session.public_id.to_string(),
        start: time::in_sentence(session.starts_at, &session.zone, HourCycle::default()),
        zone_text: time::zone_in_words(session.starts_at, &session.zone),
        state: availability_state(session.availability(state.clock.now())),
        form,
        attendees: seats.into_iter().map(attendee).collect::<Result<_, _>>()?,
        count: words::count(line.registered),
        held: (line.held > 0).then(|| words::count(line.held)),
        joined: words::count(line.joined),
        next_page,
        flash: None,
        may_edit: who.role.may_edit(),
        webcast: line.title,
        slug: line.slug,
    })
}

fn next_page(session: PublicId, seats: &mut Vec<SeatLine>) -> Result<Option<String>, DbError> {
    let Some(last) = list::cut(seats) else { return Ok(None) };
    let after = list::shown_id(&last.public_id)?;
    Ok(Some(list::next_page(
        &format!("/organizer/sessions/{session}"),
        &[],
        &after,
    )))
}

fn attendee(line: SeatLine) -> Result<AttendeeRow, DbError> {
    Ok(AttendeeRow {
        release: release_path(&line)?,
        registered: words::stored_moment(line.created_at)?,
        joined: line.joined_at.map(words::stored_moment).transpose()?,
        status: status(line.state),
        name: line.name,
        email: line.email,
    })
}

/// Where the button of a held registration posts to.
fn release_path(line: &SeatLine) -> Result<Option<String>, DbError> {
    let id = list::shown_id(&line.public_id)?;
    Ok((line.state == "held").then(|| format!("/organizer/registrations/{id}/release")))
}

fn status(word: String) -> Badge {
    let tone = match word.as_str() {
        "registered" => Tone::Good,
        "held" => Tone::Warn,
        _ => Tone::Idle,
    };
    Badge { tone, word }
}

/// `POST /organizer/registrations/{id}/release`: lets go what was held because a program may have filled in the form.
pub(super) async fn release(state: Data<AppState>, who: Editor, raw: Path<String>) -> Answer {
    let id = list::id(&raw)?;
    let seat = store::seat_by_public_id(&mut state.db.read().await?, id).await?;
    let seat = seat.ok_or(WebError::NotFound)?;
    let back = format!("/organizer/sessions/{}", seat.session.public_id);
    let (actor, now) = (Actor::from(&who.0), state.clock.now());
    let write = state.db.write(move |tx| {
        let seat = seat.clone();
        let entry = Entry {
            actor,
            action: "registration.release",
            subject: id.to_string(),
            detail: String::new(),
        };
        Box::pin(async move {
            let released = register::release(tx, &seat, now).await?;
            if released == Released::Yes {
                audit::record(tx, &entry, now).await?;
            }
            Ok(released)
        })
    });
    if write.await? == Released::NoPlace {
        return Ok(see_other(&format!("{back}?saved=no-place")));
    }
    state.bell.ring();
    Ok(see_other(&back))
}

/// `GET /organizer/sessions/{id}/attendees.csv`
pub(super) async fn attendees(
    state: Data<AppState>,
    who: Editor,
    raw: Path<String>,
    wanted: Query<ExportQuery>,
) -> Answer {
    let id = list::id(&raw)?;
    let line = roster::sessions(&mut state.db.read().await?, Some(id), 1).await?.pop();
    let line = line.ok_or(WebError::NotFound)?;
    let filter = ExportFilter {
        webcast: Slug::parse(&line.slug).map_err(WebError::internal)?,
        session: Some(id),
        cancelled: wanted.with_cancelled(),
        held: wanted.with_held(),
    };
    let (actor, now) = (Actor::from(&who.0), state.clock.now());
    let spool = export::attendees(&state.db, &filter, &wanted.options(), actor, now).await;
    downloads::send(spool, &format!("{}-attendees", line.slug), now)
}
