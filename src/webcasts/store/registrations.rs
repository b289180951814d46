//! Registrations. Rows are locked in the order contact, session, registration, outbox, sessions in the order of their
//! rows: only with the contact is it known whether the session counts its seats. One that does not is not written.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::store::consents;
use crate::contacts::{self, AgreedTo, Channel, Known, Origin};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::questions::Filled;
use crate::values::{EmailAddress, PersonName, PublicId, Slug, Zone};
use crate::webcasts::change::Edit;
use crate::webcasts::{Differences, RegistrationState};

use super::rewrite_attendance;

/// A seat that somebody asks for.
#[derive(Debug, Clone)]
pub struct NewSeat {
    /// The webcast's page that was posted to.
    pub slug: Slug,
    /// The chosen session.
    pub session: PublicId,
    /// Who.
    pub name: PersonName,
    /// Where mail goes.
    pub email: EmailAddress,
    /// What else the form asked.
    pub filled: Filled,
    /// The marketing consent,
    pub consent: bool,
    /// and to which wording.
    pub agreed_to: AgreedTo,
    /// Where they came from.
    pub origin: Origin,
    /// The network it came from, as a keyed hash.
    pub network: Vec<u8>,
    /// The code of an invitation, as it was typed.
    pub code: String,
    /// True where a program may have filled in the form: an organizer looks at it first.
    pub suspicious: bool,
}

/// How a registration begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seating {
    /// With a place, of a session that does not count them.
    Uncounted,
    /// With one that was taken ([`take_seat`]).
    Taken,
    /// Without one, for the recording.
    Replay,
    /// Without one: until then its owner can take it, or an organizer looks at it.
    Held(Option<Timestamp>),
    /// Without one, until it is its turn.
    Waiting,
    /// Without one, until an organizer accepts it.
    Pending,
}

impl Seating {
    fn state(self) -> RegistrationState {
        match self {
            Self::Uncounted | Self::Taken | Self::Replay => RegistrationState::Registered,
            Self::Held(_) => RegistrationState::Held,
            Self::Waiting => RegistrationState::Waitlisted,
            Self::Pending => RegistrationState::Pending,
        }
    }

    /// Whether it begins with a place, or with what stands for one.
    pub(in crate::webcasts) fn has_place(self) -> bool {
        matches!(self, Self::Uncounted | Self::Taken | Self::Replay)
    }

    fn channel(self, otherwise: Channel) -> Channel {
        if self == Self::Replay {
            Channel::Replay
        } else {
            otherwise
        }
    }

    pub(super) fn held_until(self) -> Option<Timestamp> {
        match self {
            Self::Held(until) => until,
            _ => None,
        }
    }
}

/// A contact at the door of a session that takes registrations.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Entrant {
    /// The normalised address.
    pub email_key: String,
    /// The contact.
    #[sqlx(flatten)]
    pub contact: Known,
    /// How one comes to a place, in one number: every registration reads it.
    entry: i64,
    /// When the session ends.
    pub ends_at: i64,
}

impl Entrant {
    /// True where seats are counted.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.entry & 1 != 0
    }

    /// True where an organizer looks at everybody first.
    pub(in crate::webcasts) fn needs_approval(&self) -> bool {
        self.entry & 2 != 0
    }

    /// True where one can wait for a place.
    pub(in crate::webcasts) fn can_wait(&self) -> bool {
        self.entry & 4 != 0
    }
}

/// Puts contacts in, or finds them, for seats of one session with addresses that all differ. Empty: the session takes
/// no registrations now, or the form asks other things than it was read by; or the session counts its
/// seats and more than one is asked for, so they are to come one by one; or its webcast is not for everybody, and nobody has
/// `looked` who comes. Then nothing was written.
pub async fn insert_contacts(
    tx: &mut Tx,
    seats: &[&NewSeat],
    looked: bool,
    now: Timestamp,
) -> Result<Vec<Entrant>, DbError> {
    let Some(first) = seats.first() else {
        return Ok(Vec::new());
    };
    let text = contacts::store::upsert(
        seats.len(),
        5,
        "WHERE EXISTS (SELECT 1 FROM sessions s JOIN webcasts w ON w.id = s.webcast_id
                        WHERE w.slug = $2 AND w.state = 'published' AND s.public_id = $3 AND s.state = 'open' AND s.ends_at > $1
                          AND (s.opens_at IS NULL OR s.opens_at <= $1) AND (s.closes_at IS NULL OR s.closes_at > $1)
                          AND w.form_version = $6
                          AND ($5 OR (w.guests = 'anybody' AND w.business_only = 0
                                      AND NOT EXISTS (SELECT 1 FROM blocked_domains b WHERE b.webcast_id = w.id)))
                          AND ((s.capacity IS NULL AND s.approval = 0)
                               OR ($4 AND (s.capacity IS NULL OR s.seats_taken < s.capacity
                                           OR s.approval = 1 OR s.waiting_list <> 'off'))))",
        ", (SELECT CAST(CASE WHEN capacity IS NULL THEN 0 ELSE 1 END + 2 * approval
                        + CASE WHEN waiting_list = 'off' THEN 0 ELSE 4 END AS BIGINT)
              FROM sessions WHERE public_id = $3) AS entry
         , (SELECT ends_at FROM sessions WHERE public_id = $3) AS ends_at",
    );
    Ok(on_db!(tx, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text))
            .bind(micros(now))
            .bind(first.slug.as_str())
            .bind(first.session.as_bytes())
            .bind(seats.len() == 1)
            .bind(looked)
            .bind(first.filled.version);
        for seat in seats {
            query = query
                .bind(seat.email.as_str())
                .bind(seat.email.key())
                .bind(seat.name.as_str())
                .bind(PublicId::in_order(now).as_bytes().to_vec());
        }
        query.fetch_all(c).await
    })?)
}

