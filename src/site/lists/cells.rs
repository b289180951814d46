//! What stands in the cells of a list.

use super::columns::ListColumn;
use crate::console::{Console, list};
use crate::contacts::roster::ListedPerson;
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

/// What a row says of a person, besides its own.
pub(super) struct CellsOfPerson<'r> {
    pub person: &'r ListedPerson,
    /// Where they came from; empty for nobody knows.
    pub source: &'r str,
    /// When the row was made.
    pub since: i64,
}

impl CellsOfPerson<'_> {
    /// The cell of a column.
    pub(super) fn cell(&self, console: &Console, column: ListColumn) -> Result<ListCell, DbError> {
        let text = |value: Option<&str>| ListCell::Text(value.unwrap_or_default().to_owned());
        let person = self.person;
        Ok(match column.key {
            "email" => ListCell::Address(console.address(&person.email), person.trouble.as_deref().map(trouble)),
            "company" => text(person.company.as_deref()),
            "job_title" => text(person.job_title.as_deref()),
            "country" => text(person.country.as_deref()),
            "confirmed" => ListCell::State(confirmed(person.confirmed_at.is_some())),
            "consent" => ListCell::State(agreed(person.agreed)),
            "tags" => text(person.tags.as_deref()),
            "since" => ListCell::Time(console.stored_moment(self.since)?),
            _ => text(Some(self.source)),
        })
    }

    /// Where the page of the person is.
    pub(super) fn path(&self) -> Result<String, DbError> {
        Ok(format!("/organizer/people/{}", list::shown_id(&self.person.page)?))
    }
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
