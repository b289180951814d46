//! The requests for whitepapers as a file. Times are in UTC: a request belongs to no session.

use std::sync::LazyLock;

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::roster::{self, RequestExportRow};
use crate::audit::{Actor, Entry};
use crate::db::{Conn, Db};
use crate::export::{
    self, CellValue, Column, ExportError, FileShape, FirstRows, Options, Spool, SpoolWriter, file_zone,
};
use crate::mail::suppressions::trouble_in_words;
use crate::questions::store::{AnswersByQuestion, ExportedQuestion, exported_questions, read_answers};
use crate::values::{Slug, Zone};

/// A request belongs to no session, so its times are in no zone of its own.
static UTC: LazyLock<Zone> = LazyLock::new(Zone::utc);

/// A request with what was answered.
struct Requester {
    row: RequestExportRow,
    answers: AnswersByQuestion,
}

fn column(
    key: &'static str,
    label: &'static str,
    value: for<'r> fn(&'r Requester) -> CellValue<'r>,
) -> Column<Requester> {
    Column::new(key, label, value)
}

/// Keys and order are a contract: see [`crate::export`]. What a form asks besides the address stands before the last one.
fn columns(questions: Vec<ExportedQuestion>, options: &Options) -> Vec<Column<Requester>> {
    let mut columns = about_the_request();
    columns.extend(questions.into_iter().map(|question| {
        let (key, label) = (format!("q_{}", question.key), question.label.clone());
        Column::new(key, label, move |r: &Requester| {
            CellValue::made(question.cell(&r.answers))
        })
    }));
    columns.push(column("request_id", "Request ID", |r| CellValue::id(&r.row.public_id)));
    columns.extend(file_zone(options));
    columns
}

fn about_the_request() -> Vec<Column<Requester>> {
    vec![
        column("full_name", "Full name", |r| CellValue::text(&r.row.name)),
        column("email", "Email", |r| CellValue::text(&r.row.email)),
        column("whitepaper", "Whitepaper", |r| CellValue::text(&r.row.whitepaper)),
        column("requested_at", "Requested at (UTC)", |r| {
            CellValue::Moment(r.row.created_at, &UTC)
        }),
        column("times", "Times requested", |r| CellValue::Number(r.row.times)),
        column("status", "Status", |r| CellValue::text(&r.row.state)),
        column("confirmed_at", "Email confirmed at (UTC)", |r| {
            CellValue::moment(r.row.confirmed_at, &UTC)
        }),
        column("delivery", "Delivery", |r| CellValue::optional(r.row.mail.as_deref())),
        column("delivered_at", "Handed over at (UTC)", |r| {
            CellValue::moment(r.row.mail_ended_at, &UTC)
        }),
        column("downloads", "Downloads by link", |r| CellValue::Number(r.row.downloads)),
        column("last_download_at", "Last download at (UTC)", |r| {
            CellValue::moment(r.row.last_download_at, &UTC)
        }),
        column("utm_source", "utm_source", |r| {
            CellValue::optional(r.row.utm_source.as_deref())
        }),
        column("utm_medium", "utm_medium", |r| {
            CellValue::optional(r.row.utm_medium.as_deref())
        }),
        column("utm_campaign", "utm_campaign", |r| {
            CellValue::optional(r.row.utm_campaign.as_deref())
        }),
        column("utm_term", "utm_term", |r| {
            CellValue::optional(r.row.utm_term.as_deref())
        }),
        column("utm_content", "utm_content", |r| {
            CellValue::optional(r.row.utm_content.as_deref())
        }),
        column("referrer", "referrer", |r| {
            CellValue::optional(r.row.referrer.as_deref())
        }),
        column("channel", "channel", |r| CellValue::text(&r.row.channel)),
        column("consent_marketing", "Marketing consent", |r| {
            CellValue::Flag(r.row.consent_at.is_some())
        }),
        column("consent_at", "Consent at (UTC)", |r| {
            CellValue::moment(r.row.consent_at, &UTC)
        }),
        column("consent_version", "Consent text version", |r| {
            CellValue::optional(r.row.consent_version.as_deref())
        }),
        column("locale", "Language", |r| CellValue::optional(r.row.locale.as_deref())),
        column("registrant_tz", "Registrant time zone", |r| {
            CellValue::optional(r.row.time_zone.as_deref())
        }),
        column("mail_state", "Mail state", |r| {
            CellValue::text(trouble_in_words(r.row.mail_trouble.as_deref()))
        }),
        column("first_name", "First name", |r| {
            CellValue::optional(r.row.person.first_name.as_deref())
        }),
        column("last_name", "Last name", |r| {
            CellValue::optional(r.row.person.last_name.as_deref())
        }),
        column("company", "Company", |r| {
            CellValue::optional(r.row.person.company.as_deref())
        }),
        column("job_title", "Job title", |r| {
            CellValue::optional(r.row.person.job_title.as_deref())
        }),
        column("phone", "Phone", |r| CellValue::optional(r.row.person.phone.as_deref())),
        column("country", "Country", |r| {
            CellValue::optional(r.row.person.country.as_deref())
        }),
    ]
}

