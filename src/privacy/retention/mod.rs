//! How long what is kept. A rule for each kind, off until an owner switches it on; the preview counts by what the work
//! removes by.

mod rules;
mod store;
mod work;

use jiff::{SignedDuration, Timestamp};

use crate::contacts::Traces;
use crate::db::{Conn, DbError, Tx};

pub(crate) use rules::{RULES, RetentionRule};
pub(crate) use work::{run, work};

/// A rule as an owner has set it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptFor {
    /// Which.
    pub rule: &'static RetentionRule,
    /// So long.
    pub days: i64,
    /// Whether what is older goes.
    pub is_on: bool,
}

impl KeptFor {
    /// What is older than this goes.
    pub(crate) fn before(&self, now: Timestamp) -> Timestamp {
        now - SignedDuration::from_hours(24 * self.days)
    }

    /// How much of it there is.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count(&self, conn: &mut Conn, traces: &Traces, now: Timestamp) -> Result<i64, DbError> {
        store::count(conn, &(self.rule.older)(traces), self.before(now), now).await
    }

    /// As pages say it: "12 months" or "60 days".
    pub(crate) fn in_words(&self) -> String {
        let (number, unit) = (self.rule.shown(self.days), self.rule.unit.in_words());
        if number == 1 {
            format!("1 {unit}")
        } else {
            format!("{number} {unit}s")
        }
    }
}

/// All rules as they are set; those that nobody has set are off.
///
/// # Errors
/// When the database fails.
pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<KeptFor>, DbError> {
    let set = store::set(conn).await?;
    let rules = RULES.iter().map(|rule| {
        let found = set.iter().find(|row| row.kind == rule.name);
        KeptFor {
            rule,
            days: found.map_or(rule.usual_days, |row| row.days),
            is_on: found.is_some_and(|row| row.is_on == 1),
        }
    });
    Ok(rules.collect())
}

/// Sets one.
///
/// # Errors
/// When the database fails.
pub(crate) async fn put(tx: &mut Tx, kept: KeptFor, now: Timestamp) -> Result<(), DbError> {
    store::put(tx, kept.rule.name, kept.days, kept.is_on, now).await
}
