//! A list, ready to print: what is found, in which columns, what narrows it, and what can be done with it.

use super::cells::{self, CellsOfPerson, ListCell, ListRow};
use super::columns::{self, ListColumn, NAME};
use super::filters::{self, FilterChip, ListFilter};
use crate::console::{Console, list, words};
use crate::contacts::roster::{self as people, PersonLine};
use crate::db::listing::Matches;
use crate::db::{Conn, DbError, micros};
use crate::lists::bulk::{BulkButton, buttons};
use crate::lists::{ListPlace, ListQuery, store};
use crate::organizers::acts::Act;
use crate::web::WebError;
use crate::webcasts::roster::{self as seats, AttendeeLine};
use crate::whitepapers::console::mail_state;
use crate::whitepapers::roster::{self as papers, RequestLine};

/// It, for the template `console/lists/_list.html`.
pub(in crate::site) struct ListShown {
    pub path: String,
    /// The list, in a form.
    pub key: String,
    pub search: String,
    pub filters: Vec<ListFilter>,
    pub chips: Vec<FilterChip>,
    pub views: Vec<ViewLink>,
    pub headings: Vec<Heading>,
    pub rows: Vec<ListRow>,
    /// "1,204 people", "More than 10,000 people".
    pub count: String,
    pub next_page: Option<String>,
    /// The first page, where this is another one.
    pub first_page: Option<String>,
    pub columns: Vec<ColumnChoice>,
    pub bulk: Vec<BulkButton>,
    /// Filters and order, behind a question mark.
    pub address: String,
    /// The moment of the page, in microseconds.
    pub as_of: i64,
    /// The page where a file of it is made; `None` for those who may not.
    pub export: Option<String>,
    /// Where nobody matches: the filter without which most do, and how many.
    pub too_narrow: Option<(String, String, String)>,
    /// The order.
    pub sort: &'static str,
    /// That nobody is in it.
    pub nobody: &'static str,
    /// The page that brings people into it.
    pub share: String,
    pub may_edit: bool,
}

/// A view to go to.
pub(in crate::site) struct ViewLink {
    pub name: String,
    pub path: String,
    pub is_shared: bool,
    /// Whether it is what is shown.
    pub is_current: bool,
    /// Where one's own is forgotten.
    pub forget: Option<String>,
}

/// A heading, with the way to the other order.
pub(in crate::site) struct Heading {
    pub label: &'static str,
    pub is_number: bool,
    /// The list sorted by it.
    pub sort: Option<String>,
    /// `ascending` or `descending`, where it is.
    pub sorted: Option<&'static str>,
}

/// A column to tick.
pub(in crate::site) struct ColumnChoice {
    pub key: &'static str,
    pub label: &'static str,
    pub is_chosen: bool,
}

impl ListShown {
    /// Whether anything was asked for.
    pub(in crate::site) fn is_filtered(&self) -> bool {
        !self.chips.is_empty()
    }

    /// Whether rows can be ticked.
    pub(in crate::site) fn can_select(&self) -> bool {
        self.may_edit && !self.bulk.is_empty()
    }
}

