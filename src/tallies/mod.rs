//! How many came, by day, where to and from where: added up beside the posts, a moment later, so that no post waits for it
//! and no page counts a million rows. It holds no person and stays when one is erased.

mod adding;
pub(crate) mod store;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::db::{Conn, DbError};

pub(crate) use adding::{add_up_all, work};

/// What one group of rows adds.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Tally {
    /// Days since 1970, in UTC.
    pub day: i64,
    /// The webcast's row; 0 for papers.
    pub webcast_id: i64,
    /// The session's row; 0 for none.
    pub session_id: i64,
    /// The campaign, else the site that led here, else nothing.
    pub source: String,
    /// Registrations for a session.
    pub registered: i64,
    /// Of them, those who were seen there.
    pub attended: i64,
    /// Requests for papers.
    pub requests: i64,
}

/// The tallies of the rows after the first id, up to the second one.
pub(crate) type TallyRows = for<'c> fn(&'c mut Conn, i64, i64) -> BoxFuture<'c, Result<Vec<Tally>, DbError>>;

/// A table whose rows are added up in the order of their ids, each once.
#[derive(Clone, Copy)]
pub(crate) struct TalliedTable {
    /// Its name; stored.
    pub name: &'static str,
    /// What its rows add.
    pub between: TallyRows,
}

/// The day of a moment in UTC, in days since 1970.
#[must_use]
pub(crate) fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

/// The same of a stored moment, for a query.
#[must_use]
pub(crate) fn day_of_column(column: &str) -> String {
    format!("{column} / 86400000000")
}

/// Where somebody came from, for a query over the row `row`.
#[must_use]
pub(crate) fn source_of(row: &str) -> String {
    format!("COALESCE(NULLIF({row}.utm_source, ''), {row}.referrer, '')")
}
