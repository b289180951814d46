//! The times of a report: how all of them are to be read is found once.

use jiff::{SignedDuration, Timestamp};

use crate::imports::dates::{DateOrder, Hours, WrittenTime, moment};
use crate::values::Zone;

/// So many times are looked at.
const LOOKED_AT: usize = 2_000;
/// Further away is wrong, however far.
const FAR: i64 = 400 * 86_400;

/// How the times of a file are read.
pub(super) struct FileTimes<'z> {
    order: DateOrder,
    /// No time says which half of the day it is in, so the nearer one is meant.
    is_half_unsaid: bool,
    zone: &'z Zone,
    near: Timestamp,
}

impl<'z> FileTimes<'z> {
    /// By the times themselves; where two readings are possible, by what is nearer to `near`.
    pub(super) fn find<'c>(cells: impl Iterator<Item = &'c str>, zone: &'z Zone, near: Timestamp) -> Self {
        let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).take(LOOKED_AT).collect();
        let with = |order| Self {
            order,
            is_half_unsaid: false,
            zone,
            near,
        };
        let order = DateOrder::of(cells.iter().copied()).unwrap_or_else(|| {
            let distance = |order| with(order).distance(&cells);
            if distance(DateOrder::DayFirst) < distance(DateOrder::MonthFirst) {
                DateOrder::DayFirst
            } else {
                DateOrder::MonthFirst
            }
        });
        let written = || cells.iter().filter_map(|cell| WrittenTime::read(cell, order));
        Self {
            is_half_unsaid: written().all(|time| time.hours == Hours::Unsaid),
            ..with(order)
        }
    }

    /// How far all of them are from the session.
    fn distance(&self, cells: &[&str]) -> i64 {
        let far = |cell: &&str| self.read(cell).map_or(FAR, |at| self.away(at).min(FAR));
        cells.iter().map(far).sum()
    }

    /// From when the session began, in seconds.
    fn away(&self, at: Timestamp) -> i64 {
        at.duration_since(self.near).abs().as_secs()
    }

    /// A time in the session.
    pub(super) fn read(&self, cell: &str) -> Option<Timestamp> {
        let written = WrittenTime::read(cell, self.order)?;
        let at = written.instant(self.zone)?;
        if !self.is_half_unsaid {
            return Some(at);
        }
        let twelve_hours = SignedDuration::from_hours(12);
        let other = if written.at.hour() == 12 {
            at - twelve_hours
        } else {
            at + twelve_hours
        };
        Some(if self.away(other) < self.away(at) { other } else { at })
    }

    /// A time that may be long before it.
    pub(super) fn read_any(&self, cell: &str) -> Option<Timestamp> {
        moment(cell, self.order, self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[&str], near: &str) -> Vec<String> {
        let zone = Zone::utc();
        let times = FileTimes::find(cells.iter().copied(), &zone, near.parse().unwrap());
        cells.iter().map(|cell| times.read(cell).unwrap().to_string()).collect()
    }

    #[test]
    fn two_readings_are_told_apart_by_the_session() {
        let near = "2026-03-04T14:00:00Z";
        assert_eq!(read(&["3/4/2026 14:02"], near), ["2026-03-04T14:02:00Z"]);
        assert_eq!(read(&["4/3/2026 14:02"], near), ["2026-03-04T14:02:00Z"]);
        assert_eq!(
            read(&["4/3/2026 2:02", "4/3/2026 3:00"], near),
            ["2026-03-04T14:02:00Z", "2026-03-04T15:00:00Z"]
        );
        assert_eq!(
            read(&["3/4/2026 11:58", "3/4/2026 12:40"], "2026-03-04T12:00:00Z"),
            ["2026-03-04T11:58:00Z", "2026-03-04T12:40:00Z"]
        );
        // One hour of twenty-four, and the others are of twenty-four, too.
        assert_eq!(
            read(&["3/4/2026 2:02", "3/4/2026 15:00"], near),
            ["2026-03-04T02:02:00Z", "2026-03-04T15:00:00Z"]
        );
        assert_eq!(read(&["3/4/2026 2:02 AM"], near), ["2026-03-04T02:02:00Z"]);
    }
}
