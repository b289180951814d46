//! Dates and times as people and programs write them into files.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::headings::squashed;
use crate::values::Zone;

/// Which number comes first in a date such as 3/4/2026.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// As in North America.
    #[default]
    MonthFirst,
    /// As nearly everywhere else.
    DayFirst,
}

impl DateOrder {
    /// By the first cell in which only one order gives a date. `None`: all can be read both ways.
    pub fn of<'c>(cells: impl IntoIterator<Item = &'c str>) -> Option<Self> {
        cells.into_iter().find_map(|cell| {
            let reads = |order| WrittenTime::read(cell, order).is_some();
            match (reads(Self::MonthFirst), reads(Self::DayFirst)) {
                (true, false) => Some(Self::MonthFirst),
                (false, true) => Some(Self::DayFirst),
                _ => None,
            }
        })
    }
}

/// The instant of a cell; `zone` is where the clock hung, where the cell does not say it. A date alone is its midnight.
#[must_use]
pub fn moment(cell: &str, order: DateOrder, zone: &Zone) -> Option<Timestamp> {
    WrittenTime::read(cell, order)?.instant(zone)
}

/// A date and time as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrittenTime {
    pub(super) at: DateTime,
    offset: Option<Offset>,
    pub(super) hours: Hours,
}

/// How the hours are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hours {
    /// AM or PM is written, or the hour can only be one of twenty-four.
    Known,
    /// An hour from 1 to 12 without a zero before it, and nothing else.
    Unsaid,
}

/// A piece of a cell.
#[derive(Debug, Clone, Copy)]
enum DatePiece<'c> {
    Number(&'c str),
    Word(&'c str),
    Mark(char),
}

use DatePiece::{Mark, Number, Word};

impl WrittenTime {
    pub(super) fn read(cell: &str, order: DateOrder) -> Option<Self> {
        // Nothing that is longer is a date.
        let pieces = pieces(Some(cell).filter(|cell| cell.len() <= 80)?);
        let (date, rest) = date(without_weekday(&pieces), order)?;
        let rest = match rest {
            [Mark(',') | Word("T" | "t" | "at" | "um" | "à"), rest @ ..] | rest => rest,
        };
        let ((time, hours), rest) = match rest {
            [] => ((Time::midnight(), Hours::Known), rest),
            rest => time(rest)?,
        };
        Some(Self {
            at: date.to_datetime(time),
            offset: match said_zone(rest)? {
                SaidZone::Unsaid => None,
                SaidZone::Offset(offset) => Some(offset),
            },
            hours,
        })
    }

    pub(super) fn instant(self, zone: &Zone) -> Option<Timestamp> {
        let offset = |offset: Offset| offset.to_timestamp(self.at).ok();
        let local = || zone.rules().to_ambiguous_timestamp(self.at).compatible().ok();
        self.offset.map_or_else(local, offset)
    }
}

/// Blanks part pieces and are none.
fn pieces(cell: &str) -> Vec<DatePiece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = cell.trim_start();
    while let Some(first) = rest.chars().next() {
        let run = |is: fn(char) -> bool| rest.find(|c: char| !is(c)).unwrap_or(rest.len());
        let length = match first {
            '0'..='9' => run(|c| c.is_ascii_digit()),
            c if c.is_alphabetic() => run(char::is_alphabetic),
            c => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        pieces.push(match first {
            '0'..='9' => Number(piece),
            c if c.is_alphabetic() => Word(piece),
            c => Mark(c),
        });
        rest = after.trim_start();
    }
    pieces
}

fn without_weekday<'p, 'c>(pieces: &'p [DatePiece<'c>]) -> &'p [DatePiece<'c>] {
    match pieces {
        [Word(word), Mark(',' | '.'), rest @ ..] if month(word).is_none() => rest,
        [Word(_), rest @ ..] if matches!(rest, [Word(word), ..] if month(word).is_some()) => rest,
        pieces => pieces,
    }
}

