//! `/organizer/webcasts/{slug}`: before it is published a list of what is there and what lacks, afterwards how it goes; and
//! what is done to it as a whole.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use jiff::Timestamp;

use super::figures::{self as webcast_figures, WebcastFigures};
use super::workspace::{NextStep, Tab, Workspace, WorkspaceHead};
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, list, words};
use crate::framed;
use crate::values::{HourCycle, PublicId, Slug};
use crate::web::layout::{Layout, When};
use crate::web::{Answer, WebError, ok, page as answer, see_other, time};
use crate::webcasts::change::programme::{self, Lack, Publishing};
use crate::webcasts::presenter::Presenter;
use crate::webcasts::roster::{self, SeatLine};
use crate::webcasts::{Session, WebcastState, store};

/// People who registered last, that are listed.
const LATEST: i64 = 5;

/// What the last act did.
const DONE: [(&str, &str); 8] = [
    ("made", "The draft is made. Nobody but organizers sees it yet."),
    ("published", "It is published: everybody sees it and can register."),
    ("unpublished", "It is a draft again: nobody but organizers sees it."),
    (
        "registered",
        "It was not unpublished: people are registered for a session ahead. Cancel the webcast, and they are told.",
    ),
    (
        "copied",
        "This is the copy: text and speakers of the other one, a session a week later, nobody registered.",
    ),
    ("meanwhile", "Nothing was changed: something else happened meanwhile."),
    (
        "kept",
        "It was not deleted: somebody is registered, or everybody sees it.",
    ),
    (
        "cancelled",
        "It is cancelled. Everybody who was registered for a session ahead is told.",
    ),
];

#[derive(Template)]
#[template(path = "console/webcasts/overview.html")]
struct OverviewPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    /// What a draft has and lacks.
    checks: Vec<Check>,
    can_unpublish: bool,
    can_cancel: bool,
    sessions: Vec<SessionFigures>,
    /// How it goes; `None` while it is counted, and for a draft.
    figures: Option<WebcastFigures>,
    latest: Vec<LatestRow>,
    /// Why it was not published.
    refused: Option<&'static str>,
}

framed!(OverviewPage);

/// A line of the list before publishing.
struct Check {
    /// There, missing, or missing without being needed.
    sign: &'static str,
    tone: &'static str,
    words: &'static str,
    /// Where it is mended, and what the button there says.
    path: String,
    button: &'static str,
}

/// A session with what is counted of it.
struct SessionFigures {
    path: String,
    start: When,
    zone: String,
    registered: String,
    joined: String,
    /// "72 of 100 places"
    places: String,
    /// How full it is, 0 to 100, where there is a limit.
    share: Option<i64>,
}

struct LatestRow {
    path: String,
    name: String,
    at: When,
}

/// `GET /organizer/webcasts/{slug}`
pub(super) async fn page(console: Console, slug: Path<String>, done: Query<Done>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let mut shown = draw(&console, &workspace).await?;
    shown.frame = shown.frame.with(done.said(&DONE));
    ok(&shown)
}

async fn draw(console: &Console, workspace: &Workspace) -> Result<OverviewPage, WebError> {
    let now = console.state.clock.now();
    let (layout, frame, head) = workspace.page(console, Tab::Overview);
    let conn = &mut console.state.db.read().await?;
    let mut sessions = Vec::new();
    for session in workspace.ahead(now) {
        let line = roster::sessions(conn, Some(session.public_id), 1).await?.pop();
        sessions.extend(line.map(|line| session_figures(session, &workspace.path(), line.registered, line.joined)));
    }
    let latest = roster::latest_of_webcast(conn, workspace.webcast.id, LATEST).await?;
    let speakers = store::speakers_of(conn, workspace.webcast.id).await?;
    let state = workspace.webcast.state;
    let may = head.may_edit;
    let mut lines = Vec::new();
    let mut figures = None;
    if workspace.is_draft() {
        let is_mail_seen = store::is_confirmation_seen(conn, workspace.webcast.id).await?;
        lines = checks(workspace, &speakers, is_mail_seen, now);
    } else {
        figures = webcast_figures::find(&console.state.db, workspace.webcast.id, now).await?;
    }
    Ok(OverviewPage {
        checks: lines,
        figures,
        can_unpublish: may && state == WebcastState::Published,
        can_cancel: may && state == WebcastState::Published && workspace.ahead(now).next().is_some(),
        sessions,
        latest: latest
            .into_iter()
            .map(|line| latest_row(console, &line))
            .collect::<Result<_, _>>()?,
        refused: None,
        layout,
        frame,
        head,
    })
}

fn checks(workspace: &Workspace, speakers: &[Presenter], is_mail_seen: bool, now: Timestamp) -> Vec<Check> {
    let lacks = programme::lacks(&workspace.webcast, &workspace.sessions, now);
    let path = workspace.path();
    let has_join_url = workspace.ahead(now).all(|session| session.join_url.is_some());
    vec![
        Check::needed(
            !lacks.contains(&Lack::Summary),
            "Title and one sentence",
            "The one sentence beneath the title is missing",
            format!("{path}/page"),
        ),
        Check::needed(
            !lacks.contains(&Lack::Session),
            "A session ahead",
            "There is no session ahead",
            format!("{path}/sessions"),
        ),
        of_speakers(speakers, format!("{path}/speakers")),
        Check::wished(
            has_join_url,
            "Join address",
            "A session has no join address yet. It is asked for again a week before.",
            format!("{path}/sessions"),
        ),
        Check {
            button: "Look at it",
            ..Check::wished(
                is_mail_seen,
                "Confirmation mail looked at",
                "Nobody has looked at the confirmation mail yet",
                format!("{path}/confirmation"),
            )
        },
    ]
}

