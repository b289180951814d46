//! How a webcast goes that everybody sees: how far people came, when they registered, and from where.

use std::time::Duration;

use jiff::Timestamp;

use crate::console::figures::{SourceRow, heights, source_rows};
use crate::console::words;
use crate::db::{Conn, Db, DbError};
use crate::tallies::day_of;
use crate::tallies::store as tallies;
use crate::webcasts::roster::{self, Funnel};

/// Days that are drawn.
const DAYS: i64 = 28;
/// Sources that are listed.
const SOURCES: i64 = 5;
/// No page waits longer for its figures.
const PATIENCE: Duration = Duration::from_millis(300);

/// What the page shows of it.
pub(super) struct WebcastFigures {
    pub(super) steps: [FunnelStep; 3],
    pub(super) bars: Vec<DayBar>,
    /// The days on which somebody registered, the latest first.
    pub(super) days: Vec<DayCount>,
    pub(super) sources: Vec<SourceRow>,
}

/// How far people came.
pub(super) struct FunnelStep {
    pub(super) name: &'static str,
    pub(super) many: String,
    /// "94 %" of those registered.
    pub(super) share: String,
}

/// A day as a bar; hundredths of what there is room for, from the top left.
pub(super) struct DayBar {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) height: i64,
}

/// A day in a table.
pub(super) struct DayCount {
    /// "Fri 27 Nov"
    pub(super) day: String,
    pub(super) registered: String,
}

/// Reads it. `None`: it took too long, and the page goes without.
pub(super) async fn find(db: &Db, webcast_id: i64, now: Timestamp) -> Result<Option<WebcastFigures>, DbError> {
    let reading = async { read(&mut db.read().await?, webcast_id, now).await };
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(figures) => figures.map(Some),
        Err(_) => Ok(None),
    }
}

async fn read(conn: &mut Conn, webcast_id: i64, now: Timestamp) -> Result<WebcastFigures, DbError> {
    let first = day_of(now) - DAYS + 1;
    let came = tallies::days(conn, Some(webcast_id), first - 1).await?;
    let on = |day: i64| {
        came.iter()
            .find(|tally| tally.day == day)
            .map_or(0, |tally| tally.registered)
    };
    let numbers: Vec<i64> = (first..first + DAYS).map(on).collect();
    let bars = (0..).zip(heights(&numbers)).map(|(x, height)| DayBar {
        x: x * 10 + 1,
        y: 100 - height,
        height,
    });
    Ok(WebcastFigures {
        steps: steps(roster::funnel(conn, webcast_id).await?),
        bars: bars.collect(),
        days: came
            .iter()
            .rev()
            .filter(|tally| tally.registered > 0)
            .map(|tally| DayCount {
                day: in_words(tally.day),
                registered: words::grouped(tally.registered),
            })
            .collect(),
        sources: source_rows(tallies::sources(conn, Some(webcast_id), 0, SOURCES).await?),
    })
}

fn steps(funnel: Funnel) -> [FunnelStep; 3] {
    let share = |many: i64| match funnel.registered {
        0 => String::new(),
        all => format!("{} % of them", many * 100 / all),
    };
    [
        ("Registered", funnel.registered, "hold a place now".to_owned()),
        ("Address confirmed", funnel.confirmed, share(funnel.confirmed)),
        ("Joined", funnel.joined, share(funnel.joined)),
    ]
    .map(|(name, many, share)| FunnelStep {
        name,
        many: words::grouped(many),
        share,
    })
}

/// A day since 1970.
fn in_words(day: i64) -> String {
    Timestamp::from_second(day * 86_400)
        .map(|at| at.strftime("%a %-d %b").to_string())
        .unwrap_or_default()
}
