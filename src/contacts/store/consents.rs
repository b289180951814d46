//! What people agreed to. Rows are only added: taking it back is another row.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::CONSENT;
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

/// Adds that these contacts agreed to more mail, on the page with this slug.
pub async fn give(
    tx: &mut Tx,
    contacts: &[i64],
    source: ConsentSource,
    subject: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    if contacts.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO consents (contact_id, purpose, version, act, at, source, subject)
         SELECT v.column1, 'marketing', $1, 'given', $2, $3, $4 FROM (VALUES {}) AS v",
        sql::rows(contacts.len(), 1, 4)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text))
            .bind(CONSENT.version)
            .bind(micros(now))
            .bind(source.as_str())
            .bind(subject);
        contacts.iter().fold(query, |query, id| query.bind(*id)).execute(c).await.map(drop)
    })?;
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
