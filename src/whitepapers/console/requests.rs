//! `/organizer/papers`: the papers, and who asked for which paper.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::audit::{self, Actor};
use crate::console::downloads::{self, ExportQuery};
use crate::console::{Console, ConsoleFrame, MenuEntry, list, moved_to, words};
use crate::contacts::person_page;
use crate::db::DbError;
use crate::framed;
use crate::organizers::SignedIn;
use crate::organizers::acts::Act;
use crate::values::Slug;
use crate::web::layout::{Badge, Layout, When};
use crate::web::{Answer, AppState, WebError, ok, see_other};
use crate::whitepapers::roster::{self, PaperLine, RequestLine};
use crate::whitepapers::{export, request, store};

#[derive(Template)]
#[template(path = "console/papers/requests.html")]
struct RequestsPage {
    layout: Layout,
    frame: ConsoleFrame,
    papers: Vec<PaperRow>,
    requests: Vec<RequestListRow>,
    count: String,
    next_page: Option<String>,
    /// False for those who only look.
    may_edit: bool,
}

framed!(RequestsPage);

struct PaperRow {
    slug: String,
    title: String,
    requests: String,
    last_week: String,
    downloads: String,
    /// Held back: how many.
    held: Option<String>,
    /// Its requests are the ones below.
    current: bool,
}

struct RequestListRow {
    /// Held for review: where its button posts to.
    release: Option<String>,
    /// Their own page.
    path: String,
    name: String,
    email: String,
    paper: String,
    requested: When,
    mail: Badge,
    downloads: String,
}

/// What the page may be asked with.
#[derive(Deserialize)]
pub(super) struct RequestsQuery {
    whitepaper: Option<String>,
    after: Option<String>,
}

/// `GET /organizer/papers`
pub(super) async fn page(console: Console, wanted: Query<RequestsQuery>) -> Answer {
    let paper = wanted.whitepaper.as_deref().map(Slug::parse).transpose();
    let paper = paper.map_err(|_| WebError::NotFound)?;
    let after = wanted.after.as_deref().map(list::id).transpose()?;
    let mut conn = console.state.db.read().await?;
    let mut lines = roster::requests(&mut conn, paper.as_ref(), after, list::READ).await?;
    let next_page = next_page(paper.as_ref(), &mut lines)?;
    let papers = roster::papers(&mut conn, console.state.clock.now()).await?;
    let (layout, frame) = console.page(MenuEntry::Papers, "Papers");
    ok(&RequestsPage {
        layout,
        frame,
        papers: papers.into_iter().map(|line| paper_row(line, paper.as_ref())).collect(),
        count: words::count(roster::count_requests(&mut conn, paper.as_ref()).await?),
        requests: lines
            .into_iter()
            .map(|line| row(&console, line))
            .collect::<Result<_, _>>()?,
        next_page,
        may_edit: console.may(Act::ChangePapers),
    })
}

fn paper_row(line: PaperLine, chosen: Option<&Slug>) -> PaperRow {
    PaperRow {
        current: chosen.is_some_and(|slug| slug.as_str() == line.slug),
        requests: words::count(line.requests),
        last_week: words::count(line.last_week),
        downloads: words::count(line.downloads),
        held: (line.held > 0).then(|| words::count(line.held)),
        slug: line.slug,
        title: line.title,
    }
}

fn next_page(paper: Option<&Slug>, lines: &mut Vec<RequestLine>) -> Result<Option<String>, DbError> {
    let Some(last) = list::cut(lines) else { return Ok(None) };
    let after = list::shown_id(&last.public_id)?;
    let filter = paper.map(|slug| ("whitepaper", slug.as_str()));
    Ok(Some(list::next_page("/organizer/papers", filter.as_slice(), &after)))
}

/// `GET /organizer/requests`, `GET /organizer/requests.csv`: where they were before.
pub(super) async fn moved(_: SignedIn, request: HttpRequest) -> Answer {
    let path = match request.path() {
        "/organizer/requests.csv" => "/organizer/exports/requests.csv",
        _ => "/organizer/papers",
    };
    Ok(moved_to(&match request.query_string() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }))
}

