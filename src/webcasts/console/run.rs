//! `/organizer/webcasts/{slug}/run/{id}`: the day of a session, for a second screen or a phone. Who is in, the way in, and
//! somebody who cannot get in.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Path, Query};
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::audit::Actor;
use crate::console::busy::form_again;
use crate::console::{Console, ConsoleFrame, MenuEntry, list, words};
use crate::contacts::roster::PersonFilter;
use crate::db::DbError;
use crate::db::listing::{ListOrder, Listing};
use crate::framed;
use crate::organizers::acts::Act;
use crate::values::HttpUrl;
use crate::web::layout::{Badge, Field, Layout, Mistake, Tone, When, mistakes};
use crate::web::{Answer, Form, WebError, ok, page as answer, see_other, time};
use crate::webcasts::change::{SessionChanged, SessionUpdate, change_session, open_doors};
use crate::webcasts::roster::{self, SEATS, SeatFilter, SeatLine, SeatsWanted, SessionLine};
use crate::webcasts::{Doorway, Session, store};

/// Those who came last.
const JOINED: i64 = 10;
/// Those whom a search finds.
const FOUND: i64 = 10;
/// How often the figures are read again, in seconds.
const AGAIN: &str = "20";
/// Asked for by those without scripts: the page reads itself again, and has no field that it would empty.
const LIVE: &str = "yes";

#[derive(Template)]
#[template(path = "console/webcasts/run.html")]
struct RunPage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    webcast: String,
    session: String,
    /// "14:37", on the session's clock.
    clock: String,
    zone: String,
    /// "It starts in 23 minutes."
    phase: String,
    door: Badge,
    registered: String,
    joined: String,
    last: Vec<DayRow>,
    doorway: Doorway,
    has_replay: bool,
    join_url: Field,
    version: String,
    mistakes: Vec<Mistake>,
    search: String,
    found: Vec<DayRow>,
    /// False for those who only look, and on the page that reads itself again.
    may_edit: bool,
    live: bool,
}

framed!(RunPage);

impl RunPage {
    /// Templates ask what is to be done at this hour.
    fn can_open(&self) -> bool {
        !self.join_url.value.is_empty() && matches!(self.doorway, Doorway::Waiting(_))
    }

    fn is_ahead(&self) -> bool {
        matches!(self.doorway, Doorway::Waiting(_) | Doorway::Open)
    }

    fn lacks_replay(&self) -> bool {
        !self.has_replay && self.doorway == Doorway::Over
    }
}

struct DayRow {
    /// Their own page.
    path: String,
    name: String,
    email: String,
    state: Badge,
    joined: Option<When>,
    /// Where "Send it again" and "Show a way in" post to; for those who are registered.
    seat: Option<String>,
}

/// What the page may be asked with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RunQuery {
    q: String,
    live: String,
    done: String,
}

/// `GET /organizer/webcasts/{slug}/run/{id}`
pub(super) async fn page(console: Console, at: Path<(String, String)>, wanted: Query<RunQuery>) -> Answer {
    let session = load(&console, &at).await?;
    let mut shown = draw(&console, &session, url_field(&session)).await?;
    shown.live = wanted.live == LIVE;
    if shown.may_edit && !shown.live {
        wanted.q.trim().clone_into(&mut shown.search);
        shown.found = find(&console, &session, &shown.search).await?;
    }
    shown.frame = shown.frame.with(done(&wanted.done));
    let mut page = ok(&shown)?;
    if shown.live {
        let (name, value) = (HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
        page.headers_mut().insert(name, value);
    }
    Ok(page)
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "doors" => Some("The doors are open. Who waits is let in within half a minute."),
        "doors-meanwhile" => {
            Some("Nothing was changed: the doors are open already, or the session is over or called off.")
        }
        "address" => Some("The join address is changed. Who clicks from now on goes there."),
        _ => None,
    }
}

