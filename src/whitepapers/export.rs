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
use crate::values::{Slug, Zone};

const fn column(
    key: &'static str,
    label: &'static str,
    value: fn(&RequestExportRow) -> String,
) -> Column<RequestExportRow> {
    Column::new(key, label, value)
}

fn at(moment: i64) -> String {
    date_time(moment, &Zone::utc())
}

fn maybe_at(moment: Option<i64>) -> String {
    optional_date_time(moment, &Zone::utc())
}

/// Keys and order are a contract: see [`crate::export`].
const COLUMNS: [Column<RequestExportRow>; 25] = [
    column("full_name", "Full name", |r| r.name.clone()),
    column("email", "Email", |r| r.email.clone()),
    column("whitepaper", "Whitepaper", |r| r.whitepaper.clone()),
    column("requested_at", "Requested at (UTC)", |r| at(r.created_at)),
    column("times", "Times requested", |r| r.times.to_string()),
    column("status", "Status", |r| r.state.clone()),
    column("confirmed_at", "Email confirmed at (UTC)", |r| maybe_at(r.confirmed_at)),
    column("delivery", "Delivery", |r| text(r.mail.as_ref())),
    column("delivered_at", "Handed over at (UTC)", |r| maybe_at(r.mail_ended_at)),
    column("downloads", "Downloads by link", |r| r.downloads.to_string()),
    column("last_download_at", "Last download at (UTC)", |r| {
        maybe_at(r.last_download_at)
    }),
    column("utm_source", "utm_source", |r| text(r.utm_source.as_ref())),
    column("utm_medium", "utm_medium", |r| text(r.utm_medium.as_ref())),
    column("utm_campaign", "utm_campaign", |r| text(r.utm_campaign.as_ref())),
    column("utm_term", "utm_term", |r| text(r.utm_term.as_ref())),
    column("utm_content", "utm_content", |r| text(r.utm_content.as_ref())),
    column("referrer", "referrer", |r| text(r.referrer.as_ref())),
    column("channel", "channel", |r| r.channel.clone()),
    column("consent_marketing", "Marketing consent", |r| {
        yes_no(r.consent_at.is_some())
    }),
    column("consent_at", "Consent at (UTC)", |r| maybe_at(r.consent_at)),
    column("consent_version", "Consent text version", |r| {
        text(r.consent_version.as_ref())
    }),
    column("locale", "Language", |r| text(r.locale.as_ref())),
    column("registrant_tz", "Registrant time zone", |r| text(r.time_zone.as_ref())),
    column("mail_state", "Mail state", |r| {
        trouble_in_words(r.mail_trouble.as_deref())
    }),
    column("request_id", "Request ID", |r| id(&r.public_id)),
];

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
    let columns = options.choose(&COLUMNS)?;
    let mut conn = db.read().await?;
    let expected = roster::count_export(&mut conn).await?;
    let mut writer = SpoolWriter::open(db, expected, &columns, options.style).await?;
    let mut rows = roster::export(&mut conn, paper, now);
    while let Some(row) = rows.try_next().await? {
        writer.push(&columns, &row).await?;
    }
    writer.finish().await
}
