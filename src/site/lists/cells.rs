//! What stands in the cells of a list.

use super::columns::ListColumn;
use crate::console::{Console, list};
use crate::contacts::roster::PersonLine;
use crate::db::{DbError, instant};
use crate::values::Zone;
use crate::web::layout::{Badge, Tone, When};
use crate::web::time;
use crate::webcasts::attendance::Attended;

/// A row of a list.
pub(super) struct ListRow {
    /// Names it where it is chosen.
    pub id: String,
    /// Their own page.
    pub path: String,
    pub name: String,
    /// In the order of the columns.
    pub cells: Vec<ListCell>,
}

/// What stands in one cell.
pub(super) enum ListCell {
    /// A text as somebody gave it.
    Text(String),
    /// Where mail goes, and why it does not arrive.
    Address(String, Option<Badge>),
    /// A word with its tone.
    State(Badge),
    /// A moment.
    Time(When),
    /// A number.
    Number(String),
}

/// What every list knows of a person.
pub(super) struct CellsOfPerson<'r> {
    pub email: &'r str,
    pub company: Option<&'r str>,
    pub job_title: Option<&'r str>,
    pub country: Option<&'r str>,
    pub is_confirmed: bool,
    pub agreed: bool,
    pub source: &'r str,
    pub tags: Option<&'r str>,
    pub trouble: Option<&'r str>,
    pub since: i64,
}

impl CellsOfPerson<'_> {
    /// The cell of a column, if it is one about the person.
    pub(super) fn cell(&self, console: &Console, column: ListColumn) -> Result<Option<ListCell>, DbError> {
        let text = |value: Option<&str>| ListCell::Text(value.unwrap_or_default().to_owned());
        Ok(Some(match column.key {
            "email" => ListCell::Address(console.address(self.email), self.trouble.map(trouble)),
            "company" => text(self.company),
            "job_title" => text(self.job_title),
            "country" => text(self.country),
            "confirmed" => ListCell::State(confirmed(self.is_confirmed)),
            "consent" => ListCell::State(agreed(self.agreed)),
            "source" => text(Some(self.source)),
            "tags" => text(self.tags),
            "since" => ListCell::Time(console.stored_moment(self.since)?),
            _ => return Ok(None),
        }))
    }
}

/// A person in the list of people.
pub(super) fn person_row(console: &Console, columns: &[ListColumn], line: &PersonLine) -> Result<ListRow, DbError> {
    let person = CellsOfPerson {
        email: &line.email,
        company: line.company.as_deref(),
        job_title: line.job_title.as_deref(),
        country: line.country.as_deref(),
        is_confirmed: line.confirmed_at.is_some(),
        agreed: line.agreed,
        source: "",
        tags: line.tags.as_deref(),
        trouble: line.trouble.as_deref(),
        since: line.created_at,
    };
    let cells = columns
        .iter()
        .filter_map(|column| person.cell(console, *column).transpose());
    let id = list::shown_id(&line.public_id)?;
    Ok(ListRow {
        path: format!("/organizer/people/{id}"),
        name: console.name(&line.name),
        cells: cells.collect::<Result<_, _>>()?,
        id,
    })
}

/// Whether somebody who reads the mails of the address has shown themselves.
pub(in crate::site) fn confirmed(is_confirmed: bool) -> Badge {
    if is_confirmed {
        badge(Tone::Good, "Confirmed")
    } else {
        badge(Tone::Idle, "Not confirmed")
    }
}

fn agreed(agreed: bool) -> Badge {
    if agreed {
        badge(Tone::Good, "Agreed")
    } else {
        badge(Tone::Idle, "No")
    }
}

/// Whether somebody came.
pub(super) fn attendance(stored: &str) -> Badge {
    match Attended::parse(stored) {
        Some(Attended::Yes) => badge(Tone::Good, "Attended"),
        Some(Attended::ReplayOnly) => badge(Tone::Good, "Watched the replay"),
        Some(Attended::No) => badge(Tone::Idle, "Was not there"),
        Some(Attended::Unknown) | None => badge(Tone::Idle, "Not known yet"),
    }
}

fn trouble(reason: &str) -> Badge {
    match reason {
        "bounced" => badge(Tone::Wrong, "Mail came back"),
        "complained" => badge(Tone::Wrong, "Called spam"),
        _ => badge(Tone::Warn, "Wants no mail"),
    }
}

fn badge(tone: Tone, word: &str) -> Badge {
    Badge {
        tone,
        word: word.to_owned(),
    }
}

/// The start of a session on its own clock.
pub(super) fn session_start(starts_at: i64, time_zone: &str) -> Result<ListCell, DbError> {
    Ok(ListCell::Time(time::in_table(
        instant(starts_at)?,
        &Zone::stored(time_zone),
    )))
}
