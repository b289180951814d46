//! Registrations of an import.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::Origin;
use crate::db::{DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::PublicId;

/// A registration that is to be put in.
pub(crate) struct NewImportedSeat<'r> {
    pub contact_id: i64,
    pub public_id: PublicId,
    pub name: &'r str,
    pub person: [Option<&'r str>; 6],
    pub origin: &'r Origin,
    pub created_at: Timestamp,
    pub join_url: Option<&'r str>,
    /// When they agreed to more mail, elsewhere.
    pub consent_at: Option<Timestamp>,
}

/// How many places a session has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlacesLeft {
    /// It does not count them.
    Uncounted,
    /// So many.
    Some(usize),
}

/// Places of a session, which is held until the transaction ends.
async fn take_places(tx: &mut Tx, session: i64, wanted: usize) -> Result<PlacesLeft, DbError> {
    let text = format!(
        "SELECT capacity, seats_taken FROM sessions WHERE id = $1{}",
        sql::for_update(tx)
    );
    let found: Option<(Option<i64>, i64)> = on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(session)
        .fetch_optional(c)
        .await)?;
    let Some((Some(capacity), taken)) = found else {
        return Ok(PlacesLeft::Uncounted);
    };
    let left = usize::try_from((capacity - taken).max(0))
        .unwrap_or(usize::MAX)
        .min(wanted);
    on_db!(tx, c => sqlx::query("UPDATE sessions SET seats_taken = seats_taken + $2 WHERE id = $1")
        .bind(session)
        .bind(i64::try_from(left).unwrap_or(i64::MAX))
        .execute(c)
        .await
        .map(drop))?;
    Ok(PlacesLeft::Some(left))
}

/// What became of rows that were to have a registration: their contacts with their registrations.
pub(crate) struct SeatsPut {
    /// Those that were put in.
    pub new: HashMap<i64, i64>,
    /// Those that were there.
    pub known: HashMap<i64, i64>,
}

