//! `GoTo` Webinar: the attendee report. Several stays of one person stand in several rows, or in several lines of a cell.

use std::borrow::Cow;

use csv::StringRecord;

use super::blocks::{Parting, ReportBlock, cell, labelled};
use super::{ReportLayout, WrittenRegistrant, WrittenStay};
use crate::imports::cells::yes_or_no;
use crate::imports::headings::squashed;
use crate::uploads::Table;

const PARTING: Parting = Parting {
    is_heading: |cells, _| {
        ["jointime", "leavetime"]
            .iter()
            .all(|heading| cells.iter().any(|cell| cell == heading))
    },
    is_title: |text| {
        let title = squashed(text);
        ["details", "information", "report", "attendees", "staff"]
            .iter()
            .any(|ending| title.ends_with(ending))
    },
};

pub(super) fn layout(table: &Table) -> ReportLayout<'_> {
    let mut layout = ReportLayout {
        title: labelled(table, &["webinarname", "webinartitle", "eventname"]),
        ..ReportLayout::default()
    };
    for block in ReportBlock::all(table, &PARTING) {
        let holds = ["staff", "organizer", "panelist"]
            .iter()
            .any(|word| block.title.contains(word));
        for (line, row) in &block.rows {
            add(&mut layout, &block, *line, row, holds);
        }
    }
    layout
}

fn add<'t>(layout: &mut ReportLayout<'t>, block: &ReportBlock<'t>, line: u32, row: &'t StringRecord, is_host: bool) {
    let at = |headings: &[&str]| cell(row, block.column(headings));
    let name: Cow<'t, str> = match (at(&["firstname"]), at(&["lastname"])) {
        ("", "") => at(&["name", "attendeename", "username"]).into(),
        ("", one) | (one, "") => one.into(),
        (first, last) => format!("{first} {last}").into(),
    };
    let email = at(&["emailaddress", "email"]);
    let registered_at = at(&["registrationdatetime", "registrationtime", "registrationdate"]);
    if !registered_at.is_empty() {
        layout.registrants.push(WrittenRegistrant {
            line,
            name: name.clone(),
            email,
            registered_at,
        });
    }
    let attended = at(&["attended"]);
    if !attended.is_empty() && yes_or_no(attended) == Some(false) {
        return;
    }
    let (mut joined, mut left) = (lines(at(&["jointime"])), lines(at(&["leavetime"])));
    loop {
        let (from, to) = (joined.next(), left.next());
        let is_first = layout.stays.last().is_none_or(|stay| stay.line != line);
        if from.is_none() && to.is_none() && !is_first {
            return;
        }
        layout.stays.push(WrittenStay {
            line,
            name: name.clone(),
            email,
            from: from.unwrap_or_default(),
            to: to.unwrap_or_default(),
            is_host,
        });
    }
}

fn lines(cell: &str) -> impl Iterator<Item = &str> {
    cell.lines().map(str::trim).filter(|line| !line.is_empty())
}