/// Writes the file, of one paper or of all, and notes in the audit log who took what.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub(crate) async fn requests(
    db: &Db,
    paper: Option<&Slug>,
    options: &Options,
    actor: Actor,
    now: Timestamp,
) -> Result<Spool, ExportError> {
    let spool = write(db, paper, options, now).await?;
    let entry = Entry {
        actor,
        action: "export.requests",
        subject: paper.map_or("all whitepapers".to_owned(), ToString::to_string),
        detail: format!("all requests, {}, {} rows", options.columns_in_words(), spool.rows()),
    };
    export::note(db, entry, now).await?;
    Ok(spool)
}

/// The columns, and whether there are questions among them. Keys of several papers would not be the same question.
async fn columns_of(
    conn: &mut Conn,
    paper: Option<&Slug>,
    options: &Options,
) -> Result<(Vec<Column<Requester>>, bool), ExportError> {
    let owner = match paper {
        Some(paper) => roster::owner(conn, paper).await?,
        None => None,
    };
    let questions = match owner {
        Some(owner) => exported_questions(conn, owner).await?,
        None => Vec::new(),
    };
    let has_questions = !questions.is_empty();
    Ok((columns(questions, options), has_questions))
}

async fn write(db: &Db, paper: Option<&Slug>, options: &Options, now: Timestamp) -> Result<Spool, ExportError> {
    let mut conn = db.read().await?;
    let (all, has_questions) = columns_of(&mut conn, paper, options).await?;
    let columns = options.choose(&all)?;
    let expected = roster::count_export(&mut conn).await?;
    let shape = FileShape {
        format: options.format,
        name: "Requests",
        zone: options.zone.clone(),
    };
    let mut writer = SpoolWriter::open(db, expected, columns, &shape)?.telling(options.progress);
    let mut rows = roster::export(&mut conn, paper, has_questions, now);
    while let Some(row) = rows.try_next().await? {
        writer.push(&Requester::from(row)).await?;
    }
    writer.finish().await
}

/// What the file begins with, and which columns there are.
///
/// # Errors
/// See [`ExportError`].
pub(crate) async fn first_rows(
    db: &Db,
    paper: Option<&Slug>,
    options: &Options,
    now: Timestamp,
) -> Result<FirstRows, ExportError> {
    let mut conn = db.read().await?;
    let (all, has_questions) = columns_of(&mut conn, paper, options).await?;
    let rows = roster::export(&mut conn, paper, has_questions, now);
    let first: Vec<RequestExportRow> = rows.take(FirstRows::MOST).try_collect().await?;
    let first: Vec<Requester> = first.into_iter().map(Requester::from).collect();
    FirstRows::of(&all, options, &first)
}

impl From<RequestExportRow> for Requester {
    fn from(row: RequestExportRow) -> Self {
        Self {
            answers: read_answers(row.answers.as_deref()),
            row,
        }
    }
}