/// A seat that is put in, with the ids drawn for it.
pub struct DrawnSeat<'s> {
    /// What was asked for.
    pub seat: &'s NewSeat,
    /// Whose it is.
    pub contact_id: i64,
    /// Its public id.
    pub public_id: PublicId,
    /// How it begins.
    pub place: Seating,
    /// Whether the address is confirmed: one network's share is no matter then.
    pub is_confirmed: bool,
}

impl DrawnSeat<'_> {
    /// Counts against its network's share of the places.
    pub(super) fn network(&self) -> Option<&[u8]> {
        let counts = matches!(self.place, Seating::Taken | Seating::Waiting) && !self.is_confirmed;
        counts.then_some(self.seat.network.as_slice())
    }
}

/// Puts registrations of one session in; an organizer's own is a test. Gives contact and row of each. Left out is who has
/// one for this webcast already, and who came [`Seating::Uncounted`] where the session counts its seats by now.
pub async fn insert_seats(tx: &mut Tx, seats: &[DrawnSeat<'_>], now: Timestamp) -> Result<Vec<(i64, i64)>, DbError> {
    let Some(first) = seats.first() else {
        return Ok(Vec::new());
    };
    // The session is held while its capacity is looked at: an organizer may be setting one now.
    let text = format!(
        "INSERT INTO registrations (public_id, contact_id, webcast_id, session_id, name, state, calendar_uid, time_zone,
                                    locale, utm_source, utm_medium, utm_campaign, utm_term, utm_content, referrer,
                                    channel, consent_at, consent_version, created_at, is_test)
         SELECT v.column1, v.column2, s.webcast_id, s.id, v.column3, v.column4, v.column5, v.column6, v.column7,
                v.column8, v.column9, v.column10, v.column11, v.column12, v.column13, v.column14, v.column15,
                CASE WHEN v.column15 IS NULL THEN NULL ELSE {} END, $1,
                CASE WHEN EXISTS (SELECT 1 FROM contacts k JOIN organizers o ON o.email_key = k.email_key
                                   WHERE k.id = v.column2) THEN 1 ELSE 0 END
           FROM (VALUES {}) AS v CROSS JOIN sessions s
          WHERE s.public_id = $2 AND (s.capacity IS NULL OR v.column17){}
         ON CONFLICT (contact_id, webcast_id) DO NOTHING
         RETURNING contact_id, id",
        consents::version_agreed_to("v.column16"),
        sql::rows(seats.len(), 17, 2),
        sql::for_key_share(tx)
    );
    Ok(on_db!(tx, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text)).bind(micros(now)).bind(first.seat.session.as_bytes());
        for drawn in seats {
            let (seat, origin) = (drawn.seat, &drawn.seat.origin);
            query = query
                .bind(drawn.public_id.as_bytes())
                .bind(drawn.contact_id)
                .bind(seat.name.as_str())
                .bind(drawn.place.state().as_str())
                .bind(format!("{}@commonground", PublicId::random()))
                .bind(origin.time_zone.as_deref())
                .bind(origin.locale.as_deref())
                .bind(origin.utm_source.as_deref())
                .bind(origin.utm_medium.as_deref())
                .bind(origin.utm_campaign.as_deref())
                .bind(origin.utm_term.as_deref())
                .bind(origin.utm_content.as_deref())
                .bind(origin.referrer.as_deref())
                .bind(drawn.place.channel(origin.channel).as_str())
                .bind(seat.consent.then(|| micros(now)))
                .bind(seat.agreed_to.as_str())
                .bind(drawn.place != Seating::Uncounted);
        }
        query.fetch_all(c).await
    })?)
}

