//! What else was filled in with registrations.

use crate::contacts;
use crate::db::{Conn, DbError, Tx};
use crate::on_db;
use crate::questions::Filled;
use crate::questions::store::{AnswerOf, insert_answers};
use crate::values::Slug;

/// Keeps it, by the rows of registrations and their contacts.
pub async fn keep_filled(tx: &mut Tx, filled: &[(i64, i64, &Filled)]) -> Result<(), DbError> {
    let nothing = |filled: &Filled| filled.answers.is_empty() && filled.person.is_empty();
    if filled.iter().all(|(_, _, filled)| nothing(filled)) {
        return Ok(());
    }
    let of_registrations: Vec<(AnswerOf, &Filled)> = filled
        .iter()
        .map(|(registration, _, filled)| (AnswerOf::Registration(*registration), *filled))
        .collect();
    insert_answers(tx, &of_registrations).await?;
    let people: Vec<_> = filled
        .iter()
        .filter(|(_, _, filled)| !filled.person.is_empty())
        .map(|(_, contact, filled)| (*contact, &filled.person))
        .collect();
    contacts::store::details::fill(tx, &people).await
}

/// What the form of a webcast asks now has this version. `None`: there is no such webcast.
pub async fn form_version(conn: &mut Conn, slug: &Slug) -> Result<Option<i64>, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT form_version FROM webcasts WHERE slug = $1")
        .bind(slug.as_str())
        .fetch_optional(c)
        .await)?,
    )
}
