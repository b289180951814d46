//! The published benchmark: counts only, so that what is erased is gone with the next rebuild.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::figures::COUNTS;
use crate::assessment::Relationship;
use crate::assessment::assessment::Assessment;
use crate::assessment::benchmark::{Histogram, STEP};
use crate::assessment::scoring::shown;
use crate::db::{Conn, Db, DbError, Tx, micros, sql};
use crate::on_db;

/// Results that are read at once.
const PAGE: i64 = 10_000;
/// Results that one job marks as published; it must not hold up others.
const MARKED: usize = 1_000;

/// The benchmark of one kind of relationship.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// The results that count.
    pub histogram: Histogram,
    /// It holds sample data.
    pub sample: bool,
}

/// The published benchmark, where there is one.
pub async fn find(conn: &mut Conn, relationship: Relationship) -> Result<Option<Benchmark>, DbError> {
    let row: Option<(String, bool)> = on_db!(conn, c => sqlx::query_as(
        "SELECT histogram, sample FROM assessment_benchmarks WHERE relationship = $1")
        .bind(relationship.key())
        .fetch_optional(c)
        .await)?;
    row.map(|(histogram, sample)| {
        Ok(Benchmark {
            histogram: Histogram::parse(&histogram).map_err(DbError::stored)?,
            sample,
        })
    })
    .transpose()
}

/// The index that the published benchmark holds for a result or one of its repeats, as of the last night: whatever was
/// chosen or answered since, nobody is compared with themselves.
pub async fn counted(conn: &mut Conn, assessment: &Assessment) -> Result<Option<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT r.counted
           FROM assessments a JOIN assessment_results r ON r.assessment_id = a.id
          WHERE (a.id = $1 OR a.first_id = $1) AND r.counted IS NOT NULL LIMIT 1")
        .bind(assessment.first_id.unwrap_or(assessment.id))
        .fetch_optional(c)
        .await)?)
}

/// Where a counted result is about to be erased, another one of its repeats keeps what the published benchmark holds
/// until the next night.
pub(super) async fn pass_on(tx: &mut Tx, assessment: &Assessment) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE assessment_results SET counted = (SELECT counted FROM assessment_results WHERE assessment_id = $1)
          WHERE counted IS NULL
            AND assessment_id = (SELECT MAX(a.id)
                                   FROM assessments a JOIN assessment_results r ON r.assessment_id = a.id
                                  WHERE (a.id = $2 OR a.first_id = $2) AND a.id <> $1)")
        .bind(assessment.id)
        .bind(assessment.first_id.unwrap_or(assessment.id))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// What a rebuild found in one kind of relationship.
#[derive(Default)]
struct Found {
    published: Histogram,
    /// New and changed ones: they count once there are enough of them.
    fresh: Vec<Mark>,
    /// What counted before and does not any more, at least not as it did.
    stale: Vec<Mark>,
    sample: bool,
}

/// Counts anew what counts: opted in, complete, not careless, the latest of its repeats. New results are taken in at
/// least five at a time. Gives how many count in all.
pub async fn rebuild(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    let mut total = 0;
    for relationship in Relationship::ALL {
        let mut found = look(db, relationship).await?;
        mark(db, &found.stale).await?;
        if found.fresh.len() >= STEP {
            mark(db, &found.fresh).await?;
            for index in found.fresh.iter().filter_map(|(_, index)| *index) {
                found.published.add(index);
            }
        }
        total += found.published.total();
        replace(db, relationship, &found.published, found.sample, now).await?;
    }
    Ok(total)
}

/// A row, and the index that counts for it.
type Mark = (i64, Option<i64>);

/// In the order of rows, and by a statement that stays the same: a million of them are not to be felt.
async fn mark(db: &Db, marks: &[Mark]) -> Result<(), DbError> {
    for some in marks.chunks(MARKED) {
        let some = some.to_vec();
        db.write(move |tx| {
            let some = some.clone();
            Box::pin(async move { mark_in(tx, &some).await })
        })
        .await?;
    }
    Ok(())
}

/// Where nothing counts, there is no row: a database that nobody has used stays empty.
async fn replace(
    db: &Db,
    relationship: Relationship,
    counted: &Histogram,
    sample: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    if counted.total() == 0 {
        if find(&mut db.read().await?, relationship).await?.is_some() {
            db.write(move |tx| Box::pin(remove(tx, relationship))).await?;
        }
        return Ok(());
    }
    let histogram = counted.store();
    db.write(move |tx| {
        let histogram = histogram.clone();
        Box::pin(async move { put(tx, relationship, &histogram, sample, now).await })
    })
    .await
}

async fn remove(tx: &mut Tx, relationship: Relationship) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM assessment_benchmarks WHERE relationship = $1")
        .bind(relationship.key())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

async fn look(db: &Db, relationship: Relationship) -> Result<Found, DbError> {
    let mut found = Found::default();
    let mut after = 0;
    loop {
        let rows: Vec<PageRow> = page(&mut db.read().await?, relationship, after).await?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = last.0;
        for (id, index, counted, sample) in rows {
            found.sample |= sample && index.is_some();
            let index = index.map(shown);
            if let Some(index) = index.filter(|index| counted == Some(*index)) {
                found.published.add(index);
            } else {
                found.fresh.extend(index.map(|index| (id, Some(index))));
                found.stale.extend(counted.map(|_| (id, None)));
            }
        }
    }
}

/// Row, the index that is to count, the one that counted, sample data.
type PageRow = (i64, Option<f64>, Option<i64>, bool);

async fn page(conn: &mut Conn, relationship: Relationship, after: i64) -> Result<Vec<PageRow>, DbError> {
    let text = format!(
        "SELECT * FROM
            (SELECT a.id, CASE WHEN a.in_benchmark AND {COUNTS} THEN r.index_score END AS to_count, r.counted, a.sample
               FROM assessments a JOIN assessment_results r ON r.assessment_id = a.id
              WHERE a.id > $1 AND a.relationship = $2) AS results
          WHERE to_count IS NOT NULL OR counted IS NOT NULL ORDER BY id LIMIT $3"
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(after)
        .bind(relationship.key())
        .bind(PAGE)
        .fetch_all(c)
        .await)?)
}

async fn mark_in(tx: &mut Tx, marks: &[Mark]) -> Result<(), DbError> {
    let text = format!(
        "UPDATE assessment_results SET counted = v.column2 FROM (VALUES {}) AS v WHERE assessment_id = v.column1",
        sql::rows(marks.len(), 2, 0)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        let bound = marks.iter().fold(query, |query, (id, index)| query.bind(*id).bind(*index));
        bound.execute(c).await.map(drop)
    })?;
    Ok(())
}

async fn put(
    tx: &mut Tx,
    relationship: Relationship,
    histogram: &str,
    sample: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO assessment_benchmarks (relationship, histogram, sample, built_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (relationship) DO UPDATE
            SET histogram = excluded.histogram, sample = excluded.sample, built_at = excluded.built_at")
        .bind(relationship.key())
        .bind(histogram)
        .bind(sample)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// When it was last built; `None`: never, or nothing counted.
pub async fn built_at(conn: &mut Conn) -> Result<Option<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar("SELECT MAX(built_at) FROM assessment_benchmarks").fetch_one(c).await)?)
}
