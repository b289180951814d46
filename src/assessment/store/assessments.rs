//! Assessments: their answers and their figures.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::counts::{self, Counted};
use super::row;
use crate::assessment::model::answers::{Answers, FactorAnswers};
use crate::assessment::model::assessment::{AnsweredAs, Assessment, Closing, PurposeSentence};
use crate::assessment::model::factor::Factor;
use crate::assessment::scoring::SCORING_VERSION;
use crate::assessment::words::bank::ITEM_BANK_VERSION;
use crate::assessment::{CustomerSide, DRAFT_LIFE, Parties, RESULT_LIFE, Relationship};
use crate::db::{Conn, DbError, Tx, instant, micros, sql};
use crate::on_db;
use crate::values::PublicId;

const COLUMNS: &str = "id, public_id, view_generation, first_id, answered_as, relationship, customer_side, us, \
                       partner, \
                       answers_risk, answers_resources, answers_rewards, answers_vision, answers_values, \
                       progress, again, purpose, hurried, asked_again, in_benchmark, sample, frozen, created_at, \
                       changed_at, finished_at, keep_until";

#[derive(sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "the table's columns")]
struct AssessmentRow {
    id: i64,
    public_id: Vec<u8>,
    view_generation: i64,
    first_id: Option<i64>,
    answered_as: String,
    relationship: String,
    customer_side: Option<String>,
    us: String,
    partner: String,
    answers_risk: String,
    answers_resources: String,
    answers_rewards: String,
    answers_vision: String,
    answers_values: String,
    progress: Option<String>,
    again: Option<String>,
    purpose: Option<String>,
    hurried: i64,
    asked_again: bool,
    in_benchmark: bool,
    sample: bool,
    frozen: bool,
    created_at: i64,
    changed_at: i64,
    finished_at: Option<i64>,
    keep_until: i64,
}

impl TryFrom<AssessmentRow> for Assessment {
    type Error = DbError;

    fn try_from(row: AssessmentRow) -> Result<Self, DbError> {
        let answers = |letters: &str| FactorAnswers::parse(letters).map_err(DbError::stored);
        let purpose = PurposeSentence::parse(&row.purpose.unwrap_or_default());
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            view_generation: row.view_generation,
            first_id: row.first_id,
            answered_as: AnsweredAs::parse(&row.answered_as)
                .ok_or_else(|| DbError::stored("an assessment was answered in no known way"))?,
            parties: read_parties(&row.relationship, row.customer_side.as_deref(), row.us, row.partner)?,
            answers: Answers {
                risk: answers(&row.answers_risk)?,
                resources: answers(&row.answers_resources)?,
                rewards: answers(&row.answers_rewards)?,
                vision: answers(&row.answers_vision)?,
                values: answers(&row.answers_values)?,
            },
            closing: Closing {
                progress: row.progress,
                again: row.again,
                purpose: purpose.map_err(DbError::stored)?,
            },
            hurried: row.hurried,
            asked_again: row.asked_again,
            in_benchmark: row.in_benchmark,
            sample: row.sample,
            frozen: row.frozen,
            created_at: instant(row.created_at)?,
            changed_at: instant(row.changed_at)?,
            finished_at: row.finished_at.map(instant).transpose()?,
            keep_until: instant(row.keep_until)?,
        })
    }
}

/// The two sides, out of columns.
pub(super) fn read_parties(
    relationship: &str,
    side: Option<&str>,
    us: String,
    partner: String,
) -> Result<Parties, DbError> {
    let unknown = |what: &str| DbError::stored(format!("{what:?} is no kind of relationship"));
    Ok(Parties {
        relationship: Relationship::parse(relationship).ok_or_else(|| unknown(relationship))?,
        side: side
            .map(|side| CustomerSide::parse(side).ok_or_else(|| unknown(side)))
            .transpose()?,
        us,
        partner,
    })
}