/// `POST /organizer/webcasts/{slug}/run/{id}/doors`
pub(super) async fn open(console: Console, at: Path<(String, String)>) -> Answer {
    let session = load(&console, &at).await?;
    let (id, actor, now) = (session.public_id, Actor::from(&console.who), console.state.clock.now());
    let write = console
        .state
        .db
        .write(move |tx| Box::pin(async move { open_doors(tx, id, actor, now).await }));
    let said = if write.await? { "doors" } else { "doors-meanwhile" };
    Ok(see_other(&format!(
        "{}?done={said}",
        super::run_path(&at.0, session.public_id)
    )))
}

/// `POST /organizer/webcasts/{slug}/run/{id}/address`
pub(super) async fn change_address(console: Console, at: Path<(String, String)>, form: Form) -> Answer {
    let session = load(&console, &at).await?;
    let mut typed = Field::of(form.text("join_url").trim());
    if form.is_brought_back() {
        let mut shown = draw(&console, &session, typed).await?;
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let url = match HttpUrl::parse(&typed.value) {
        Ok(url) => url,
        Err(problem) => {
            typed.error = Some(problem.to_string());
            return refuse(&console, &session, typed).await;
        }
    };
    match put_address(&console, &session, url, form.text("version")).await {
        Ok(SessionChanged::Yes) => Ok(see_other(&format!(
            "{}?done=address",
            super::run_path(&at.0, session.public_id)
        ))),
        Ok(SessionChanged::Gone) => Err(WebError::NotFound),
        Ok(SessionChanged::Meanwhile) => {
            let now = load(&console, &at).await?;
            let theirs = now.join_url.as_ref().map_or("none", HttpUrl::as_str);
            typed.error = Some(format!(
                "Somebody else changed this session while you had it open. The join address is now: {theirs}. To have \
                 yours instead, save again."
            ));
            refuse(&console, &now, typed).await
        }
        Err(error) => {
            let mut shown = draw(&console, &session, typed).await?;
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}

async fn put_address(
    console: &Console,
    session: &Session,
    url: HttpUrl,
    version: &str,
) -> Result<SessionChanged, DbError> {
    let update = SessionUpdate {
        join_url: Some(url),
        ..SessionUpdate::of(session)
    };
    let (id, actor) = (session.public_id, Actor::from(&console.who));
    // What is written is all of the session, so it must be the one that was read here or on the form.
    let version = if version.is_empty() {
        session.version()
    } else {
        version.to_owned()
    };
    let clock = console.state.clock.clone();
    let write = console.state.db.write(move |tx| {
        let (update, version, clock) = (update.clone(), version.clone(), clock.clone());
        Box::pin(async move { change_session(tx, id, &update, &version, actor, &clock).await })
    });
    write.await
}

async fn refuse(console: &Console, session: &Session, typed: Field) -> Answer {
    let shown = draw(console, session, typed).await?;
    answer(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

async fn load(console: &Console, at: &(String, String)) -> Result<Session, WebError> {
    let found = store::session_by_public_id(&mut console.state.db.read().await?, list::id(&at.1)?).await?;
    found.ok_or(WebError::NotFound)
}

fn url_field(session: &Session) -> Field {
    Field::of(session.join_url.as_ref().map_or("", HttpUrl::as_str))
}

async fn draw(console: &Console, session: &Session, join_url: Field) -> Result<RunPage, WebError> {
    let conn = &mut console.state.db.read().await?;
    let line: Option<SessionLine> = roster::sessions(conn, Some(session.public_id), 1).await?.pop();
    let line = line.ok_or(WebError::NotFound)?;
    let last = roster::joined_last(conn, session.id, JOINED).await?;
    let now = console.state.clock.now();
    let door = session.doorway(now);
    let (layout, frame) = console.page(MenuEntry::Webcasts, format!("The day: {}", line.title));
    Ok(RunPage {
        layout,
        frame: frame
            .below("/organizer/webcasts", "Webcasts")
            .below(format!("/organizer/webcasts/{}", line.slug), line.title.clone()),
        path: super::run_path(&line.slug, session.public_id),
        session: super::session_path(&line.slug, &line.public_id)?,
        clock: session.zone.at(now).strftime("%H:%M").to_string(),
        zone: time::zone_in_words(now, &session.zone),
        phase: phase(session, now),
        door: door_in_words(session, door),
        registered: words::count(line.registered),
        joined: words::count(line.joined),
        last: last.iter().map(|seat| row(console, seat)).collect::<Result<_, _>>()?,
        doorway: door,
        has_replay: session.replay_url.is_some(),
        mistakes: mistakes(&[("join_url", &join_url)]),
        join_url,
        version: session.version(),
        search: String::new(),
        found: Vec::new(),
        may_edit: console.may(Act::ChangeWebcasts),
        live: false,
        webcast: line.title,
    })
}

/// Those of the session whose name, company or address begins so; by the whole address also before their words are kept.
async fn find(console: &Console, session: &Session, typed: &str) -> Result<Vec<DayRow>, WebError> {
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let conn = &mut console.state.db.read().await?;
    let wanted = SeatsWanted {
        session: Some(session.public_id),
        ..SeatsWanted::default()
    };
    let people = PersonFilter {
        typed: typed.to_owned(),
        ..PersonFilter::default()
    };
    let part = SeatFilter::find(conn, &wanted).await?.and_then(|filter| filter.part());
    let found = Listing {
        of: SEATS,
        part,
        conditions: people.conditions(conn, SEATS.person, console.state.clock.now()).await?,
        order: ListOrder::Name,
    };
    let ids = found.first(conn, FOUND).await?;
    let seats = roster::seats_of_rows(conn, &ids).await?;
    Ok(seats.iter().map(|seat| row(console, seat)).collect::<Result<_, _>>()?)
}

fn row(console: &Console, seat: &SeatLine) -> Result<DayRow, DbError> {
    let id = list::shown_id(&seat.public_id)?;
    Ok(DayRow {
        path: format!("/organizer/people/{}", list::shown_id(&seat.person)?),
        name: console.name(&seat.name),
        email: console.address(&seat.email),
        state: words::seat_state(&seat.state),
        joined: seat.joined_at.map(|at| console.stored_moment(at)).transpose()?,
        seat: (seat.state == "registered").then(|| format!("/organizer/registrations/{id}")),
    })
}

fn door_in_words(session: &Session, door: Doorway) -> Badge {
    let (tone, word) = match door {
        Doorway::Cancelled => (Tone::Wrong, "Called off".to_owned()),
        Doorway::Over => (Tone::Idle, "Over".to_owned()),
        Doorway::Open if session.join_url.is_none() => (Tone::Wrong, "Doors open, no join address".to_owned()),
        Doorway::Open => (Tone::Good, "Doors open".to_owned()),
        Doorway::Waiting(opens) => (
            Tone::Idle,
            format!("Doors open at {}", session.zone.at(opens).strftime("%H:%M")),
        ),
    };
    Badge { tone, word }
}

/// Where in its day it is.
fn phase(session: &Session, now: Timestamp) -> String {
    if now < session.starts_at {
        format!("It starts in {}.", length(session.starts_at.duration_since(now)))
    } else if now < session.ends_at {
        format!(
            "On air for {}, {} to go.",
            length(now.duration_since(session.starts_at)),
            length(session.ends_at.duration_since(now))
        )
    } else {
        format!("It ended {} ago.", length(now.duration_since(session.ends_at)))
    }
}

/// "23 minutes", "3 hours", "12 days"; a minute that has begun counts.
fn length(time: SignedDuration) -> String {
    let minutes = (time.as_secs() + 59) / 60;
    let said = |count: i64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    match minutes {
        ..120 => said(minutes, "minute"),
        120..2_880 => said(minutes / 60, "hour"),
        _ => said(minutes / 1_440, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_words() {
        for (seconds, said) in [
            (1, "1 minute"),
            (61, "2 minutes"),
            (7_140, "119 minutes"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(length(SignedDuration::from_secs(seconds)), said);
        }
    }
}
