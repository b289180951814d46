//! The requests for whitepapers as a file. Times are in UTC: a request belongs to no session.

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;

use super::roster::{self, RequestExportRow, RequestsExported};
use crate::contacts::export::{UTC, consent_columns, name_columns, origin_columns, work_columns};
use crate::db::listing::ListCondition;
use crate::db::{Conn, DbError};
use crate::export::{CellValue, Column, ExportedList, Options, file_zone};
use crate::questions::store::{AnswersByQuestion, ExportedQuestion, exported_questions, read_answers};
use crate::values::Slug;

/// A request with what was answered.
pub(crate) struct Requester {
    row: RequestExportRow,
    answers: AnswersByQuestion,
}

impl From<RequestExportRow> for Requester {
    fn from(row: RequestExportRow) -> Self {
        Self {
            answers: read_answers(row.answers.as_deref()),
            row,
        }
    }
}

/// The requests of a list, to be written.
pub(crate) struct RequestsExport {
    requests: RequestsExported,
    columns: Vec<Column<Requester>>,
}

impl RequestsExport {
    /// Of one paper, or of all, those for which all of this holds. `None`: there is no such paper.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn find(
        conn: &mut Conn,
        paper: Option<&Slug>,
        conditions: Vec<ListCondition>,
        options: &Options,
        now: Timestamp,
    ) -> Result<Option<Self>, DbError> {
        // Keys of several papers would not be the same question.
        let questions = match paper {
            None => Vec::new(),
            Some(paper) => match roster::owner(conn, paper).await? {
                Some(owner) => exported_questions(conn, owner).await?,
                None => return Ok(None),
            },
        };
        let requests = RequestsExported {
            conditions,
            has_questions: !questions.is_empty(),
            now,
        };
        Ok(Some(Self {
            requests,
            columns: columns(questions, options),
        }))
    }
}

impl ExportedList for RequestsExport {
    type Row = Requester;

    fn name(&self) -> &'static str {
        "Requests"
    }

    fn columns(&self) -> &[Column<Requester>] {
        &self.columns
    }

    fn rows<'c>(&'c self, conn: &'c mut Conn) -> BoxStream<'c, Result<Requester, sqlx::Error>> {
        self.requests.rows(conn).map(|row| row.map(Requester::from)).boxed()
    }

    fn count<'c>(&'c self, conn: &'c mut Conn) -> BoxFuture<'c, Result<i64, DbError>> {
        self.requests.count(conn).boxed()
    }
}

fn column(
    key: &'static str,
    label: &'static str,
    value: for<'r> fn(&'r Requester) -> CellValue<'r>,
) -> Column<Requester> {
    Column::new(key, label, value)
}

/// Keys and order are a contract: see [`crate::export`]. What a form asks besides the address stands before the last ones.
fn columns(questions: Vec<ExportedQuestion>, options: &Options) -> Vec<Column<Requester>> {
    let mut columns: Vec<Column<Requester>> = about_the_request().into();
    columns.extend(origin_columns(|r: &Requester| &r.row.contact));
    columns.extend(consent_columns(
        |r: &Requester| &r.row.contact,
        "Consent at (UTC)",
        |_: &Requester| &UTC,
    ));
    columns.extend(name_columns(|r: &Requester| &r.row.contact.person));
    columns.extend(work_columns(|r: &Requester| &r.row.contact.person));
    columns.extend(questions.into_iter().map(|question| {
        let (key, label) = (format!("q_{}", question.key), question.label.clone());
        Column::new(key, label, move |r: &Requester| {
            CellValue::made(question.cell(&r.answers))
        })
    }));
    columns.push(column("tags", "Tags", |r| {
        CellValue::optional(r.row.contact.tags.as_deref())
    }));
    columns.push(column("request_id", "Request ID", |r| CellValue::id(&r.row.public_id)));
    columns.extend(file_zone(options));
    columns
}

fn about_the_request() -> [Column<Requester>; 11] {
    [
        column("full_name", "Full name", |r| CellValue::text(&r.row.name)),
        column("email", "Email", |r| CellValue::text(&r.row.contact.email)),
        column("whitepaper", "Whitepaper", |r| CellValue::text(&r.row.whitepaper)),
        column("requested_at", "Requested at (UTC)", |r| {
            CellValue::Moment(r.row.created_at, &UTC)
        }),
        column("times", "Times requested", |r| CellValue::Number(r.row.times)),
        column("status", "Status", |r| CellValue::text(&r.row.state)),
        column("confirmed_at", "Email confirmed at (UTC)", |r| {
            CellValue::moment(r.row.contact.confirmed_at, &UTC)
        }),
        column("delivery", "Delivery", |r| CellValue::optional(r.row.mail.as_deref())),
        column("delivered_at", "Handed over at (UTC)", |r| {
            CellValue::moment(r.row.mail_ended_at, &UTC)
        }),
        column("downloads", "Downloads by link", |r| CellValue::Number(r.row.downloads)),
        column("last_download_at", "Last download at (UTC)", |r| {
            CellValue::moment(r.row.last_download_at, &UTC)
        }),
    ]
}