/// Keeps what a later post said differently, in place of what an earlier one said.
pub async fn note_wanted(tx: &mut Tx, id: i64, wanted: &Differences) -> Result<(), DbError> {
    let json = serde_json::to_string(wanted).map_err(DbError::stored)?;
    on_db!(tx, c => sqlx::query("UPDATE registrations SET wanted = $2 WHERE id = $1")
        .bind(id)
        .bind(json)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes when the mail to the last repeated post goes.
pub async fn note_repeat(tx: &mut Tx, id: i64, at: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE registrations SET repeated_at = $2 WHERE id = $1")
        .bind(id)
        .bind(micros(at))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Whether [`note_opened`] has noted it.
pub async fn was_opened(conn: &mut Conn, id: i64) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM registrations WHERE id = $1 AND opened_at IS NOT NULL")
        .bind(id)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// A weak sign that the personal page was looked at; mail scanners look too.
pub async fn note_opened(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE registrations SET opened_at = $2 WHERE id = $1 AND opened_at IS NULL")
        .bind(id)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends a registration that stands so. False: it does not.
pub async fn cancel(
    tx: &mut Tx,
    id: i64,
    from: RegistrationState,
    reason: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET state = 'cancelled', cancelled_at = $2, cancel_reason = $3, wanted = NULL, held_until = NULL,
                attendance = CASE attendance WHEN 'no_show' THEN 'unknown' ELSE attendance END,
                sequence = sequence + 1
          WHERE id = $1 AND state = $4")
        .bind(id)
        .bind(micros(now))
        .bind(reason)
        .bind(from.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Takes a cancelled seat again. False: it was not cancelled.
pub async fn reopen(tx: &mut Tx, id: i64, session_id: i64) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET state = 'registered', session_id = $2, cancelled_at = NULL, cancel_reason = NULL, wanted = NULL,
                sequence = sequence + 1 +
                    (SELECT CASE WHEN old.sequence > new.sequence THEN old.sequence - new.sequence ELSE 0 END
                       FROM sessions old, sessions new WHERE old.id = registrations.session_id AND new.id = $2)
          WHERE id = $1 AND state = 'cancelled'")
        .bind(id)
        .bind(session_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed == 1 {
        rewrite_attendance(tx, id).await?;
    }
    Ok(changed == 1)
}

/// Makes one that stands so a registration for the recording. False: it does not stand so.
pub async fn begin_replay(tx: &mut Tx, id: i64, from: RegistrationState) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations
            SET state = 'registered', channel = $3, cancelled_at = NULL, cancel_reason = NULL, wanted = NULL,
                held_until = NULL
          WHERE id = $1 AND state = $2")
        .bind(id)
        .bind(from.as_str())
        .bind(Channel::Replay.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Lets one that was held back have the place that was taken for it. False: it was not held back.
pub async fn release(tx: &mut Tx, id: i64) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE registrations SET state = 'registered', held_until = NULL WHERE id = $1 AND state = 'held'")
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Changes what its owner may change. A calendar that has the entry hears of it by the raised SEQUENCE: it is the sum of
/// the session's and this one's, and must rise where the new session was changed less often too. False: it was
/// cancelled, or is in another session than `from`.
pub async fn apply_edit(tx: &mut Tx, id: i64, from: i64, wanted: &Edit, now: Timestamp) -> Result<bool, DbError> {
    let text = format!(
        "UPDATE registrations
            SET first_name = CASE WHEN name = $2 THEN first_name ELSE NULL END,
                last_name = CASE WHEN name = $2 THEN last_name ELSE NULL END, name = $2, time_zone = $4, wanted = NULL,
                consent_at = COALESCE(consent_at, $6), consent_version = COALESCE(consent_version, CASE WHEN CAST($6 AS BIGINT) IS NULL THEN NULL ELSE {} END),
                sequence = sequence + CASE WHEN session_id = $3 THEN 0 ELSE 1 +
                    (SELECT CASE WHEN old.sequence > new.sequence THEN old.sequence - new.sequence ELSE 0 END
                       FROM sessions old, sessions new WHERE old.id = registrations.session_id AND new.id = $3) END,
                session_id = $3
          WHERE id = $1 AND state <> 'cancelled' AND session_id = $5",
        consents::version_agreed_to("''")
    );
    let changed = on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(id)
        .bind(wanted.name.as_str())
        .bind(wanted.session.id)
        .bind(wanted.zone.as_ref().map(Zone::name))
        .bind(from)
        .bind(wanted.consent.then(|| micros(now)))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed == 1 && wanted.session.id != from {
        rewrite_attendance(tx, id).await?;
    }
    Ok(changed == 1)
}
