//! What goes into a file, and its first rows before it is made.

use actix_web::HttpRequest;
use askama::Template;

use super::PATH;
use super::past::{PastFile, past_files};
use crate::console::{Console, ConsoleFrame, MenuEntry, downloads};
use crate::export::FirstRows;
use crate::framed;
use crate::lists::files::{self, FileWanted};
use crate::lists::{ListPlace, ListQuery, store as lists};
use crate::values::{Slug, Zone};
use crate::web::layout::Layout;
use crate::web::{Answer, Form, WebError, ok};
use crate::webcasts::console::session_path;
use crate::{webcasts, whitepapers};

/// Sessions to choose from.
const MOST: i64 = 200;
/// The endings of files, as organizers choose them.
const KINDS: [(&str, &str); 5] = [
    ("xlsx", "Excel workbook"),
    ("csv", "CSV, with commas"),
    ("csv-semicolon", "CSV, with semicolons"),
    ("json", "JSON"),
    ("jsonl", "JSON, a line each"),
];
const BOXES: [&str; 4] = ["cancelled", "held", "raw", "compact"];
const PRESETS: [(&str, &str, &str); 4] = [
    ("everything", "Everything", "All columns"),
    (
        "sales",
        "Sales",
        "For a CRM: only people with a confirmed address who agreed to more mail. A name that was given as one stands in “Last name”",
    ),
    (
        "speaker",
        "Speaker",
        "Names, companies and answers, no way to reach anybody",
    ),
    ("chosen", "My choice", "The columns that are ticked below"),
];

#[derive(Template)]
#[template(path = "console/exports.html")]
struct ExportsPage {
    layout: Layout,
    frame: ConsoleFrame,
    lists: Vec<ListOption>,
    presets: [(&'static str, &'static str, &'static str); PRESETS.len()],
    preset: String,
    kinds: [(&'static str, &'static str); KINDS.len()],
    kind: String,
    zone: String,
    zones: Vec<String>,
    /// Boxes that are ticked.
    ticked: Vec<&'static str>,
    is_attendees: bool,
    is_people: bool,
    /// Filters that came with the list.
    filters: Vec<(String, String)>,
    /// The list as it is narrowed, and the same without.
    narrowed: Option<(String, String)>,
    first: FirstRows,
    /// Where the file is.
    download: String,
    /// What is wrong with the choice.
    problem: Option<String>,
    past: Vec<PastFile>,
}

framed!(ExportsPage);

/// A list that can be exported.
struct ListOption {
    /// `attendees SLUG`, `session ID`, `requests SLUG` or `people`.
    value: String,
    words: String,
    is: bool,
}

/// What is chosen.
struct ExportChoice {
    /// The list: its kind, and which.
    list: (String, String),
    preset: String,
    kind: String,
    asked: Form,
    /// Filters of the list.
    filters: Vec<(String, String)>,
    /// Columns that were chosen the last time.
    remembered: Option<String>,
}

/// What was chosen, or the first of those that there are.
fn known(chosen: &str, all: &[&str]) -> String {
    let found = all.iter().find(|known| **known == chosen).or(all.first());
    found.copied().unwrap_or_default().to_owned()
}

impl ExportChoice {
    async fn of(console: &Console, query: &str, lists: &[(String, String)]) -> Result<Self, WebError> {
        let asked = Form::decode(query.as_bytes());
        let named = match (asked.text("list"), asked.text("session"), asked.text("whitepaper")) {
            ("", "", "") => lists.first().map(|(value, _)| value.clone()).unwrap_or_default(),
            ("", "", paper) => format!("requests {paper}"),
            ("", session, _) => format!("session {session}"),
            (list, ..) => list.to_owned(),
        };
        let (kind, which) = named.split_once(' ').unwrap_or((&named, ""));
        let list = (kind.to_owned(), which.to_owned());
        let filters = match place(&list.0, &list.1) {
            Some(place) => ListQuery::read(place, &asked)?.filters().to_vec(),
            None => Vec::new(),
        };
        let file = match list.0.as_str() {
            "requests" | "people" => format!("file {}", list.0),
            _ => "file attendees".to_owned(),
        };
        let conn = &mut console.state.db.read().await?;
        Ok(Self {
            remembered: lists::chosen_columns(conn, console.who.id, &file).await?,
            list,
            preset: known(asked.text("preset"), &PRESETS.map(|preset| preset.0)),
            kind: known(asked.text("kind"), &KINDS.map(|kind| kind.0)),
            asked,
            filters,
        })
    }

    fn ending(&self) -> &str {
        self.kind.split('-').next().unwrap_or_default()
    }

    fn file(&self) -> &str {
        match self.list.0.as_str() {
            "requests" | "people" => &self.list.0,
            _ => "attendees",
        }
    }

    /// Keys of the columns, where they are chosen one by one.
    fn columns(&self) -> String {
        let ticked: Vec<&str> = self.asked.all("column").collect();
        match (ticked.is_empty(), &self.remembered) {
            (true, Some(remembered)) => remembered.clone(),
            _ => ticked.join(","),
        }
    }

    /// As the address of the file says it.
    fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = match self.list.0.as_str() {
            "session" => vec![("session", self.list.1.clone())],
            "requests" => vec![("whitepaper", self.list.1.clone())],
            "people" => Vec::new(),
            _ => vec![("webcast", self.list.1.clone())],
        };
        match self.preset.as_str() {
            "chosen" => pairs.push(("columns", self.columns())),
            preset if self.file() == "attendees" => pairs.push(("preset", preset.to_owned())),
            _ => {}
        }
        if self.kind == "csv-semicolon" {
            pairs.push(("separator", "semicolon".to_owned()));
        }
        for name in BOXES {
            if self.asked.is_checked(name) {
                pairs.push((name, "yes".to_owned()));
            }
        }
        if self.asked.is_filled("zone") {
            pairs.push(("zone", self.asked.text("zone").to_owned()));
        }
        let own = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
        let own: Vec<(String, String)> = own.filter(|(_, value)| !value.is_empty()).collect();
        let named = |name: &str| own.iter().any(|(known, _)| known == name);
        let filters: Vec<(String, String)> = self.filters.iter().filter(|(name, _)| !named(name)).cloned().collect();
        own.into_iter().chain(filters).collect()
    }

    fn download(&self) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.pairs())
            .finish();
        format!("{PATH}/{}.{}?{query}", self.file(), self.ending())
    }

    async fn first_rows(&self, console: &Console) -> Result<FirstRows, WebError> {
        let asked = Form::of(self.pairs());
        let options = downloads::options(self.ending(), &asked)?;
        let place = match self.list.0.as_str() {
            "session" => session_place(console, &self.list.1).await?,
            kind => place(kind, &self.list.1).ok_or(WebError::NotFound)?,
        };
        let wanted = FileWanted::read(place, &asked, options)?;
        let first = files::first_rows(&console.state.db, &wanted, console.state.clock.now()).await;
        first.map_err(downloads::explain)?.ok_or(WebError::NotFound)
    }

    /// The list, with its filters and without.
    fn narrowed(&self) -> Option<(String, String)> {
        let place = place(&self.list.0, &self.list.1)?;
        let filters: Vec<&(String, String)> = self.filters.iter().filter(|(name, _)| name != "session").collect();
        if filters.is_empty() {
            return None;
        }
        let encode = |pairs: &[(&str, &str)]| {
            url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish()
        };
        let of_list: Vec<(&str, &str)> = self
            .filters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        Some((
            format!("{}?{}", place.path(), encode(&of_list)),
            format!("{PATH}?{}", encode(&[("list", &place.key())])),
        ))
    }
}

