//! The papers as organizers see them, and what they do about one request.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use crate::audit::{self, Actor};
use crate::console::{Console, list, moved_to, words};
use crate::contacts::person_page;
use crate::db::DbError;
use crate::organizers::SignedIn;
use crate::web::layout::Badge;
use crate::web::{Answer, AppState, WebError, see_other};
use crate::whitepapers::roster::{self, PaperLine};
use crate::whitepapers::{request, store};

/// A paper in the list of papers.
pub(crate) struct PaperRow {
    pub slug: String,
    pub title: String,
    pub requests: String,
    pub last_week: String,
    pub downloads: String,
    /// Held back: how many.
    pub held: Option<String>,
}

/// All of them.
pub(crate) async fn paper_rows(console: &Console) -> Result<Vec<PaperRow>, DbError> {
    let conn = &mut console.state.db.read().await?;
    let papers = roster::papers(conn, console.state.clock.now()).await?;
    Ok(papers.into_iter().map(paper_row).collect())
}

fn paper_row(line: PaperLine) -> PaperRow {
    PaperRow {
        requests: words::count(line.requests),
        last_week: words::count(line.last_week),
        downloads: words::count(line.downloads),
        held: (line.held > 0).then(|| words::count(line.held)),
        slug: line.slug,
        title: line.title,
    }
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

/// Rows of the outbox go after some months; what they were about was long handed over by then.
pub(crate) fn mail_state(state: &str, mail: Option<&str>) -> Result<Badge, DbError> {
    match mail {
        Some(word) => Ok(words::mail_badge(word.to_owned().try_into().map_err(DbError::stored)?)),
        None => Ok(Badge {
            word: if state == "held" { "to be looked at" } else { "–" }.to_owned(),
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