/// Reads what it shows. Who sees initials alone must not find out names by guessing their beginnings.
pub(in crate::site) async fn show(console: &Console, query: &ListQuery) -> Result<ListShown, WebError> {
    let query = if console.hides_people() && !query.people.typed.is_empty() {
        &query.without("q")?
    } else {
        query
    };
    let now = console.state.clock.now();
    let conn = &mut console.state.db.read().await?;
    let kind = query.place.kind();
    let kept = store::chosen_columns(conn, console.who.id, kind).await?;
    let columns = columns::chosen(&query.place, kept.as_deref());
    let listing = query.listing(conn, now).await?;
    let (mut ids, matches) = match &listing {
        Some(listing) => listing.page_and_count(conn, query.after, list::READ).await?,
        None => (Vec::new(), Matches::Exactly(0)),
    };
    let has_next = list::cut(&mut ids).is_some();
    let rows = rows(conn, console, &query.place, &columns, &ids).await?;
    let filters = filters::filters(conn, query).await?;
    let path = query.place.path();
    let may_edit = console.may(Act::ChangePeople);
    Ok(ListShown {
        key: query.place.key(),
        search: query.people.typed.clone(),
        chips: filters::chips(query, &filters),
        too_narrow: if rows.is_empty() && query.after.is_none() {
            too_narrow(conn, query, &filters, now).await?
        } else {
            None
        },
        views: views(conn, console, query).await?,
        headings: headings(query, &columns),
        count: counted(matches, &query.place),
        next_page: rows
            .last()
            .filter(|_| has_next)
            .map(|last| query.path_with(&format!("after={}", last.id))),
        first_page: query.after.map(|_| query.path_with("")),
        columns: columns::all(&query.place)
            .iter()
            .map(|column| ColumnChoice {
                key: column.key,
                label: column.label,
                is_chosen: columns.contains(column),
            })
            .collect(),
        bulk: buttons(&query.place, console.who.role),
        address: query.address(),
        as_of: micros(now),
        export: console.may(Act::Download).then(|| export_path(query)),
        sort: query.order.as_str(),
        nobody: match query.place {
            ListPlace::People => "Nobody yet.",
            ListPlace::Attendees(_) => "Nobody is registered yet.",
            ListPlace::Requests(_) => "Nobody has asked for a paper yet.",
        },
        share: share(&query.place),
        may_edit,
        filters,
        rows,
        path,
    })
}

fn share(place: &ListPlace) -> String {
    match place {
        ListPlace::People => "/webcasts".to_owned(),
        ListPlace::Attendees(webcast) => format!("/webcasts/{webcast}"),
        ListPlace::Requests(None) => "/whitepapers".to_owned(),
        ListPlace::Requests(Some(paper)) => format!("/whitepapers/{paper}"),
    }
}

/// An address with what is not empty of these behind the question mark.
fn with_query(path: &str, parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", parts.join("&"))
    }
}

fn export_path(query: &ListQuery) -> String {
    let list = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("list", &query.place.key())
        .finish();
    with_query("/organizer/exports", &[&list, &query.address_without("sort")])
}

async fn rows(
    conn: &mut Conn,
    console: &Console,
    place: &ListPlace,
    columns: &[ListColumn],
    ids: &[i64],
) -> Result<Vec<ListRow>, DbError> {
    let now = console.state.clock.now();
    match place {
        ListPlace::People => {
            let lines = people::people(conn, ids, now).await?;
            lines.iter().map(|line| person_row(console, columns, line)).collect()
        }
        ListPlace::Attendees(_) => {
            let lines = seats::attendees(conn, ids, now).await?;
            lines.iter().map(|line| attendee_row(console, columns, line)).collect()
        }
        ListPlace::Requests(_) => {
            let lines = papers::requests(conn, ids, now).await?;
            lines.iter().map(|line| request_row(console, columns, line)).collect()
        }
    }
}

fn person_row(console: &Console, columns: &[ListColumn], line: &PersonLine) -> Result<ListRow, DbError> {
    let person = CellsOfPerson {
        person: &line.person,
        source: "",
        since: line.created_at,
    };
    let cells = columns.iter().map(|column| person.cell(console, *column));
    Ok(ListRow {
        id: list::shown_id(&line.person.page)?,
        path: person.path()?,
        name: console.name(&line.name),
        cells: cells.collect::<Result<_, DbError>>()?,
    })
}

fn attendee_row(console: &Console, columns: &[ListColumn], line: &AttendeeLine) -> Result<ListRow, DbError> {
    let person = CellsOfPerson {
        person: &line.person,
        source: &line.source,
        since: line.created_at,
    };
    let cell = |column: &ListColumn| {
        Ok(match column.key {
            "seat" => ListCell::State(words::seat_state(&line.state)),
            "attendance" => ListCell::State(cells::attendance(&line.attendance)),
            "minutes" => ListCell::Number(line.minutes.map(words::grouped).unwrap_or_default()),
            "session" => cells::session_start(line.starts_at, &line.time_zone)?,
            _ => person.cell(console, *column)?,
        })
    };
    Ok(ListRow {
        id: list::shown_id(&line.public_id)?,
        path: person.path()?,
        name: console.name(&line.name),
        cells: columns.iter().map(cell).collect::<Result<_, DbError>>()?,
    })
}

