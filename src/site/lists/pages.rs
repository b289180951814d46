//! The pages of the three lists.

use crate::lists::{ListPlace, ListQuery};
use actix_web::HttpRequest;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::cells::ListCell;
use super::shown::{ListShown, show};
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::framed;
use crate::organizers::acts::Act;
use crate::site::bulk;
use crate::values::Slug;
use crate::web::layout::Layout;
use crate::web::{Answer, WebError, ok, see_other};
use crate::webcasts::console::{NextStep, Tab, Workspace, WorkspaceHead};
use crate::whitepapers;
use crate::whitepapers::console::{PaperRow, paper_rows};

#[derive(Template)]
#[template(path = "console/people/list.html")]
struct PeoplePage {
    layout: Layout,
    frame: ConsoleFrame,
    list: ListShown,
    may_add: bool,
}

framed!(PeoplePage);

#[derive(Template)]
#[template(path = "console/webcasts/people.html")]
struct AttendeesPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    list: ListShown,
}

framed!(AttendeesPage);

#[derive(Template)]
#[template(path = "console/papers/requests.html")]
struct RequestsPage {
    layout: Layout,
    frame: ConsoleFrame,
    /// All papers, above the requests for all of them.
    papers: Vec<PaperRow>,
    /// The one paper that the requests are for.
    paper: Option<String>,
    list: ListShown,
}

framed!(RequestsPage);

/// What the last act did.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ListDone {
    done: String,
    bulk: String,
}

impl ListDone {
    fn of(request: &HttpRequest) -> Self {
        let query = actix_web::web::Query::<Self>::from_query(request.query_string());
        query.map(actix_web::web::Query::into_inner).unwrap_or_default()
    }

    /// The frame with the line above the page.
    async fn told(&self, console: &Console, frame: ConsoleFrame) -> Result<ConsoleFrame, WebError> {
        if !self.bulk.is_empty() {
            return Ok(frame.with(bulk::flash(console, &self.bulk).await?));
        }
        Ok(frame.with(match self.done.as_str() {
            "columns" => Some("The columns are kept for you."),
            "view" => Some("The view is saved. It stands above the list."),
            "view-name" => Some("The view was not saved: give it a name of at most 60 characters."),
            "views" => Some("The view was not saved: you have thirty of them in this list. Forget one first."),
            "forgotten" => Some("The view is forgotten."),
            "nobody" => Some("Nobody was chosen. Tick some rows, or all that match."),
            "tag" => Some("Nothing was done: write the tag first, at most 40 characters in one line."),
            _ => None,
        }))
    }
}

/// `GET /organizer/people`
pub(in crate::site) async fn people(console: Console, request: HttpRequest) -> Answer {
    let query = ListQuery::of_address(ListPlace::People, request.query_string())?;
    let list = show(&console, &query).await?;
    let (layout, frame) = console.page(MenuEntry::People, "People");
    ok(&PeoplePage {
        layout,
        frame: ListDone::of(&request).told(&console, frame).await?,
        list,
        may_add: console.may(Act::ChangePeople),
    })
}

/// `GET /organizer/webcasts/{slug}/people`
pub(in crate::site) async fn attendees(console: Console, slug: Path<String>, request: HttpRequest) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let place = ListPlace::Attendees(workspace.webcast.slug.clone());
    let query = ListQuery::of_address(place, request.query_string())?;
    let list = show(&console, &query).await?;
    let (layout, frame, head) = workspace.page(&console, Tab::People);
    ok(&AttendeesPage {
        layout,
        frame: ListDone::of(&request).told(&console, frame).await?,
        head,
        list,
    })
}

/// `GET /organizer/papers`: the papers, and who asked for any of them.
pub(in crate::site) async fn papers(console: Console, request: HttpRequest) -> Answer {
    let query = ListQuery::of_address(ListPlace::Requests(None), request.query_string())?;
    if let Some(paper) = &query.requests.paper {
        let rest = query.address_without("whitepaper");
        let path = ListPlace::Requests(Some(paper.clone())).path();
        return Ok(see_other(&if rest.is_empty() {
            path
        } else {
            format!("{path}?{rest}")
        }));
    }
    requests(console, request, query, None).await
}

/// `GET /organizer/papers/{slug}/people`
pub(in crate::site) async fn requests_for(console: Console, slug: Path<String>, request: HttpRequest) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let found = whitepapers::store::whitepaper_by_slug(&mut console.state.db.read().await?, &slug).await?;
    let paper = found.ok_or(WebError::NotFound)?;
    let query = ListQuery::of_address(ListPlace::Requests(Some(slug)), request.query_string())?;
    requests(console, request, query, Some(paper.title)).await
}

async fn requests(console: Console, request: HttpRequest, query: ListQuery, paper: Option<String>) -> Answer {
    let list = show(&console, &query).await?;
    let papers = match paper {
        None => paper_rows(&console).await?,
        Some(_) => Vec::new(),
    };
    let title = paper.clone().unwrap_or_else(|| "Papers".to_owned());
    let (layout, frame) = console.page(MenuEntry::Papers, title);
    let frame = match &paper {
        Some(_) => frame.below("/organizer/papers", "Papers"),
        None => frame,
    };
    ok(&RequestsPage {
        layout,
        frame: ListDone::of(&request).told(&console, frame).await?,
        papers,
        paper,
        list,
    })
}
