//! Airings that come again: on which days, at which hour of the series' own clock. Pure: what there is of them is made by
//! [`change::series`](super::change::series).

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::change::SessionUpdate;
use super::entry::{EntryRule, WaitingList};
use super::window::RegistrationWindow;
use super::{Session, SessionState};
use crate::values::{HttpUrl, PublicId, Zone};

/// So many airings stand ready.
pub const AHEAD: usize = 10;
/// Months and weeks that are looked through for a day: a fifth Friday comes four times a year at least.
const MOST_STEPS: usize = 600;

/// A series with what is set of it.
#[derive(Debug, Clone)]
pub struct Series {
    /// The row.
    pub id: i64,
    /// Its page among organizers' carries it.
    pub public_id: PublicId,
    /// The webcast.
    pub webcast_id: i64,
    /// What is set.
    pub plan: SeriesPlan,
    /// Up to which day its airings are made.
    pub made_until: Option<Date>,
    /// Rises with every change.
    pub version: i64,
}

/// What organizers set of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesPlan {
    /// How its airings come again, and what each takes from it.
    pub rule: SeriesRule,
    /// Where its clock hangs.
    pub zone: Zone,
    /// The last day that it may fall on.
    pub until: Option<Date>,
    /// Days that it does not fall on.
    pub exceptions: Vec<Date>,
}

/// What each airing takes from its series; stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesRule {
    /// No airing is before it; weeks are counted from it, and its weekday is that of all.
    pub first: Date,
    /// Start on the series' clock.
    pub time: Time,
    /// From start to end.
    pub minutes: i64,
    /// How they come again.
    pub repeats: Repeats,
    /// Where they are aired.
    pub join_url: Option<String>,
    /// Most seats.
    pub capacity: Option<i64>,
    /// How one comes to a place: see [`EntryRule`].
    pub waiting_list: String,
    /// See [`EntryRule`].
    pub offer_minutes: i64,
    /// See [`EntryRule`].
    pub approval: bool,
}

/// How airings come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// Every so many weeks.
    Weekly(u8),
    /// On the first to fifth such weekday of each month, or the last (-1). A month without a fifth is left out.
    Monthly(i8),
}

/// A session that stands for a day of a series.
#[derive(Debug, Clone)]
pub struct AiringOfSeries {
    /// The session.
    pub session: Session,
    /// The day.
    pub day: Date,
}

/// What becomes of an airing when its series changes.
#[derive(Debug, Clone)]
pub enum AiringChange {
    /// Nothing: it is as it will be, or somebody moved it by hand, or it is called off.
    Keep,
    /// It takes over what it had from the series.
    Update(Box<SessionUpdate>),
    /// The series does not fall on its day any more, so it goes; where people are registered, or somebody has set something
    /// of it by hand, it stays as a session of its own.
    Leave {
        /// Whether all of it is as the series made it.
        is_plain: bool,
    },
}

impl SeriesRule {
    /// The days that it falls on, from `from` on, without an end.
    fn days(&self, from: Date) -> impl Iterator<Item = Date> + use<> {
        let (first, repeats) = (self.first, self.repeats);
        let from = from.max(first);
        let step = move |number: usize| match repeats {
            Repeats::Weekly(every) => nth_week(first, from, every, number),
            Repeats::Monthly(which) => {
                let month = from
                    .first_of_month()
                    .checked_add(i64::try_from(number).ok()?.months())
                    .ok()?;
                month.nth_weekday_of_month(which, first.weekday()).ok()
            }
        };
        (0..MOST_STEPS).filter_map(step).filter(move |day| *day >= from)
    }

    /// How one comes to a place of its airings.
    #[must_use]
    pub fn entry(&self) -> EntryRule {
        EntryRule {
            approval: self.approval,
            waiting_list: WaitingList::parse(&self.waiting_list).unwrap_or(WaitingList::Off),
            offer_minutes: self.offer_minutes,
        }
    }

    /// Where its airings are aired.
    #[must_use]
    pub fn join_url(&self) -> Option<HttpUrl> {
        self.join_url.as_deref().and_then(|url| HttpUrl::parse(url).ok())
    }

    /// "Every Friday", "Every 2 weeks on Friday", "On the last Friday of each month".
    #[must_use]
    pub fn in_words(&self) -> String {
        let day = weekday_in_words(self.first.weekday());
        match self.repeats {
            Repeats::Weekly(1) => format!("Every {day}"),
            Repeats::Weekly(every) => format!("Every {every} weeks on {day}"),
            Repeats::Monthly(which) => format!("On the {} {day} of each month", which_in_words(which)),
        }
    }
}

