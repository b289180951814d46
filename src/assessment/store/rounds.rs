//! Rounds of several respondents, and their places.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::assessments::{self, read_parties};
use super::row;
use crate::assessment::model::answers::Side;
use crate::assessment::model::assessment::Assessment;
use crate::assessment::model::round::{Place, Round};
use crate::assessment::{CustomerSide, Parties, RESULT_LIFE};
use crate::db::{Conn, DbError, Tx, instant, micros, sql};
use crate::on_db;
use crate::values::PublicId;

/// Microseconds of a day: when a place was taken is kept no finer.
const DAY: i64 = 86_400_000_000;

const ROUND: &str = "id, public_id, previous_id, number, relationship, customer_side, us, partner, created_at, \
                     closed_at, keep_until";
const PLACE: &str = "id, public_id, round_id, side, assessment_id, used_at, name, withdrawn";

#[derive(sqlx::FromRow)]
struct RoundRow {
    id: i64,
    public_id: Vec<u8>,
    previous_id: Option<i64>,
    number: i64,
    relationship: String,
    customer_side: Option<String>,
    us: String,
    partner: String,
    created_at: i64,
    closed_at: Option<i64>,
    keep_until: i64,
}

impl TryFrom<RoundRow> for Round {
    type Error = DbError;

    fn try_from(row: RoundRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            previous_id: row.previous_id,
            number: row.number,
            parties: read_parties(&row.relationship, row.customer_side.as_deref(), row.us, row.partner)?,
            created_at: instant(row.created_at)?,
            closed_at: row.closed_at.map(instant).transpose()?,
            keep_until: instant(row.keep_until)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct PlaceRow {
    id: i64,
    public_id: Vec<u8>,
    round_id: i64,
    side: String,
    assessment_id: Option<i64>,
    used_at: Option<i64>,
    name: Option<String>,
    withdrawn: bool,
}

impl TryFrom<PlaceRow> for Place {
    type Error = DbError;

    fn try_from(row: PlaceRow) -> Result<Self, DbError> {
        let side = Side::parse(&row.side);
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            round_id: row.round_id,
            side: side.ok_or_else(|| DbError::stored("a place is on no known side"))?,
            assessment_id: row.assessment_id,
            used: row.used_at.is_some(),
            name: row.name,
            withdrawn: row.withdrawn,
        })
    }
}

/// Puts a round in; gives its row. `None`: the same form opened it before.
pub(crate) async fn insert(
    tx: &mut Tx,
    public_id: PublicId,
    previous_id: Option<i64>,
    number: i64,
    parties: &Parties,
    now: Timestamp,
) -> Result<Option<i64>, DbError> {
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO assessment_rounds
             (public_id, previous_id, number, relationship, customer_side, us, partner, created_at, keep_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (public_id) DO NOTHING RETURNING id")
        .bind(public_id.as_bytes())
        .bind(previous_id)
        .bind(number)
        .bind(parties.relationship.key())
        .bind(parties.side.map(CustomerSide::key))
        .bind(&parties.us)
        .bind(&parties.partner)
        .bind(micros(now))
        .bind(micros(now + RESULT_LIFE))
        .fetch_optional(c)
        .await)?)
}

/// The round of a link.
pub(crate) async fn by_public_id(conn: &mut Conn, id: PublicId) -> Result<Option<Round>, DbError> {
    row::by_public_id::<RoundRow, _>(
        conn,
        format!("SELECT {ROUND} FROM assessment_rounds WHERE public_id = $1"),
        id,
    )
    .await
}

/// The round of a row.
pub(crate) async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Round>, DbError> {
    row::by_id::<RoundRow, _>(conn, format!("SELECT {ROUND} FROM assessment_rounds WHERE id = $1"), id).await
}

/// Holds a round until the transaction ends: what is decided on it and its places is still true when it is written.
pub(crate) async fn hold(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let text = format!("SELECT id FROM assessment_rounds WHERE id = $1{}", sql::for_update(tx));
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// The round after this one, where it was opened.
pub(crate) async fn next(conn: &mut Conn, id: i64) -> Result<Option<Round>, DbError> {
    row::by_id::<RoundRow, _>(
        conn,
        format!("SELECT {ROUND} FROM assessment_rounds WHERE previous_id = $1 ORDER BY id LIMIT 1"),
        id,
    )
    .await
}

/// Adds a place, while the round is open. False: it is closed.
pub(crate) async fn add_place(tx: &mut Tx, round_id: i64, side: Side, now: Timestamp) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "INSERT INTO assessment_seats (public_id, round_id, side)
         SELECT $1, id, $3 FROM assessment_rounds WHERE id = $2 AND closed_at IS NULL AND keep_until > $4")
        .bind(PublicId::random().as_bytes())
        .bind(round_id)
        .bind(side.key())
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The places of a round, in the order they were made.
pub(crate) async fn places(conn: &mut Conn, round_id: i64) -> Result<Vec<Place>, DbError> {
    let text = format!("SELECT {PLACE} FROM assessment_seats WHERE round_id = $1 ORDER BY id");
    let rows: Vec<PlaceRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(round_id).fetch_all(c).await)?;
    rows.into_iter().map(Place::try_from).collect()
}

