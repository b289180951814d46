//! One calendar entry, written as iCalendar (RFC 5545).
//!
//! The UID and the sequence make two invitations the same one: a mail which is sent twice may carry another stamp and
//! newer times, because it is composed when it goes. Times are UTC, because libraries were seen to read a VTIMEZONE an
//! hour late. What comes from people is escaped, and control characters are dropped, so no text can add a line of its
//! own.

use std::fmt::Write as _;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::Person;

/// The longest line in octets, without its CRLF (RFC 5545, 3.1).
const LINE: usize = 75;

/// What an address may hold and a mailto address may not (RFC 6068, section 2).
const NOT_IN_MAILTO: &AsciiSet = &CONTROLS
    .add(b'%')
    .add(b'#')
    .add(b'?')
    .add(b'/')
    .add(b'&')
    .add(b'=')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What the recipient's calendar shall do with the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Invite, or change what an earlier invitation said.
    Request,
    /// Take the entry out.
    Cancel,
    /// A copy to keep (the download button): no attendee, nothing to answer.
    Publish,
}

impl Method {
    /// The word for the `METHOD` property and the `method` parameter of the content type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
            Self::Publish => "PUBLISH",
        }
    }
}

/// One seat in one session, as a calendar sees it.
#[derive(Clone, Debug)]
pub struct CalendarEntry {
    /// Random, made once for the registration, the same for its whole life.
    pub uid: String,
    /// Rises with every change of time, title or link, and with a cancellation.
    pub sequence: i64,
    /// When this version of the entry was written.
    pub stamp: Timestamp,
    /// Start of the session.
    pub start: Timestamp,
    /// End of the session.
    pub end: Timestamp,
    /// The title.
    pub summary: String,
    /// Text with the join link. Never the link that manages the registration: calendars are shared.
    pub description: String,
    /// The join link.
    pub location: String,
    /// Our From address.
    pub organizer: Person,
    /// The recipient, and nobody else. Left out of what is published.
    pub attendee: Person,
}

impl CalendarEntry {
    /// Writes the entry.
    #[must_use]
    pub fn write(&self, method: Method) -> String {
        let mut out = Lines(String::with_capacity(1024));
        out.line("BEGIN:VCALENDAR");
        out.line("VERSION:2.0");
        out.line("PRODID:-//Common Ground//Webcasts//EN");
        out.line("CALSCALE:GREGORIAN");
        out.line(&format!("METHOD:{}", method.name()));
        out.line("BEGIN:VEVENT");
        out.line(&format!("UID:{}", escape(&self.uid)));
        out.line(&format!("SEQUENCE:{}", self.sequence));
        out.line(&format!("DTSTAMP:{}", utc(self.stamp)));
        out.line(&format!("DTSTART:{}", utc(self.start)));
        out.line(&format!("DTEND:{}", utc(self.end)));
        out.line(&format!("SUMMARY:{}", escape(&self.summary)));
        out.line(&format!("DESCRIPTION:{}", escape(&self.description)));
        out.line(&format!("LOCATION:{}", escape(&self.location)));
        out.line(&format!("ORGANIZER{}", person("", &self.organizer)));
        out.line(match method {
            Method::Cancel => "STATUS:CANCELLED",
            Method::Request | Method::Publish => "STATUS:CONFIRMED",
        });
        if method != Method::Publish {
            // RSVP=FALSE: nobody reads replies, so calendars shall not send thousands of them.
            let role = ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE";
            out.line(&format!("ATTENDEE{}", person(role, &self.attendee)));
        }
        if method != Method::Cancel {
            self.alarm(&mut out);
        }
        out.line("END:VEVENT");
        out.line("END:VCALENDAR");
        out.0
    }

    fn alarm(&self, out: &mut Lines) {
        out.line("BEGIN:VALARM");
        out.line("ACTION:DISPLAY");
        out.line("TRIGGER:-PT15M");
        out.line(&format!("DESCRIPTION:{}", escape(&self.summary)));
        out.line("END:VALARM");
    }
}

/// Content lines, folded and ended as the format wants.
struct Lines(String);

