//! Series and their airings.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::AssertSqlSafe;

use super::sessions::{SESSION, SessionRow};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::{PublicId, Zone};
use crate::webcasts::Session;
use crate::webcasts::series::{AiringOfSeries, Series, SeriesPlan};

#[derive(sqlx::FromRow)]
struct SeriesRow {
    id: i64,
    public_id: Vec<u8>,
    webcast_id: i64,
    rule: String,
    zone: String,
    until: Option<String>,
    made_until: Option<String>,
    version: i64,
}

const COLUMNS: &str = "id, public_id, webcast_id, rule, zone, until, made_until, version";

fn day(text: &str) -> Result<Date, DbError> {
    text.parse().map_err(DbError::stored)
}

async fn read(conn: &mut Conn, row: SeriesRow) -> Result<Series, DbError> {
    let exceptions: Vec<String> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT day FROM series_exceptions WHERE series_id = $1 ORDER BY day")
        .bind(row.id)
        .fetch_all(c)
        .await)?;
    Ok(Series {
        id: row.id,
        public_id: row.public_id.try_into().map_err(DbError::stored)?,
        webcast_id: row.webcast_id,
        plan: SeriesPlan {
            rule: serde_json::from_str(&row.rule).map_err(DbError::stored)?,
            zone: Zone::stored(&row.zone),
            until: row.until.as_deref().map(day).transpose()?,
            exceptions: exceptions.iter().map(|text| day(text)).collect::<Result<_, _>>()?,
        },
        made_until: row.made_until.as_deref().map(day).transpose()?,
        version: row.version,
    })
}

/// The series of a webcast, in the order they were made.
pub async fn series_of(conn: &mut Conn, webcast_id: i64) -> Result<Vec<Series>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM series WHERE webcast_id = $1 ORDER BY id");
    let rows: Vec<SeriesRow> =
        on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(webcast_id).fetch_all(c).await)?;
    let mut series = Vec::with_capacity(rows.len());
    for row in rows {
        series.push(read(conn, row).await?);
    }
    Ok(series)
}

/// A series, held until the transaction ends.
pub async fn hold_series(tx: &mut Tx, id: PublicId) -> Result<Option<Series>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM series WHERE public_id = $1{}",
        sql::for_update(tx)
    );
    let row: Option<SeriesRow> = on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    match row {
        Some(row) => read(tx, row).await.map(Some),
        None => Ok(None),
    }
}

/// All series of webcasts that are not called off, and that have no end in the past.
pub async fn series_that_go_on(conn: &mut Conn, today: Date) -> Result<Vec<PublicId>, DbError> {
    let ids: Vec<Vec<u8>> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT s.public_id FROM series s JOIN webcasts w ON w.id = s.webcast_id
          WHERE w.state <> 'cancelled' AND (s.until IS NULL OR s.until >= $1) ORDER BY s.id")
        .bind(today.to_string())
        .fetch_all(c)
        .await)?;
    ids.into_iter()
        .map(|id| id.try_into().map_err(DbError::stored))
        .collect()
}

/// Puts a series in; no airing of it is made yet.
pub async fn insert_series(tx: &mut Tx, webcast_id: i64, plan: &SeriesPlan) -> Result<PublicId, DbError> {
    let id = PublicId::random();
    let row: i64 = on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO series (public_id, webcast_id, rule, zone, until) VALUES ($1, $2, '', '', NULL) RETURNING id")
        .bind(id.as_bytes())
        .bind(webcast_id)
        .fetch_one(c)
        .await)?;
    put_plan(tx, row, plan, None).await?;
    Ok(id)
}

/// Sets what is set of a series, and up to which day its airings are made.
pub async fn put_plan(tx: &mut Tx, id: i64, plan: &SeriesPlan, made_until: Option<Date>) -> Result<(), DbError> {
    let rule = serde_json::to_string(&plan.rule).map_err(DbError::stored)?;
    on_db!(tx, c => sqlx::query(
        "UPDATE series SET rule = $2, zone = $3, until = $4, made_until = $5, version = version + 1 WHERE id = $1")
        .bind(id)
        .bind(rule)
        .bind(plan.zone.name())
        .bind(plan.until.map(|day| day.to_string()))
        .bind(made_until.map(|day| day.to_string()))
        .execute(c)
        .await
        .map(drop))?;
    on_db!(tx, c => sqlx::query("DELETE FROM series_exceptions WHERE series_id = $1").bind(id).execute(c).await.map(drop))?;
    for day in &plan.exceptions {
        on_db!(tx, c => sqlx::query("INSERT INTO series_exceptions (series_id, day) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(day.to_string())
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Notes up to which day airings are made.
pub async fn note_made(tx: &mut Tx, id: i64, until: Date) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE series SET made_until = $2 WHERE id = $1")
        .bind(id)
        .bind(until.to_string())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct AiringRow {
    #[sqlx(flatten)]
    session: SessionRow,
    series_day: String,
}

/// The airings of a series for days from `from` on, by their days.
pub async fn airings_of(conn: &mut Conn, series_id: i64, from: Date) -> Result<Vec<AiringOfSeries>, DbError> {
    let text = format!(
        "SELECT {SESSION}, series_day FROM sessions WHERE series_id = $1 AND series_day >= $2 ORDER BY series_day"
    );
    let rows: Vec<AiringRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(series_id)
        .bind(from.to_string())
        .fetch_all(c)
        .await)?;
    let airing = |row: AiringRow| {
        Ok(AiringOfSeries {
            session: Session::try_from(row.session)?,
            day: day(&row.series_day)?,
        })
    };
    rows.into_iter().map(airing).collect()
}

/// How many airings of a series are ahead and not called off.
pub async fn count_airings(conn: &mut Conn, series_id: i64, now: Timestamp) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM sessions WHERE series_id = $1 AND ends_at > $2 AND state <> 'cancelled'")
        .bind(series_id)
        .bind(micros(now))
        .fetch_one(c)
        .await)?)
}

/// A session becomes the airing of a day; one of its webcast that begins then, and belongs to no series. False: there is
/// none such.
pub async fn adopt_session(tx: &mut Tx, series: &Series, day: Date, starts_at: Timestamp) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE sessions SET series_id = $1, series_day = $2
          WHERE id = (SELECT MIN(f.id) FROM sessions f
                       WHERE f.webcast_id = $3 AND f.starts_at = $4 AND f.series_id IS NULL)")
        .bind(series.id)
        .bind(day.to_string())
        .bind(series.webcast_id)
        .bind(micros(starts_at))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// A session belongs to no series any more.
pub async fn leave_series(tx: &mut Tx, session_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE sessions SET series_id = NULL, series_day = NULL WHERE id = $1")
        .bind(session_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Takes a session away that nobody was ever registered for; whoever calls this holds it, so that nobody is meanwhile.
/// False: somebody was.
pub async fn delete_empty_session(tx: &mut Tx, session_id: i64) -> Result<bool, DbError> {
    let deleted = on_db!(tx, c => sqlx::query(
        "DELETE FROM sessions WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM registrations r WHERE r.session_id = $1)")
        .bind(session_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(deleted == 1)
}

/// Airings for days from `from` on belong to another series from now on.
pub async fn hand_over(tx: &mut Tx, from_series: i64, to_series: i64, from: Date) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE sessions SET series_id = $2 WHERE series_id = $1 AND series_day >= $3")
        .bind(from_series)
        .bind(to_series)
        .bind(from.to_string())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The webcast of a series.
pub async fn webcast_of_series(conn: &mut Conn, id: PublicId) -> Result<Option<i64>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT webcast_id FROM series WHERE public_id = $1")
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?,
    )
}
