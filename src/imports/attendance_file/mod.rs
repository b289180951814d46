//! Who was there from when to when, as a service reports it after a session.

mod blocks;
mod goto;
mod teams;
mod times;
mod zoom;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use self::times::FileTimes;
use super::cells::{said, shown};
use super::headings::squashed;
use super::kind::Service;
use super::person_row::BadRow;
use crate::uploads::Table;
use crate::values::{EmailAddress, Zone, squeeze_line};

/// A report that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendanceFile {
    /// Whose it is.
    pub service: Service,
    /// What the session is called there.
    pub title: Option<String>,
    /// Each person's in their order, none of which overlap; the people in the order of the file.
    pub stays: Vec<Stay>,
    /// Rows that are no stay.
    pub bad: Vec<BadRow>,
    /// Who had registered there, where the report says it.
    pub registrants: Vec<Registrant>,
}

/// From when to when somebody was there without leaving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The first row in a spreadsheet that tells of it.
    pub line: u32,
    /// As they were called there; empty where only the address is known.
    pub name: String,
    /// Where the report has it.
    pub email: Option<EmailAddress>,
    /// When they joined.
    pub from: Timestamp,
    /// When they left, not before that.
    pub to: Timestamp,
    /// They belong to those who held it.
    pub is_host: bool,
}

/// Somebody who had registered with the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registrant {
    /// The row in a spreadsheet.
    pub line: u32,
    /// As they wrote it there; perhaps empty.
    pub name: String,
    /// Who it is.
    pub email: EmailAddress,
    /// When they registered.
    pub registered_at: Option<Timestamp>,
}

/// What the layout of a report gives, in its own words.
#[derive(Default)]
struct ReportLayout<'t> {
    title: Option<&'t str>,
    stays: Vec<WrittenStay<'t>>,
    registrants: Vec<WrittenRegistrant<'t>>,
}

struct WrittenStay<'t> {
    line: u32,
    name: Cow<'t, str>,
    email: &'t str,
    from: &'t str,
    to: &'t str,
    is_host: bool,
}

struct WrittenRegistrant<'t> {
    line: u32,
    name: Cow<'t, str>,
    email: &'t str,
    registered_at: &'t str,
}

/// Reads a report. Its times are of `zone`'s clock where it does not say which; `near` is when the session began, and decides
/// between two readings of a time.
#[must_use]
pub fn read(table: &Table, service: Service, zone: &Zone, near: Timestamp) -> AttendanceFile {
    let layout = match service {
        Service::Zoom => zoom::layout(table),
        Service::Teams => teams::layout(table),
        Service::Goto => goto::layout(table),
    };
    let written = layout.stays.iter().flat_map(|stay| [stay.from, stay.to]);
    let times = FileTimes::find(written, zone, near);
    let (mut stays, mut bad) = (Vec::new(), Vec::new());
    for written in &layout.stays {
        match stay(written, &times) {
            Ok(stay) => stays.push(stay),
            Err(reason) => bad.push(BadRow {
                line: written.line,
                reason,
            }),
        }
    }
    AttendanceFile {
        service,
        title: layout
            .title
            .and_then(|title| squeeze_line(title).ok())
            .filter(|title| !title.is_empty()),
        stays: merged(stays),
        bad,
        registrants: registrants(&layout.registrants, &times),
    }
}

fn stay(written: &WrittenStay<'_>, times: &FileTimes<'_>) -> Result<Stay, String> {
    let name = squeeze_line(&written.name).unwrap_or_default();
    let email = EmailAddress::read(said(written.email)).ok();
    if name.is_empty() && email.is_none() {
        return Err("Name: the row has neither a name nor an e-mail address.".to_owned());
    }
    let time = |column: &str, cell: &str| match said(cell) {
        "" => Err(format!("{column}: the cell is empty.")),
        cell => times
            .read(cell)
            .ok_or_else(|| format!("{column}: {} is not read as a time.", shown(cell))),
    };
    let (from, to) = (time("Join time", written.from)?, time("Leave time", written.to)?);
    if to < from {
        return Err(format!(
            "Leave time: {} is before they joined, at {}.",
            shown(written.to),
            shown(written.from)
        ));
    }
    Ok(Stay {
        line: written.line,
        name,
        email,
        from,
        to,
        is_host: written.is_host,
    })
}

/// What one person's stays have in common; several devices at once are one stay.
fn merged(stays: Vec<Stay>) -> Vec<Stay> {
    let mut people: Vec<Vec<Stay>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for stay in stays {
        let place = *places.entry(person_of(&stay)).or_insert(people.len());
        match people.get_mut(place) {
            Some(person) => person.push(stay),
            None => people.push(vec![stay]),
        }
    }
    people.into_iter().flat_map(union).collect()
}

fn person_of(stay: &Stay) -> String {
    let by_name = || format!("name {}", squashed(&stay.name));
    stay.email.as_ref().map_or_else(by_name, EmailAddress::key)
}

/// The stays of one person, those that overlap as one.
fn union(mut stays: Vec<Stay>) -> Vec<Stay> {
    let is_host = stays.iter().any(|stay| stay.is_host);
    stays.sort_by_key(|stay| (stay.from, stay.line));
    let mut apart: Vec<Stay> = Vec::new();
    for stay in stays {
        match apart.last_mut() {
            Some(last) if stay.from <= last.to => {
                last.to = last.to.max(stay.to);
                last.line = last.line.min(stay.line);
            }
            _ => apart.push(Stay { is_host, ..stay }),
        }
    }
    apart
}

/// Each address once.
fn registrants(written: &[WrittenRegistrant<'_>], times: &FileTimes<'_>) -> Vec<Registrant> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut registrants = Vec::new();
    for written in written {
        let Ok(email) = EmailAddress::read(said(written.email)) else {
            continue;
        };
        if seen.insert(email.key()) {
            registrants.push(Registrant {
                line: written.line,
                name: squeeze_line(&written.name).unwrap_or_default(),
                email,
                registered_at: times.read_any(said(written.registered_at)),
            });
        }
    }
    registrants
}

#[cfg(test)]
mod tests;