/// The day of the `number`th airing from `from` on.
fn nth_week(first: Date, from: Date, every: u8, number: usize) -> Option<Date> {
    let every = i64::from(every.max(1)) * 7;
    let passed = i64::from(first.until(from).ok()?.get_days());
    let begun = passed.div_euclid(every) + i64::from(passed.rem_euclid(every) != 0);
    let days = (begun + i64::try_from(number).ok()?) * every;
    first.checked_add(days.days()).ok()
}

/// "first" to "fifth", or "last".
#[must_use]
pub fn which_in_words(which: i8) -> &'static str {
    match which {
        1 => "first",
        2 => "second",
        3 => "third",
        4 => "fourth",
        5 => "fifth",
        _ => "last",
    }
}

fn weekday_in_words(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

impl SeriesPlan {
    /// The days that it falls on, from `from` on.
    pub fn days(&self, from: Date) -> impl Iterator<Item = Date> + use<'_> {
        self.rule
            .days(from)
            .take_while(|day| self.until.is_none_or(|until| *day <= until))
            .filter(|day| !self.exceptions.contains(day))
    }

    /// Whether it falls on a day.
    #[must_use]
    pub fn falls_on(&self, day: Date) -> bool {
        self.days(day).next() == Some(day)
    }

    /// Start and end on a day. Where clocks jump over its hour, it starts when they have jumped; where they show it twice,
    /// at the first. `None`: beyond what a clock can say.
    #[must_use]
    pub fn times_on(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let local = day.to_datetime(self.rule.time);
        let start = self.zone.rules().to_ambiguous_timestamp(local).compatible().ok()?;
        let end = start.checked_add(SignedDuration::from_mins(self.rule.minutes)).ok()?;
        Some((start, end))
    }

    /// What becomes of an airing of this series when it is to be like `next`. What was changed of it by hand stays, and
    /// none moves into the past.
    #[must_use]
    pub fn change_of(&self, next: &Self, airing: &AiringOfSeries, now: Timestamp) -> AiringChange {
        let session = &airing.session;
        let stands = (session.starts_at, session.ends_at);
        let is_moved = self.times_on(airing.day) != Some(stands) || session.zone != self.zone;
        if session.state == SessionState::Cancelled || is_moved || session.ends_at <= now {
            return AiringChange::Keep;
        }
        if !next.falls_on(airing.day) {
            return AiringChange::Leave {
                is_plain: self.is_plain(session),
            };
        }
        let Some((starts_at, ends_at)) = next.times_on(airing.day).filter(|(_, ends_at)| *ends_at > now) else {
            return AiringChange::Keep;
        };
        let before = SessionUpdate::of(session);
        let update = SessionUpdate {
            starts_at,
            ends_at,
            zone: next.zone.clone(),
            join_url: taken_over(&session.join_url, &self.rule.join_url(), &next.rule.join_url()),
            capacity: taken_over(&session.capacity, &self.rule.capacity, &next.rule.capacity),
            entry: taken_over(&session.entry, &self.rule.entry(), &next.rule.entry()),
            ..before.clone()
        };
        if update == before {
            return AiringChange::Keep;
        }
        AiringChange::Update(Box::new(update))
    }

    /// Whether nobody has set anything of an airing.
    fn is_plain(&self, session: &Session) -> bool {
        session.join_url == self.rule.join_url()
            && session.capacity == self.rule.capacity
            && session.entry == self.rule.entry()
            && session.replay_url.is_none()
            && session.state == SessionState::Open
            && session.window == RegistrationWindow::default()
    }

    /// The same until the day before another one begins.
    #[must_use]
    pub fn until(&self, next: Date) -> Self {
        let last = next.yesterday().unwrap_or(next);
        Self {
            until: Some(self.until.map_or(last, |until| until.min(last))),
            ..self.clone()
        }
    }
}

