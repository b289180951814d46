//! The team as its owners see it, and where somebody is signed in, in SQL.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::sign_ins::ended_before;
use super::{BY_ROLE, ORGANIZER, Organizer, OrganizerRow};
use crate::db::{Conn, DbError, Tx};
use crate::on_db;

/// Somebody of the team.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub organizer: Organizer,
    /// Since when nobody can use the account, in microseconds.
    pub disabled_at: Option<i64>,
    /// Whether it has a second factor.
    pub has_second_factor: bool,
    /// When they were here last, to within some minutes, in microseconds.
    pub last_seen: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    #[sqlx(flatten)]
    organizer: OrganizerRow,
    disabled_at: Option<i64>,
    has_second_factor: i64,
    last_seen: Option<i64>,
    last_sign_in: Option<i64>,
}

/// Everybody, owners first, then by address.
///
/// # Errors
/// When the database fails.
pub async fn members(conn: &mut Conn) -> Result<Vec<Member>, DbError> {
    let text = format!(
        "SELECT {ORGANIZER}, disabled_at, CAST(CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_second_factor,
                (SELECT MAX(s.last_seen) FROM sign_ins s WHERE s.organizer_id = organizers.id) AS last_seen,
                (SELECT MAX(a.at) FROM audit_log a
                  WHERE a.organizer_id = organizers.id AND a.action = 'sign-in') AS last_sign_in
           FROM organizers ORDER BY {BY_ROLE}"
    );
    let rows: Vec<MemberRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).fetch_all(c).await)?;
    rows.into_iter()
        .map(|row| {
            Ok(Member {
                organizer: row.organizer.try_into()?,
                disabled_at: row.disabled_at,
                has_second_factor: row.has_second_factor != 0,
                last_seen: row.last_seen.max(row.last_sign_in),
            })
        })
        .collect()
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SignInOfMember {
    /// The row.
    pub id: i64,
    /// Where it came from, in words, cut.
    pub network: String,
    /// The browser and the system, in words.
    pub device: String,
    /// Whether there was a second factor: 0 or 1.
    pub mfa: i64,
    /// Microseconds.
    pub created_at: i64,
    /// Microseconds, to within some minutes.
    pub last_seen: i64,
    /// What the cookie's token is told by.
    pub token_hash: Vec<u8>,
}

/// Where somebody is signed in, the one that was used last first.
///
/// # Errors
/// When the database fails.
pub async fn sign_ins_of(conn: &mut Conn, organizer: i64, now: Timestamp) -> Result<Vec<SignInOfMember>, DbError> {
    let (idle, absolute) = ended_before(now);
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT id, network, device, mfa, created_at, last_seen, token_hash FROM sign_ins
          WHERE organizer_id = $1 AND last_seen > $2 AND created_at > $3 ORDER BY last_seen DESC, id DESC")
        .bind(organizer)
        .bind(idle)
        .bind(absolute)
        .fetch_all(c)
        .await)?)
}

/// Ends one sign-in of somebody. False: it is none of theirs, or has ended.
///
/// # Errors
/// When the database fails.
pub async fn end_sign_in(tx: &mut Tx, organizer: i64, sign_in: i64) -> Result<bool, DbError> {
    let ended = on_db!(tx, c => sqlx::query("DELETE FROM sign_ins WHERE id = $1 AND organizer_id = $2")
        .bind(sign_in)
        .bind(organizer)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(ended == 1)
}
