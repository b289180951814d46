//! Sign-ins, and the networks they came from, in SQL.

use jiff::{SignedDuration, Timestamp};

use super::{Account, OrganizerRow};
use crate::db::{Conn, DbError, Tx, instant, micros};
use crate::on_db;
use crate::organizers::{ABSOLUTE_LIMIT, FRESH_FOR, IDLE_LIMIT, KNOWN_FOR, Organizer};

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The row.
    pub id: i64,
    /// Who it is.
    pub organizer: Organizer,
    /// When it was used last, to within some minutes.
    pub last_seen: Timestamp,
    /// Until when what needs the password may be done without typing it again.
    pub fresh_until: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct SignInRow {
    #[sqlx(flatten)]
    organizer: OrganizerRow,
    sign_in_id: i64,
    last_seen: i64,
    fresh_until: Option<i64>,
}

/// A sign-in to be kept.
#[derive(Debug, Clone, Default)]
pub struct NewSignIn {
    /// Of the cookie's token.
    pub token_hash: Vec<u8>,
    /// Where it comes from, in words, cut.
    pub network: String,
    /// The browser and the system, in words.
    pub device: String,
    /// Whether there was a second factor.
    pub with_second_factor: bool,
}

/// Signs a browser in; sign-ins that have run out are cleared away on the occasion. False where the
/// password was changed since it was checked.
///
/// # Errors
/// When the database fails.
pub async fn sign_in(tx: &mut Tx, account: &Account, new: &NewSignIn, now: Timestamp) -> Result<bool, DbError> {
    let (idle, absolute) = ended_before(now);
    on_db!(tx, c => sqlx::query("DELETE FROM sign_ins WHERE last_seen <= $1 OR created_at <= $2")
        .bind(idle)
        .bind(absolute)
        .execute(c)
        .await
        .map(drop))?;
    let rows = on_db!(tx, c => sqlx::query(
        "INSERT INTO sign_ins (organizer_id, token_hash, created_at, last_seen, fresh_until, network, device, mfa)
         SELECT id, $2, $3, $3, $5, $6, $7, $8 FROM organizers
          WHERE id = $1 AND password_hash = $4 AND disabled_at IS NULL")
        .bind(account.organizer.id)
        .bind(&new.token_hash)
        .bind(micros(now))
        .bind(&account.password_hash)
        .bind(micros(now + FRESH_FOR))
        .bind(&new.network)
        .bind(&new.device)
        .bind(i64::from(new.with_second_factor))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Who holds this token, while the sign-in lasts.
///
/// # Errors
/// When the database fails.
pub async fn who_is(conn: &mut Conn, token_hash: &[u8], now: Timestamp) -> Result<Option<SignIn>, DbError> {
    let (idle, absolute) = ended_before(now);
    let row: Option<SignInRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT o.id, o.public_id, o.email, o.name, o.role, o.time_zone, o.shortcuts,
                s.id AS sign_in_id, s.last_seen, s.fresh_until
         FROM sign_ins s JOIN organizers o ON o.id = s.organizer_id
         WHERE s.token_hash = $1 AND s.last_seen > $2 AND s.created_at > $3")
        .bind(token_hash)
        .bind(idle)
        .bind(absolute)
        .fetch_optional(c)
        .await)?;
    row.map(|row| {
        Ok(SignIn {
            id: row.sign_in_id,
            organizer: row.organizer.try_into()?,
            last_seen: instant(row.last_seen)?,
            fresh_until: row.fresh_until.map(instant).transpose()?,
        })
    })
    .transpose()
}

/// What was used or made at or before these has ended: idle, absolute.
pub(super) fn ended_before(now: Timestamp) -> (i64, i64) {
    let back = |limit: SignedDuration| micros(now.saturating_sub(limit).unwrap_or(Timestamp::MIN));
    (back(IDLE_LIMIT), back(ABSOLUTE_LIMIT))
}

/// Notes that a sign-in is in use.
///
/// # Errors
/// When the database fails.
pub async fn seen(tx: &mut Tx, sign_in: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE sign_ins SET last_seen = $2 WHERE id = $1 AND last_seen < $2")
        .bind(sign_in)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes that the password was typed again.
///
/// # Errors
/// When the database fails.
pub async fn freshen(tx: &mut Tx, token_hash: &[u8], until: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE sign_ins SET fresh_until = $2 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(micros(until))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends one sign-in.
///
/// # Errors
/// When the database fails.
pub async fn sign_out(tx: &mut Tx, token_hash: &[u8]) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM sign_ins WHERE token_hash = $1")
        .bind(token_hash)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Whether an account was signed in to from this network, by its keyed hash.
///
/// # Errors
/// When the database fails.
pub async fn knows_network(conn: &mut Conn, organizer: i64, network: &[u8]) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT organizer_id FROM known_networks WHERE organizer_id = $1 AND network_hash = $2")
        .bind(organizer)
        .bind(network)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// Notes that an account was signed in to from this network; what was not used for a year is forgotten.
///
/// # Errors
/// When the database fails.
pub async fn know_network(tx: &mut Tx, organizer: i64, network: &[u8], now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO known_networks (organizer_id, network_hash, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (organizer_id, network_hash) DO UPDATE SET seen_at = excluded.seen_at")
        .bind(organizer)
        .bind(network)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    on_db!(tx, c => sqlx::query("DELETE FROM known_networks WHERE organizer_id = $1 AND seen_at < $2")
        .bind(organizer)
        .bind(micros(now - KNOWN_FOR))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends all sign-ins of an account.
///
/// # Errors
/// When the database fails.
pub async fn end_sign_ins(tx: &mut Tx, organizer: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM sign_ins WHERE organizer_id = $1")
        .bind(organizer)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