/// Where a value is as the series had it, it is as the series has it now.
fn taken_over<T: Clone + PartialEq>(stands: &T, had: &T, has: &T) -> T {
    if stands == had { has } else { stands }.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(first: &str, time: &str, repeats: Repeats, zone: &str) -> SeriesPlan {
        SeriesPlan {
            rule: SeriesRule {
                first: first.parse().unwrap(),
                time: Time::strptime("%H:%M", time).unwrap(),
                minutes: 60,
                repeats,
                join_url: None,
                capacity: None,
                waiting_list: "off".to_owned(),
                offer_minutes: 1_440,
                approval: false,
            },
            zone: Zone::parse(zone).unwrap(),
            until: None,
            exceptions: Vec::new(),
        }
    }

    fn days(plan: &SeriesPlan, from: &str, count: usize) -> Vec<String> {
        plan.days(from.parse().unwrap())
            .take(count)
            .map(|day| day.to_string())
            .collect()
    }

    #[test]
    fn weeks_are_counted_from_the_first_day() {
        let weekly = plan("2026-12-04", "11:00", Repeats::Weekly(2), "Europe/Berlin");
        assert_eq!(
            days(&weekly, "2026-01-01", 3),
            ["2026-12-04", "2026-12-18", "2027-01-01"]
        );
        assert_eq!(days(&weekly, "2026-12-05", 2), ["2026-12-18", "2027-01-01"]);
        assert_eq!(days(&weekly, "2026-12-18", 1), ["2026-12-18"]);
        assert!(weekly.falls_on("2027-01-15".parse().unwrap()) && !weekly.falls_on("2027-01-08".parse().unwrap()));
        assert_eq!(weekly.rule.in_words(), "Every 2 weeks on Friday");
    }

    #[test]
    fn months_without_a_fifth_friday_are_left_out() {
        let fifth = plan("2026-12-04", "11:00", Repeats::Monthly(5), "Europe/Berlin");
        assert_eq!(
            days(&fifth, "2026-12-04", 4),
            ["2027-01-29", "2027-04-30", "2027-07-30", "2027-10-29"]
        );
        let last = plan("2026-12-04", "11:00", Repeats::Monthly(-1), "Europe/Berlin");
        assert_eq!(days(&last, "2026-12-04", 3), ["2026-12-25", "2027-01-29", "2027-02-26"]);
        let first = plan("2026-12-11", "11:00", Repeats::Monthly(1), "Europe/Berlin");
        assert_eq!(days(&first, "2026-12-01", 2), ["2027-01-01", "2027-02-05"]);
        assert_eq!(first.rule.in_words(), "On the first Friday of each month");
        // Every year has four or five months with five of a weekday.
        let years = days(&fifth, "2026-12-04", 100);
        assert!(years.len() == 100 && years[99].as_str() > "2046", "{years:?}");
    }

    #[test]
    fn an_end_and_exceptions() {
        let mut weekly = plan("2026-12-04", "11:00", Repeats::Weekly(1), "Europe/Berlin");
        weekly.exceptions = vec!["2026-12-25".parse().unwrap()];
        weekly.until = Some("2027-01-01".parse().unwrap());
        assert_eq!(
            days(&weekly, "2026-12-04", 9),
            ["2026-12-04", "2026-12-11", "2026-12-18", "2027-01-01"]
        );
    }

    #[test]
    fn the_hour_stays_over_clock_changes() {
        let weekly = plan("2027-03-07", "02:30", Repeats::Weekly(1), "America/Los_Angeles");
        let start = |day: &str| weekly.times_on(day.parse().unwrap()).unwrap().0.to_string();
        assert_eq!(start("2027-03-07"), "2027-03-07T10:30:00Z");
        // Clocks jump from 2:00 to 3:00: what would start at 2:30 starts at 3:30.
        assert_eq!(start("2027-03-14"), "2027-03-14T10:30:00Z");
        assert_eq!(start("2027-03-21"), "2027-03-21T09:30:00Z");
        let twice = plan("2026-10-25", "02:30", Repeats::Weekly(1), "Europe/Berlin");
        assert_eq!(
            twice.times_on("2026-10-25".parse().unwrap()).unwrap().0.to_string(),
            "2026-10-25T00:30:00Z"
        );
        assert_eq!(
            twice.times_on("2026-11-01".parse().unwrap()).unwrap().0.to_string(),
            "2026-11-01T01:30:00Z"
        );
    }

    #[test]
    fn what_is_stored_reads_as_it_was() {
        let rule = plan("2026-12-04", "11:00", Repeats::Monthly(-1), "UTC").rule;
        let json = serde_json::to_string(&rule).unwrap();
        assert!(json.contains("\"repeats\":{\"monthly\":-1}"), "{json}");
        assert_eq!(serde_json::from_str::<SeriesRule>(&json).unwrap(), rule);
    }
}
