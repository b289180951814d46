//! What a file is, and where its headings stand.

use std::collections::HashSet;

use csv::StringRecord;

use super::columns::OurColumn;
use super::headings::{guess, squashed};
use crate::uploads::Table;
use crate::values::EmailAddress;

/// Headings are looked for in so many rows.
const LOOKED_AT: usize = 1_000;

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImportKind {
    /// A list of people.
    People,
    /// People who registered for a session.
    Registrations,
    /// Who was there when, as a service reports it.
    Attendance(Service),
}

/// Whose report of who was there it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Zoom, of webinars and meetings.
    Zoom,
    /// Microsoft Teams, of both kinds that there were.
    Teams,
    /// `GoTo` Webinar.
    Goto,
}

impl Service {
    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Zoom => "Zoom",
            Self::Teams => "Microsoft Teams",
            Self::Goto => "GoTo Webinar",
        }
    }
}

impl ImportKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::People,
        Self::Registrations,
        Self::Attendance(Service::Zoom),
        Self::Attendance(Service::Teams),
        Self::Attendance(Service::Goto),
    ];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Registrations => "registrations",
            Self::Attendance(Service::Zoom) => "zoom",
            Self::Attendance(Service::Teams) => "teams",
            Self::Attendance(Service::Goto) => "goto",
        }
    }

    /// Reads it.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == raw)
    }

    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::People => "People",
            Self::Registrations => "Registrations",
            Self::Attendance(Service::Zoom) => "Attendance from Zoom",
            Self::Attendance(Service::Teams) => "Attendance from Microsoft Teams",
            Self::Attendance(Service::Goto) => "Attendance from GoTo Webinar",
        }
    }

    /// What a file is by its headings, and which of the table's rows they are. `None`: no row has the heading of an address.
    #[must_use]
    pub fn find(table: &Table) -> Option<(Self, usize)> {
        let attendance = || rows(table).find_map(|(index, row)| Some((Self::Attendance(service(row)?), index)));
        let registrations =
            || rows(table).find_map(|(index, row)| registers(row).then_some((Self::Registrations, index)));
        let people = || rows(table).find_map(|(index, row)| has_address(row).then_some((Self::People, index)));
        attendance().or_else(registrations).or_else(people)
    }

    /// Which of the table's rows has the headings of this kind.
    #[must_use]
    pub fn header(self, table: &Table) -> Option<usize> {
        let found = match self {
            Self::People => rows(table).find(|(_, row)| has_address(row)),
            Self::Registrations => rows(table)
                .find(|(_, row)| registers(row))
                .or_else(|| rows(table).find(|(_, row)| has_address(row))),
            Self::Attendance(wanted) => rows(table)
                .find(|(_, row)| service(row) == Some(wanted))
                .or_else(|| rows(table).find(|(_, row)| service(row).is_some())),
        };
        found.map(|(index, _)| index)
    }
}

fn rows(table: &Table) -> impl Iterator<Item = (usize, &StringRecord)> {
    table.rows().iter().enumerate().take(LOOKED_AT)
}

/// Of several headings: a lone "Email" may be the label of a value beside it.
fn has_address(row: &StringRecord) -> bool {
    // A heading may be a whole question, and name an address for example.
    let is_heading = |cell: &str| EmailAddress::parse(cell).is_err();
    row.iter().all(is_heading) && guess(row).contains(&Some(OurColumn::Email))
}

fn registers(row: &StringRecord) -> bool {
    let is_sign = |column: &OurColumn| matches!(column, OurColumn::RegisteredAt | OurColumn::JoinUrl);
    has_address(row)
        && (guess(row).iter().flatten().any(is_sign) || row.iter().any(|cell| squashed(cell) == "approvalstatus"))
}

/// The service whose report has these headings.
pub(super) fn service(row: &StringRecord) -> Option<Service> {
    let headings: HashSet<String> = row.iter().map(squashed).collect();
    let has = |heading: &str| headings.contains(heading);
    let has_any = |all: &[&str]| all.iter().any(|heading| has(heading));
    // Our own list of attendees has a first join, too.
    let is_teams = (has("useraction") && has("timestamp"))
        || (has("firstjoin") && has("lastleave") && has_any(&["inmeetingduration", "participantidupn", "duration"]))
        || (has("jointime") && has("leavetime") && has_any(&["role", "participantidupn"]));
    let is_joined = has("jointime") && has("leavetime");
    let is_zoom = has_any(&[
        "usernameoriginalname",
        "nameoriginalname",
        "isguest",
        "guest",
        "durationminutes",
        "countryregionname",
    ]);
    let is_goto = has_any(&[
        "interestrating",
        "registrationdatetime",
        "unsubscribed",
        "timeinsession",
    ]);
    match () {
        () if is_teams => Some(Service::Teams),
        () if is_joined && is_zoom => Some(Service::Zoom),
        () if is_joined && is_goto => Some(Service::Goto),
        () if is_joined && has("timeinsessionminutes") => Some(Service::Zoom),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(ImportKind, usize)> {
        ImportKind::find(&Table::of_file(text.as_bytes()).unwrap())
    }

    #[test]
    fn kinds_are_read_back() {
        for kind in ImportKind::ALL {
            assert_eq!(ImportKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(ImportKind::parse("webex"), None);
    }

    #[test]
    fn headings_tell_the_kind() {
        for (text, expected) in [
            ("Name,Email\nAda,ada@example.org\n", Some((ImportKind::People, 0))),
            (
                "Our guests\n\nName,Email\nAda,ada@example.org\n",
                Some((ImportKind::People, 1)),
            ),
            (
                "Email,Registered at\nada@example.org,2026-11-26\n",
                Some((ImportKind::Registrations, 0)),
            ),
            (
                "Email,Approval Status\nada@example.org,approved\n",
                Some((ImportKind::Registrations, 0)),
            ),
            (
                "Email,Join URL\nada@example.org,https://example.com\n",
                Some((ImportKind::Registrations, 0)),
            ),
            (
                "Email,First join,Last leave,Registered at\na@example.org,,,\n",
                Some((ImportKind::Registrations, 0)),
            ),
            (
                "Email,\"What do you hope to learn, and about which of your partnerships, from this webcast?\",Say who@where\na@example.org,all,\n",
                Some((ImportKind::People, 0)),
            ),
            ("Name,Town\nAda,London\n", None),
            ("Email,ada@example.org\nTown,London\n", None),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn the_kind_can_be_chosen() {
        let table = Table::of_file(b"Guests,\nName,Email\nAda,ada@example.org\n").unwrap();
        assert_eq!(ImportKind::Registrations.header(&table), Some(1));
        assert_eq!(ImportKind::Attendance(Service::Zoom).header(&table), None);
    }
}
