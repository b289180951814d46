//! `/organizer/exports`: what goes into a file, and its first rows before it is made.

use actix_web::HttpRequest;
use askama::Template;

use crate::console::downloads::{self, ExportQuery};
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::export::{FirstRows, Options};
use crate::framed;
use crate::values::{Slug, Zone};
use crate::web::layout::Layout;
use crate::web::{Answer, Form, WebError, ok};
use crate::webcasts::console::{export_filter, session_path};
use crate::{webcasts, whitepapers};

/// Sessions to choose from.
const MOST: i64 = 200;
const PATH: &str = "/organizer/exports";
/// The endings of files, as organizers choose them.
const KINDS: [(&str, &str); 5] = [
    ("xlsx", "Excel workbook"),
    ("csv", "CSV, with commas"),
    ("csv-semicolon", "CSV, with semicolons"),
    ("json", "JSON"),
    ("jsonl", "JSON, a line each"),
];
const BOXES: [&str; 3] = ["cancelled", "held", "raw"];
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
    first: FirstRows,
    /// Where the file is.
    download: String,
    /// What is wrong with the choice.
    problem: Option<String>,
}

framed!(ExportsPage);

/// A list that can be exported.
struct ListOption {
    /// `attendees SLUG`, `session ID` or `requests SLUG`.
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
    query: Form,
}

/// What was chosen, or the first of those that there are.
fn known(chosen: &str, all: &[&str]) -> String {
    let found = all.iter().find(|known| **known == chosen).or(all.first());
    found.copied().unwrap_or_default().to_owned()
}

impl ExportChoice {
    fn of(query: &str, lists: &[(String, String)]) -> Self {
        let query = Form::decode(query.as_bytes());
        let asked = match (query.text("list"), query.text("session"), query.text("whitepaper")) {
            ("", "", "") => lists.first().map(|(value, _)| value.clone()).unwrap_or_default(),
            ("", "", paper) => format!("requests {paper}"),
            ("", session, _) => format!("session {session}"),
            (list, ..) => list.to_owned(),
        };
        let (kind, which) = asked.split_once(' ').unwrap_or((&asked, ""));
        Self {
            list: (kind.to_owned(), which.to_owned()),
            preset: known(query.text("preset"), &PRESETS.map(|preset| preset.0)),
            kind: known(query.text("kind"), &KINDS.map(|kind| kind.0)),
            query,
        }
    }

    fn ending(&self) -> &str {
        self.kind.split('-').next().unwrap_or_default()
    }

    /// As the address of the file says it.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = match self.list.0.as_str() {
            "session" => vec![("session", self.list.1.clone())],
            "requests" => vec![("whitepaper", self.list.1.clone())],
            _ => vec![("webcast", self.list.1.clone())],
        };
        let columns: Vec<&str> = self.query.all("column").collect();
        match self.preset.as_str() {
            "chosen" if !columns.is_empty() => pairs.push(("columns", columns.join(","))),
            "chosen" => {}
            preset if self.list.0 != "requests" => pairs.push(("preset", preset.to_owned())),
            _ => {}
        }
        if self.kind == "csv-semicolon" {
            pairs.push(("separator", "semicolon".to_owned()));
        }
        for name in BOXES {
            if self.query.is_checked(name) {
                pairs.push((name, "yes".to_owned()));
            }
        }
        if self.query.is_filled("zone") {
            pairs.push(("zone", self.query.text("zone").to_owned()));
        }
        pairs
    }

    fn download(&self) -> String {
        let what = if self.list.0 == "requests" {
            "requests"
        } else {
            "attendees"
        };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.pairs())
            .finish();
        format!("{PATH}/{what}.{}?{query}", self.ending())
    }

    async fn first_rows(&self, console: &Console) -> Result<FirstRows, WebError> {
        let pairs = self.pairs();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&pairs)
            .finish();
        let wanted = actix_web::web::Query::<ExportQuery>::from_query(&query).map_err(|_| WebError::NotFound)?;
        let options: Options = wanted.options(self.ending())?;
        let (state, now) = (&console.state, console.state.clock.now());
        let value = |name: &str| {
            pairs
                .iter()
                .find_map(|(key, value)| (*key == name).then_some(value.as_str()))
        };
        let rows = if self.list.0 == "requests" {
            let paper = value("whitepaper").filter(|raw| !raw.is_empty());
            let paper = paper.map(Slug::parse).transpose().map_err(|_| WebError::NotFound)?;
            whitepapers::export::first_rows(&state.db, paper.as_ref(), &options, now).await
        } else {
            let filter = export_filter(state, value("webcast"), value("session"), &wanted).await?;
            webcasts::export::first_rows(&state.db, &filter, &options, now).await
        };
        rows.map_err(downloads::explain)
    }
}

/// `GET /organizer/exports`
pub(super) async fn page(console: Console, request: HttpRequest) -> Answer {
    let lists = lists(&console).await?;
    let choice = ExportChoice::of(request.query_string(), &lists);
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
                is: value == chosen,
                value,
                words,
            })
            .collect(),
        presets: PRESETS,
        kinds: KINDS,
        zone: choice.query.text("zone").to_owned(),
        zones: Zone::names(),
        ticked: BOXES.into_iter().filter(|name| choice.query.is_checked(name)).collect(),
        is_attendees: choice.list.0 != "requests",
        download: choice.download(),
        preset: choice.preset,
        kind: choice.kind,
        first,
        problem,
    })
}

/// Webcasts with all their sessions, single sessions, papers.
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
    Ok(lists)
}