/// An assessment to be started.
#[derive(Clone, Debug)]
pub(crate) struct NewAssessment {
    /// Drawn where the form was shown, so that a form posted twice starts one.
    pub public_id: PublicId,
    /// The first of a row of repeats.
    pub first_id: Option<i64>,
    /// How its respondent comes to answer.
    pub answered_as: AnsweredAs,
    /// The two sides.
    pub parties: Parties,
}

/// Starts one; gives its row. `None`: it was started already.
pub(crate) async fn insert(tx: &mut Tx, new: &NewAssessment, now: Timestamp) -> Result<Option<i64>, DbError> {
    let id = on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO assessments
             (public_id, first_id, answered_as, relationship, customer_side, us, partner, created_at, changed_at,
              keep_until)
         VALUES ($1, $2, $9, $3, $4, $5, $6, $7, $7, $8)
         ON CONFLICT (public_id) DO NOTHING RETURNING id")
        .bind(new.public_id.as_bytes())
        .bind(new.first_id)
        .bind(new.parties.relationship.key())
        .bind(new.parties.side.map(CustomerSide::key))
        .bind(&new.parties.us)
        .bind(&new.parties.partner)
        .bind(micros(now))
        .bind(micros(now + DRAFT_LIFE))
        .bind(new.answered_as.key())
        .fetch_optional(c)
        .await)?;
    if id.is_some() {
        counts::add(tx, new.parties.relationship, Counted::Started, now).await?;
    }
    Ok(id)
}

/// The assessment of a link.
pub(crate) async fn by_public_id(conn: &mut Conn, id: PublicId) -> Result<Option<Assessment>, DbError> {
    row::by_public_id::<AssessmentRow, _>(
        conn,
        format!("SELECT {COLUMNS} FROM assessments WHERE public_id = $1"),
        id,
    )
    .await
}

/// The assessment of a row.
pub(crate) async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Assessment>, DbError> {
    row::by_id::<AssessmentRow, _>(conn, format!("SELECT {COLUMNS} FROM assessments WHERE id = $1"), id).await
}

/// The assessments of these rows, in no particular order.
pub(crate) async fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Assessment>, DbError> {
    row::by_ids::<AssessmentRow, _>(conn, format!("SELECT {COLUMNS} FROM assessments"), ids).await
}

/// The one before this with an index, in its row of repeats.
pub(crate) async fn previous(conn: &mut Conn, assessment: &Assessment) -> Result<Option<Assessment>, DbError> {
    let Some(first) = assessment.first_id else {
        return Ok(None);
    };
    let text = format!(
        "SELECT {COLUMNS} FROM assessments
          WHERE (id = $1 OR first_id = $1) AND id < $2
            AND EXISTS (SELECT 1 FROM assessment_results WHERE assessment_id = id AND index_score IS NOT NULL)
          ORDER BY id DESC LIMIT 1"
    );
    let row: Option<AssessmentRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(first)
        .bind(assessment.id)
        .fetch_optional(c)
        .await)?;
    row.map(Assessment::try_from).transpose()
}