fn row(console: &Console, line: RequestLine) -> Result<RequestListRow, DbError> {
    Ok(RequestListRow {
        release: release_path(&line)?,
        requested: console.stored_moment(line.created_at)?,
        mail: mail_state(&line)?,
        downloads: words::count(line.downloads),
        path: format!("/organizer/people/{}", list::shown_id(&line.person)?),
        name: console.name(&line.name),
        email: console.address(&line.email),
        paper: line.paper,
    })
}

/// Where the button of a held request posts to.
fn release_path(line: &RequestLine) -> Result<Option<String>, DbError> {
    let id = list::shown_id(&line.public_id)?;
    Ok((line.state == "held").then(|| format!("/organizer/requests/{id}/release")))
}

/// Rows of the outbox go after some months; what they were about was long handed over by then.
fn mail_state(line: &RequestLine) -> Result<Badge, DbError> {
    match line.mail.clone() {
        Some(word) => Ok(words::mail_badge(word.try_into().map_err(DbError::stored)?)),
        None => Ok(Badge {
            word: if line.state == "held" { "to be looked at" } else { "–" }.to_owned(),
            ..Badge::default()
        }),
    }
}

/// `POST /organizer/requests/{id}/release`: lets go what was held because a program may have filled in the form.
pub(super) async fn release(state: Data<AppState>, who: SignedIn, raw: Path<String>) -> Answer {
    let id = list::id(&raw)?;
    let held = store::request_by_public_id(&mut state.db.read().await?, id).await?;
    let held = held.ok_or(WebError::NotFound)?;
    let (actor, now) = (Actor::from(&who.0), state.clock.now());
    let write = state.db.write(move |tx| {
        let held = held.clone();
        let entry = audit::Entry {
            actor,
            action: "request.release",
            subject: id.to_string(),
            detail: String::new(),
        };
        Box::pin(async move {
            if request::release(tx, &held, now).await? {
                audit::record(tx, &entry, now).await?;
            }
            Ok(())
        })
    });
    write.await?;
    state.bell.ring();
    Ok(see_other("/organizer/papers"))
}

/// `POST /organizer/requests/{id}/again`: the paper goes to its requester once more.
pub(super) async fn again(state: Data<AppState>, who: SignedIn, raw: Path<String>) -> Answer {
    let id = list::id(&raw)?;
    let conn = &mut state.db.read().await?;
    let asked = store::request_by_public_id(conn, id).await?.ok_or(WebError::NotFound)?;
    let page = person_page(conn, asked.contact_id).await?;
    let (actor, now) = (Actor::from(&who.0), state.clock.now());
    let write = state.db.write(move |tx| {
        let asked = asked.clone();
        let entry = audit::Entry {
            actor,
            action: "request.mail-again",
            subject: id.to_string(),
            detail: String::new(),
        };
        Box::pin(async move {
            let sent = request::send_again(tx, &asked, now).await?;
            if sent {
                audit::record(tx, &entry, now).await?;
            }
            Ok(sent)
        })
    });
    let done = if write.await? { "again" } else { "often" };
    state.bell.ring();
    Ok(see_other(&format!("{page}?done={done}")))
}

/// Of which paper, besides how.
#[derive(Deserialize)]
pub(super) struct PaperQuery {
    whitepaper: Option<String>,
}

/// `GET /organizer/exports/requests.{ending}`
pub(super) async fn file(
    state: Data<AppState>,
    who: SignedIn,
    ending: Path<String>,
    paper: Query<PaperQuery>,
    wanted: Query<ExportQuery>,
) -> Answer {
    let options = wanted.options(&ending)?;
    let paper = paper.whitepaper.as_deref().filter(|raw| !raw.is_empty());
    let paper = paper.map(Slug::parse).transpose().map_err(|_| WebError::NotFound)?;
    let name = paper
        .as_ref()
        .map_or("requests".to_owned(), |slug| format!("{slug}-requests"));
    let (actor, now) = (Actor::from(&who.0), state.clock.now());
    let spool = export::requests(&state.db, paper.as_ref(), &options, actor, now).await;
    downloads::send(spool, &name, options.format, now)
}
