//! Rows of a list put in: a few in one job. Whoever is known keeps what is known of them, and whoever was erased stays so.

use std::collections::HashMap;

use jiff::Timestamp;

use super::store::{self, BadLine, ImportedContact, Made, NewImportedSeat, SeatsPut};
use super::{BadRow, PersonRow};
use crate::contacts::store::erasures;
use crate::contacts::words::fold;
use crate::db::{DbError, Tx};
use crate::mail::outbox::{self, NewMail};
use crate::questions::Question;
use crate::values::{HttpUrl, LinkKey, PublicId};
use crate::webcasts::Session;
use crate::webcasts::mails::kinds;

/// What all rows of an import have in common.
pub(super) struct Target {
    /// The import.
    pub import: i64,
    /// Who has it done.
    pub organizer: i64,
    /// Where registrations go, and what its form asks; `None`: people alone.
    pub session: Option<(Session, Vec<Question>)>,
    /// New registrations are told.
    pub tell: bool,
    /// Makes fingerprints.
    pub links: LinkKey,
}

/// What became of rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PutRows {
    pub new: i64,
    pub known: i64,
    /// Not taken, with why.
    pub bad: Vec<BadRow>,
    /// Rows of those who were erased.
    pub erased: Vec<u32>,
}

/// Puts them in.
pub(super) async fn put(tx: &mut Tx, target: &Target, rows: &[PersonRow], now: Timestamp) -> Result<PutRows, DbError> {
    let mut done = PutRows::default();
    let rows = without_erased(tx, target, rows, &mut done).await?;
    if rows.is_empty() {
        return Ok(done);
    }
    let people = store::put_people(tx, &rows, target.organizer, now).await?;
    let Some((session, questions)) = &target.session else {
        let made: Vec<Made> = people
            .iter()
            .filter(|person| person.is_new)
            .map(|person| made(person, None))
            .collect();
        store::keep_made(tx, target.import, &made).await?;
        done.new = count(made.len());
        done.known = count(people.len() - made.len());
        return Ok(done);
    };
    let seats = put_seats(tx, session, &rows, &people, now).await?;
    put_answers(tx, questions, &rows, &people, &seats).await?;
    let mut all_made = Vec::new();
    for (row, person) in rows.iter().zip(&people) {
        match (seats.new.get(&person.id), seats.known.contains_key(&person.id)) {
            (Some(seat), _) => {
                done.new += 1;
                all_made.push(made(person, Some(*seat)));
            }
            (None, true) => done.known += 1,
            (None, false) => {
                // The person is in, without a place.
                if person.is_new {
                    all_made.push(made(person, None));
                }
                done.bad.push(no_place(row));
            }
        }
    }
    store::keep_made(tx, target.import, &all_made).await?;
    if target.tell {
        tell(tx, session, &rows, &people, &seats, now).await?;
    }
    Ok(done)
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn made(person: &ImportedContact, registration_id: Option<i64>) -> Made {
    Made {
        contact_id: person.id,
        is_new: i64::from(person.is_new),
        registration_id,
    }
}

fn no_place(row: &PersonRow) -> BadRow {
    BadRow {
        line: row.line,
        reason: "No place was left in the session. Give it more places, and import this row again.".to_owned(),
    }
}

/// Nothing of whoever was erased is kept, not even their row.
async fn without_erased<'r>(
    tx: &mut Tx,
    target: &Target,
    rows: &'r [PersonRow],
    done: &mut PutRows,
) -> Result<Vec<&'r PersonRow>, DbError> {
    let fingerprints: Vec<Vec<u8>> = rows.iter().map(|row| target.links.fingerprint(&row.email)).collect();
    let erased = erasures::among(tx, &fingerprints).await?;
    let mut rest = Vec::with_capacity(rows.len());
    for (row, fingerprint) in rows.iter().zip(&fingerprints) {
        if erased.contains(fingerprint) {
            done.erased.push(row.line);
        } else {
            rest.push(row);
        }
    }
    Ok(rest)
}

async fn put_seats(
    tx: &mut Tx,
    session: &Session,
    rows: &[&PersonRow],
    people: &[ImportedContact],
    now: Timestamp,
) -> Result<SeatsPut, DbError> {
    let seats: Vec<NewImportedSeat<'_>> = rows
        .iter()
        .zip(people)
        .map(|(row, person)| NewImportedSeat {
            contact_id: person.id,
            public_id: PublicId::random(),
            name: row.name.as_str(),
            person: row.person.values(),
            origin: &row.origin,
            created_at: row.registered_at.unwrap_or(now),
            join_url: row.join_url.as_ref().map(HttpUrl::as_str),
            consent_at: row.consent.as_ref().map(|consent| consent.at),
        })
        .collect();
    store::put_seats(tx, session.id, &seats).await
}

async fn put_answers(
    tx: &mut Tx,
    questions: &[Question],
    rows: &[&PersonRow],
    people: &[ImportedContact],
    seats: &SeatsPut,
) -> Result<(), DbError> {
    let by_key: HashMap<&str, &Question> = questions
        .iter()
        .map(|question| (question.key.as_str(), question))
        .collect();
    let mut answers = Vec::new();
    for (row, person) in rows.iter().zip(people) {
        let Some(seat) = seats.new.get(&person.id).or_else(|| seats.known.get(&person.id)) else {
            continue;
        };
        for (key, value) in &row.answers {
            if let Some(question) = by_key.get(key.as_str()).filter(|_| !value.is_empty()) {
                answers.push((*seat, question.id, value.as_str(), option_key(question, value)));
            }
        }
    }
    store::answer_rows(tx, &answers).await
}

/// What lists tell an answer by: the option with this label or key.
fn option_key(question: &Question, value: &str) -> String {
    let folded = fold(value);
    let options = question.options.iter().chain(&question.retired);
    let found = options
        .into_iter()
        .find(|option| option.key == value || fold(&option.label) == folded);
    found.map(|option| option.key.clone()).unwrap_or_default()
}

async fn tell(
    tx: &mut Tx,
    session: &Session,
    rows: &[&PersonRow],
    people: &[ImportedContact],
    seats: &SeatsPut,
    now: Timestamp,
) -> Result<(), DbError> {
    if session.ends_at <= now {
        return Ok(());
    }
    let ids: Vec<i64> = seats.new.values().copied().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let read = crate::webcasts::store::seats_by_ids(tx, &ids).await?;
    let told = rows.iter().zip(people).filter_map(|(_, person)| {
        let seat = read.iter().find(|seat| seat.contact_id == person.id)?;
        Some(kinds::confirmation(
            &seat.email,
            seat.id,
            seat.public_id,
            session.ends_at,
        ))
    });
    let mails: Vec<NewMail> = told.collect();
    outbox::enqueue_all(tx, &mails, now).await?;
    Ok(())
}

/// A row that is not taken, with its cells.
pub(super) fn bad_line(bad: &BadRow, cells: &csv::StringRecord) -> BadLine {
    let cells: Vec<&str> = cells.iter().collect();
    BadLine {
        line: i64::from(bad.line),
        cells: serde_json::to_string(&cells).unwrap_or_default(),
        reason: bad.reason.clone(),
    }
}

/// The row of somebody who was erased: nothing of it is kept.
pub(super) fn erased_line(line: u32) -> BadLine {
    BadLine {
        line: i64::from(line),
        cells: "[]".to_owned(),
        reason: "This person was erased. They can come back by themselves.".to_owned(),
    }
}
