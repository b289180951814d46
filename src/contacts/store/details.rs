//! What organizers correct of a person.

use jiff::Timestamp;
use sqlx::query::Query;

use super::words;
use crate::contacts::PersonFields;
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::{Country, EmailAddress, PersonName, PhoneNumber, PublicId};

/// A person, as their own page among organizers' shows them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ContactDetails {
    /// The row.
    pub id: i64,
    /// Names their page.
    pub public_id: Vec<u8>,
    /// As given last, or as they confirmed it.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// The address, normalised.
    pub email_key: String,
    /// Where they work.
    pub company: Option<String>,
    /// As what.
    pub job_title: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// When a personal page was first used.
    pub confirmed_at: Option<i64>,
    /// When they first came.
    pub created_at: i64,
    /// Tells one state of these from the next.
    pub version: i64,
    /// How often their personal links were made anew.
    pub link_generation: i64,
    /// When an organizer added or corrected them last,
    pub changed_at: Option<i64>,
    /// and who that was.
    pub changed_by: Option<String>,
}

const COLUMNS: &str = "c.id, c.public_id, c.name, c.email, c.email_key, c.company, c.job_title, c.phone, c.country, \
                       c.confirmed_at, c.created_at, \
                       c.version, c.link_generation, c.changed_at, \
                       (SELECT o.name FROM organizers o WHERE o.id = c.changed_by) AS changed_by";

/// The person of a page.
pub async fn person(conn: &mut Conn, id: PublicId) -> Result<Option<ContactDetails>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM contacts c WHERE c.public_id = $1");
    Ok(on_db!(conn, c => sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?)
}

/// The same, held until the transaction ends.
pub async fn hold_person(tx: &mut Tx, id: PublicId) -> Result<Option<ContactDetails>, DbError> {
    let held = sql::for_update(tx);
    let text = format!("SELECT id FROM contacts WHERE public_id = $1{held}");
    let found: Option<i64> = on_db!(tx, c => sqlx::query_scalar(sqlx::AssertSqlSafe(text))
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    if found.is_none() {
        return Ok(None);
    }
    person(tx, id).await
}

/// What is to be known of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What they are called.
    pub name: PersonName,
    /// Where mail goes.
    pub email: EmailAddress,
    /// Where they work.
    pub company: Option<String>,
    /// As what.
    pub job_title: Option<String>,
    /// How to call them.
    pub phone: Option<PhoneNumber>,
    /// Where they are.
    pub country: Option<&'static Country>,
}

/// Writes it down. With another address nobody has shown yet that they read its mail. They are found by
/// the new words from then on.
pub async fn correct(
    tx: &mut Tx,
    contact_id: i64,
    wanted: &Correction,
    organizer: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE contacts
            SET confirmed_at = CASE WHEN email_key = $4 THEN confirmed_at ELSE NULL END,
                own_name = CASE WHEN email_key = $4 AND confirmed_at IS NOT NULL THEN $2 ELSE NULL END,
                link_generation = link_generation + CASE WHEN email_key = $4 THEN 0 ELSE 1 END,
                first_name = CASE WHEN name = $2 THEN first_name ELSE NULL END,
                last_name = CASE WHEN name = $2 THEN last_name ELSE NULL END,
                name = $2, email = $3, email_key = $4, company = $5, job_title = $8, phone = $9, country = $10,
                changed_at = $6, changed_by = $7, version = version + 1
          WHERE id = $1")
        .bind(contact_id)
        .bind(wanted.name.as_str())
        .bind(wanted.email.as_str())
        .bind(wanted.email.key())
        .bind(wanted.company.as_deref())
        .bind(micros(now))
        .bind(organizer)
        .bind(wanted.job_title.as_deref())
        .bind(wanted.phone.as_ref().map(PhoneNumber::as_str))
        .bind(wanted.country.map(|country| country.code))
        .execute(c)
        .await
        .map(drop))?;
    words::keep_of(tx, contact_id).await
}