/// The date that the pieces begin with, and what follows.
fn date<'p, 'c>(pieces: &'p [DatePiece<'c>], order: DateOrder) -> Option<(Date, &'p [DatePiece<'c>])> {
    let (year, month, day, rest) = match pieces {
        [
            Number(year),
            Mark('-' | '/' | '.'),
            Number(month),
            Mark('-' | '/' | '.'),
            Number(day),
            rest @ ..,
        ] if year.len() == 4 => (year, number(month)?, day, rest),
        [
            Number(day),
            Mark('.'),
            Number(month),
            Mark('.'),
            Number(year),
            rest @ ..,
        ] => (year, number(month)?, day, rest),
        [
            Number(first),
            Mark('/' | '-'),
            Number(second),
            Mark('/' | '-'),
            Number(year),
            rest @ ..,
        ] => match order {
            DateOrder::MonthFirst => (year, number(first)?, second, rest),
            DateOrder::DayFirst => (year, number(second)?, first, rest),
        },
        [Word(name), Mark('.'), Number(day), Mark(','), Number(year), rest @ ..]
        | [Word(name), Number(day), Mark(','), Number(year), rest @ ..]
        | [Word(name), Number(day), Number(year), rest @ ..]
        | [
            Number(day),
            Mark('.' | '-'),
            Word(name),
            Mark('.' | '-' | ','),
            Number(year),
            rest @ ..,
        ]
        | [Number(day), Mark('.' | '-'), Word(name), Number(year), rest @ ..]
        | [Number(day), Word(name), Mark('.' | ','), Number(year), rest @ ..]
        | [Number(day), Word(name), Number(year), rest @ ..] => (year, month(name)?, day, rest),
        _ => return None,
    };
    let year = match (number::<i16>(year)?, year.len()) {
        (short, 2) if short < 70 => 2000 + short,
        (short, 2) => 1900 + short,
        (whole @ 1900..=2200, 4) => whole,
        _ => return None,
    };
    Some((Date::new(year, month, number(day)?).ok()?, rest))
}

fn number<N: std::str::FromStr>(digits: &str) -> Option<N> {
    digits.parse().ok()
}

/// The time of day that the pieces begin with, and what follows.
fn time<'p, 'c>(pieces: &'p [DatePiece<'c>]) -> Option<((Time, Hours), &'p [DatePiece<'c>])> {
    let (hour, minute, second, rest) = match pieces {
        [
            Number(h),
            Mark(':'),
            Number(m),
            Mark(':'),
            Number(s),
            Mark('.' | ','),
            Number(_),
            rest @ ..,
        ]
        | [Number(h), Mark(':'), Number(m), Mark(':'), Number(s), rest @ ..] => (h, m, number(s)?, rest),
        [Number(h), Mark(':'), Number(m), rest @ ..] => (h, m, 0, rest),
        // 2 PM
        [Number(h), rest @ ..] if half_of(rest).is_some() => (h, &"0", 0, rest),
        _ => return None,
    };
    let written: i8 = number(hour)?;
    let (hour, hours, rest) = match half_of(rest) {
        Some((false, rest)) => (if written == 12 { 0 } else { written }, Hours::Known, rest),
        Some((true, rest)) => (if written < 12 { written + 12 } else { written }, Hours::Known, rest),
        None if (1..=12).contains(&written) && !hour.starts_with('0') => (written, Hours::Unsaid, rest),
        None => (written, Hours::Known, rest),
    };
    let time = Time::new(hour, number(minute)?, second, 0).ok()?;
    Some(((time, hours), rest))
}

/// Whether it is the afternoon, where that is said.
fn half_of<'p, 'c>(pieces: &'p [DatePiece<'c>]) -> Option<(bool, &'p [DatePiece<'c>])> {
    match pieces {
        [Word("AM" | "am" | "Am"), rest @ ..] | [Word("a" | "A"), Mark('.'), Word("m" | "M"), Mark('.'), rest @ ..] => {
            Some((false, rest))
        }
        [Word("PM" | "pm" | "Pm"), rest @ ..] | [Word("p" | "P"), Mark('.'), Word("m" | "M"), Mark('.'), rest @ ..] => {
            Some((true, rest))
        }
        _ => None,
    }
}

/// What a cell says of the zone after the time.
enum SaidZone {
    /// Nothing that is known here.
    Unsaid,
    Offset(Offset),
}

