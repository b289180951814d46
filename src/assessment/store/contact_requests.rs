//! Those who want to talk about their result and said who they are.

use jiff::Timestamp;

use crate::assessment::model::assessment::Assessment;
use crate::contacts::record::RecordField::{Plain, Time};
use crate::contacts::record::RecordPart;
use crate::contacts::{self, ErasedPerson, Trace, Traces};
use crate::db::listing::{FoundBy, ListCondition};
use crate::db::piece::SqlPiece;
use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::{EmailAddress, PersonName, PublicId};

/// What is kept of a contact here. Whoever is erased leaves a result that nobody knows whose it is.
pub(crate) const TRACE: Trace = Trace::of("assessment_talks")
    .called("wish to talk about a result", "wishes to talk about results")
    .erased_by(|tx, person, _| Box::pin(erase(tx, person)))
    .telling(&[RecordPart::new(
        "wishes_to_talk",
        &[
            Plain("name", "t.name"),
            Time("at", "t.created_at"),
            Plain("own_side", "a.us"),
            Plain("partner", "a.partner"),
        ],
        "assessment_talks t JOIN assessments a ON a.id = t.assessment_id WHERE t.contact_id = $1 ORDER BY t.id",
    )]);

/// Takes them all back, and the name that its owner gave with an invitation or a place in a round.
async fn erase(tx: &mut Tx, person: &ErasedPerson) -> Result<u64, DbError> {
    let Some(contact) = person.contact_id else {
        return Ok(0);
    };
    let assessments: Vec<i64> = on_db!(tx, c => sqlx::query_scalar(
        "DELETE FROM assessment_talks WHERE contact_id = $1 RETURNING assessment_id")
        .bind(contact)
        .fetch_all(c)
        .await)?;
    for id in &assessments {
        for text in [
            "UPDATE assessment_invitations SET inviter_name = '' WHERE inviter_id = $1",
            "UPDATE assessment_seats SET name = NULL WHERE assessment_id = $1",
        ] {
            on_db!(tx, c => sqlx::query(text).bind(*id).execute(c).await.map(drop))?;
        }
    }
    Ok(assessments.len() as u64)
}

/// Keeps who it is, for one assessment. A second time replaces the first.
pub(crate) async fn put(
    tx: &mut Tx,
    assessment_id: i64,
    name: &PersonName,
    email: &EmailAddress,
    traces: &Traces,
    now: Timestamp,
) -> Result<(), DbError> {
    let contact = contacts::store::put(tx, email, name, now).await?;
    let before: Option<i64> = on_db!(tx, c => sqlx::query_scalar(
        "SELECT contact_id FROM assessment_talks WHERE assessment_id = $1")
        .bind(assessment_id)
        .fetch_optional(c)
        .await)?;
    on_db!(tx, c => sqlx::query(
        "INSERT INTO assessment_talks (public_id, assessment_id, contact_id, name, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (assessment_id) DO UPDATE SET contact_id = excluded.contact_id, name = excluded.name")
        .bind(PublicId::random().as_bytes())
        .bind(assessment_id)
        .bind(contact.id)
        .bind(name.as_str())
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    if let Some(before) = before.filter(|before| *before != contact.id) {
        contacts::store::remove_unused(tx, before, traces).await?;
    }
    Ok(())
}

/// Takes it back.
pub(crate) async fn remove(tx: &mut Tx, assessment_id: i64, traces: &Traces) -> Result<(), DbError> {
    let contact: Option<i64> = on_db!(tx, c => sqlx::query_scalar(
        "DELETE FROM assessment_talks WHERE assessment_id = $1 RETURNING contact_id")
        .bind(assessment_id)
        .fetch_optional(c)
        .await)?;
    if let Some(contact) = contact {
        contacts::store::remove_unused(tx, contact, traces).await?;
    }
    Ok(())
}

/// Whether the firm knows who it is.
pub(crate) async fn exists(conn: &mut Conn, assessment_id: i64) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM assessment_talks WHERE assessment_id = $1")
        .bind(assessment_id)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// When this person asked to talk about their results.
pub(crate) async fn of_person(conn: &mut Conn, contact_id: i64) -> Result<Vec<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT created_at FROM assessment_talks WHERE contact_id = $1 ORDER BY id DESC")
        .bind(contact_id)
        .fetch_all(c)
        .await)?)
}

/// How many want to talk, at most one above `most`.
pub(crate) async fn count(conn: &mut Conn, most: i64) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM assessment_talks LIMIT $1) AS talks")
        .bind(most + 1)
        .fetch_one(c)
        .await)?)
}

/// Somebody who wants to talk.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct ContactRequest {
    pub assessment_id: i64,
    pub name: String,
    pub email: String,
    pub created_at: i64,
}

/// The latest ones.
pub(crate) async fn list(conn: &mut Conn, limit: i64) -> Result<Vec<(ContactRequest, Assessment)>, DbError> {
    let rows: Vec<ContactRequest> = on_db!(conn, c => sqlx::query_as(
        "SELECT t.assessment_id, t.name, k.email, t.created_at
           FROM assessment_talks t JOIN contacts k ON k.id = t.contact_id
          ORDER BY t.id DESC LIMIT $1")
        .bind(limit)
        .fetch_all(c)
        .await)?;
    let mut requests = Vec::with_capacity(rows.len());
    for row in rows {
        let found = crate::assessment::store::assessments::by_id(conn, row.assessment_id).await?;
        requests.extend(found.map(|assessment| (row, assessment)));
    }
    Ok(requests)
}

/// "They want to talk about their result", over the people in a column.
pub(crate) fn wants_to_talk(person: &str) -> ListCondition {
    ListCondition::found(
        SqlPiece::new(format!(
            "(SELECT 1 FROM assessment_talks t WHERE t.contact_id = {person} LIMIT 1) IS NOT NULL"
        )),
        FoundBy::People(SqlPiece::new("SELECT t.contact_id AS id FROM assessment_talks t")),
    )
}
