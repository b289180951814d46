//! What stands in a cell, and how each kind of file writes it.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::values::{PublicId, Zone};

/// A value of a row, borrowed from it where it can be.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue<'r> {
    /// Nothing is known.
    Empty,
    /// As it is stored.
    Text(Cow<'r, str>),
    /// A whole number.
    Number(i64),
    /// A stored instant, and where its clock hangs.
    Moment(i64, &'r Zone),
    /// `yes` or `no`.
    Flag(bool),
}

impl<'r> CellValue<'r> {
    /// A text of the row.
    #[must_use]
    pub fn text(value: &'r str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }

    /// A text; nothing where there is none.
    #[must_use]
    pub fn optional(value: Option<&'r str>) -> Self {
        value.map_or(Self::Empty, Self::text)
    }

    /// A text that was made for it; an empty one is nothing.
    #[must_use]
    pub fn made(value: String) -> Self {
        if value.is_empty() {
            Self::Empty
        } else {
            Self::Text(Cow::Owned(value))
        }
    }

    /// A number; nothing where there is none.
    #[must_use]
    pub fn number(value: Option<i64>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }

    /// An instant; nothing where there is none.
    #[must_use]
    pub fn moment(at: Option<i64>, zone: &'r Zone) -> Self {
        at.map_or(Self::Empty, |at| Self::Moment(at, zone))
    }

    /// A stored public id, as addresses show it.
    #[must_use]
    pub fn id(bytes: &[u8]) -> Self {
        Self::made(PublicId::from_slice(bytes).map(|id| id.to_string()).unwrap_or_default())
    }
}

/// A flag in every kind of file.
pub(super) fn yes_or_no(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

/// What a clock of a zone shows at a stored instant, and how far it is from UTC. `None`: beyond what a clock can say.
#[must_use]
pub(super) fn local(at: i64, zone: &Zone) -> Option<(DateTime, Offset)> {
    let at = Timestamp::from_microsecond(at).ok()?;
    let offset = zone.rules().to_offset(at);
    Some((offset.to_datetime(at), offset))
}

/// `YYYY-MM-DD HH:MM:SS`, as spreadsheets read it: written by hand, since a file has millions of them.
pub(super) fn write_local(out: &mut Vec<u8>, at: &DateTime, between: u8) {
    let two = |out: &mut Vec<u8>, number: i8| {
        let number = number.unsigned_abs();
        out.extend_from_slice(&[b'0' + number / 10, b'0' + number % 10]);
    };
    let year = at.year();
    if (0..=9999).contains(&year) {
        two(out, i8::try_from(year / 100).unwrap_or_default());
        two(out, i8::try_from(year % 100).unwrap_or_default());
    } else {
        out.extend_from_slice(year.to_string().as_bytes());
    }
    for (mark, number) in [
        (b'-', at.month()),
        (b'-', at.day()),
        (between, at.hour()),
        (b':', at.minute()),
        (b':', at.second()),
    ] {
        out.push(mark);
        two(out, number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_its_zone_has_it() {
        let zone = Zone::parse("America/Los_Angeles").unwrap();
        let written = |at: &str| {
            let at: Timestamp = at.parse().unwrap();
            let (local, offset) = local(at.as_microsecond(), &zone).unwrap();
            let mut out = Vec::new();
            write_local(&mut out, &local, b' ');
            (String::from_utf8(out).unwrap(), offset.seconds())
        };
        assert_eq!(
            written("2026-12-04T19:00:00Z"),
            ("2026-12-04 11:00:00".to_owned(), -28_800)
        );
        assert_eq!(
            written("2027-07-04T06:05:09.75Z"),
            ("2027-07-03 23:05:09".to_owned(), -25_200)
        );
        assert!(local(i64::MAX, &zone).is_none());
    }
}
