//! Times as pages and mails print them: one way to write a date and an hour, as the reader's country does.

use jiff::{Timestamp, ZonedDateTime};

use super::layout::{SessionTime, When};
use crate::values::{HourCycle, Zone};

const TABLE: &str = "%-d %b %Y, %H:%M";

/// As it is read in a sentence: "Friday, December 4, 2026, 11:00 am".
#[must_use]
pub(crate) fn in_sentence(at: Timestamp, zone: &Zone, hours: HourCycle) -> When {
    when(at, zone, moment(&zone.at(at), hours), hours)
}

/// As it is read in a table: "4 Dec 2026, 11:00".
#[must_use]
pub(crate) fn in_table(at: Timestamp, zone: &Zone) -> When {
    when(at, zone, zone.at(at).strftime(TABLE).to_string(), HourCycle::H23)
}

fn when(at: Timestamp, zone: &Zone, text: String, hours: HourCycle) -> When {
    When {
        iso: iso(at),
        text,
        full: with_zone(at, zone, hours),
    }
}

fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// "Friday, December 4, 2026, 11:00 am, Los Angeles time (UTC-8)"
#[must_use]
pub(crate) fn with_zone(at: Timestamp, zone: &Zone, hours: HourCycle) -> String {
    format!("{}, {}", moment(&zone.at(at), hours), zone_in_words(at, zone))
}

/// When a session is aired, and where its clock hangs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Airing<'z> {
    pub start: Timestamp,
    pub end: Timestamp,
    pub zone: &'z Zone,
}

impl<'z> Airing<'z> {
    /// The zone that is shown first: the reader's own, where its clock reads differently.
    fn first(&self, own: Option<&'z Zone>) -> (&'z Zone, bool) {
        let differs = |own: &&Zone| own.at(self.start).datetime() != self.zone.at(self.start).datetime();
        own.filter(differs).map_or((self.zone, false), |own| (own, true))
    }

    /// Ready to print on a page. `own`: the reader's zone, where it is known.
    #[must_use]
    pub(crate) fn on_page(&self, own: Option<&'z Zone>, hours: HourCycle) -> SessionTime {
        let (first, is_own) = self.first(own);
        let local = first.at(self.start);
        SessionTime {
            start: in_sentence(self.start, self.zone, hours),
            end: iso(self.end),
            zone: self.zone.name().to_owned(),
            month: local.strftime("%b").to_string(),
            day: local.strftime("%-d").to_string(),
            span: self.span_in(first, hours),
            zone_text: zone_in_words(self.start, self.zone),
            own_start: moment(&local, hours),
            own: is_own.then(|| place(first).unwrap_or_else(|| offset(self.start, first))),
            there: is_own.then(|| self.start_beside(first, hours)),
            length: format!("{} minutes", self.end.duration_since(self.start).as_mins()),
        }
    }

    /// The span in the zone that is shown first, that zone in words, and the span in the session's zone where it is another.
    #[must_use]
    pub(crate) fn in_words(&self, own: Option<&'z Zone>, hours: HourCycle) -> (String, String, Option<String>) {
        let (first, is_own) = self.first(own);
        let there = is_own.then(|| {
            let (from, to) = (self.zone.at(self.start), self.zone.at(self.end));
            let day = other_day(&from, &first.at(self.start), hours);
            in_place(&format!("{day}{}", clocks(&from, &to, hours)), self.start, self.zone)
        });
        (self.span_in(first, hours), zone_in_words(self.start, first), there)
    }

    /// "Friday, December 4, 2026, 11:00 am to 12:00 pm"; the end's date where it is another one, and its offset where the
    /// clocks change meanwhile.
    fn span_in(&self, zone: &Zone, hours: HourCycle) -> String {
        let (from, to) = (zone.at(self.start), zone.at(self.end));
        let shift = if from.offset() == to.offset() {
            String::new()
        } else {
            format!(" ({})", offset(self.end, zone))
        };
        if from.date() == to.date() {
            format!("{}, {}{shift}", date(&from, hours), clocks(&from, &to, hours))
        } else {
            format!("{} to {}{shift}", moment(&from, hours), moment(&to, hours))
        }
    }

    /// "11:00 am in Los Angeles", with the day where it is not that of the zone shown first.
    fn start_beside(&self, first: &Zone, hours: HourCycle) -> String {
        let local = self.zone.at(self.start);
        let day = other_day(&local, &first.at(self.start), hours);
        in_place(&format!("{day}{}", clock(&local, hours)), self.start, self.zone)
    }
}

fn other_day(local: &ZonedDateTime, first: &ZonedDateTime, hours: HourCycle) -> String {
    if local.date() == first.date() {
        String::new()
    } else {
        format!("{}, ", date(local, hours))
    }
}

fn in_place(text: &str, at: Timestamp, zone: &Zone) -> String {
    match place(zone) {
        Some(place) => format!("{text} in {place}"),
        None => format!("{text} {}", offset(at, zone)),
    }
}

fn moment(at: &ZonedDateTime, hours: HourCycle) -> String {
    format!("{}, {}", date(at, hours), clock(at, hours))
}

fn date(at: &ZonedDateTime, hours: HourCycle) -> String {
    let format = match hours {
        HourCycle::H12 => "%A, %B %-d, %Y",
        HourCycle::H23 => "%A, %-d %B %Y",
    };
    at.strftime(format).to_string()
}

