//! Seats as they are read: a registration with its session, its webcast and its contact's address.

use super::sessions::{FanOut, SessionRow};
use crate::contacts::{Channel, PersonFields};
use crate::db::{Conn, DbError, instant, sql};
use crate::on_db;
use crate::values::{EmailAddress, HourCycle, PublicId, Said, Slug, Zone};
use crate::webcasts::mails::kinds::CONFIRMATION;
use crate::webcasts::{RegistrationState, Seat, Session};

#[derive(sqlx::FromRow)]
struct SeatRow {
    id: i64,
    public_id: Vec<u8>,
    link_generation: i64,
    contact_id: i64,
    email: String,
    confirmed_at: Option<i64>,
    own_name: Option<String>,
    name: String,
    #[sqlx(flatten)]
    person: PersonFields,
    state: String,
    held_until: Option<i64>,
    offer_until: Option<i64>,
    calendar_uid: String,
    sequence: i64,
    time_zone: Option<String>,
    locale: Option<String>,
    channel: String,
    consent_at: Option<i64>,
    wanted: Option<String>,
    repeated_at: Option<i64>,
    created_at: i64,
    webcast_id: i64,
    slug: String,
    title: String,
    session_id: i64,
    session_public_id: Vec<u8>,
    starts_at: i64,
    ends_at: i64,
    session_time_zone: String,
    join_url: Option<String>,
    replay_url: Option<String>,
    capacity: Option<i64>,
    seats_taken: i64,
    unconfirmed_share: Option<i64>,
    session_state: String,
    session_sequence: i64,
    session_reason: Option<String>,
    doors_open_at: Option<i64>,
    opens_at: Option<i64>,
    closes_at: Option<i64>,
    waiting_list: String,
    offer_minutes: i64,
    approval: i64,
    has_queue: bool,
}

impl TryFrom<SeatRow> for Seat {
    type Error = DbError;

    fn try_from(row: SeatRow) -> Result<Self, DbError> {
        let session = SessionRow {
            id: row.session_id,
            public_id: row.session_public_id,
            webcast_id: row.webcast_id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            time_zone: row.session_time_zone,
            join_url: row.join_url,
            replay_url: row.replay_url,
            capacity: row.capacity,
            seats_taken: row.seats_taken,
            unconfirmed_share: row.unconfirmed_share,
            state: row.session_state,
            sequence: row.session_sequence,
            reason: row.session_reason,
            doors_open_at: row.doors_open_at,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            waiting_list: row.waiting_list,
            offer_minutes: row.offer_minutes,
            approval: row.approval,
            has_queue: row.has_queue,
        };
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            link_generation: row.link_generation,
            contact_id: row.contact_id,
            email: EmailAddress::parse(&row.email).map_err(DbError::stored)?,
            confirmed_at: row.confirmed_at.map(instant).transpose()?,
            is_own_name: row.own_name.as_deref() == Some(row.name.as_str()),
            name: Said::new(row.name),
            person: row.person,
            held_until: row.held_until.map(instant).transpose()?,
            offer_until: row.offer_until.map(instant).transpose()?,
            state: RegistrationState::parse(&row.state).ok_or_else(|| DbError::stored("registration state"))?,
            is_replay: row.channel == Channel::Replay.as_str(),
            calendar_uid: row.calendar_uid,
            sequence: row.sequence,
            // A zone that newer rules dropped must not take the page away.
            zone: row.time_zone.and_then(|zone| Zone::parse(&zone).ok()),
            hours: HourCycle::of(row.locale.as_deref()),
            consent: row.consent_at.is_some(),
            wanted: row
                .wanted
                .map(|json| serde_json::from_str(&json))
                .transpose()
                .map_err(DbError::stored)?,
            repeated_at: row.repeated_at.map(instant).transpose()?,
            created_at: instant(row.created_at)?,
            webcast_id: row.webcast_id,
            slug: Slug::parse(&row.slug).map_err(DbError::stored)?,
            title: row.title,
            session: Session::try_from(session)?,
        })
    }
}

/// The seat that a personal link opens.
pub async fn seat_by_public_id(conn: &mut Conn, id: PublicId) -> Result<Option<Seat>, DbError> {
    let row: Option<SeatRow> = on_db!(conn, c => sqlx::query_as("SELECT * FROM seats WHERE public_id = $1")
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    row.map(Seat::try_from).transpose()
}

/// The seat of a contact in a session's webcast.
pub async fn seat_by_contact(conn: &mut Conn, contact_id: i64, session: PublicId) -> Result<Option<Seat>, DbError> {
    let row: Option<SeatRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT * FROM seats
          WHERE contact_id = $1 AND webcast_id = (SELECT webcast_id FROM sessions WHERE public_id = $2)")
        .bind(contact_id)
        .bind(session.as_bytes())
        .fetch_optional(c)
        .await)?;
    row.map(Seat::try_from).transpose()
}

/// The seats of these rows, in no particular order.
pub async fn seats_by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Seat>, DbError> {
    let text = format!("SELECT * FROM seats WHERE id IN ({})", sql::placeholders(ids.len()));
    let rows: Vec<SeatRow> = on_db!(conn, c => {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?;
    rows.into_iter().map(Seat::try_from).collect()
}

/// The next registrations that a change of their session is news for. Who registered after it, or came back after
/// it, has a confirmation that names the new time. That it is called off is news for those who wait, too.
pub async fn registered_before(conn: &mut Conn, fan_out: &FanOut, limit: i64) -> Result<Vec<Seat>, DbError> {
    let rows: Vec<SeatRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT * FROM seats
          WHERE session_id = $1 AND id > $2
            AND (state = 'registered'
                 OR (session_state = 'cancelled' AND state IN ('offered', 'waitlisted', 'pending')))
            AND channel <> 'replay' AND created_at <= $3
            AND NOT EXISTS (SELECT 1 FROM outbox o
                             WHERE o.subject_id = seats.id AND o.kind = $5 AND o.created_at > $3)
          ORDER BY id LIMIT $4")
        .bind(fan_out.session_id)
        .bind(fan_out.after_registration)
        .bind(fan_out.created_at)
        .bind(limit)
        .bind(CONFIRMATION.name)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(Seat::try_from).collect()
}