/// The place of a link.
pub(crate) async fn place_by_public_id(conn: &mut Conn, id: PublicId) -> Result<Option<Place>, DbError> {
    row::by_public_id::<PlaceRow, _>(
        conn,
        format!("SELECT {PLACE} FROM assessment_seats WHERE public_id = $1"),
        id,
    )
    .await
}

/// The place that an assessment was begun from.
pub(crate) async fn place_of_assessment(conn: &mut Conn, assessment_id: i64) -> Result<Option<Place>, DbError> {
    row::by_id::<PlaceRow, _>(
        conn,
        format!("SELECT {PLACE} FROM assessment_seats WHERE assessment_id = $1"),
        assessment_id,
    )
    .await
}

/// Uses a place up, on a day. False: somebody did before.
pub(crate) async fn use_place(tx: &mut Tx, id: i64, name: Option<&str>, now: Timestamp) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "UPDATE assessment_seats SET used_at = $2, name = $3 WHERE id = $1 AND used_at IS NULL")
        .bind(id)
        .bind(micros(now) - micros(now).rem_euclid(DAY))
        .bind(name)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Agrees to be named, or takes that back, while the round is open. False: it is closed.
pub(crate) async fn set_name(tx: &mut Tx, place_id: i64, name: Option<&str>) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "UPDATE assessment_seats SET name = $2
          WHERE id = $1 AND EXISTS (SELECT 1 FROM assessment_rounds r WHERE r.id = round_id AND r.closed_at IS NULL)")
        .bind(place_id)
        .bind(name)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Notes that a round is closed. False: it was before.
pub(crate) async fn mark_closed(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, DbError> {
    let rows = on_db!(tx, c => sqlx::query(
        "UPDATE assessment_rounds SET closed_at = $2, keep_until = $3 WHERE id = $1 AND closed_at IS NULL")
        .bind(id)
        .bind(micros(now))
        .bind(micros(now + RESULT_LIFE))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// What was finished by now in a round changes no more.
pub(crate) async fn freeze_finished(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE assessments SET frozen = $2
          WHERE finished_at IS NOT NULL
            AND id IN (SELECT assessment_id FROM assessment_seats WHERE round_id = $1)")
        .bind(id)
        .bind(true)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The answers that count in a closed round, with their places.
pub(crate) async fn counted(conn: &mut Conn, round: &Round) -> Result<Vec<(Place, Assessment)>, DbError> {
    let Some(closed_at) = round.closed_at else {
        return Ok(Vec::new());
    };
    let places = places(conn, round.id).await?;
    let ids: Vec<i64> = places.iter().filter_map(|place| place.assessment_id).collect();
    let answers = assessments::by_ids(conn, &ids).await?;
    let in_time = |found: &&Assessment| found.frozen && found.finished_at.is_some_and(|at| at <= closed_at);
    Ok(places
        .into_iter()
        .filter_map(|place| {
            let found = answers
                .iter()
                .filter(in_time)
                .find(|found| Some(found.id) == place.assessment_id)?;
            Some((place, found.clone()))
        })
        .collect())
}

/// Notes what the respondent of a place answers with.
pub(crate) async fn set_assessment(tx: &mut Tx, place_id: i64, assessment_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE assessment_seats SET assessment_id = $2 WHERE id = $1")
        .bind(place_id)
        .bind(assessment_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Places whose answers came late, or not yet, go over from one round to another.
pub(crate) async fn move_open_places(tx: &mut Tx, from: i64, to: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE assessment_seats SET round_id = $2
          WHERE round_id = $1 AND NOT withdrawn
            AND (used_at IS NULL
                 OR assessment_id IN (SELECT id FROM assessments WHERE NOT frozen))")
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// An assessment that counted in a closed round is about to be erased: its side's result goes with it. Whoever kept
/// the report could otherwise subtract one from the other.
pub(crate) async fn note_withdrawal(tx: &mut Tx, assessment_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE assessment_seats SET withdrawn = $2
          WHERE assessment_id = $1
            AND EXISTS (SELECT 1 FROM assessment_rounds r, assessments a
                         WHERE r.id = round_id AND r.closed_at IS NOT NULL AND a.id = $1 AND a.frozen)")
        .bind(assessment_id)
        .bind(true)
        .execute(c)
        .await
        .map(drop))?;
    on_db!(tx, c => sqlx::query("UPDATE assessment_seats SET name = NULL WHERE assessment_id = $1")
        .bind(assessment_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Erases a round with its places. The respondents keep their own results.
pub(crate) async fn erase(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM assessment_rounds WHERE id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// The rounds whose time is over.
pub(crate) async fn expired(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM assessment_rounds WHERE keep_until <= $1 ORDER BY keep_until LIMIT $2")
        .bind(micros(now))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