/// The registrations of these people in a session's webcast.
async fn seats_of(tx: &mut Tx, session: i64, contacts: &[i64]) -> Result<HashMap<i64, i64>, DbError> {
    if contacts.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT r.contact_id, r.id FROM registrations r
          WHERE r.webcast_id = (SELECT s.webcast_id FROM sessions s WHERE s.id = $1) AND r.contact_id IN {}",
        sql::rows(1, contacts.len(), 1)
    );
    let rows: Vec<(i64, i64)> = on_db!(tx, c => {
        let query = sqlx::query_as(AssertSqlSafe(text)).bind(session);
        contacts.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?;
    Ok(rows.into_iter().collect())
}

/// Puts registrations in, as many as there are places; whoever has one keeps it. Links of their own are kept with either.
pub(crate) async fn put_seats(tx: &mut Tx, session: i64, seats: &[NewImportedSeat<'_>]) -> Result<SeatsPut, DbError> {
    let contacts: Vec<i64> = seats.iter().map(|seat| seat.contact_id).collect();
    let known = seats_of(tx, session, &contacts).await?;
    let wanted: Vec<&NewImportedSeat<'_>> = seats
        .iter()
        .filter(|seat| !known.contains_key(&seat.contact_id))
        .collect();
    let places = take_places(tx, session, wanted.len()).await?;
    let taken = match places {
        PlacesLeft::Uncounted => wanted.len(),
        PlacesLeft::Some(left) => left,
    };
    let seated = wanted.get(..taken).unwrap_or(&wanted);
    insert(tx, session, seated).await?;
    let all = seats_of(tx, session, &contacts).await?;
    let new: HashMap<i64, i64> = all
        .iter()
        .filter(|(contact, _)| !known.contains_key(contact))
        .map(|(contact, seat)| (*contact, *seat))
        .collect();
    put_links(tx, seats, &all).await?;
    Ok(SeatsPut { new, known })
}

async fn insert(tx: &mut Tx, session: i64, seats: &[&NewImportedSeat<'_>]) -> Result<(), DbError> {
    if seats.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO registrations (public_id, contact_id, webcast_id, session_id, name, first_name, last_name, company,
                                    job_title, phone, country, state, calendar_uid, utm_source, utm_medium, utm_campaign,
                                    utm_term, utm_content, referrer, channel, consent_at, created_at)
         SELECT v.column1, v.column2, s.webcast_id, s.id, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8,
                v.column9, 'registered', v.column10, v.column11, v.column12, v.column13, v.column14, v.column15,
                v.column16, 'import', v.column17, v.column18
           FROM (VALUES {}) AS v CROSS JOIN sessions s WHERE s.id = $1
         ON CONFLICT (contact_id, webcast_id) DO NOTHING",
        sql::rows(seats.len(), 18, 1)
    );
    on_db!(tx, c => {
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(session);
        for seat in seats {
            query = query.bind(seat.public_id.as_bytes()).bind(seat.contact_id).bind(seat.name);
            for value in seat.person {
                query = query.bind(value);
            }
            query = query
                .bind(format!("{}@commonground", PublicId::random()))
                .bind(seat.origin.utm_source.as_deref())
                .bind(seat.origin.utm_medium.as_deref())
                .bind(seat.origin.utm_campaign.as_deref())
                .bind(seat.origin.utm_term.as_deref())
                .bind(seat.origin.utm_content.as_deref())
                .bind(seat.origin.referrer.as_deref())
                .bind(seat.consent_at.map(micros))
                .bind(micros(seat.created_at));
        }
        query.execute(c).await.map(drop)
    })?;
    Ok(())
}

async fn put_links(
    tx: &mut Tx,
    seats: &[NewImportedSeat<'_>],
    registrations: &HashMap<i64, i64>,
) -> Result<(), DbError> {
    let links: Vec<(i64, &str)> = seats
        .iter()
        .filter_map(|seat| Some((*registrations.get(&seat.contact_id)?, seat.join_url?)))
        .collect();
    if links.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO seat_links (registration_id, join_url) VALUES {}
         ON CONFLICT (registration_id) DO UPDATE SET join_url = excluded.join_url",
        sql::rows(links.len(), 2, 0)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text));
        links.iter().fold(query, |query, (id, url)| query.bind(*id).bind(*url)).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Keeps answers with registrations, where there are none to the question: registration, question, value, and what lists tell
/// it by.
pub(crate) async fn answer_rows(tx: &mut Tx, answers: &[(i64, i64, &str, String)]) -> Result<(), DbError> {
    for answers in answers.chunks(200) {
        let text = format!(
            "INSERT INTO answers (registration_id, question_id, position, value, value_key)
             SELECT v.column1, v.column2, 0, v.column3, v.column4 FROM (VALUES {}) AS v
              WHERE NOT EXISTS (SELECT 1 FROM answers a WHERE a.registration_id = v.column1 AND a.question_id = v.column2)",
            sql::rows(answers.len(), 4, 0)
        );
        on_db!(tx, c => {
            let query = sqlx::query(AssertSqlSafe(text));
            answers
                .iter()
                .fold(query, |query, (seat, question, value, key)| {
                    query.bind(*seat).bind(*question).bind(*value).bind(key)
                })
                .execute(c)
                .await
                .map(drop)
        })?;
    }
    Ok(())
}

/// Of these registrations, those that nobody has touched since an import put them in; they are held.
pub(crate) async fn untouched_seats(tx: &mut Tx, ids: &[i64]) -> Result<Vec<i64>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT r.id FROM registrations r
          WHERE r.id IN ({}) AND r.state = 'registered' AND r.channel = 'import' AND r.sequence = 0
            AND r.link_generation = 0 AND r.opened_at IS NULL AND r.wanted IS NULL AND r.repeated_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM attendance a WHERE a.registration_id = r.id){}",
        sql::placeholders(ids.len()),
        sql::for_update(tx)
    );
    Ok(on_db!(tx, c => {
        let query = sqlx::query_scalar(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?)
}
