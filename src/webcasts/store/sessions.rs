//! Sessions, and the fan-out of their changes.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, instant, micros, sql};
use crate::on_db;
use crate::values::{HttpUrl, PublicId, Zone};
use crate::webcasts::change::SessionUpdate;
use crate::webcasts::entry::EntryRule;
use crate::webcasts::store::takes_a_place;
use crate::webcasts::window::RegistrationWindow;
use crate::webcasts::{Session, SessionState};

/// A session to be made.
pub struct NewSession<'a> {
    /// The webcast.
    pub webcast_id: i64,
    /// Start.
    pub starts_at: Timestamp,
    /// End.
    pub ends_at: Timestamp,
    /// Where its clock hangs.
    pub zone: &'a Zone,
    /// Where it is aired.
    pub join_url: Option<&'a HttpUrl>,
    /// Most seats.
    pub capacity: Option<i64>,
    /// How one comes to a place.
    pub entry: EntryRule,
    /// The series that it belongs to, and the day that it stands for.
    pub airing: Option<(i64, Date)>,
}

pub(super) const SESSION: &str = "id, public_id, webcast_id, starts_at, ends_at, time_zone, join_url, replay_url, capacity, \
                       seats_taken, unconfirmed_share, state, sequence, reason, doors_open_at, \
                       opens_at, closes_at, waiting_list, offer_minutes, approval, \
                       EXISTS (SELECT 1 FROM registrations q \
                                WHERE q.session_id = sessions.id AND q.state = 'waitlisted') AS has_queue";

#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    pub(super) id: i64,
    pub(super) public_id: Vec<u8>,
    pub(super) webcast_id: i64,
    pub(super) starts_at: i64,
    pub(super) ends_at: i64,
    pub(super) time_zone: String,
    pub(super) join_url: Option<String>,
    pub(super) replay_url: Option<String>,
    pub(super) capacity: Option<i64>,
    pub(super) seats_taken: i64,
    pub(super) unconfirmed_share: Option<i64>,
    pub(super) state: String,
    pub(super) sequence: i64,
    pub(super) reason: Option<String>,
    pub(super) doors_open_at: Option<i64>,
    pub(super) opens_at: Option<i64>,
    pub(super) closes_at: Option<i64>,
    pub(super) waiting_list: String,
    pub(super) offer_minutes: i64,
    pub(super) approval: i64,
    pub(super) has_queue: bool,
}

impl TryFrom<SessionRow> for Session {
    type Error = DbError;

    fn try_from(row: SessionRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            webcast_id: row.webcast_id,
            starts_at: instant(row.starts_at)?,
            ends_at: instant(row.ends_at)?,
            zone: Zone::stored(&row.time_zone),
            join_url: stored_url(row.join_url)?,
            replay_url: stored_url(row.replay_url)?,
            capacity: row.capacity,
            seats_taken: row.seats_taken,
            unconfirmed_share: row.unconfirmed_share,
            state: row.state.try_into()?,
            sequence: row.sequence,
            reason: row.reason,
            doors_open_at: row.doors_open_at.map(instant).transpose()?,
            window: RegistrationWindow::stored(row.opens_at, row.closes_at)?,
            entry: EntryRule::stored(row.approval, &row.waiting_list, row.offer_minutes)?,
            has_queue: row.has_queue,
        })
    }
}

impl TryFrom<String> for SessionState {
    type Error = DbError;

    fn try_from(column: String) -> Result<Self, DbError> {
        Self::parse(&column).ok_or_else(|| DbError::stored("session state"))
    }
}

fn stored_url(url: Option<String>) -> Result<Option<HttpUrl>, DbError> {
    url.map(|url| HttpUrl::parse(&url)).transpose().map_err(DbError::stored)
}

/// Puts a session in, open for registrations; gives its public id.
pub async fn insert_session(tx: &mut Tx, session: &NewSession<'_>, now: Timestamp) -> Result<PublicId, DbError> {
    let public_id = PublicId::random();
    on_db!(tx, c => sqlx::query(
        "INSERT INTO sessions (public_id, webcast_id, starts_at, ends_at, time_zone, capacity, join_url, state, created_at,
                               updated_at, waiting_list, offer_minutes, approval, series_id, series_day)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $8, $9, $10, $11, $12, $13)")
        .bind(public_id.as_bytes())
        .bind(session.webcast_id)
        .bind(micros(session.starts_at))
        .bind(micros(session.ends_at))
        .bind(session.zone.name())
        .bind(session.capacity)
        .bind(session.join_url.map(HttpUrl::as_str))
        .bind(micros(now))
        .bind(session.entry.waiting_list.as_str())
        .bind(session.entry.offer_minutes)
        .bind(i64::from(session.entry.approval))
        .bind(session.airing.map(|(series, _)| series))
        .bind(session.airing.map(|(_, day)| day.to_string()))
        .execute(c)
        .await
        .map(drop))?;
    Ok(public_id)
}

/// A webcast's sessions by start.
pub async fn sessions_of(conn: &mut Conn, webcast_id: i64) -> Result<Vec<Session>, DbError> {
    let text = format!("SELECT {SESSION} FROM sessions WHERE webcast_id = $1 ORDER BY starts_at, id");
    let rows: Vec<SessionRow> =
        on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(webcast_id).fetch_all(c).await)?;
    rows.into_iter().map(Session::try_from).collect()
}

/// Sessions by start: all that are not over, and the last `past` of those that were aired.
pub async fn sessions_around(conn: &mut Conn, now: Timestamp, past: i64) -> Result<Vec<Session>, DbError> {
    let text = format!(
        "SELECT {SESSION} FROM sessions WHERE ends_at > $1
         UNION ALL
         SELECT {SESSION} FROM (SELECT * FROM sessions WHERE ends_at <= $1 AND state <> 'cancelled'
                                 ORDER BY starts_at DESC LIMIT $2) AS sessions
          ORDER BY starts_at, id"
    );
    let rows: Vec<SessionRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(micros(now))
        .bind(past)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(Session::try_from).collect()
}

