//! What organizers' averages are made of, and the averages as of their last count. Looks between two counts see the
//! same, so that no two looks differ by one person.

use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;

use crate::assessment::Relationship;
use crate::assessment::averages::{Averages, Figures};
use crate::assessment::benchmark::STEP;
use crate::assessment::factor::{Factor, PerFactor};
use crate::db::{Conn, Db, DbError, Tx, instant, micros};
use crate::on_db;

/// Results that the averages look at, the latest ones.
const LOOKED_AT: i64 = 10_000;
/// Averages stand for as long at least.
const STAND_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What counts of an assessment `a` with the result `r`: complete, not careless, and the latest complete one of its
/// repeats, which are one person's.
pub(super) const COUNTS: &str = "r.index_score IS NOT NULL AND NOT r.careless
    AND NOT EXISTS (SELECT 1 FROM assessments b JOIN assessment_results s ON s.assessment_id = b.id
                     WHERE b.first_id = COALESCE(a.first_id, a.id) AND b.id > a.id AND s.index_score IS NOT NULL)";

#[derive(sqlx::FromRow)]
struct FiguresRow {
    index_score: f64,
    score_risk: f64,
    score_resources: f64,
    score_rewards: f64,
    score_vision: f64,
    score_values: f64,
    weakest: Option<String>,
    sample: bool,
    changed_at: i64,
    finished_at: i64,
}

impl From<&FiguresRow> for Figures {
    fn from(row: &FiguresRow) -> Self {
        Self {
            index: row.index_score,
            scores: PerFactor {
                risk: row.score_risk,
                resources: row.score_resources,
                rewards: row.score_rewards,
                vision: row.score_vision,
                values: row.score_values,
            },
            weakest: row.weakest.as_deref().and_then(Factor::parse),
        }
    }
}

/// The latest results of a kind of relationship that count.
async fn results(conn: &mut Conn, relationship: Relationship) -> Result<Vec<FiguresRow>, DbError> {
    let text = format!(
        "SELECT r.index_score, r.score_risk, r.score_resources, r.score_rewards, r.score_vision, r.score_values,
                r.weakest, a.sample, a.changed_at, a.finished_at
           FROM assessment_results r JOIN assessments a ON a.id = r.assessment_id
          WHERE a.relationship = $1 AND {COUNTS}
          ORDER BY r.assessment_id DESC LIMIT $2"
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(relationship.key())
        .bind(LOOKED_AT)
        .fetch_all(c)
        .await)?)
}

/// Averages as of their last count.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub averages: Averages,
    /// They hold sample data of the demo.
    pub sample: bool,
    pub built_at: Timestamp,
}

/// The averages of a kind of relationship; `None`: there were fewer than five results.
pub async fn snapshot(conn: &mut Conn, relationship: Relationship) -> Result<Option<Snapshot>, DbError> {
    let row: Option<(String, bool, i64)> = on_db!(conn, c => sqlx::query_as(
        "SELECT averages, sample, built_at FROM assessment_averages WHERE relationship = $1")
        .bind(relationship.key())
        .fetch_optional(c)
        .await)?;
    row.map(|(averages, sample, built_at)| {
        Ok(Snapshot {
            averages: serde_json::from_str(&averages).map_err(DbError::stored)?,
            sample,
            built_at: instant(built_at)?,
        })
    })
    .transpose()
}

/// Counts the averages anew: of each kind of relationship at most once in a day, and only where at least five results
/// are new or changed. What is deleted alone changes nothing: subtracting would tell whose it was.
pub async fn rebuild_if_due(db: &Db, now: Timestamp) -> Result<(), DbError> {
    for relationship in Relationship::ALL {
        let Some(next) = next(&mut db.read().await?, relationship, now).await? else {
            continue;
        };
        let averages = serde_json::to_string(&next.averages).map_err(DbError::stored)?;
        db.write(move |tx| {
            let averages = averages.clone();
            Box::pin(async move { put(tx, relationship, &averages, next.sample, now).await })
        })
        .await?;
    }
    Ok(())
}

/// `None`: what stands is to stand.
async fn next(conn: &mut Conn, relationship: Relationship, now: Timestamp) -> Result<Option<Snapshot>, DbError> {
    let before = snapshot(conn, relationship).await?.map(|before| before.built_at);
    if before.is_some_and(|at| now.duration_since(at) < STAND_FOR) {
        return Ok(None);
    }
    let rows = results(conn, relationship).await?;
    let is_fresh = |row: &&FiguresRow| before.is_none_or(|at| row.changed_at.max(row.finished_at) > micros(at));
    if rows.iter().filter(is_fresh).count() < STEP {
        return Ok(None);
    }
    let figures: Vec<Figures> = rows.iter().map(Figures::from).collect();
    Ok(Averages::of(&figures).map(|averages| Snapshot {
        averages,
        sample: rows.iter().any(|row| row.sample),
        built_at: now,
    }))
}

async fn put(
    tx: &mut Tx,
    relationship: Relationship,
    averages: &str,
    sample: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO assessment_averages (relationship, averages, sample, built_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (relationship) DO UPDATE
            SET averages = excluded.averages, sample = excluded.sample, built_at = excluded.built_at")
        .bind(relationship.key())
        .bind(averages)
        .bind(sample)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
