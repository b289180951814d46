//! Attendance of an import: who of a report is who of ours, and who is nobody that we know of.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::{EmailAddress, PublicId};
use crate::webcasts::store::rewrite_attendance;

/// Somebody who was registered for a session, and what they are found by.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SeatHolder {
    pub registration_id: i64,
    pub contact_id: i64,
    pub email_key: String,
    pub name: String,
    /// What they go by, where an organizer said so.
    pub aliases: Option<String>,
}

/// Everybody who was registered for a session.
pub(crate) async fn seat_holders(conn: &mut Conn, session: i64) -> Result<Vec<SeatHolder>, DbError> {
    let joined = if conn.is_sqlite() {
        "group_concat(x.alias, char(10))"
    } else {
        "string_agg(x.alias, chr(10))"
    };
    let text = format!(
        "SELECT r.id AS registration_id, r.contact_id, c.email_key, r.name,
                (SELECT {joined} FROM attendance_aliases x
                  WHERE x.webcast_id = r.webcast_id AND x.contact_id = r.contact_id) AS aliases
           FROM registrations r JOIN contacts c ON c.id = r.contact_id WHERE r.session_id = $1 ORDER BY r.id"
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(session).fetch_all(c).await)?)
}

/// Writes when somebody was there, in place of what an earlier report said.
pub(crate) async fn put_stays(
    tx: &mut Tx,
    import: i64,
    (registration, session): (i64, i64),
    stays: &[(i64, i64)],
) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "DELETE FROM attendance WHERE registration_id = $1 AND session_id = $2 AND source = 'import'")
        .bind(registration)
        .bind(session)
        .execute(c)
        .await
        .map(drop))?;
    add_stays(tx, import, (registration, session), stays).await
}

/// Adds when somebody was there besides.
pub(crate) async fn add_stays(
    tx: &mut Tx,
    import: i64,
    (registration, session): (i64, i64),
    stays: &[(i64, i64)],
) -> Result<(), DbError> {
    if !stays.is_empty() {
        let text = format!(
            "INSERT INTO attendance (registration_id, session_id, source, from_at, to_at, import_id)
             SELECT $1, $2, 'import', v.column1, v.column2, $3 FROM (VALUES {}) AS v",
            sql::rows(stays.len(), 2, 3)
        );
        on_db!(tx, c => {
            let query = sqlx::query(AssertSqlSafe(text)).bind(registration).bind(session).bind(import);
            stays.iter().fold(query, |query, (from, to)| query.bind(*from).bind(*to)).execute(c).await.map(drop)
        })?;
    }
    rewrite_attendance(tx, registration).await
}

/// Takes back what an import said of attendance; gives how many registrations it was of.
pub(crate) async fn take_back_stays(tx: &mut Tx, import: i64, limit: i64) -> Result<usize, DbError> {
    let ids: Vec<i64> = on_db!(tx, c => sqlx::query_scalar(
        "SELECT DISTINCT registration_id FROM attendance WHERE import_id = $1 ORDER BY registration_id LIMIT $2")
        .bind(import)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    for id in &ids {
        on_db!(tx, c => sqlx::query("DELETE FROM attendance WHERE import_id = $1 AND registration_id = $2")
            .bind(import)
            .bind(*id)
            .execute(c)
            .await
            .map(drop))?;
        rewrite_attendance(tx, *id).await?;
    }
    Ok(ids.len())
}

/// After a report who is not in it was not there, if the session is over: absence need not wait for its day. Undone, it
/// waits again.
pub(crate) async fn decide_absences(tx: &mut Tx, session: i64, is_known: bool, now: Timestamp) -> Result<(), DbError> {
    let (from, to) = if is_known {
        ("unknown", "no_show")
    } else {
        ("no_show", "unknown")
    };
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE sessions SET absence_noted = $2 WHERE id = $1 AND ends_at <= $3")
        .bind(session)
        .bind(i64::from(is_known))
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed == 0 {
        return Ok(());
    }
    on_db!(tx, c => sqlx::query(
        "UPDATE registrations SET attendance = $3
          WHERE session_id = $1 AND attendance = $2 AND state = 'registered' AND channel <> 'replay'")
        .bind(session)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Somebody of a report who is nobody that we know of.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Unmatched {
    pub id: i64,
    pub public_id: Vec<u8>,
    pub import_id: i64,
    pub session_id: i64,
    pub name: String,
    pub name_key: String,
    pub email: String,
    pub email_key: String,
    /// JSON: pairs of microseconds.
    pub stays: String,
}

const UNMATCHED: &str = "id, public_id, import_id, session_id, name, name_key, email, email_key, stays";

/// Keeps one.
pub(crate) async fn insert_unmatched(tx: &mut Tx, new: &Unmatched) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO attendance_unmatched (public_id, import_id, session_id, name, name_key, email, email_key, stays)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(&new.public_id)
        .bind(new.import_id)
        .bind(new.session_id)
        .bind(&new.name)
        .bind(&new.name_key)
        .bind(&new.email)
        .bind(&new.email_key)
        .bind(&new.stays)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Those of an import, in the order of the report.
pub(crate) async fn unmatched(conn: &mut Conn, import: i64, limit: i64) -> Result<Vec<Unmatched>, DbError> {
    let text = format!("SELECT {UNMATCHED} FROM attendance_unmatched WHERE import_id = $1 ORDER BY id LIMIT $2");
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(import).bind(limit).fetch_all(c).await)?)
}

/// One of them by its name, held until the transaction ends.
pub(crate) async fn unmatched_by_id(tx: &mut Tx, import: i64, id: PublicId) -> Result<Option<Unmatched>, DbError> {
    let text = format!(
        "SELECT {UNMATCHED} FROM attendance_unmatched WHERE import_id = $1 AND public_id = $2{}",
        sql::for_update(tx)
    );
    Ok(on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(import)
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?)
}

/// Forgets one: it is known who it was.
pub(crate) async fn delete_unmatched(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM attendance_unmatched WHERE id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets those with this address, and those of this name, folded, who gave none.
pub(crate) async fn forget_unmatched_of(tx: &mut Tx, address_key: &str, name_key: &str) -> Result<u64, DbError> {
    Ok(on_db!(tx, c => sqlx::query(
        "DELETE FROM attendance_unmatched WHERE email_key = $1 OR (name_key = $2 AND name_key <> '')")
        .bind(address_key)
        .bind(name_key)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Gives those with one address to another one: both are one person's.
pub(crate) async fn pass_on_unmatched(tx: &mut Tx, from_key: &str, to: &EmailAddress) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE attendance_unmatched SET email = $2, email_key = $3 WHERE email_key = $1")
        .bind(from_key)
        .bind(to.as_str())
        .bind(to.key())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Remembers who somebody is that a webcast's reports call so.
pub(crate) async fn put_alias(tx: &mut Tx, session: i64, alias: &str, contact: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO attendance_aliases (webcast_id, alias, contact_id)
         SELECT webcast_id, $2, $3 FROM sessions WHERE id = $1
         ON CONFLICT (webcast_id, alias) DO UPDATE SET contact_id = excluded.contact_id")
        .bind(session)
        .bind(alias)
        .bind(contact)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