/// A page without them works, and says less.
fn of_speakers(speakers: &[Presenter], path: String) -> Check {
    let lacking = if speakers.is_empty() {
        "Nobody speaks yet"
    } else {
        "A speaker has no picture yet"
    };
    let is_there = !speakers.is_empty() && speakers.iter().all(|speaker| speaker.picture.is_some());
    Check::wished(is_there, "Speakers with pictures", lacking, path)
}

impl Check {
    /// Without it nothing is published.
    fn needed(is_there: bool, has: &'static str, lacking: &'static str, path: String) -> Self {
        Self::new(is_there, has, ("!", "wrong", lacking), path)
    }

    /// Without it a webcast works, and is less.
    fn wished(is_there: bool, has: &'static str, lacking: &'static str, path: String) -> Self {
        Self::new(is_there, has, ("›", "warn", lacking), path)
    }

    fn new(
        is_there: bool,
        has: &'static str,
        lacking: (&'static str, &'static str, &'static str),
        path: String,
    ) -> Self {
        let (sign, tone, words) = if is_there { ("✓", "good", has) } else { lacking };
        Self {
            sign,
            tone,
            words,
            path,
            button: "Do it",
        }
    }
}

fn session_figures(session: &Session, path: &str, registered: i64, joined: i64) -> SessionFigures {
    SessionFigures {
        path: format!("{path}/sessions/{}", session.public_id),
        start: time::in_sentence(session.starts_at, &session.zone, HourCycle::H23),
        zone: time::zone_in_words(session.starts_at, &session.zone),
        registered: words::count(registered),
        joined: words::count(joined),
        places: match session.capacity {
            Some(capacity) => format!(
                "{} of {} places taken",
                words::grouped(session.seats_taken),
                words::grouped(capacity)
            ),
            None => "no limit of places".to_owned(),
        },
        share: session
            .capacity
            .filter(|capacity| *capacity > 0)
            .map(|capacity| (session.seats_taken * 100 / capacity).clamp(0, 100)),
    }
}

fn latest_row(console: &Console, line: &SeatLine) -> Result<LatestRow, crate::db::DbError> {
    Ok(LatestRow {
        path: format!("/organizer/people/{}", list::shown_id(&line.person)?),
        name: console.name(&line.name),
        at: console.stored_moment(line.created_at)?,
    })
}

/// `POST /organizer/webcasts/{slug}/publish`
pub(super) async fn publish(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let (webcast, who, now) = (
        workspace.webcast.clone(),
        console.who.clone(),
        console.state.clock.now(),
    );
    let write = console.state.db.write(move |tx| {
        let (webcast, who) = (webcast.clone(), who.clone());
        Box::pin(async move { programme::publish(tx, &webcast, &who, now).await })
    });
    match write.await? {
        Publishing::Yes => Ok(see_other(&format!("{}?done=published", workspace.path()))),
        Publishing::Meanwhile => Ok(see_other(&format!("{}?done=meanwhile", workspace.path()))),
        Publishing::Lacks(_) => {
            let mut shown = draw(&console, &workspace).await?;
            shown.refused = Some("It was not published yet: the lines marked with ! are needed first.");
            answer(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

/// `POST /organizer/webcasts/{slug}/unpublish`
pub(super) async fn unpublish(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let (webcast, who, now) = (
        workspace.webcast.clone(),
        console.who.clone(),
        console.state.clock.now(),
    );
    let write = console.state.db.write(move |tx| {
        let (webcast, who) = (webcast.clone(), who.clone());
        Box::pin(async move { programme::unpublish(tx, &webcast, &who, now).await })
    });
    let done = if write.await? { "unpublished" } else { "registered" };
    Ok(see_other(&format!("{}?done={done}", workspace.path())))
}

/// `POST /organizer/webcasts/{slug}/duplicate`
pub(super) async fn duplicate(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let (webcast, who, now) = (workspace.webcast, console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let (webcast, who) = (webcast.clone(), who.clone());
        Box::pin(async move { programme::duplicate(tx, &webcast, &who, now).await })
    });
    let copy: Slug = write.await?;
    Ok(see_other(&format!("/organizer/webcasts/{copy}?done=copied")))
}

/// `POST /organizer/webcasts/{slug}/delete`: a draft that nobody was registered for.
pub(super) async fn delete(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let (webcast, who, now) = (
        workspace.webcast.clone(),
        console.who.clone(),
        console.state.clock.now(),
    );
    let write = console.state.db.write(move |tx| {
        let (webcast, who) = (webcast.clone(), who.clone());
        Box::pin(async move { programme::delete(tx, &webcast, &who, now).await })
    });
    if write.await? {
        Ok(see_other("/organizer/webcasts?done=deleted"))
    } else {
        Ok(see_other(&format!("{}?done=kept", workspace.path())))
    }
}

/// The session of an address, where it belongs to this webcast.
pub(super) async fn session_of(console: &Console, workspace: &Workspace, id: PublicId) -> Result<Session, WebError> {
    let found = store::session_by_public_id(&mut console.state.db.read().await?, id).await?;
    let found = found.filter(|session| session.webcast_id == workspace.webcast.id);
    found.ok_or(WebError::NotFound)
}
