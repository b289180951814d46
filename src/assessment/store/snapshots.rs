//! What is published of many results, as of its last count: averages for organizers, the benchmark for everybody. Looks
//! between two counts see the same, so that no two looks differ by one person.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::assessment::Relationship;
use crate::db::{Conn, DbError, Tx, instant, micros};
use crate::on_db;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Published {
    /// The organizers' averages, as JSON.
    Averages,
    /// The benchmark, as a histogram.
    Benchmark,
}

impl Published {
    /// Its table, and the column of what is counted.
    fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::Averages => ("assessment_averages", "averages"),
            Self::Benchmark => ("assessment_benchmarks", "histogram"),
        }
    }
}

/// One count of one kind of relationship.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot<T> {
    /// What was counted.
    pub counted: T,
    /// It holds sample data of the demo.
    pub sample: bool,
    /// When it was counted.
    pub built_at: Timestamp,
}

/// The last count, where there is one; `parse` reads it.
pub(crate) async fn find<T, E: std::fmt::Display>(
    conn: &mut Conn,
    published: Published,
    relationship: Relationship,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<Snapshot<T>>, DbError> {
    let (table, column) = published.place();
    let text = format!("SELECT {column}, sample, built_at FROM {table} WHERE relationship = $1");
    let row: Option<(String, bool, i64)> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(relationship.key())
        .fetch_optional(c)
        .await)?;
    row.map(|(counted, sample, built_at)| {
        Ok(Snapshot {
            counted: parse(&counted).map_err(DbError::stored)?,
            sample,
            built_at: instant(built_at)?,
        })
    })
    .transpose()
}

/// Takes the place of the count before.
pub(crate) async fn put(
    tx: &mut Tx,
    published: Published,
    relationship: Relationship,
    snapshot: &Snapshot<String>,
) -> Result<(), DbError> {
    let (table, column) = published.place();
    let text = format!(
        "INSERT INTO {table} (relationship, {column}, sample, built_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (relationship) DO UPDATE
            SET {column} = excluded.{column}, sample = excluded.sample, built_at = excluded.built_at"
    );
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(relationship.key())
        .bind(&snapshot.counted)
        .bind(snapshot.sample)
        .bind(micros(snapshot.built_at))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Takes the count away: nothing counts any more.
pub(crate) async fn remove(tx: &mut Tx, published: Published, relationship: Relationship) -> Result<(), DbError> {
    let text = format!("DELETE FROM {} WHERE relationship = $1", published.place().0);
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(relationship.key()).execute(c).await.map(drop))?;
    Ok(())
}