fn clock(at: &ZonedDateTime, hours: HourCycle) -> String {
    let format = match hours {
        HourCycle::H12 => "%-I:%M %P",
        HourCycle::H23 => "%H:%M",
    };
    at.strftime(format).to_string()
}

/// "8:00 to 9:00 pm", "11:00 am to 12:00 pm", "20:00 to 21:00"
fn clocks(from: &ZonedDateTime, to: &ZonedDateTime, hours: HourCycle) -> String {
    let same_half = (from.hour() < 12) == (to.hour() < 12) && from.date() == to.date();
    let begin = if hours == HourCycle::H12 && same_half {
        from.strftime("%-I:%M").to_string()
    } else {
        clock(from, hours)
    };
    format!("{begin} to {}", clock(to, hours))
}

/// "Los Angeles time (UTC-8)": a place everybody can look up, and the difference for those who count.
#[must_use]
pub(crate) fn zone_in_words(at: Timestamp, zone: &Zone) -> String {
    match place(zone) {
        Some(place) => format!("{place} time ({})", offset(at, zone)),
        None => offset(at, zone),
    }
}

/// "UTC-8", "UTC+5:30", "UTC"
fn offset(at: Timestamp, zone: &Zone) -> String {
    let seconds = zone.at(at).offset().seconds();
    let (hours, minutes) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60);
    let sign = if seconds < 0 { '-' } else { '+' };
    match (hours, minutes) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// The city of a zone. `Etc/GMT+5` and `EST` have none, and the first means the opposite of what it seems to say.
fn place(zone: &Zone) -> Option<String> {
    let (region, place) = zone.name().split_once('/')?;
    let city = place.rsplit('/').next().unwrap_or(place);
    (region != "Etc").then(|| city.replace('_', " "))
}

#[cfg(test)]
mod tests {
    use HourCycle::{H12, H23};

    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn airing<'z>(start: &str, minutes: i64, zone: &'z Zone) -> Airing<'z> {
        let start: Timestamp = start.parse().unwrap();
        Airing {
            start,
            end: start + jiff::SignedDuration::from_mins(minutes),
            zone,
        }
    }

    #[test]
    fn a_session_reads_in_its_own_zone() {
        let los_angeles = zone("America/Los_Angeles");
        let time = airing("2026-12-04T19:00:00Z", 60, &los_angeles).on_page(None, H12);
        assert_eq!(time.start.text, "Friday, December 4, 2026, 11:00 am");
        assert_eq!(time.span, "Friday, December 4, 2026, 11:00 am to 12:00 pm");
        assert_eq!(time.zone_text, "Los Angeles time (UTC-8)");
        assert_eq!((time.month.as_str(), time.day.as_str()), ("Dec", "4"));
        assert_eq!(time.start.iso, "2026-12-04T19:00:00Z");
        assert_eq!((time.own, time.there), (None, None));
    }

    #[test]
    fn the_readers_own_time_comes_first() {
        let (los_angeles, kolkata) = (zone("America/Los_Angeles"), zone("Asia/Kolkata"));
        let aired = airing("2026-12-04T19:00:00Z", 60, &los_angeles);
        let time = aired.on_page(Some(&kolkata), H23);
        assert_eq!(time.span, "Saturday, 5 December 2026, 00:30 to 01:30");
        assert_eq!(time.day, "5");
        assert_eq!(time.own.unwrap(), "Kolkata");
        assert_eq!(time.there.unwrap(), "Friday, 4 December 2026, 11:00 in Los Angeles");
        let (span, first, there) = aired.in_words(Some(&zone("Europe/Berlin")), H12);
        assert_eq!(span, "Friday, December 4, 2026, 8:00 to 9:00 pm");
        assert_eq!(first, "Berlin time (UTC+1)");
        assert_eq!(there.unwrap(), "11:00 am to 12:00 pm in Los Angeles");
        assert_eq!(aired.in_words(Some(&zone("America/Tijuana")), H12).2, None);
    }

    #[test]
    fn zones_without_a_place_are_their_offset() {
        let at: Timestamp = "2026-12-04T19:00:00Z".parse().unwrap();
        for (name, said) in [
            ("Etc/GMT+5", "UTC-5"),
            ("EST", "UTC-5"),
            ("UTC", "UTC"),
            ("Etc/UTC", "UTC"),
            ("Asia/Kolkata", "Kolkata time (UTC+5:30)"),
            ("America/Argentina/Buenos_Aires", "Buenos Aires time (UTC-3)"),
        ] {
            assert_eq!(zone_in_words(at, &zone(name)), said, "{name}");
        }
        let utc = zone("UTC");
        let there = airing("2026-12-04T19:00:00Z", 60, &utc).on_page(Some(&zone("EST")), H12);
        assert_eq!(
            (there.own.unwrap(), there.there.unwrap()),
            ("UTC-5".to_owned(), "7:00 pm UTC".to_owned())
        );
    }

    #[test]
    fn a_span_names_what_differs_at_its_end() {
        let new_york = zone("America/New_York");
        let written = |start: &str, minutes, hours| airing(start, minutes, &new_york).in_words(None, hours).0;
        assert_eq!(
            written("2026-12-05T04:30:00Z", 60, H23),
            "Friday, 4 December 2026, 23:30 to Saturday, 5 December 2026, 00:30"
        );
        assert_eq!(
            written("2027-11-07T05:30:00Z", 90, H12),
            "Sunday, November 7, 2027, 1:30 to 2:00 am (UTC-5)"
        );
    }
}