/// Holds an assessment until the job ends: what is read of it then is what will be written over.
pub(crate) async fn lock(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let text = format!("SELECT id FROM assessments WHERE id = $1{}", sql::for_update(tx));
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Writes all that a respondent changes.
pub(crate) async fn replace(tx: &mut Tx, becomes: &Assessment) -> Result<(), DbError> {
    on_db!(tx, c => {
        let mut query = sqlx::query(
            "UPDATE assessments
                SET answers_risk = $2, answers_resources = $3, answers_rewards = $4, answers_vision = $5,
                    answers_values = $6, progress = $7, again = $8, purpose = $9, hurried = $10,
                    changed_at = $11, keep_until = $12
              WHERE id = $1")
            .bind(becomes.id);
        for (_, answers) in becomes.answers.iter() {
            query = query.bind(answers.letters());
        }
        query
            .bind(becomes.closing.progress.as_deref())
            .bind(becomes.closing.again.as_deref())
            .bind(becomes.closing.purpose.as_ref().map(PurposeSentence::as_str))
            .bind(becomes.hurried)
            .bind(micros(becomes.changed_at))
            .bind(micros(becomes.keep_until))
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Notes that the gentle question was asked.
pub(crate) async fn note_asked_again(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE assessments SET asked_again = $2 WHERE id = $1")
        .bind(id)
        .bind(true)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes that the result was asked for. False: it was before.
pub(crate) async fn mark_finished(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "UPDATE assessments SET finished_at = $2, keep_until = $3 WHERE id = $1 AND finished_at IS NULL")
        .bind(id)
        .bind(micros(now))
        .bind(micros(now + RESULT_LIFE))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Writes the figures of a finished one down, with the versions they were made by.
pub(crate) async fn put_result(tx: &mut Tx, assessment: &Assessment) -> Result<(), DbError> {
    let score = assessment.score();
    on_db!(tx, c => {
        let mut query = sqlx::query(
            "INSERT INTO assessment_results
                 (assessment_id, item_bank_version, scoring_version, index_score, level_score, score_risk,
                  score_resources, score_rewards, score_vision, score_values, weakest, careless)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (assessment_id) DO UPDATE SET
                 item_bank_version = excluded.item_bank_version, scoring_version = excluded.scoring_version,
                 index_score = excluded.index_score, level_score = excluded.level_score,
                 score_risk = excluded.score_risk, score_resources = excluded.score_resources,
                 score_rewards = excluded.score_rewards, score_vision = excluded.score_vision,
                 score_values = excluded.score_values, weakest = excluded.weakest, careless = excluded.careless")
            .bind(assessment.id)
            .bind(ITEM_BANK_VERSION)
            .bind(SCORING_VERSION)
            .bind(score.whole.map(|whole| whole.index))
            .bind(score.whole.map(|whole| whole.level));
        for (_, figures) in score.factors.iter() {
            query = query.bind(figures.both.map(|both| both.score));
        }
        query
            .bind(score.weakest.map(Factor::key))
            .bind(assessment.is_careless())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Whether it counts in the benchmark.
pub(crate) async fn set_in_benchmark(tx: &mut Tx, id: i64, in_benchmark: bool) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE assessments SET in_benchmark = $2 WHERE id = $1")
        .bind(id)
        .bind(in_benchmark)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Marks it as sample data of the demo, which the comparison counts.
pub(crate) async fn mark_as_sample(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE assessments SET sample = $2, in_benchmark = $2 WHERE id = $1")
        .bind(id)
        .bind(true)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// How long it is kept from now on.
pub(crate) async fn set_keep_until(tx: &mut Tx, id: i64, until: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE assessments SET keep_until = $2 WHERE id = $1")
        .bind(id)
        .bind(micros(until))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Makes the links that were shown to others stop working; there is a new one at once.
pub(crate) async fn renew_view_link(tx: &mut Tx, id: i64, most: i64) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "UPDATE assessments SET view_generation = view_generation + 1 WHERE id = $1 AND view_generation < $2")
        .bind(id)
        .bind(most)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// From now on it is part of a report that others see.
pub(crate) async fn freeze(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE assessments SET frozen = $2 WHERE id = $1")
        .bind(id)
        .bind(true)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The rows whose time is over.
pub(crate) async fn expired(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM assessments WHERE keep_until <= $1 ORDER BY keep_until LIMIT $2")
        .bind(micros(now))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Where it was the first of a row of repeats, the next one is from now on.
pub(crate) async fn pass_on_first(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let heir: Option<i64> = on_db!(tx, c => sqlx::query_scalar("SELECT MIN(id) FROM assessments WHERE first_id = $1")
        .bind(id)
        .fetch_one(c)
        .await)?;
    on_db!(tx, c => sqlx::query(
        "UPDATE assessments SET first_id = CASE WHEN id = $2 THEN NULL ELSE $2 END WHERE first_id = $1")
        .bind(id)
        .bind(heir)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Removes the row, and by its references all that belongs to it alone.
pub(crate) async fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM assessments WHERE id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}
