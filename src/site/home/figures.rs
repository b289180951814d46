//! How it goes: the last 28 days beside the 28 before, and where people came from. All of it was added up before.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::assessment::store::counts;
use crate::console::figures::{SourceRow, curve, source_rows};
use crate::console::words;
use crate::db::{Conn, Db, DbError};
use crate::tallies::day_of;
use crate::tallies::store::{self as tallies, DayTally};
use crate::webcasts;

/// Days that are looked at.
const DAYS: i64 = 28;
/// Sources that are listed.
const SOURCES: i64 = 5;
/// Sessions whose attendance is counted.
const SESSIONS: i64 = 100;
/// No page waits longer for its figures.
const PATIENCE: Duration = Duration::from_millis(300);

/// What the page shows of it.
pub(super) struct HomeFigures {
    pub(super) figures: Vec<Figure>,
    pub(super) sources: Vec<SourceRow>,
    /// The same week by week, for whoever cannot read a curve.
    pub(super) weeks: Vec<SevenDays>,
}

/// One number.
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) number: String,
    /// "31 % more than before"
    pub(super) change: String,
    /// The list behind it.
    pub(super) path: &'static str,
    /// The curve of the days, as the path of an SVG 100 wide and 20 high.
    pub(super) curve: Option<String>,
}

/// Seven days.
pub(super) struct SevenDays {
    /// "until 23 Nov 2026"
    pub(super) until: String,
    pub(super) registered: String,
    pub(super) requests: String,
}

/// Reads them. `None`: it took too long, and the page goes without.
pub(super) async fn find(db: &Db, now: Timestamp) -> Result<Option<HomeFigures>, DbError> {
    let reading = async { read(&mut db.read().await?, now).await };
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(figures) => figures.map(Some),
        Err(_) => Ok(None),
    }
}

async fn read(conn: &mut Conn, now: Timestamp) -> Result<HomeFigures, DbError> {
    let today = day_of(now);
    let days = tallies::days(conn, None, today - 2 * DAYS).await?;
    let registered = DailyNumbers::of(&days, today, |day| day.registered);
    let requests = DailyNumbers::of(&days, today, |day| day.requests);
    let sources = tallies::sources(conn, None, today - DAYS, SOURCES).await?;
    Ok(HomeFigures {
        figures: vec![
            registered.figure("Registered", "/organizer/people?state=registered"),
            requests.figure("Papers asked for", "/organizer/papers"),
            assessments(conn, now).await?,
            attended(conn, now).await?,
        ],
        weeks: weeks(&registered, &requests, now),
        sources: source_rows(sources),
    })
}

/// A number for each of the days, the oldest first, and the sum of as many days before them.
struct DailyNumbers {
    days: Vec<i64>,
    before: i64,
}

impl DailyNumbers {
    fn of(tallies: &[DayTally], today: i64, number: impl Fn(&DayTally) -> i64) -> Self {
        let on = |day: i64| tallies.iter().find(|tally| tally.day == day).map_or(0, &number);
        Self {
            days: (today - DAYS + 1..=today).map(on).collect(),
            before: (today - 2 * DAYS + 1..=today - DAYS).map(on).sum(),
        }
    }

    fn sum(&self) -> i64 {
        self.days.iter().sum()
    }

    fn figure(&self, name: &'static str, path: &'static str) -> Figure {
        Figure {
            name,
            number: words::grouped(self.sum()),
            change: change(self.sum(), self.before),
            path,
            curve: (self.sum() > 0).then(|| curve(&self.days)),
        }
    }
}

/// Against the days before; nothing where there were too few to compare.
fn change(now: i64, before: i64) -> String {
    const FEW: i64 = 10;
    if before < FEW {
        return String::new();
    }
    match (now - before) * 100 / before {
        0 => "as before".to_owned(),
        more if more > 0 => format!("{} % more than before", words::grouped(more)),
        less => format!("{} % less than before", -less),
    }
}

/// They are counted by week.
async fn assessments(conn: &mut Conn, now: Timestamp) -> Result<Figure, DbError> {
    let weeks = counts::weeks(conn, counts::week_of(now) - 7 * 3).await?;
    let finished: i64 = weeks.iter().map(|week| week.finished).sum();
    Ok(Figure {
        name: "Assessments finished",
        number: words::grouped(finished),
        change: "in this week and the three before".to_owned(),
        path: "/organizer/assessment",
        curve: None,
    })
}

/// Of those who were registered for a session that is over and did not cancel.
async fn attended(conn: &mut Conn, now: Timestamp) -> Result<Figure, DbError> {
    let since = now - SignedDuration::from_hours(24 * DAYS);
    let (sessions, cancelled) = webcasts::roster::ended(conn, since..now, SESSIONS).await?;
    let (registered, attended) = tallies::of_sessions(conn, &sessions).await?;
    let expected = (registered - cancelled).max(attended);
    Ok(Figure {
        name: "Attended",
        number: if expected > 0 {
            format!("{} %", attended * 100 / expected)
        } else {
            "–".to_owned()
        },
        change: match sessions.len() {
            0 => "no session ended".to_owned(),
            1 => "of those registered, 1 session".to_owned(),
            many => format!("of those registered, {many} sessions"),
        },
        path: "/organizer/webcasts",
        curve: None,
    })
}

fn weeks(registered: &DailyNumbers, requests: &DailyNumbers, now: Timestamp) -> Vec<SevenDays> {
    let sums = registered.days.rchunks(7).zip(requests.days.rchunks(7));
    let rows = (0..).zip(sums).map(|(week, (registered, requests))| SevenDays {
        until: (now - SignedDuration::from_hours(24 * 7 * week))
            .strftime("until %-d %b %Y")
            .to_string(),
        registered: words::grouped(registered.iter().sum()),
        requests: words::grouped(requests.iter().sum()),
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64, registered: i64) -> DayTally {
        DayTally {
            day,
            registered,
            requests: 0,
        }
    }

    #[test]
    fn days_without_anybody_count_as_none() {
        let series = DailyNumbers::of(&[day(72, 10), day(73, 5), day(100, 4)], 100, |day| day.registered);
        assert_eq!((series.sum(), series.before, series.days.len()), (9, 10, 28));
        assert_eq!(series.days[0], 5);
        let curve = curve(&series.days);
        assert!(
            curve.starts_with("M0.0 1.0L3.7 19.0") && curve.ends_with("L100.0 4.6"),
            "{curve}"
        );
    }

    #[test]
    fn a_change_is_said_where_it_means_something() {
        for (now, before, said) in [
            (13, 10, "30 % more than before"),
            (5, 10, "50 % less than before"),
            (10, 10, "as before"),
            (100, 9, ""),
            (0, 0, ""),
        ] {
            assert_eq!(change(now, before), said);
        }
    }
}
