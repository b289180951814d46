//! What "attended" means. Pure; what it comes to is written on the registration (`store::attendance`).
//!
//! Attendance is rows: a registration, a source, from and to. An import knows better than clicks, and minutes are the
//! union of all stays. Who was not seen was not there, but that is said only a day after the end.

/// After so long without a sign of somebody, they were not there. In microseconds.
pub(in crate::webcasts) const DECIDED_AFTER: i64 = 24 * 3_600 * 1_000_000;
const MINUTE: i64 = 60_000_000;

/// How it is known that somebody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttendanceSource {
    /// A click on "Join now".
    Join,
    /// A click on "Watch the replay".
    Replay,
    /// The video service's own list.
    Import,
    /// An organizer says so.
    Organizer,
}

impl AttendanceSource {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Replay => "replay",
            Self::Import => "import",
            Self::Organizer => "organizer",
        }
    }

    /// Reads a column.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Join, Self::Replay, Self::Import, Self::Organizer]
            .into_iter()
            .find(|source| source.as_str() == raw)
    }
}

/// One time that somebody was there, as it is stored: microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    /// How it is known.
    pub source: AttendanceSource,
    /// Came.
    pub from: i64,
    /// Went, where known.
    pub to: Option<i64>,
}

/// Whether somebody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attended {
    /// In the session.
    Yes,
    /// Afterwards.
    ReplayOnly,
    /// Held a seat and was not there.
    No,
    /// Nobody can say, or not yet.
    Unknown,
}

impl Attended {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Yes, Self::ReplayOnly, Self::No, Self::Unknown];

    /// Reads a column, or the address of a list.
    #[must_use]
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attended| attended.as_str() == raw)
    }

    /// As it is stored, and as files have it.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "attended",
            Self::ReplayOnly => "replay_only",
            Self::No => "no_show",
            Self::Unknown => "unknown",
        }
    }
}

/// All the times that one person was there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visits(pub Vec<Visit>);

impl Visits {
    /// The times in the session itself: an import knows better than clicks.
    fn stays(&self) -> impl Iterator<Item = &Visit> {
        let imported = self.0.iter().any(|visit| visit.source == AttendanceSource::Import);
        self.0.iter().filter(move |visit| {
            visit.source != AttendanceSource::Replay && (!imported || visit.source == AttendanceSource::Import)
        })
    }

    /// Whether its owner was there. `missed`: a seat was held, and the session has been over for so long that who was not
    /// seen was not there.
    #[must_use]
    pub(crate) fn attended(&self, missed: bool) -> Attended {
        if self.stays().next().is_some() {
            Attended::Yes
        } else if self.replay().is_some() {
            Attended::ReplayOnly
        } else if missed {
            Attended::No
        } else {
            Attended::Unknown
        }
    }

    /// When they first came.
    #[must_use]
    pub(crate) fn first_join(&self) -> Option<i64> {
        self.stays().map(|stay| stay.from).min()
    }

    /// When they last went.
    #[must_use]
    pub(crate) fn last_leave(&self) -> Option<i64> {
        self.stays().filter_map(|stay| stay.to).max()
    }

    /// When they first watched the replay.
    #[must_use]
    pub(crate) fn replay(&self) -> Option<i64> {
        let replays = self.0.iter().filter(|visit| visit.source == AttendanceSource::Replay);
        replays.map(|visit| visit.from).min()
    }

    /// Of the union of all stays, so that two devices at once do not count twice. None where nobody knows
    /// when they left.
    #[must_use]
    pub(crate) fn minutes(&self) -> Option<i64> {
        let mut stays: Vec<(i64, i64)> = self.stays().filter_map(|stay| Some((stay.from, stay.to?))).collect();
        if stays.is_empty() {
            return None;
        }
        stays.sort_unstable();
        let (mut sum, mut until) = (0, i64::MIN);
        for (from, to) in stays {
            sum += (to - from.max(until)).max(0);
            until = until.max(to);
        }
        Some((sum + MINUTE / 2) / MINUTE)
    }
}

/// Minutes as a share of a session's length, at most 100.
#[must_use]
pub(crate) fn percent(minutes: i64, starts_at: i64, ends_at: i64) -> i64 {
    let length = ((ends_at - starts_at) / MINUTE).max(1);
    (minutes * 100 / length).min(100)
}

#[cfg(test)]
mod tests {
    use super::AttendanceSource::{Import, Join, Replay};
    use super::*;

    fn visits(visits: &[(AttendanceSource, i64, Option<i64>)]) -> Visits {
        let visit = |(source, from, to): &(AttendanceSource, i64, Option<i64>)| Visit {
            source: *source,
            from: from * MINUTE,
            to: to.map(|to| to * MINUTE),
        };
        Visits(visits.iter().map(visit).collect())
    }

    #[test]
    fn minutes_are_the_union_and_an_import_beats_clicks() {
        let seen = visits(&[
            (Join, -5, None),
            (Import, 0, Some(20)),
            (Import, 10, Some(30)),
            (Import, 40, Some(50)),
        ]);
        assert_eq!(seen.minutes(), Some(40));
        assert_eq!(percent(40, 0, 60 * MINUTE), 66);
        assert_eq!(seen.first_join(), Some(0));
        assert_eq!(seen.last_leave(), Some(50 * MINUTE));
    }

    #[test]
    fn attendance_in_words() {
        let in_words = |seen: &[_], missed| visits(seen).attended(missed).as_str();
        assert_eq!(in_words(&[(Join, 0, None)], true), "attended");
        assert_eq!(visits(&[(Join, 0, None)]).minutes(), None);
        assert_eq!(in_words(&[(Replay, 90, None)], true), "replay_only");
        assert_eq!(in_words(&[], false), "unknown");
        assert_eq!(in_words(&[], true), "no_show");
    }
}
