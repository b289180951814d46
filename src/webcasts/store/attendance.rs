//! Who was there, and when. What it comes to stands on the registration, so that lists and files need no second table.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::webcasts::Seat;
use crate::webcasts::attendance::{AttendanceSource, DECIDED_AFTER, Visit, Visits};

use super::expected;

/// Records a click on "Join now" or "Watch the replay". A second one within the session adds no row.
pub async fn record_join(tx: &mut Tx, seat: &Seat, source: AttendanceSource, now: Timestamp) -> Result<(), DbError> {
    // Two clicks at once: the second one looks when the first one is recorded.
    hold(tx, seat.id).await?;
    let is_new = on_db!(tx, c => sqlx::query(
        "INSERT INTO attendance (registration_id, session_id, source, from_at)
         SELECT $1, $2, $3, $4
          WHERE NOT EXISTS (SELECT 1 FROM attendance
                             WHERE registration_id = $1 AND session_id = $2 AND source = $3)")
        .bind(seat.id)
        .bind(seat.session.id)
        .bind(source.as_str())
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?;
    if is_new {
        rewrite_attendance(tx, seat.id).await?;
    }
    Ok(())
}

/// An organizer says that somebody was there, from the beginning to nobody knows when. False: it was known already, or they
/// have no place.
pub async fn mark_attended(tx: &mut Tx, registration: i64) -> Result<bool, DbError> {
    hold(tx, registration).await?;
    let is_new = on_db!(tx, c => sqlx::query(
        "INSERT INTO attendance (registration_id, session_id, source, from_at)
         SELECT r.id, r.session_id, $2, s.starts_at FROM registrations r JOIN sessions s ON s.id = r.session_id
          WHERE r.id = $1 AND r.state = 'registered' AND r.attendance <> 'attended'")
        .bind(registration)
        .bind(AttendanceSource::Organizer.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?;
    if is_new {
        rewrite_attendance(tx, registration).await?;
    }
    Ok(is_new)
}

/// Takes back what an organizer said.
pub async fn unmark_attended(tx: &mut Tx, registration: i64) -> Result<(), DbError> {
    hold(tx, registration).await?;
    on_db!(tx, c => sqlx::query("DELETE FROM attendance WHERE registration_id = $1 AND source = $2")
        .bind(registration)
        .bind(AttendanceSource::Organizer.as_str())
        .execute(c)
        .await
        .map(drop))?;
    rewrite_attendance(tx, registration).await
}

/// Forgets when somebody came and left, by the rows that say so; that they were there stays on their registration. Gives how
/// many rows went.
pub async fn forget_times(tx: &mut Tx, ids: &[i64]) -> Result<u64, DbError> {
    if ids.is_empty() {
        return Ok(0);
    }
    let rows = sql::rows(1, ids.len(), 0);
    for text in [
        format!(
            "UPDATE registrations SET first_join = NULL, last_leave = NULL, minutes = NULL, replay_at = NULL
              WHERE id IN (SELECT registration_id FROM attendance WHERE id IN {rows})"
        ),
        format!("DELETE FROM attendance WHERE id IN {rows}"),
    ] {
        on_db!(tx, c => {
            let query = sqlx::query(AssertSqlSafe(text));
            ids.iter().fold(query, |query, id| query.bind(*id)).execute(c).await.map(drop)
        })?;
    }
    Ok(ids.len() as u64)
}

async fn hold(tx: &mut Tx, registration: i64) -> Result<(), DbError> {
    let text = format!("SELECT id FROM registrations WHERE id = $1{}", sql::for_update(tx));
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(registration).execute(c).await.map(drop))?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct VisitRow {
    source: String,
    from_at: i64,
    to_at: Option<i64>,
}

/// Writes on a registration what its times in its session come to: after every change of either.
///
/// # Errors
/// When the database fails.
pub async fn rewrite_attendance(tx: &mut Tx, registration: i64) -> Result<(), DbError> {
    let text = format!(
        "SELECT {} AND s.absence_noted = 1 FROM registrations r JOIN sessions s ON s.id = r.session_id WHERE r.id = $1",
        expected("r")
    );
    let is_missed: Option<bool> =
        on_db!(tx, c => sqlx::query_scalar(AssertSqlSafe(text)).bind(registration).fetch_optional(c).await)?;
    let visits = visits_of(tx, registration).await?;
    let is_missed = is_missed.unwrap_or(false);
    on_db!(tx, c => sqlx::query(
        "UPDATE registrations SET attendance = $2, first_join = $3, last_leave = $4, minutes = $5, replay_at = $6
          WHERE id = $1")
        .bind(registration)
        .bind(visits.attended(is_missed).as_str())
        .bind(visits.first_join())
        .bind(visits.last_leave())
        .bind(visits.minutes())
        .bind(visits.replay())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

async fn visits_of(conn: &mut Conn, registration: i64) -> Result<Visits, DbError> {
    let rows: Vec<VisitRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT a.source, a.from_at, a.to_at FROM attendance a JOIN registrations r ON r.id = a.registration_id
          WHERE r.id = $1 AND a.session_id = r.session_id")
        .bind(registration)
        .fetch_all(c)
        .await)?;
    let visit = |row: VisitRow| {
        Ok(Visit {
            source: AttendanceSource::parse(&row.source).ok_or_else(|| DbError::stored("attendance source"))?,
            from: row.from_at,
            to: row.to_at,
        })
    };
    Ok(Visits(rows.into_iter().map(visit).collect::<Result<_, DbError>>()?))
}

/// A session in which absence is to be noted, or to be taken back because it was moved.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Absences {
    /// The session.
    pub session_id: i64,
    /// Who was not seen was not there.
    pub is_over: bool,
}

/// The next such session.
pub async fn next_absences(conn: &mut Conn, now: Timestamp) -> Result<Option<Absences>, DbError> {
    let ended_before = micros(now).saturating_sub(DECIDED_AFTER);
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT id AS session_id, absence_noted = 0 AS is_over FROM sessions
          WHERE (absence_noted = 0 AND ends_at <= $1) OR (absence_noted = 1 AND ends_at > $1) ORDER BY id LIMIT 1")
        .bind(ended_before)
        .fetch_optional(c)
        .await)?)
}

/// Notes the absence of the next of a session's registrations, or takes it back. Gives how many; fewer than `limit`: the
/// session is done with.
pub async fn note_absences(tx: &mut Tx, absences: Absences, limit: i64) -> Result<u64, DbError> {
    let (from, to) = if absences.is_over {
        ("unknown", "no_show")
    } else {
        ("no_show", "unknown")
    };
    let text = format!(
        "UPDATE registrations SET attendance = $2
          WHERE id IN (SELECT r.id FROM registrations r
                        WHERE r.session_id = $1 AND r.attendance = $3 AND {} ORDER BY r.id LIMIT $4)",
        expected("r")
    );
    let noted = on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(absences.session_id)
        .bind(to)
        .bind(from)
        .bind(limit)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if noted < limit.unsigned_abs() {
        on_db!(tx, c => sqlx::query("UPDATE sessions SET absence_noted = $2 WHERE id = $1")
            .bind(absences.session_id)
            .bind(i64::from(absences.is_over))
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(noted)
}