/// Notes that an organizer put this person in, and where they work.
pub async fn note_added(
    tx: &mut Tx,
    contact_id: i64,
    company: Option<&str>,
    organizer: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE contacts SET company = $2, changed_at = $3, changed_by = $4, version = version + 1 WHERE id = $1")
        .bind(contact_id)
        .bind(company)
        .bind(micros(now))
        .bind(organizer)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Rows in one statement.
const TOGETHER: usize = 32;

/// Takes over what people said of themselves, by their rows: what is not known of them yet, and of nobody who has confirmed
/// their address, since anybody could have said it.
pub async fn fill(tx: &mut Tx, people: &[(i64, &PersonFields)]) -> Result<(), DbError> {
    let mut rest = people;
    while !rest.is_empty() {
        let (people, others) = rest.split_at(sql::power_of_two(rest.len().min(TOGETHER)));
        rest = others;
        let text = format!(
            "UPDATE contacts
                SET first_name = COALESCE(contacts.first_name, v.column2),
                    last_name = COALESCE(contacts.last_name, v.column3),
                    company = COALESCE(contacts.company, v.column4), job_title = COALESCE(contacts.job_title, v.column5),
                    phone = COALESCE(contacts.phone, v.column6), country = COALESCE(contacts.country, v.column7)
               FROM (VALUES {}) AS v WHERE contacts.id = v.column1 AND contacts.confirmed_at IS NULL",
            sql::rows(people.len(), 7, 0)
        );
        on_db!(tx, c => {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
            for (id, person) in people {
                query = query.bind(*id);
                for value in person.values() {
                    query = query.bind(value);
                }
            }
            query.execute(c).await.map(drop)
        })?;
        words::keep_known(tx, &people.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// What is known of somebody, held until the transaction ends, and whether an organizer has written it.
async fn hold_fields(tx: &mut Tx, contact_id: i64) -> Result<Option<(PersonFields, bool)>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        person: PersonFields,
        changed_at: Option<i64>,
    }
    let text = format!(
        "SELECT first_name, last_name, company, job_title, phone, country, changed_at FROM contacts WHERE id = $1{}",
        sql::for_update(tx)
    );
    let row: Option<Row> = on_db!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(contact_id)
        .fetch_optional(c)
        .await)?;
    Ok(row.map(|row| (row.person, row.changed_at.is_some())))
}

async fn put_fields(tx: &mut Tx, contact_id: i64, person: &PersonFields) -> Result<(), DbError> {
    on_db!(tx, c => {
        let query = sqlx::query(
            "UPDATE contacts
                SET first_name = $2, last_name = $3, company = $4, job_title = $5, phone = $6, country = $7
              WHERE id = $1")
            .bind(contact_id);
        person.values().into_iter().fold(query, Query::bind).execute(c).await.map(drop)
    })?;
    words::keep_of(tx, contact_id).await
}

/// Takes over what somebody said of themselves, who shows for the first time that they read the mail of their address. What
/// an organizer has written stays.
pub async fn take_over(tx: &mut Tx, contact_id: i64, said: &PersonFields) -> Result<(), DbError> {
    let Some((known, by_organizer)) = hold_fields(tx, contact_id).await? else {
        return Ok(());
    };
    let (known_values, said) = (known.values(), said.values());
    let (first, second) = if by_organizer {
        (known_values, said)
    } else {
        (said, known_values)
    };
    let mut taken = first;
    for (value, other) in taken.iter_mut().zip(second) {
        *value = value.or(other);
    }
    let taken = PersonFields::of(taken);
    if taken == known {
        return Ok(());
    }
    put_fields(tx, contact_id, &taken).await
}

/// Takes over what somebody changes of what they said; what they take back goes where it was known from there.
pub async fn follow_change(
    tx: &mut Tx,
    contact_id: i64,
    before: &PersonFields,
    after: &PersonFields,
) -> Result<(), DbError> {
    if before == after {
        return Ok(());
    }
    let Some((known, _)) = hold_fields(tx, contact_id).await? else {
        return Ok(());
    };
    let mut taken = known.values();
    for (known, (before, after)) in taken.iter_mut().zip(before.values().into_iter().zip(after.values())) {
        match after {
            _ if after == before => {}
            Some(said) => *known = Some(said),
            None if *known == before => *known = None,
            None => {}
        }
    }
    let taken = PersonFields::of(taken);
    put_fields(tx, contact_id, &taken).await
}

/// Holds a contact until the transaction ends: it comes before sessions and registrations.
pub async fn hold(tx: &mut Tx, contact_id: i64) -> Result<(), DbError> {
    hold_fields(tx, contact_id).await.map(drop)
}
