//! The figures of finished assessments, without whose they are: what organizers' averages are made of.

use crate::assessment::Relationship;
use crate::assessment::factor::{Factor, PerFactor};
use crate::db::{Conn, DbError};
use crate::on_db;

/// Results that the averages look at, the latest ones.
const LOOKED_AT: i64 = 10_000;

/// The figures of one finished assessment, without whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The index, where there is one.
    pub index: Option<f64>,
    /// The factor scores.
    pub scores: PerFactor<Option<f64>>,
    /// The weakest factor.
    pub weakest: Option<Factor>,
    /// Sample data of the demo.
    pub sample: bool,
}

#[derive(sqlx::FromRow)]
struct FiguresRow {
    index_score: Option<f64>,
    score_risk: Option<f64>,
    score_resources: Option<f64>,
    score_rewards: Option<f64>,
    score_vision: Option<f64>,
    score_values: Option<f64>,
    weakest: Option<String>,
    sample: bool,
}

/// The latest careful results of a kind of relationship, the oldest of them first.
pub async fn results(conn: &mut Conn, relationship: Relationship) -> Result<Vec<Figures>, DbError> {
    let rows: Vec<FiguresRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT r.index_score, r.score_risk, r.score_resources, r.score_rewards, r.score_vision, r.score_values,
                r.weakest, a.sample
           FROM assessment_results r JOIN assessments a ON a.id = r.assessment_id
          WHERE a.relationship = $1 AND NOT r.careless
          ORDER BY r.assessment_id DESC LIMIT $2")
        .bind(relationship.key())
        .bind(LOOKED_AT)
        .fetch_all(c)
        .await)?;
    let figures = rows.into_iter().rev().map(|row| Figures {
        index: row.index_score,
        scores: PerFactor {
            risk: row.score_risk,
            resources: row.score_resources,
            rewards: row.score_rewards,
            vision: row.score_vision,
            values: row.score_values,
        },
        weakest: row.weakest.as_deref().and_then(Factor::parse),
        sample: row.sample,
    });
    Ok(figures.collect())
}
