//! `/organizer/requests`: who asked for which paper.

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::{PAGE, PAGE_AND_ONE, id, in_words, moment, shown_id};
use crate::db::DbError;
use crate::organizers::SignedIn;
use crate::values::Slug;
use crate::web::layout::{Layout, Section, State, When};
use crate::web::{Answer, AppState, WebError, ok};
use crate::whitepapers::roster::{self, RequestLine};

#[derive(Template)]
#[template(path = "organizers/requests.html")]
struct RequestsPage {
    layout: Layout,
    requests: Vec<RequestRow>,
    count: String,
    next_page: Option<String>,
    /// False for those who only look.
    may_edit: bool,
}

struct RequestRow {
    /// Held for review: where its button posts to.
    release: Option<String>,
    name: String,
    email: String,
    paper: String,
    requested: When,
    mail: State,
    downloads: String,
}

/// What the page may be asked with.
#[derive(Deserialize)]
pub(super) struct Wanted {
    whitepaper: Option<String>,
    after: Option<String>,
}

/// `GET /organizer/requests`
pub(super) async fn page(state: Data<AppState>, who: SignedIn, wanted: Query<Wanted>) -> Answer {
    let paper = wanted.whitepaper.as_deref().map(Slug::parse).transpose();
    let paper = paper.map_err(|_| WebError::NotFound)?;
    let after = wanted.after.as_deref().map(id).transpose()?;
    let mut conn = state.db.read().await?;
    let mut lines = roster::requests(&mut conn, paper.as_ref(), after, PAGE_AND_ONE).await?;
    let next_page = next_page(paper.as_ref(), &mut lines)?;
    ok(&RequestsPage {
        layout: who.layout(&state, Section::Requests, "Whitepaper requests"),
        count: in_words(roster::count_requests(&mut conn, paper.as_ref()).await?),
        requests: lines.into_iter().map(row).collect::<Result<_, _>>()?,
        next_page,
        may_edit: who.0.role.may_edit(),
    })
}

fn next_page(paper: Option<&Slug>, lines: &mut Vec<RequestLine>) -> Result<Option<String>, DbError> {
    if lines.len() <= PAGE {
        return Ok(None);
    }
    lines.truncate(PAGE);
    let Some(last) = lines.last() else { return Ok(None) };
    let filter = paper.map(|slug| format!("whitepaper={slug}&")).unwrap_or_default();
    let after = shown_id(&last.public_id)?;
    Ok(Some(format!("/organizer/requests?{filter}after={after}")))
}

fn row(line: RequestLine) -> Result<RequestRow, DbError> {
    Ok(RequestRow {
        release: release_path(&line)?,
        requested: moment(line.created_at)?,
        mail: mail_state(&line)?,
        downloads: in_words(line.downloads),
        name: line.name,
        email: line.email,
        paper: line.paper,
    })
}

/// Where the button of a held request posts to.
fn release_path(line: &RequestLine) -> Result<Option<String>, DbError> {
    let id = shown_id(&line.public_id)?;
    Ok((line.state == "pending").then(|| format!("/organizer/requests/{id}/release")))
}

/// Rows of the outbox go after some months; what they were about was long handed over by then.
fn mail_state(line: &RequestLine) -> Result<State, DbError> {
    match line.mail.clone() {
        Some(word) => Ok(super::outbox::state(word.try_into().map_err(DbError::stored)?)),
        None => Ok(State {
            word: if line.state == "pending" {
                "to be looked at"
            } else {
                "–"
            }
            .to_owned(),
            ..State::default()
        }),
    }
}