/// The session of a form's value.
pub async fn session_by_public_id(conn: &mut Conn, id: PublicId) -> Result<Option<Session>, DbError> {
    find_session(conn, id, "").await
}

/// The same, held until the transaction ends: nobody takes or gives back a seat of it meanwhile, and whoever took one
/// before has it.
pub async fn hold_session(tx: &mut Tx, id: PublicId) -> Result<Option<Session>, DbError> {
    let held = sql::for_update(tx);
    find_session(tx, id, held).await
}

async fn find_session(conn: &mut Conn, id: PublicId, held: &str) -> Result<Option<Session>, DbError> {
    let text = format!("SELECT {SESSION} FROM sessions WHERE public_id = $1{held}");
    let row: Option<SessionRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    row.map(Session::try_from).transpose()
}

/// Holds two sessions until the transaction ends, in the order of their rows: two people who change places must not
/// wait for each other.
pub async fn hold_both_sessions(tx: &mut Tx, one: i64, other: i64) -> Result<(), DbError> {
    let text = format!(
        "SELECT id FROM sessions WHERE id IN ($1, $2) ORDER BY id{}",
        sql::for_update(tx)
    );
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(one).bind(other).execute(c).await.map(drop))?;
    Ok(())
}

/// Changes a session. `announce` raises the calendar's SEQUENCE. A capacity that comes or goes counts the
/// seats anew, so the row is right whatever it was before. A way in that was opened before its time is shut where the start
/// moves.
pub async fn update_session(
    tx: &mut Tx,
    session_id: i64,
    update: &SessionUpdate,
    announce: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    let text = format!(
        "UPDATE sessions
            SET starts_at = $2, ends_at = $3, time_zone = $4, join_url = $5, replay_url = $6, capacity = $7,
                state = $8, sequence = sequence + $9, updated_at = $10, opens_at = $11, closes_at = $12,
                waiting_list = $13, offer_minutes = $14, approval = $15,
                doors_open_at = CASE WHEN starts_at = $2 THEN doors_open_at END,
                seats_taken = (SELECT COUNT(*) FROM registrations r WHERE r.session_id = $1 AND {places})
          WHERE id = $1",
        places = takes_a_place("r")
    );
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(session_id)
        .bind(micros(update.starts_at))
        .bind(micros(update.ends_at))
        .bind(update.zone.name())
        .bind(update.join_url.as_ref().map(HttpUrl::as_str))
        .bind(update.replay_url.as_ref().map(HttpUrl::as_str))
        .bind(update.capacity)
        .bind(update.state.as_str())
        .bind(i64::from(announce))
        .bind(micros(now))
        .bind(update.window.opens_at.map(micros))
        .bind(update.window.closes_at.map(micros))
        .bind(update.entry.waiting_list.as_str())
        .bind(update.entry.offer_minutes)
        .bind(i64::from(update.entry.approval))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Calls a session off; `reason` is for those who were registered. False: it was called off already.
pub async fn call_off(tx: &mut Tx, session_id: i64, reason: Option<&str>, now: Timestamp) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE sessions SET state = 'cancelled', reason = $2, sequence = sequence + 1, updated_at = $3
          WHERE id = $1 AND state <> 'cancelled'")
        .bind(session_id)
        .bind(reason)
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Opens the way in before its time. False: somebody did already, or the session is called off or over.
pub async fn open_doors(tx: &mut Tx, id: PublicId, now: Timestamp) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE sessions SET doors_open_at = $2, updated_at = $2
          WHERE public_id = $1 AND doors_open_at IS NULL AND state <> 'cancelled' AND ends_at > $2")
        .bind(id.as_bytes())
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Raises the calendar's SEQUENCE of a session.
pub async fn raise_sequence(tx: &mut Tx, session_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE sessions SET sequence = sequence + 1 WHERE id = $1")
        .bind(session_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// A change of a session that its registrants are still to be told of.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FanOut {
    /// The row.
    pub id: i64,
    /// The session.
    pub session_id: i64,
    /// The start before the change.
    pub previous_starts_at: i64,
    /// Registrations up to this row have been told.
    pub after_registration: i64,
    /// When the session changed.
    pub created_at: i64,
}

/// Notes that everybody in a session is to be told; gives the row.
pub async fn insert_fan_out(
    tx: &mut Tx,
    session_id: i64,
    previous_start: Timestamp,
    now: Timestamp,
) -> Result<i64, DbError> {
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO fan_outs (session_id, previous_starts_at, created_at) VALUES ($1, $2, $3) RETURNING id")
        .bind(session_id)
        .bind(micros(previous_start))
        .bind(micros(now))
        .fetch_one(c)
        .await)?)
}

/// One that is not finished.
pub async fn fan_out(conn: &mut Conn, id: i64) -> Result<Option<FanOut>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT id, session_id, previous_starts_at, after_registration, created_at FROM fan_outs WHERE id = $1")
        .bind(id)
        .fetch_optional(c)
        .await)?)
}

/// Moves on from `from` to `to`. False: another copy did it meanwhile.
pub async fn move_fan_out(tx: &mut Tx, id: i64, from: i64, to: i64) -> Result<bool, DbError> {
    let moved = on_db!(tx, c => sqlx::query(
        "UPDATE fan_outs SET after_registration = $3 WHERE id = $1 AND after_registration = $2")
        .bind(id)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(moved == 1)
}

/// Everybody has been told.
pub async fn finish_fan_out(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM fan_outs WHERE id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}
