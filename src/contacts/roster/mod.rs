//! What organizers read of people: which of them, by name, address, tag and consent, and what stands in a list.

mod exported;
mod filter;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::db::listing::in_order;
use crate::db::{Conn, DbError, micros, sql};
use crate::mail::suppressions;
use crate::on_db;
use crate::values::PublicId;

pub(crate) use exported::{
    ExportedContact, PersonExportRow, contact_array, count_people, from_hex, people_rows, read_rows,
};
pub(crate) use filter::{MailStanding, PersonFilter, agreed};

/// What every list knows of a person.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ListedPerson {
    /// Names their page.
    #[sqlx(rename = "person")]
    pub page: Vec<u8>,
    /// Where mail goes.
    pub email: String,
    /// Where they work,
    pub company: Option<String>,
    /// as what,
    pub job_title: Option<String>,
    /// and in which country.
    pub country: Option<String>,
    /// When a personal page was first used.
    pub confirmed_at: Option<i64>,
    /// Whether they agreed to more mail, and have not taken it back.
    pub agreed: bool,
    /// What organizers call them, with "; " between.
    pub tags: Option<String>,
    /// Why mail does not reach them; see [`suppressions::trouble`].
    pub trouble: Option<String>,
}

/// The columns of a [`ListedPerson`], of the person `c`. `said`: the row in which they said something of themselves, which
/// goes before what is known of them. `now` is the placeholder of the moment.
#[must_use]
pub(crate) fn listed_person(conn: &Conn, said: Option<&str>, now: &str) -> String {
    let field = |name: &str| match said {
        Some(row) => format!("COALESCE({row}.{name}, c.{name}) AS {name}"),
        None => format!("c.{name}"),
    };
    format!(
        "c.public_id AS person, c.email, {}, {}, {}, c.confirmed_at, {agreed} AS agreed, {tags} AS tags, {trouble} AS trouble",
        field("company"),
        field("job_title"),
        field("country"),
        agreed = agreed(),
        tags = tags_of(conn, "c.id"),
        trouble = suppressions::trouble("c.email_key", now),
    )
}

/// A person in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PersonLine {
    /// Their row.
    pub id: i64,
    /// As given last, or as they confirmed it.
    pub name: String,
    /// When they first came.
    pub created_at: i64,
    /// What is known of them besides.
    #[sqlx(flatten)]
    pub person: ListedPerson,
}

/// People of these rows, in this order.
///
/// # Errors
/// When the database fails.
pub async fn people(conn: &mut Conn, ids: &[i64], now: Timestamp) -> Result<Vec<PersonLine>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT c.id, c.name, c.created_at, {person} FROM contacts c WHERE c.id IN ({placeholders})",
        person = listed_person(conn, None, &format!("${}", ids.len() + 1)),
        placeholders = sql::placeholders(ids.len()),
    );
    let rows: Vec<PersonLine> = on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).bind(micros(now)).fetch_all(c).await
    })?;
    Ok(in_order(rows, ids, |row| row.id))
}

/// The tags of the person in a column in one text, for a SELECT.
#[must_use]
pub(crate) fn tags_of(conn: &Conn, person: &str) -> String {
    format!(
        "(SELECT {} FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.contact_id = {person})",
        sql::joined(conn, "t.name", "t.name")
    )
}

/// The person of an address.
///
/// # Errors
/// When the database fails.
pub async fn by_address(conn: &mut Conn, email_key: &str) -> Result<Option<PublicId>, DbError> {
    let id: Option<Vec<u8>> = on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM contacts WHERE email_key = $1")
        .bind(email_key)
        .fetch_optional(c)
        .await)?;
    id.map(|id| PublicId::try_from(id).map_err(DbError::stored)).transpose()
}

/// The person of a row.
///
/// # Errors
/// When the database fails, or there is none.
pub async fn page_of(conn: &mut Conn, contact_id: i64) -> Result<PublicId, DbError> {
    let id: Vec<u8> = on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM contacts WHERE id = $1")
        .bind(contact_id)
        .fetch_one(c)
        .await)?;
    PublicId::try_from(id).map_err(DbError::stored)
}