impl Lines {
    /// Adds a line. One that is too long goes on after CRLF and a space, never inside a character.
    fn line(&mut self, text: &str) {
        let (mut rest, mut room) = (text, LINE);
        while rest.len() > room {
            let (now, later) = rest.split_at(rest.floor_char_boundary(room));
            self.0.push_str(now);
            self.0.push_str("\r\n ");
            (rest, room) = (later, LINE - 1);
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

/// The parameters and the value of ORGANIZER or ATTENDEE.
fn person(parameters: &str, person: &Person) -> String {
    let mut out = parameters.to_owned();
    if let Some(name) = person.name.as_deref().map(parameter).filter(|name| !name.is_empty()) {
        let _ = write!(out, ";CN=\"{name}\"");
    }
    let _ = write!(
        out,
        ":mailto:{}",
        utf8_percent_encode(person.address.as_str(), NOT_IN_MAILTO)
    );
    out
}

/// A quoted parameter value has no escape for quotes: they become apostrophes. Control characters go.
fn parameter(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .map(|c| if c == '"' { '\'' } else { c })
        .collect()
}

/// A text value: backslash, semicolon, comma and newline escaped, other control characters dropped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// `20261204T190000Z`.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use icalendar::parser::{read_calendar, unfold};

    use super::*;
    use crate::values::EmailAddress;

    fn person(name: &str, address: &str) -> Person {
        Person {
            name: Some(name.to_owned()),
            address: EmailAddress::parse(address).unwrap(),
        }
    }

    fn entry() -> CalendarEntry {
        CalendarEntry {
            uid: "b3J0aG9nb25hbA@events.example.org".to_owned(),
            sequence: 2,
            stamp: "2026-11-23T10:00:00Z".parse().unwrap(),
            start: "2026-12-04T19:00:00Z".parse().unwrap(),
            end: "2026-12-04T20:00:00Z".parse().unwrap(),
            summary: "Partnering For Growth, Innovation, And Profits".to_owned(),
            description: "Join here:\nhttps://events.example.org/join/abc".to_owned(),
            location: "https://events.example.org/join/abc".to_owned(),
            organizer: person("Common Ground", "events@example.org"),
            attendee: person("Ada Lovelace", "ada@example.net"),
        }
    }

    /// Reads with an independent parser; gives the values of `property` in the event.
    fn values(ics: &str, property: &str) -> Vec<String> {
        let unfolded = unfold(ics);
        let calendar = read_calendar(&unfolded).unwrap();
        let event = calendar.components.iter().find(|c| c.name == "VEVENT").unwrap();
        event
            .properties
            .iter()
            .filter(|p| p.name == property)
            .map(|p| p.val.to_string())
            .collect()
    }

    #[test]
    fn an_independent_parser_reads_the_invitation() {
        let ics = entry().write(Method::Request);
        assert!(ics.contains("METHOD:REQUEST\r\n"));
        assert_eq!(values(&ics, "UID"), ["b3J0aG9nb25hbA@events.example.org"]);
        assert_eq!(values(&ics, "DTSTART"), ["20261204T190000Z"]);
        assert_eq!(values(&ics, "DTEND"), ["20261204T200000Z"]);
        assert_eq!(values(&ics, "SEQUENCE"), ["2"]);
        assert_eq!(values(&ics, "ATTENDEE"), ["mailto:ada@example.net"]);
        assert_eq!(values(&ics, "ORGANIZER"), ["mailto:events@example.org"]);
        assert!(unfold(&ics).contains("RSVP=FALSE"));
        assert!(ics.contains("TRIGGER:-PT15M"));
    }

    #[test]
    fn an_address_with_signs_of_addresses_stays_one() {
        let mut odd = entry();
        odd.attendee.address = EmailAddress::parse("a?b#c%d/e+f@example.net").unwrap();
        let ics = odd.write(Method::Request);
        assert_eq!(values(&ics, "ATTENDEE"), ["mailto:a%3Fb%23c%25d%2Fe+f@example.net"]);
    }

    #[test]
    fn a_cancellation_says_so_and_rings_no_alarm() {
        let ics = entry().write(Method::Cancel);
        assert!(ics.contains("METHOD:CANCEL\r\n"));
        assert_eq!(values(&ics, "STATUS"), ["CANCELLED"]);
        assert!(!ics.contains("VALARM"));
    }

    #[test]
    fn what_is_published_names_no_attendee() {
        let ics = entry().write(Method::Publish);
        assert!(values(&ics, "ATTENDEE").is_empty());
        assert_eq!(values(&ics, "UID"), values(&entry().write(Method::Request), "UID"));
    }

    #[test]
    fn lines_are_folded_at_75_octets_between_characters() {
        let mut long = entry();
        long.summary = "Zusammenarbeit über Größe hinaus, 共通の土台を築く 🤝 ".repeat(8);
        let ics = long.write(Method::Request);
        assert!(ics.ends_with("\r\n"));
        for line in ics.split("\r\n") {
            assert!(line.len() <= LINE, "{} octets: {line}", line.len());
            assert!(!line.contains('\n') && !line.contains('\r'));
        }
        let unescaped = values(&ics, "SUMMARY").concat().replace("\\,", ",");
        assert_eq!(unescaped.trim(), long.summary.trim());
    }

    #[test]
    fn text_cannot_add_lines_or_parameters() {
        let mut hostile = entry();
        let attack = "x\r\nATTENDEE:mailto:evil@example.com\nEND:VEVENT\rBEGIN:VALARM\u{0}\u{85}\u{2028}";
        hostile.summary = attack.to_owned();
        hostile.description = attack.to_owned();
        hostile.location = attack.to_owned();
        hostile.uid = attack.to_owned();
        hostile.attendee.name =
            Some("\";ROLE=CHAIR:mailto:evil@example.com\r\nATTENDEE:mailto:evil@example.com".to_owned());
        hostile.organizer.name = Some("a\";DIR=\"http://evil.example.com\"".to_owned());
        let ics = hostile.write(Method::Request);
        assert_eq!(values(&ics, "ATTENDEE"), ["mailto:ada@example.net"]);
        assert_eq!(values(&ics, "ORGANIZER"), ["mailto:events@example.org"]);
        assert_eq!(ics.matches("\r\nBEGIN:VALARM").count(), 1);
        assert_eq!(ics.matches("\r\nEND:VEVENT\r\n").count(), 1);
        assert!(!ics.contains('\u{0}'));
    }

    #[test]
    fn backslash_semicolon_comma_and_newline_are_escaped() {
        assert_eq!(escape("a\\b;c,d\r\ne\nf"), "a\\\\b\\;c\\,d\\ne\\nf");
    }

    #[test]
    fn a_name_of_nothing_but_controls_is_left_out() {
        let mut nameless = entry();
        nameless.attendee.name = Some("\r\n".to_owned());
        assert!(!nameless.write(Method::Request).contains("CN=\"\""));
    }
}