fn request_row(console: &Console, columns: &[ListColumn], line: &RequestLine) -> Result<ListRow, DbError> {
    let person = CellsOfPerson {
        person: &line.person,
        source: &line.source,
        since: line.created_at,
    };
    let cell = |column: &ListColumn| {
        Ok(match column.key {
            "paper" => ListCell::Text(line.paper.clone()),
            "delivery" => ListCell::State(mail_state(&line.state, line.mail.as_deref())?),
            "downloads" => ListCell::Number(words::grouped(line.downloads)),
            _ => person.cell(console, *column)?,
        })
    };
    Ok(ListRow {
        id: list::shown_id(&line.public_id)?,
        path: person.path()?,
        name: console.name(&line.name),
        cells: columns.iter().map(cell).collect::<Result<_, DbError>>()?,
    })
}

fn headings(query: &ListQuery, columns: &[ListColumn]) -> Vec<Heading> {
    let heading = |column: &ListColumn| {
        // The time goes down first, names and addresses up.
        let (first, second) = if column.is_number {
            ("descending", "ascending")
        } else {
            ("ascending", "descending")
        };
        let sorted = match column.orders {
            Some([order, _]) if order == query.order => Some(first),
            Some([_, order]) if order == query.order => Some(second),
            _ => None,
        };
        Heading {
            label: column.label,
            is_number: column.is_number,
            sort: column.orders.map(|orders| {
                let [order, other] = orders;
                let next = if order == query.order { other } else { order };
                query.sorted(next).path_with("")
            }),
            sorted,
        }
    };
    std::iter::once(&NAME).chain(columns).map(heading).collect()
}

fn counted(matches: Matches, place: &ListPlace) -> String {
    let (one, many) = match place {
        ListPlace::People => ("person", "people"),
        ListPlace::Attendees(_) => ("registration", "registrations"),
        ListPlace::Requests(_) => ("request", "requests"),
    };
    match matches {
        Matches::Exactly(1) => format!("1 {one}"),
        Matches::Exactly(count) => format!("{} {many}", words::grouped(count)),
        Matches::MoreThan(count) => format!("More than {} {many}", words::grouped(count)),
    }
}

/// Of several filters, the one without which most match.
async fn too_narrow(
    conn: &mut Conn,
    query: &ListQuery,
    filters: &[ListFilter],
    now: jiff::Timestamp,
) -> Result<Option<(String, String, String)>, WebError> {
    if query.filters().len() < 2 {
        return Ok(None);
    }
    let mut most: Option<(i64, String, String, String)> = None;
    for chip in filters::chips(query, filters) {
        let without = query.without(&chip.name)?;
        let Some(listing) = without.listing(conn, now).await? else {
            continue;
        };
        let (_, matches) = listing.page_and_count(conn, None, 1).await?;
        let (Matches::Exactly(count) | Matches::MoreThan(count)) = matches;
        if count > most.as_ref().map_or(0, |most| most.0) {
            most = Some((count, chip.words, chip.without, counted(matches, &query.place)));
        }
    }
    Ok(most.map(|(_, words, without, count)| (words, without, count)))
}

async fn views(conn: &mut Conn, console: &Console, query: &ListQuery) -> Result<Vec<ViewLink>, WebError> {
    let own = query.place.key();
    let mut views = store::views(conn, console.who.id, query.place.kind()).await?;
    if own != query.place.kind() {
        views.extend(store::views(conn, console.who.id, &own).await?);
    }
    let (path, address) = (query.place.path(), query.address());
    let link = |view: store::SavedView| {
        Ok(ViewLink {
            path: with_query(&path, &[&view.query]),
            is_current: view.query == address,
            is_shared: view.is_shared,
            forget: if view.is_own {
                Some(format!("/organizer/views/{}/forget", list::shown_id(&view.public_id)?))
            } else {
                None
            },
            name: view.name,
        })
    };
    views.into_iter().map(link).collect()
}
