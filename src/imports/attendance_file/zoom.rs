//! Zoom: the attendee report of a webinar with its parts, and the list of participants of a meeting.

use std::borrow::Cow;

use csv::StringRecord;

use super::blocks::{Parting, ReportBlock, cell, labelled};
use super::{ReportLayout, WrittenRegistrant, WrittenStay};
use crate::imports::cells::yes_or_no;
use crate::imports::headings::squashed;
use crate::uploads::Table;

/// "Host Details", "Panelist Details", "Attendee Details", "Other Attended".
const PARTING: Parting = Parting {
    is_heading: |cells, _| {
        ["jointime", "leavetime"]
            .iter()
            .all(|heading| cells.iter().any(|cell| cell == heading))
    },
    is_title: |text| {
        let title = squashed(text);
        title.ends_with("details") || title == "otherattended" || title == "attendeereport"
    },
};

/// Where what stands in a part.
struct ZoomColumns {
    name: Option<usize>,
    first_name: Option<usize>,
    last_name: Option<usize>,
    email: Option<usize>,
    attended: Option<usize>,
    registered_at: Option<usize>,
    join: Option<usize>,
    leave: Option<usize>,
    is_waiting: Option<usize>,
}

/// Whom a row is about; a row of somebody who joined again may leave it out.
#[derive(Default)]
struct ZoomPerson<'t> {
    name: Cow<'t, str>,
    email: &'t str,
}

pub(super) fn layout(table: &Table) -> ReportLayout<'_> {
    let mut layout = ReportLayout {
        title: labelled(table, &["topic"]),
        ..ReportLayout::default()
    };
    let host = labelled(table, &["hostemail", "useremail"]).filter(|host| host.contains('@'));
    for block in ReportBlock::all(table, &PARTING) {
        add(&mut layout, &block, host);
    }
    layout
}

fn add<'t>(layout: &mut ReportLayout<'t>, block: &ReportBlock<'t>, host: Option<&str>) {
    let columns = ZoomColumns::of(block);
    let holds = block.title.starts_with("host") || block.title.starts_with("panelist");
    let mut who = ZoomPerson::default();
    for (line, row) in &block.rows {
        let own = columns.who(row);
        if !own.name.is_empty() || !own.email.is_empty() {
            who = own;
        }
        let registered_at = cell(row, columns.registered_at);
        if !registered_at.is_empty() {
            layout.registrants.push(WrittenRegistrant {
                line: *line,
                name: who.name.clone(),
                email: who.email,
                registered_at,
            });
        }
        if columns.was_there(row) {
            layout.stays.push(WrittenStay {
                line: *line,
                name: who.name.clone(),
                email: who.email,
                from: cell(row, columns.join),
                to: cell(row, columns.leave),
                is_host: holds || host.is_some_and(|host| host.eq_ignore_ascii_case(who.email)),
            });
        }
    }
}

impl ZoomColumns {
    fn of(block: &ReportBlock<'_>) -> Self {
        Self {
            name: block.column(&["usernameoriginalname", "nameoriginalname", "username", "name"]),
            first_name: block.column(&["firstname"]),
            last_name: block.column(&["lastname"]),
            email: block.column(&["email", "useremail", "emailaddress"]),
            attended: block.column(&["attended"]),
            registered_at: block.column(&["registrationtime"]),
            join: block.column(&["jointime"]),
            leave: block.column(&["leavetime"]),
            is_waiting: block.column(&["inwaitingroom"]),
        }
    }

    /// What they registered with goes before what they called themselves in the session.
    fn who<'t>(&self, row: &'t StringRecord) -> ZoomPerson<'t> {
        let (first, last) = (cell(row, self.first_name), cell(row, self.last_name));
        let name: Cow<'t, str> = match (first, last) {
            ("", "") => cell(row, self.name).into(),
            ("", one) | (one, "") => one.into(),
            (first, last) => format!("{first} {last}").into(),
        };
        ZoomPerson {
            name,
            email: cell(row, self.email),
        }
    }

    /// Not those who only registered, and not those who waited to be let in.
    fn was_there(&self, row: &StringRecord) -> bool {
        let says = |column: Option<usize>, answer: bool| {
            let cell = cell(row, column);
            !cell.is_empty() && yes_or_no(cell) == Some(answer)
        };
        !says(self.attended, false) && !says(self.is_waiting, true)
    }
}
