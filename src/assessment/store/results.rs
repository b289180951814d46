//! Results of many: what the organizers' averages and the benchmark are made of.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::assessment::Relationship;
use crate::assessment::model::assessment::Assessment;
use crate::assessment::model::factor::{Factor, PerFactor};
use crate::assessment::scoring::averages::Figures;
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;

/// What counts of an assessment `a` with the result `r`: complete, not careless, and the latest complete one of its
/// repeats, which are one person's.
const COUNTS: &str = "r.index_score IS NOT NULL AND NOT r.careless
    AND NOT EXISTS (SELECT 1 FROM assessments b JOIN assessment_results s ON s.assessment_id = b.id
                     WHERE b.first_id = COALESCE(a.first_id, a.id) AND b.id > a.id AND s.index_score IS NOT NULL)";

#[derive(sqlx::FromRow)]
pub struct FiguresRow {
    index_score: f64,
    score_risk: f64,
    score_resources: f64,
    score_rewards: f64,
    score_vision: f64,
    score_values: f64,
    weakest: Option<String>,
    /// Sample data of the demo.
    pub sample: bool,
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

impl FiguresRow {
    /// Whether it came or changed after that moment.
    #[must_use]
    pub fn is_newer_than(&self, at: Timestamp) -> bool {
        self.changed_at.max(self.finished_at) > micros(at)
    }
}

/// The latest results of a kind of relationship that count, at most `limit`.
pub(crate) async fn counting(
    conn: &mut Conn,
    relationship: Relationship,
    limit: i64,
) -> Result<Vec<FiguresRow>, DbError> {
    let text = format!(
        "SELECT r.index_score, r.score_risk, r.score_resources, r.score_rewards, r.score_vision, r.score_values,
                r.weakest, a.sample, a.changed_at, a.finished_at
           FROM assessment_results r JOIN assessments a ON a.id = r.assessment_id
          WHERE a.relationship = $1 AND {COUNTS}
          ORDER BY r.assessment_id DESC LIMIT $2"
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(relationship.key())
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// The index that the published benchmark holds for a result or one of its repeats, as of the last night: whatever was
/// chosen or answered since, nobody is compared with themselves.
pub(crate) async fn counted(conn: &mut Conn, assessment: &Assessment) -> Result<Option<i64>, DbError> {
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
pub(crate) async fn pass_on_counted(tx: &mut Tx, assessment: &Assessment) -> Result<(), DbError> {
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

/// A row, and the index that counts for it.
pub(crate) type CountMark = (i64, Option<i64>);

/// Row, the index that is to count, the one that counted, sample data.
pub(crate) type PageRow = (i64, Option<f64>, Option<i64>, bool);

/// A page of the results that count in the benchmark, or did, in the order of rows.
pub(crate) async fn benchmark_page(
    conn: &mut Conn,
    relationship: Relationship,
    after: i64,
    limit: i64,
) -> Result<Vec<PageRow>, DbError> {
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
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Notes what counts. In the order of rows, and by a statement that stays the same: a million of them are not to be felt.
pub(crate) async fn mark_counted(tx: &mut Tx, marks: &[CountMark]) -> Result<(), DbError> {
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
