//! Numbers that stay when answers are erased: assessments by week, and what became of invitations.

use jiff::{SignedDuration, Timestamp};

use crate::assessment::Relationship;
use crate::db::{Conn, DbError, Tx};
use crate::on_db;

/// What is counted by week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Started,
    Finished,
}

/// One more, in the week of `now`.
pub(crate) async fn add(tx: &mut Tx, relationship: Relationship, what: Counted, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO assessment_counts (week, relationship, started, finished) VALUES ($1, $2, $3, $4)
         ON CONFLICT (week, relationship) DO UPDATE
            SET started = assessment_counts.started + excluded.started,
                finished = assessment_counts.finished + excluded.finished")
        .bind(week_of(now))
        .bind(relationship.key())
        .bind(i64::from(what == Counted::Started))
        .bind(i64::from(what == Counted::Finished))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The Monday of a moment's week in UTC, in days since 1970.
#[must_use]
pub(crate) fn week_of(at: Timestamp) -> i64 {
    let days = at.as_second().div_euclid(SignedDuration::from_hours(24).as_secs());
    // January 1, 1970 was a Thursday.
    days - (days + 3).rem_euclid(7)
}

/// One week and kind of relationship.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct WeekCount {
    /// Its Monday, in days since 1970.
    pub week: i64,
    /// A key of [`Relationship`].
    pub relationship: String,
    pub started: i64,
    pub finished: i64,
}

/// The latest weeks.
pub(crate) async fn weeks(conn: &mut Conn, since: i64) -> Result<Vec<WeekCount>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT week, relationship, started, finished FROM assessment_counts
          WHERE week >= $1 ORDER BY week DESC, relationship")
        .bind(since)
        .fetch_all(c)
        .await)?)
}

/// All that ever were, by kind of relationship.
pub(crate) async fn totals(conn: &mut Conn) -> Result<Vec<WeekCount>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT CAST(0 AS BIGINT) AS week, relationship, CAST(SUM(started) AS BIGINT) AS started,
                CAST(SUM(finished) AS BIGINT) AS finished
           FROM assessment_counts GROUP BY relationship ORDER BY relationship")
        .fetch_all(c)
        .await)?)
}

/// What became of invitations: outcome and count.
pub(crate) async fn outcomes(conn: &mut Conn) -> Result<Vec<(String, i64)>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as("SELECT outcome, count FROM assessment_outcomes").fetch_all(c).await)?)
}

/// What is counted of invitations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvitationOutcome {
    Invited,
    Accepted,
    Declined,
    Withdrawn,
    Expired,
    Revealed,
    /// Declined, and never to be written to again.
    Refused,
}

impl InvitationOutcome {
    /// All, in the order they are shown.
    pub(crate) const ALL: [Self; 7] = [
        Self::Invited,
        Self::Accepted,
        Self::Revealed,
        Self::Declined,
        Self::Refused,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// As it is read.
    #[must_use]
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Invited => "made",
            Self::Accepted => "taken up",
            Self::Revealed => "joint reports",
            Self::Refused => "refused for good",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "ran out",
        }
    }

    /// As it is stored.
    #[must_use]
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Revealed => "revealed",
            Self::Refused => "refused",
        }
    }
}

/// One more invitation that came to this.
pub(crate) async fn add_outcome(tx: &mut Tx, outcome: InvitationOutcome) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO assessment_outcomes (outcome, count) VALUES ($1, 1)
         ON CONFLICT (outcome) DO UPDATE SET count = assessment_outcomes.count + 1")
        .bind(outcome.key())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        for (at, monday) in [
            ("1970-01-01T00:00:00Z", -3),
            ("1970-01-05T00:00:00Z", 4),
            ("1970-01-11T23:59:59Z", 4),
            ("2026-11-24T12:00:00Z", 20_780),
        ] {
            assert_eq!(week_of(at.parse().unwrap()), monday, "{at}");
        }
    }
}
