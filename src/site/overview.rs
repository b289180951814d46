//! `/organizer`: sessions, papers and mail at a glance.

use std::time::Duration;

use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use askama::Template;
use jiff::{SignedDuration, Timestamp};

use crate::console::{layout, list, words};
use crate::db::size::{self, DatabaseSize};
use crate::db::{Conn, DbError, instant};
use crate::framed;
use crate::mail::advice::what_to_do;
use crate::mail::outbox::{self, MailState};
use crate::organizers::{self, SignedIn};
use crate::values::Zone;
use crate::web::layout::{Badge, Layout, Section, When};
use crate::web::{Answer, AppState, ok, time};
use crate::webcasts::pages::availability_state;
use crate::webcasts::roster::SessionLine;
use crate::webcasts::{self, Availability};
use crate::whitepapers;

/// Sessions that are listed.
const SESSIONS: i64 = 100;
/// Mail that waits longer than this does not get out.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

#[derive(Template)]
#[template(path = "organizers/overview.html")]
struct OverviewPage {
    layout: Layout,
    sessions: Vec<SessionOverview>,
    papers: Vec<PaperRow>,
    outbox: OutboxSummary,
    /// "41.2 MB, 0.3 MB more than a day ago"
    database: String,
}

framed!(OverviewPage);

struct SessionOverview {
    id: String,
    webcast: String,
    start: When,
    state: Badge,
    registered: String,
    /// "–" without a limit.
    capacity: String,
    joined: String,
    warning: Option<String>,
    /// Held back: how many.
    held: Option<String>,
}

struct PaperRow {
    slug: String,
    title: String,
    requests: String,
    last_week: String,
    downloads: String,
    /// Held back: how many.
    held: Option<String>,
}

struct OutboxSummary {
    waiting: String,
    sent: String,
    failed: String,
    held: String,
    /// What is wrong, in words, with what to do.
    trouble: Option<String>,
    /// Mails that wait for another try: how many, and what was said of most of them.
    refused: Option<String>,
}

/// How to get the set-up link, while there is no owner.
#[derive(Template)]
#[template(path = "organizers/no_owner.html")]
struct NoOwnerPage {
    layout: Layout,
}

framed!(NoOwnerPage);

/// `GET /organizer`
pub(super) async fn page(state: Data<AppState>, request: HttpRequest) -> Answer {
    if !organizers::store::has_owner(&mut state.db.read().await?).await? {
        return ok(&NoOwnerPage {
            layout: state.personal_layout(Section::None, "No owner yet"),
        });
    }
    let who = SignedIn::extract(&request).await?;
    let now = state.clock.now();
    let mut conn = state.db.read().await?;
    ok(&OverviewPage {
        layout: layout(&who.0, &state, Section::Overview, "Overview"),
        sessions: sessions(&mut conn, now).await?,
        papers: papers(&mut conn, now).await?,
        outbox: outbox(&mut conn, &state, now).await?,
        database: in_words(size::find(&mut conn, now).await?),
    })
}

async fn sessions(conn: &mut Conn, now: Timestamp) -> Result<Vec<SessionOverview>, DbError> {
    let lines = webcasts::roster::sessions(conn, None, SESSIONS).await?;
    lines.into_iter().map(|line| session_row(line, now)).collect()
}

fn session_row(line: SessionLine, now: Timestamp) -> Result<SessionOverview, DbError> {
    let zone = Zone::stored(&line.time_zone);
    let availability = line.availability(now)?;
    let is_ahead = !matches!(availability, Availability::Past | Availability::Cancelled);
    let warning = (is_ahead && line.join_url.is_none()).then(|| "No join URL yet.".to_owned());
    Ok(SessionOverview {
        id: list::shown_id(&line.public_id)?,
        start: time::in_table(instant(line.starts_at)?, &zone),
        state: availability_state(availability),
        registered: words::count(line.registered),
        capacity: line.capacity.map_or("–".to_owned(), words::grouped),
        joined: words::count(line.joined),
        held: (line.held > 0).then(|| words::count(line.held)),
        warning,
        webcast: line.title,
    })
}

async fn papers(conn: &mut Conn, now: Timestamp) -> Result<Vec<PaperRow>, DbError> {
    let lines = whitepapers::roster::papers(conn, now).await?;
    let rows = lines.into_iter().map(|line| PaperRow {
        slug: line.slug,
        title: line.title,
        requests: words::count(line.requests),
        last_week: words::count(line.last_week),
        downloads: words::count(line.downloads),
        held: (line.held > 0).then(|| words::count(line.held)),
    });
    Ok(rows.collect())
}

fn in_words(size: DatabaseSize) -> String {
    let megabytes = |bytes: i64| format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000);
    let now = megabytes(size.bytes);
    match size.grown {
        Some(grown) if grown > 0 => format!("{now}, {} more than a day ago", megabytes(grown)),
        _ => now,
    }
}

async fn outbox(conn: &mut Conn, state: &AppState, now: Timestamp) -> Result<OutboxSummary, DbError> {
    let counts = outbox::counts(conn).await?;
    let count = |states: &[MailState]| {
        let found = counts.iter().filter(|count| states.contains(&count.state));
        words::count(found.map(|count| count.count).sum())
    };
    Ok(OutboxSummary {
        waiting: count(&[MailState::Queued, MailState::Sending]),
        failed: count(&[MailState::Failed, MailState::Unknown]),
        held: count(&[MailState::Held]),
        sent: words::count(outbox::count_sent(conn).await?),
        trouble: trouble(conn, state, now).await?,
        refused: refused(conn).await?,
    })
}

/// Without a mail server the frame says so already.
async fn trouble(conn: &mut Conn, state: &AppState, now: Timestamp) -> Result<Option<String>, DbError> {
    if state.config.smtp_url.is_none() {
        return Ok(None);
    }
    if let Some((reply, wait)) = state.route.shut() {
        return Ok(Some(format!(
            "{} Nothing is lost: mail waits, and the next try is {}. For whoever runs this server: {}.",
            said(reply.code > 0, &reply.to_string()),
            in_minutes(wait),
            what_to_do(&reply)
        )));
    }
    let Some(since) = outbox::waiting_since(conn).await? else {
        return Ok(None);
    };
    Ok((now.duration_since(since) > PATIENCE).then(|| {
        format!(
            "Mails have been waiting since {} UTC. Nothing is lost; they go once the mail server takes them. \
             Run “commonground doctor” on the server to see what is wrong.",
            since.strftime("%Y-%m-%d %H:%M")
        )
    }))
}

async fn refused(conn: &mut Conn) -> Result<Option<String>, DbError> {
    let most = outbox::refused(conn).await?;
    Ok(most.map(|refused| {
        let count = words::count(refused.count);
        let waits = if refused.count == 1 { "mail waits" } else { "mails wait" };
        format!(
            "{count} {waits} for another try. {}",
            said(refused.is_answer(), &refused.reply())
        )
    }))
}

/// What was answered, or what happened instead of an answer.
fn said(is_answer: bool, words: &str) -> String {
    let words = words.trim_end_matches('.');
    if is_answer {
        format!("The mail server says: {words}.")
    } else {
        format!("{words}.")
    }
}

fn in_minutes(wait: Duration) -> String {
    match wait.as_secs().div_ceil(60) {
        0 | 1 => "within a minute".to_owned(),
        minutes => format!("in {minutes} minutes"),
    }
}
