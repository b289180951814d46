//! The published benchmark: counts only, so that what is erased is gone with the next rebuild.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::assessment::Relationship;
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

/// The index that counts for a result among the published ones, if it is one of them: opted in, and the latest of its
/// repeats.
pub async fn counted(conn: &mut Conn, assessment_id: i64) -> Result<Option<i64>, DbError> {
    let found: Option<Option<i64>> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT r.counted
           FROM assessments a JOIN assessment_results r ON r.assessment_id = a.id
          WHERE a.id = $1 AND a.in_benchmark AND NOT r.careless
            AND NOT EXISTS (SELECT 1 FROM assessments b JOIN assessment_results s ON s.assessment_id = b.id
                             WHERE b.first_id = COALESCE(a.first_id, a.id) AND b.id > a.id
                               AND s.index_score IS NOT NULL)")
        .bind(assessment_id)
        .fetch_optional(c)
        .await)?;
    Ok(found.flatten())
}

/// What a rebuild found in one kind of relationship.
#[derive(Default)]
struct Found {
    published: Histogram,
    /// New and changed ones, row and index: they count once there are enough of them.
    fresh: Vec<(i64, i64)>,
    sample: bool,
}

/// Counts anew what counts: opted in, complete, not careless, the latest of its repeats. New results are taken in at
/// least five at a time. Gives how many count in all.
pub async fn rebuild(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    let mut total = 0;
    for relationship in Relationship::ALL {
        let mut found = look(db, relationship).await?;
        if found.fresh.len() >= STEP {
            take_in(db, &found.fresh).await?;
            for (_, index) in found.fresh {
                found.published.add(index);
            }
        }
        total += found.published.total();
        replace(db, relationship, &found.published, found.sample, now).await?;
    }
    Ok(total)
}

/// In the order of rows, and by a statement that stays the same: a million of them are not to be felt.
async fn take_in(db: &Db, fresh: &[(i64, i64)]) -> Result<(), DbError> {
    for some in fresh.chunks(MARKED) {
        let some = some.to_vec();
        db.write(move |tx| {
            let some = some.clone();
            Box::pin(async move { publish(tx, &some).await })
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
            found.sample |= sample;
            let index = shown(index);
            if counted == Some(index) {
                found.published.add(index);
            } else {
                found.fresh.push((id, index));
            }
        }
    }
}

/// Row, index, what counts for it, sample data.
type PageRow = (i64, f64, Option<i64>, bool);

async fn page(conn: &mut Conn, relationship: Relationship, after: i64) -> Result<Vec<PageRow>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT a.id, r.index_score, r.counted, a.sample
           FROM assessments a JOIN assessment_results r ON r.assessment_id = a.id
          WHERE a.id > $1 AND a.relationship = $2 AND a.in_benchmark AND NOT r.careless AND r.index_score IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM assessments b JOIN assessment_results s ON s.assessment_id = b.id
                             WHERE b.first_id = COALESCE(a.first_id, a.id) AND b.id > a.id
                               AND s.index_score IS NOT NULL)
          ORDER BY a.id LIMIT $3")
        .bind(after)
        .bind(relationship.key())
        .bind(PAGE)
        .fetch_all(c)
        .await)?)
}

async fn publish(tx: &mut Tx, counted: &[(i64, i64)]) -> Result<(), DbError> {
    let text = format!(
        "UPDATE assessment_results SET counted = v.column2 FROM (VALUES {}) AS v WHERE assessment_id = v.column1",
        sql::rows(counted.len(), 2, 0)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        let bound = counted.iter().fold(query, |query, (id, index)| query.bind(*id).bind(*index));
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
