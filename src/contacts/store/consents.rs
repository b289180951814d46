//! What people agreed to. Rows are only added: taking it back is another row.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::{AgreedTo, CONSENT};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;

/// By which way somebody agreed; stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentSource {
    /// A form on a public page.
    Form,
    /// Their own page.
    Page,
}

impl ConsentSource {
    fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Page => "page",
        }
    }
}

/// The version that somebody agreed to, as SQL: the one that `posted` names where there is one, else the newest.
pub(crate) fn version_agreed_to(posted: &str) -> String {
    format!(
        "COALESCE((SELECT k.version FROM consent_texts k WHERE k.version = {posted}),
                  (SELECT k.version FROM consent_texts k ORDER BY k.created_at DESC, k.version DESC LIMIT 1),
                  '{}')",
        CONSENT.version
    )
}

/// Adds that these contacts agreed to more mail, each to a wording, on the page with this slug.
pub async fn give(
    tx: &mut Tx,
    contacts: &[(i64, &AgreedTo)],
    source: ConsentSource,
    subject: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    if contacts.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO consents (contact_id, purpose, version, act, at, source, subject)
         SELECT v.column1, 'marketing', {}, 'given', $1, $2, $3 FROM (VALUES {}) AS v",
        version_agreed_to("v.column2"),
        sql::rows(contacts.len(), 2, 3)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text))
            .bind(micros(now))
            .bind(source.as_str())
            .bind(subject);
        contacts
            .iter()
            .fold(query, |query, (id, agreed_to)| query.bind(*id).bind(agreed_to.as_str()))
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// A wording of the consent.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ConsentWording {
    /// Stored with each agreement.
    pub version: String,
    /// What the box says.
    pub text: String,
    /// Since when.
    pub created_at: i64,
}

/// All wordings, the one that is asked now first.
pub async fn wordings(conn: &mut Conn) -> Result<Vec<ConsentWording>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT version, text, created_at FROM consent_texts WHERE purpose = 'marketing'
          ORDER BY created_at DESC, version DESC LIMIT 100")
        .fetch_all(c)
        .await)?)
}

/// Keeps a wording that is asked from now on. Its version is the day; a second one of a day has a number besides.
pub async fn word_anew(tx: &mut Tx, text: &str, now: Timestamp) -> Result<(), DbError> {
    let known = wordings(tx).await?;
    if known.first().is_some_and(|newest| newest.text == text) {
        return Ok(());
    }
    let day = now.strftime("%Y-%m-%d").to_string();
    let taken = known.iter().filter(|wording| wording.version.starts_with(&day)).count();
    let version = if taken == 0 {
        day
    } else {
        format!("{day}-{}", taken + 1)
    };
    put_wording(tx, &version, text, now).await
}

/// Keeps ours, where there is none yet.
pub async fn keep_first(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    if wordings(tx).await?.is_empty() {
        put_wording(tx, CONSENT.version, CONSENT.text, now).await?;
    }
    Ok(())
}

async fn put_wording(tx: &mut Tx, version: &str, text: &str, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO consent_texts (version, purpose, text, created_at) VALUES ($1, 'marketing', $2, $3)
         ON CONFLICT (version) DO NOTHING")
        .bind(version)
        .bind(text)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// One row of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ConsentLine {
    /// Whether they agreed then, or took it back.
    pub is_given: bool,
    /// The wording.
    pub version: String,
    /// When.
    pub at: i64,
}

/// What a person agreed to and took back, the newest first.
pub async fn of_person(conn: &mut Conn, contact_id: i64) -> Result<Vec<ConsentLine>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT act = 'given' AS is_given, version, at FROM consents
          WHERE contact_id = $1 AND purpose = 'marketing' ORDER BY at DESC, id DESC LIMIT 100")
        .bind(contact_id)
        .fetch_all(c)
        .await)?)
}
