//! All requests of an export.

use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::AssertSqlSafe;

use crate::contacts::roster::{ExportedContact, contact_array, from_hex, read_rows};
use crate::db::listing::ListCondition;
use crate::db::piece::{SqlPiece, SqlValue};
use crate::db::{Conn, DbError, micros, sql};
use crate::questions::FormOwner;
use crate::questions::store::answers_as_json;
use crate::values::Slug;
use crate::whitepapers::mails::KINDS;
use crate::{bind_all, on_db};

/// A request in an export. Its fields stand in the order of the array in [`RequestsExported::rows`].
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RequestExportRow {
    /// The request.
    #[serde(deserialize_with = "from_hex")]
    pub public_id: Vec<u8>,
    /// As given.
    pub name: String,
    /// Who asked.
    pub contact: ExportedContact,
    /// See [`answers_as_json`].
    pub answers: Option<String>,
    /// The paper's title.
    pub whitepaper: String,
    /// When it was made.
    pub created_at: i64,
    /// requested, held.
    pub state: String,
    /// How often it was asked for.
    pub times: i64,
    /// What became of the last mail about it, while its row is kept.
    pub mail: Option<String>,
    /// When the relay took that mail.
    pub mail_ended_at: Option<i64>,
    /// By the personal link.
    pub downloads: i64,
    /// The last of them.
    pub last_download_at: Option<i64>,
}

/// Whose form the requests for a paper were filled in with. `None`: there is no such paper.
pub(crate) async fn owner(conn: &mut Conn, paper: &Slug) -> Result<Option<FormOwner>, DbError> {
    let id = SqlPiece::new("SELECT id FROM whitepapers WHERE slug = ?").with(SqlValue::Text(paper.to_string()));
    Ok(id.number(conn).await?.map(FormOwner::Whitepaper))
}

/// The requests of an export, ready to be read.
pub(crate) struct RequestsExported {
    /// All of it holds, over requests `r` of people `c`.
    pub conditions: Vec<ListCondition>,
    /// Whether its form has questions.
    pub has_questions: bool,
    /// When it is read.
    pub now: Timestamp,
}

impl RequestsExported {
    fn which(&self) -> SqlPiece {
        SqlPiece::new(" WHERE 1 = 1").each(" AND ", self.conditions.iter().map(|condition| &condition.holds))
    }

    /// How many it has.
    pub(crate) async fn count(&self, conn: &mut Conn) -> Result<i64, DbError> {
        let count = SqlPiece::new("SELECT COUNT(*) FROM requests r JOIN contacts c ON c.id = r.contact_id");
        Ok(count.and_then(&self.which()).number(conn).await?.unwrap_or(0))
    }

    /// Every one, as one moment saw them, in the order in which they came; each an array that the database writes.
    pub(crate) fn rows<'c>(&self, conn: &'c mut Conn) -> BoxStream<'c, Result<RequestExportRow, sqlx::Error>> {
        let answers = if self.has_questions {
            format!("{} || ''", answers_as_json(conn, "request_id", "r"))
        } else {
            "CAST(NULL AS TEXT)".to_owned()
        };
        let kinds = vec!["?"; KINDS.len()].join(", ");
        let select = SqlPiece::new(format!(
            "SELECT CAST({array}(
                    {public_id}, r.name, {contact}, {answers}, w.title, r.created_at, r.state, r.times, o.state,
                    CASE o.state WHEN 'sent' THEN o.ended_at END, r.downloads, r.last_download_at) AS TEXT)
               FROM requests r
               JOIN contacts c ON c.id = r.contact_id
               JOIN whitepapers w ON w.id = r.whitepaper_id
               LEFT JOIN outbox o ON o.id = (SELECT MAX(p.id) FROM outbox p
                                              WHERE p.subject_id = r.id AND p.kind IN ({kinds}))",
            array = sql::json_array(conn),
            public_id = sql::hex(conn, "r.public_id"),
            contact = contact_array(conn),
        ));
        let select = select.with(SqlValue::Int(micros(self.now)));
        let select = KINDS
            .iter()
            .fold(select, |select, kind| select.with(SqlValue::Text(kind.name.to_owned())));
        let (text, values) = select.and_then(&self.which()).then(" ORDER BY r.id").numbered();
        read_rows(on_db!(conn, c => bind_all!(sqlx::query_scalar(AssertSqlSafe(text)), values).fetch(c)))
    }
}