fn place(kind: &str, which: &str) -> Option<ListPlace> {
    let key = if which.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind} {which}")
    };
    ListPlace::parse(&key)
}

async fn session_place(console: &Console, session: &str) -> Result<ListPlace, WebError> {
    let id = crate::console::list::id(session)?;
    let conn = &mut console.state.db.read().await?;
    let line = webcasts::roster::sessions(conn, Some(id), 1).await?.pop();
    let slug = Slug::parse(&line.ok_or(WebError::NotFound)?.slug).map_err(WebError::internal)?;
    Ok(ListPlace::Attendees(slug))
}

/// `GET /organizer/exports`
pub(super) async fn page(console: Console, request: HttpRequest) -> Answer {
    let lists = lists(&console).await?;
    let choice = ExportChoice::of(&console, request.query_string(), &lists).await?;
    let (first, problem) = match choice.first_rows(&console).await {
        Ok(first) => (first, None),
        Err(WebError::Unprocessable(problem)) => (FirstRows::default(), Some(problem)),
        Err(WebError::NotFound) if lists.is_empty() => (FirstRows::default(), None),
        Err(error) => return Err(error),
    };
    let (layout, frame) = console.page(MenuEntry::People, "Export");
    let chosen = format!("{} {}", choice.list.0, choice.list.1);
    ok(&ExportsPage {
        layout,
        frame: frame.below("/organizer/people", "People"),
        lists: lists
            .into_iter()
            .map(|(value, words)| ListOption {
                is: value.trim() == chosen.trim(),
                value,
                words,
            })
            .collect(),
        presets: PRESETS,
        kinds: KINDS,
        zone: choice.asked.text("zone").to_owned(),
        zones: Zone::names(),
        ticked: BOXES.into_iter().filter(|name| choice.asked.is_checked(name)).collect(),
        is_attendees: choice.file() == "attendees",
        is_people: choice.file() == "people",
        download: choice.download(),
        narrowed: choice.narrowed(),
        past: past_files(&console).await?,
        filters: choice.filters,
        preset: choice.preset,
        kind: choice.kind,
        first,
        problem,
    })
}

/// Webcasts with all their sessions, single sessions, papers, everybody.
async fn lists(console: &Console) -> Result<Vec<(String, String)>, WebError> {
    let conn = &mut console.state.db.read().await?;
    let sessions = webcasts::roster::choices(conn, MOST).await?;
    let mut lists: Vec<(String, String)> = Vec::new();
    for session in &sessions {
        let whole = format!("attendees {}", session.slug);
        if lists.iter().all(|(value, _)| *value != whole) {
            lists.push((whole, format!("Attendees of {}", session.title)));
        }
    }
    for session in &sessions {
        let path = session_path(&session.slug, &session.public_id)?;
        let id = path.rsplit('/').next().unwrap_or_default();
        let zone = Zone::stored(&session.time_zone);
        let start = crate::db::instant(session.starts_at)?;
        let when = zone.at(start).strftime("%Y-%m-%d %H:%M");
        lists.push((
            format!("session {id}"),
            format!("Attendees of {}, {when} {zone}", session.title),
        ));
    }
    lists.push(("requests ".to_owned(), "Requests for all whitepapers".to_owned()));
    for paper in whitepapers::store::list_whitepapers(conn).await? {
        lists.push((
            format!("requests {}", paper.slug),
            format!("Requests for {}", paper.title),
        ));
    }
    lists.push(("people".to_owned(), "People, everybody once".to_owned()));
    Ok(lists)
}