/// `None`: this does not stand after a time.
fn said_zone(pieces: &[DatePiece<'_>]) -> Option<SaidZone> {
    let sign = |mark: char| if mark == '-' { -1 } else { 1 };
    match pieces {
        [Mark('('), inside @ .., Mark(')')] => said_zone(inside),
        [Word("GMT" | "UTC"), rest @ ..] if matches!(rest, [Mark('+' | '-'), ..]) => said_zone(rest),
        [Mark(mark @ ('+' | '-')), Number(hours), Mark(':'), Number(minutes)] => {
            offset(sign(*mark), number(hours)?, number(minutes)?)
        }
        [Mark(mark @ ('+' | '-')), Number(digits)] => {
            let (hours, minutes) = digits.split_at_checked(2).unwrap_or((digits, ""));
            let minutes = if minutes.is_empty() { "0" } else { minutes };
            offset(sign(*mark), number(hours)?, number(minutes)?)
        }
        [Word(name)] => Some(zone_of(name).map_or(SaidZone::Unsaid, SaidZone::Offset)),
        // "Eastern Time (US & Canada)"
        [] | [Word(_), ..] => Some(SaidZone::Unsaid),
        _ => None,
    }
}

fn offset(sign: i32, hours: i32, minutes: i32) -> Option<SaidZone> {
    let seconds = hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?;
    Offset::from_seconds(sign * seconds).ok().map(SaidZone::Offset)
}

/// Names that mean one offset; others, such as IST, have several meanings.
fn zone_of(name: &str) -> Option<Offset> {
    let hours = match name.to_ascii_uppercase().as_str() {
        "Z" | "UTC" | "GMT" | "WET" => 0,
        "BST" | "WEST" | "CET" | "MEZ" => 1,
        "CEST" | "MESZ" | "EET" => 2,
        "EEST" | "MSK" => 3,
        "SGT" => 8,
        "JST" => 9,
        "AEST" => 10,
        "AEDT" => 11,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" | "AKDT" => -8,
        "AKST" => -9,
        "HST" => -10,
        _ => return None,
    };
    Offset::from_seconds(hours * 3_600).ok()
}

/// A month by its name, whole or cut, in six languages.
fn month(name: &str) -> Option<i8> {
    let name = squashed(name);
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| name.starts_with(beginning));
    let months: [&[&str]; 12] = [
        &["jan", "ene", "gen"],
        &["feb", "fev"],
        &["mar", "mrz", "maa", "mrt"],
        &["apr", "avr", "abr"],
        &["may", "mai", "mag", "mei"],
        &["jun", "juin", "giu"],
        &["jul", "juil", "lug"],
        &["aug", "aou", "ago"],
        &["sep", "set"],
        &["oct", "okt", "ott", "out"],
        &["nov"],
        &["dec", "dez", "dic"],
    ];
    let found = months.iter().zip(1..).find(|(beginnings, _)| begins(beginnings));
    found.map(|(_, number)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str, order: DateOrder) -> Option<String> {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        moment(cell, order, &zone).map(|at| at.to_string())
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (cell, expected) in [
            ("2026-11-26T14:03:12Z", "2026-11-26T14:03:12Z"),
            ("2026-11-26T14:03:12.5+05:30", "2026-11-26T08:33:12Z"),
            ("2026-11-26 14:03:12", "2026-11-26T13:03:12Z"),
            ("2026-11-26 14:03", "2026-11-26T13:03:00Z"),
            ("2026-11-26", "2026-11-25T23:00:00Z"),
            ("2026/11/26 14:03:12", "2026-11-26T13:03:12Z"),
            ("11/26/2026 02:03:12 PM", "2026-11-26T13:03:12Z"),
            ("11/26/26, 2:03:12\u{202f}PM", "2026-11-26T13:03:12Z"),
            ("11/26/2026", "2026-11-25T23:00:00Z"),
            ("11-26-2026 14:03", "2026-11-26T13:03:00Z"),
            ("26.11.2026 14:03", "2026-11-26T13:03:00Z"),
            ("26.11.26, 14:03:12", "2026-11-26T13:03:12Z"),
            ("Nov 26, 2026 14:03:12", "2026-11-26T13:03:12Z"),
            ("Thu, Nov 26, 2026 2:03 p.m.", "2026-11-26T13:03:00Z"),
            ("Thursday, November 26, 2026 at 2:03 PM", "2026-11-26T13:03:00Z"),
            ("26 novembre 2026 14:03", "2026-11-26T13:03:00Z"),
            ("26. Dez. 2026, 14:03", "2026-12-26T13:03:00Z"),
            ("26-Nov-2026", "2026-11-25T23:00:00Z"),
            ("Jan 12, 2021 10:00 AM CST", "2021-01-12T16:00:00Z"),
            ("Jan 12, 2021 10:00 AM (GMT-05:00)", "2021-01-12T15:00:00Z"),
            ("Jan 12, 2021 10:00 AM IST", "2021-01-12T09:00:00Z"),
            ("Jan 12, 2021 12:05 AM UTC", "2021-01-12T00:05:00Z"),
            ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
        ] {
            assert_eq!(read(cell, DateOrder::MonthFirst).as_deref(), Some(expected), "{cell}");
        }
        assert_eq!(
            read("3/4/2026 9:00", DateOrder::DayFirst).as_deref(),
            Some("2026-04-03T07:00:00Z")
        );
    }

    #[test]
    fn what_is_no_date_is_none() {
        for cell in [
            "",
            "--",
            "yesterday",
            "26/11/2026",
            "2026-02-30",
            "11/26/2026 25:00",
            "46352",
            "14:03",
            "+49 30 1234",
            "11/26/2026 and more 7",
            "1/2/3",
            "99999999999999999999-1-1",
        ] {
            assert_eq!(read(cell, DateOrder::MonthFirst), None, "{cell}");
        }
    }

    #[test]
    fn one_cell_decides_for_its_column() {
        assert_eq!(DateOrder::of(["3/4/2026", "", "13/4/2026"]), Some(DateOrder::DayFirst));
        assert_eq!(DateOrder::of(["3/4/2026", "4/13/2026"]), Some(DateOrder::MonthFirst));
        assert_eq!(DateOrder::of(["3/4/2026", "2026-11-26", "26.11.2026"]), None);
    }
}
