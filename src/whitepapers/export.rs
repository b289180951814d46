//! The requests for whitepapers as a file. Times are in UTC: a request belongs to no session.

use futures_util::TryStreamExt;
use jiff::Timestamp;

use super::roster::{self, RequestExportRow};
use crate::audit::{Actor, Entry};
use crate::db::Db;
use crate::export::{
    self, Column, ExportError, Options, Spool, SpoolWriter, date_time, id, optional_date_time, text, yes_no,
};
use crate::mail::suppressions::trouble_in_words;
use crate::questions::store::{AnswersByQuestion, ExportedQuestion, exported_questions, read_answers};
use crate::values::{Slug, Zone};

/// A request with what was answered.
struct Requester {
    row: RequestExportRow,
    answers: AnswersByQuestion,
}

fn column(key: &'static str, label: &'static str, value: fn(&Requester) -> String) -> Column<Requester> {
    Column::new(key, label, value)
}

fn at(moment: i64) -> String {
    date_time(moment, &Zone::utc())
}

fn maybe_at(moment: Option<i64>) -> String {
    optional_date_time(moment, &Zone::utc())
}

/// Keys and order are a contract: see [`crate::export`]. What a form asks besides the address stands before the last one.
fn columns(questions: Vec<ExportedQuestion>) -> Vec<Column<Requester>> {
    let mut columns = about_the_request();
    columns.extend([
        column("first_name", "First name", |r| text(r.row.person.first_name.as_ref())),
        column("last_name", "Last name", |r| text(r.row.person.last_name.as_ref())),
        column("company", "Company", |r| text(r.row.person.company.as_ref())),
        column("job_title", "Job title", |r| text(r.row.person.job_title.as_ref())),
        column("phone", "Phone", |r| text(r.row.person.phone.as_ref())),
        column("country", "Country", |r| text(r.row.person.country.as_ref())),
    ]);
    columns.extend(questions.into_iter().map(|question| {
        let (key, label) = (format!("q_{}", question.key), question.label.clone());
        Column::new(key, label, move |r: &Requester| question.cell(&r.answers))
    }));
    columns.push(column("request_id", "Request ID", |r| id(&r.row.public_id)));
    columns
}

fn about_the_request() -> Vec<Column<Requester>> {
    vec![
        column("full_name", "Full name", |r| r.row.name.clone()),
        column("email", "Email", |r| r.row.email.clone()),
        column("whitepaper", "Whitepaper", |r| r.row.whitepaper.clone()),
        column("requested_at", "Requested at (UTC)", |r| at(r.row.created_at)),
        column("times", "Times requested", |r| r.row.times.to_string()),
        column("status", "Status", |r| r.row.state.clone()),
        column("confirmed_at", "Email confirmed at (UTC)", |r| {
            maybe_at(r.row.confirmed_at)
        }),
        column("delivery", "Delivery", |r| text(r.row.mail.as_ref())),
        column("delivered_at", "Handed over at (UTC)", |r| {
            maybe_at(r.row.mail_ended_at)
        }),
        column("downloads", "Downloads by link", |r| r.row.downloads.to_string()),
        column("last_download_at", "Last download at (UTC)", |r| {
            maybe_at(r.row.last_download_at)
        }),
        column("utm_source", "utm_source", |r| text(r.row.utm_source.as_ref())),
        column("utm_medium", "utm_medium", |r| text(r.row.utm_medium.as_ref())),
        column("utm_campaign", "utm_campaign", |r| text(r.row.utm_campaign.as_ref())),
        column("utm_term", "utm_term", |r| text(r.row.utm_term.as_ref())),
        column("utm_content", "utm_content", |r| text(r.row.utm_content.as_ref())),
        column("referrer", "referrer", |r| text(r.row.referrer.as_ref())),
        column("channel", "channel", |r| r.row.channel.clone()),
        column("consent_marketing", "Marketing consent", |r| {
            yes_no(r.row.consent_at.is_some())
        }),
        column("consent_at", "Consent at (UTC)", |r| maybe_at(r.row.consent_at)),
        column("consent_version", "Consent text version", |r| {
            text(r.row.consent_version.as_ref())
        }),
        column("locale", "Language", |r| text(r.row.locale.as_ref())),
        column("registrant_tz", "Registrant time zone", |r| {
            text(r.row.time_zone.as_ref())
        }),
        column("mail_state", "Mail state", |r| {
            trouble_in_words(r.row.mail_trouble.as_deref())
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

async fn write(db: &Db, paper: Option<&Slug>, options: &Options, now: Timestamp) -> Result<Spool, ExportError> {
    let mut conn = db.read().await?;
    // Keys of several papers would not be the same question.
    let owner = match paper {
        Some(paper) => roster::owner(&mut conn, paper).await?,
        None => None,
    };
    let questions = match owner {
        Some(owner) => exported_questions(&mut conn, owner).await?,
        None => Vec::new(),
    };
    let has_questions = !questions.is_empty();
    let all = columns(questions);
    let columns = options.choose(&all)?;
    let expected = roster::count_export(&mut conn).await?;
    let mut writer = SpoolWriter::open(db, expected, &columns, options.style).await?;
    let mut rows = roster::export(&mut conn, paper, has_questions, now);
    while let Some(row) = rows.try_next().await? {
        let answers = read_answers(row.answers.as_deref());
        writer.push(&columns, &Requester { row, answers }).await?;
    }
    writer.finish().await
}
