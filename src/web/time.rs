//! Times as pages and mails print them.

use jiff::Timestamp;

use super::layout::{SessionTime, When};
use crate::values::Zone;

/// "Friday, December 4, 2026, 11:00"
pub(super) const SENTENCE: &str = "%A, %B %-d, %Y, %H:%M";
const TABLE: &str = "%Y-%m-%d %H:%M";

/// As it is read in a sentence: "Friday, December 4, 2026, 11:00".
#[must_use]
pub(crate) fn in_sentence(at: Timestamp, zone: &Zone) -> When {
    when(at, zone, SENTENCE)
}

/// As it is read in a table: "2026-12-04 11:00".
#[must_use]
pub(crate) fn in_table(at: Timestamp, zone: &Zone) -> When {
    when(at, zone, TABLE)
}

fn when(at: Timestamp, zone: &Zone, format: &str) -> When {
    let local = zone.at(at);
    When {
        iso: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        text: local.strftime(format).to_string(),
        full: format!("{}, {}", local.strftime(SENTENCE), zone_in_words(at, zone)),
    }
}

/// A session's start, its zone and its length, ready to print.
#[must_use]
pub(crate) fn session(start: Timestamp, minutes: i64, zone: &Zone) -> SessionTime {
    SessionTime {
        start: in_sentence(start, zone),
        zone: zone.name().to_owned(),
        zone_text: zone_in_words(start, zone),
        length: format!("{minutes} minutes"),
    }
}

/// "Los Angeles time (UTC-8)": a place everybody can look up, and the difference for those who count.
#[must_use]
pub(crate) fn zone_in_words(at: Timestamp, zone: &Zone) -> String {
    if zone.name() == "UTC" {
        return "UTC".to_owned();
    }
    format!("{} time ({})", place(zone), offset(at, zone))
}

/// "UTC-8", "UTC+5:30", "UTC"
pub(super) fn offset(at: Timestamp, zone: &Zone) -> String {
    let seconds = zone.at(at).offset().seconds();
    let (hours, minutes) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60);
    let sign = if seconds < 0 { '-' } else { '+' };
    match (hours, minutes) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

fn place(zone: &Zone) -> String {
    let name = zone.name();
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}

/// The same moment in the visitor's zone, where that reads differently.
#[must_use]
pub(crate) fn for_visitor(start: Timestamp, session: &Zone, visitor: &Zone) -> Option<String> {
    let (there, here) = (session.at(start), visitor.at(start));
    (there.datetime() != here.datetime())
        .then(|| format!("{}, {}", here.strftime(SENTENCE), zone_in_words(start, visitor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_reads_in_its_own_zone() {
        let zone = Zone::parse("America/Los_Angeles").unwrap();
        let start: Timestamp = "2026-12-04T19:00:00Z".parse().unwrap();
        let time = session(start, 60, &zone);
        assert_eq!(time.start.text, "Friday, December 4, 2026, 11:00");
        assert_eq!(time.zone_text, "Los Angeles time (UTC-8)");
        assert_eq!(time.start.iso, "2026-12-04T19:00:00Z");
        let kolkata = Zone::parse("Asia/Kolkata").unwrap();
        assert_eq!(
            for_visitor(start, &zone, &kolkata).unwrap(),
            "Saturday, December 5, 2026, 00:30, Kolkata time (UTC+5:30)"
        );
        assert_eq!(for_visitor(start, &zone, &zone), None);
    }
}
