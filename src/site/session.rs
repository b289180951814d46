//! `/organizer/sessions/{id}`: one session, its attendees, and the form that changes it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::session_form::SessionForm;
use super::{PAGE, PAGE_AND_ONE, id, in_words, moment, shown_id};
use crate::clock::Clock;
use crate::db::{DbError, Tx};
use crate::organizers::audit::{self, Actor, Entry};
use crate::organizers::{Editor, Organizer, SignedIn};
use crate::values::PublicId;
use crate::web::layout::{Layout, Section, State, Tone, When};
use crate::web::{Answer, AppState, Form, WebError, page as answer, see_other, time};
use crate::webcasts::Session;
use crate::webcasts::pages::availability_state;
use crate::webcasts::roster::{self, SeatLine, SessionLine};
use crate::webcasts::store::{self, SessionUpdate};

#[derive(Template)]
#[template(path = "organizers/session.html")]
struct SessionPage {
    layout: Layout,
    id: String,
    webcast: String,
    slug: String,
    start: When,
    zone_text: String,
    state: State,
    form: SessionForm,
    attendees: Vec<AttendeeRow>,
    count: String,
    joined: String,
    next_page: Option<String>,
    flash: Option<String>,
    /// False for those who only look.
    may_edit: bool,
}

struct AttendeeRow {
    /// Held for review: where its button posts to.
    release: Option<String>,
    name: String,
    email: String,
    status: State,
    registered: When,
    joined: Option<When>,
}

/// What the page may be asked with.
#[derive(Deserialize)]
pub(super) struct Wanted {
    /// The seat that the page before ended with.
    after: Option<String>,
    saved: Option<String>,
}

/// `GET /organizer/sessions/{id}`
pub(super) async fn page(state: Data<AppState>, who: SignedIn, raw: Path<String>, wanted: Query<Wanted>) -> Answer {
    let id = id(&raw)?;
    let after = wanted.after.as_deref().map(super::id).transpose()?;
    let session = load(&state, id).await?;
    let form = SessionForm::of(&session);
    let mut shown = show(&state, &who.0, &session, form, after).await?;
    shown.flash = wanted.saved.as_ref().map(|_| saved(&session).to_owned());
    crate::web::ok(&shown)
}

fn saved(session: &Session) -> &'static str {
    if session.capacity.is_some_and(|most| session.seats_taken > most) {
        "The session is saved. More people are registered than there are places now. Nobody loses theirs, and nobody \
         else can register."
    } else {
        "The session is saved."
    }
}

/// `POST /organizer/sessions/{id}`
pub(super) async fn change(state: Data<AppState>, who: Editor, raw: Path<String>, form: Form) -> Answer {
    let session = load(&state, id(&raw)?).await?;
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
            Box::pin(async move { save(tx, id, &update, &version, actor, &clock).await })
        })
        .await?;
    match saved {
        Saved::Yes => {
            state.bell.ring();
            Ok(see_other(&format!("/organizer/sessions/{id}?saved=yes")))
        }
        Saved::Gone => Err(WebError::NotFound),
        Saved::ChangedMeanwhile => {
            let now = load(&state, id).await?;
            typed.refuse_as_changed(&now);
            let shown = show(&state, &who.0, &now, typed, None).await?;
            answer(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

enum Saved {
    Yes,
    /// It is not there any more.
    Gone,
    /// Somebody else saved after this form was opened.
    ChangedMeanwhile,
}

/// Changes the session as it is now, and has everybody told where its time moved.
async fn save(
    tx: &mut Tx,
    id: PublicId,
    update: &SessionUpdate,
    version: &str,
    actor: Actor,
    clock: &Clock,
) -> Result<Saved, DbError> {
    let now = clock.now();
    let Some(before) = store::hold_session(tx, id).await? else {
        return Ok(Saved::Gone);
    };
    let changed = changed_fields(&before, update);
    if changed.is_empty() {
        return Ok(Saved::Yes);
    }
    if !version.is_empty() && version != before.version() {
        return Ok(Saved::ChangedMeanwhile);
    }
    let moved = changed
        .iter()
        .any(|field| ["start", "end", "time_zone"].contains(field));
    let announce = moved && update.ends_at > now;
    store::update_session(tx, before.id, update, announce, now).await?;
    if announce {
        // Read while the row is held: whoever registered with the old time did so earlier than this.
        store::insert_fan_out(tx, before.id, before.starts_at, clock.now()).await?;
    }
    let entry = Entry {
        actor,
        action: "session.change",
        subject: id.to_string(),
        detail: changed.join(", "),
    };
    audit::record(tx, &entry, now).await?;
    Ok(Saved::Yes)
}

fn changed_fields(before: &Session, update: &SessionUpdate) -> Vec<&'static str> {
    [
        ("start", before.starts_at != update.starts_at),
        ("end", before.ends_at != update.ends_at),
        ("time_zone", before.zone != update.zone),
        ("join_url", before.join_url != update.join_url),
        ("replay_url", before.replay_url != update.replay_url),
        ("capacity", before.capacity != update.capacity),
        ("state", before.state != update.state),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
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
    let mut seats = roster::seats(&mut conn, session.public_id, after, PAGE_AND_ONE).await?;
    let next_page = next_page(session.public_id, &mut seats)?;
    Ok(SessionPage {
        layout: crate::organizers::layout(who, state, Section::Overview, &line.title),
        id: session.public_id.to_string(),
        start: time::in_sentence(session.starts_at, &session.zone),
        zone_text: time::zone_in_words(session.starts_at, &session.zone),
        state: availability_state(session.availability(state.clock.now())),
        form,
        attendees: seats.into_iter().map(attendee).collect::<Result<_, _>>()?,
        count: in_words(line.registered),
        joined: in_words(line.joined),
        next_page,
        flash: None,
        may_edit: who.role.may_edit(),
        webcast: line.title,
        slug: line.slug,
    })
}

/// Cuts the one that was read to see whether there are more.
fn next_page(session: PublicId, seats: &mut Vec<SeatLine>) -> Result<Option<String>, DbError> {
    if seats.len() <= PAGE {
        return Ok(None);
    }
    seats.truncate(PAGE);
    let Some(last) = seats.last() else { return Ok(None) };
    let after = shown_id(&last.public_id)?;
    Ok(Some(format!("/organizer/sessions/{session}?after={after}")))
}

fn attendee(line: SeatLine) -> Result<AttendeeRow, DbError> {
    Ok(AttendeeRow {
        release: release_path(&line)?,
        registered: moment(line.created_at)?,
        joined: line.joined_at.map(moment).transpose()?,
        status: status(line.state),
        name: line.name,
        email: line.email,
    })
}

/// Where the button of a held registration posts to.
fn release_path(line: &SeatLine) -> Result<Option<String>, DbError> {
    let id = shown_id(&line.public_id)?;
    Ok((line.state == "pending").then(|| format!("/organizer/registrations/{id}/release")))
}

fn status(word: String) -> State {
    let tone = match word.as_str() {
        "registered" => Tone::Good,
        "pending" => Tone::Warn,
        _ => Tone::Idle,
    };
    State { tone, word }
}
