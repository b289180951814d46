//! Microsoft Teams: the report with numbered parts, and the list of who joined and left that there was before.

use std::collections::HashMap;

use csv::StringRecord;

use super::blocks::{Parting, ReportBlock, cell, labelled};
use super::times::FileTimes;
use super::{ReportLayout, WrittenRegistrant, WrittenStay};
use crate::imports::headings::squashed;
use crate::uploads::Table;
use crate::values::Zone;

/// "1. Summary", "2. Participants", "3. In-Meeting Activities", in whatever language: numbers part it.
const PARTING: Parting = Parting {
    is_heading: |cells, has_title| {
        let has = |heading: &str| cells.iter().any(|cell| cell == heading);
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        (has_title && filled >= 4)
            || (has("useraction") && has("timestamp"))
            || (has("firstjoin") && has("lastleave"))
            || (has("jointime") && has("leavetime"))
    },
    is_title: |text| {
        let number = text.split_once('.').map(|(number, _)| number);
        number.is_some_and(|number| number.len() == 1 && number.bytes().all(|digit| digit.is_ascii_digit()))
    },
};

pub(super) fn layout(table: &Table) -> ReportLayout<'_> {
    let blocks = ReportBlock::all(table, &PARTING);
    let mut layout = ReportLayout {
        title: labelled(table, &["meetingtitle"]).or_else(|| first_of_summary(table)),
        ..ReportLayout::default()
    };
    if let Some(actions) = blocks.iter().find(|block| block.has("useraction")) {
        layout.stays = paired(actions);
        return layout;
    }
    // Activities have each stay; participants only the first and the last moment.
    let is_activities = |block: &&ReportBlock<'_>| block.has("jointime") || block.title.starts_with('3');
    let activities = blocks
        .iter()
        .find(|block| is_activities(block) && !block.rows.is_empty());
    if let Some(block) = activities.or_else(|| blocks.iter().find(|block| !block.rows.is_empty())) {
        layout.stays = stays(block);
    }
    for block in &blocks {
        add_registrants(&mut layout, block);
    }
    layout
}

/// The title stands first in the summary, in each language.
fn first_of_summary(table: &Table) -> Option<&str> {
    let mut rows = table.rows().iter();
    rows.find(|row| row.get(0).is_some_and(|first| first.starts_with("1.")))?;
    rows.next()
        .map(|row| cell(row, Some(1)))
        .filter(|title| !title.is_empty())
}

fn stays<'t>(block: &ReportBlock<'t>) -> Vec<WrittenStay<'t>> {
    let or_place = |headings: &[&str], place: usize| block.column(headings).or(Some(place));
    let (join, leave) = (
        or_place(&["jointime", "firstjoin"], 1),
        or_place(&["leavetime", "lastleave"], 2),
    );
    let (name, role) = (or_place(&["name", "fullname"], 0), block.column(&["role"]));
    // The role stands last where its heading is in another language.
    let role = |row: &'t StringRecord| TeamsRole::parse(cell(row, role.or(row.len().checked_sub(1))));
    let is_webinar = block.rows.iter().any(|(_, row)| role(row) == TeamsRole::Attendee);
    let stay = |(line, row): &(u32, &'t StringRecord)| WrittenStay {
        line: *line,
        name: cell(row, name).into(),
        email: address(block, row),
        from: cell(row, join),
        to: cell(row, leave),
        // In a meeting everybody is a presenter.
        is_host: match role(row) {
            TeamsRole::Organizer => true,
            TeamsRole::Presenter => is_webinar,
            TeamsRole::Attendee | TeamsRole::Other => false,
        },
    };
    block.rows.iter().map(stay).collect()
}

/// What they registered with, else what they signed in with.
fn address<'t>(block: &ReportBlock<'t>, row: &'t StringRecord) -> &'t str {
    const COLUMNS: [&str; 4] = ["registrationemail", "email", "emailaddress", "participantidupn"];
    let known = COLUMNS.iter().map(|heading| cell(row, block.column(&[heading])));
    let anywhere = row.iter().skip(3);
    let mut cells = known.chain(anywhere);
    cells.find(|cell| cell.contains('@')).unwrap_or_default()
}

fn add_registrants<'t>(layout: &mut ReportLayout<'t>, block: &ReportBlock<'t>) {
    let column = block.column(&["registrationemail"]);
    let name = block.column(&["name", "fullname"]);
    let registered_at = block.column(&["registrationtime", "registrationdate"]);
    for (line, row) in &block.rows {
        let email = cell(row, column);
        if !email.is_empty() {
            layout.registrants.push(WrittenRegistrant {
                line: *line,
                name: cell(row, name).into(),
                email,
                registered_at: cell(row, registered_at),
            });
        }
    }
}

/// Each that joined with when they left. Whoever did not leave was there until the list was made, which is its last moment.
fn paired<'t>(block: &ReportBlock<'t>) -> Vec<WrittenStay<'t>> {
    let (name, action, time) = (
        block.column(&["fullname", "name"]),
        block.column(&["useraction"]),
        block.column(&["timestamp"]),
    );
    let mut stays: Vec<WrittenStay<'t>> = Vec::new();
    let mut there: HashMap<&str, usize> = HashMap::new();
    for (line, row) in &block.rows {
        let (who, at) = (cell(row, name), cell(row, time));
        let has_left = squashed(cell(row, action)).starts_with("left");
        match there.remove(who).and_then(|index| stays.get_mut(index)) {
            Some(stay) if has_left => stay.to = at,
            _ => {
                if !has_left {
                    there.insert(who, stays.len());
                }
                stays.push(WrittenStay {
                    line: *line,
                    name: who.into(),
                    email: "",
                    from: if has_left { "" } else { at },
                    to: if has_left { at } else { "" },
                    is_host: false,
                });
            }
        }
    }
    let last = last(block, time).unwrap_or_default();
    for index in there.into_values() {
        if let Some(stay) = stays.get_mut(index) {
            stay.to = last;
        }
    }
    stays
}

/// The latest time of a column; the zone does not matter among them.
fn last<'t>(block: &ReportBlock<'t>, column: Option<usize>) -> Option<&'t str> {
    let cells = || block.rows.iter().map(|(_, row)| cell(row, column));
    let zone = Zone::utc();
    let times = FileTimes::find(cells(), &zone, jiff::Timestamp::UNIX_EPOCH);
    cells().max_by_key(|cell| times.read(cell))
}

/// What somebody was in the meeting.
#[derive(PartialEq, Eq, Clone, Copy)]
enum TeamsRole {
    Organizer,
    Presenter,
    Attendee,
    Other,
}

impl TeamsRole {
    fn parse(cell: &str) -> Self {
        let role = squashed(cell);
        let begins = |all: &[&str]| all.iter().any(|beginning| role.starts_with(beginning));
        if role.contains("organi") {
            Self::Organizer
        } else if begins(&["presen", "refer", "relator", "moderador"]) {
            Self::Presenter
        } else if begins(&["attendee", "teilnehm", "particip", "asistente", "partecip", "deelnem"]) {
            Self::Attendee
        } else {
            Self::Other
        }
    }
}
