//! The attendee list as a file: one row per registration.

use futures_util::TryStreamExt;
use jiff::Timestamp;

use super::RegistrationState;
use super::attendance::{AttendanceSource, Visit, Visits, is_decided};
use super::roster::{self, ExportFilter, SeatExportRow};
use crate::audit::{Actor, Entry};
use crate::contacts::Channel;
use crate::db::Db;
use crate::export::{
    self, Column, ExportError, Options, Spool, SpoolWriter, date_time, id, optional_date_time, text, yes_no,
};
use crate::mail::suppressions::trouble_in_words;
use crate::questions::store::{AnswersByQuestion, ExportedQuestion, exported_questions, read_answers};
use crate::values::Zone;

/// A seat with all the times that its owner was there.
struct Attendee {
    row: SeatExportRow,
    zone: Zone,
    visits: Visits,
    answers: AnswersByQuestion,
    /// A day after the end, who was not seen was not there.
    decided: bool,
}

fn column(key: &'static str, label: &'static str, value: fn(&Attendee) -> String) -> Column<Attendee> {
    Column::new(key, label, value)
}

/// For what this version does not ask for or keep: the column stands, so that the order holds.
fn nothing(_: &Attendee) -> String {
    String::new()
}

/// Keys and order are a contract: see [`crate::export`].
fn columns(questions: Vec<ExportedQuestion>) -> Vec<Column<Attendee>> {
    let mut columns = about_the_seat();
    columns.extend(questions.into_iter().map(|question| {
        let (key, label) = (format!("q_{}", question.key), question.label.clone());
        Column::new(key, label, move |a: &Attendee| question.cell(&a.answers))
    }));
    columns.extend(about_its_end());
    columns
}

/// Before the questions.
fn about_the_seat() -> Vec<Column<Attendee>> {
    vec![
        column("first_name", "First name", |a| text(a.row.person.first_name.as_ref())),
        column("last_name", "Last name", |a| text(a.row.person.last_name.as_ref())),
        column("full_name", "Full name", |a| a.row.name.clone()),
        column("email", "Email", |a| a.row.email.clone()),
        column("company", "Company", |a| text(a.row.person.company.as_ref())),
        column("job_title", "Job title", |a| text(a.row.person.job_title.as_ref())),
        column("phone", "Phone", |a| text(a.row.person.phone.as_ref())),
        column("country", "Country", |a| text(a.row.person.country.as_ref())),
        column("webcast", "Webcast", |a| a.row.webcast.clone()),
        column("session_start", "Session start", |a| {
            date_time(a.row.starts_at, &a.zone)
        }),
        column("session_tz", "Time zone", |a| a.row.session_tz.clone()),
        column("status", "Status", |a| a.row.state.clone()),
        column("attendance", "Attendance", Attendee::attendance),
        column("registered_at", "Registered at", |a| {
            date_time(a.row.created_at, &a.zone)
        }),
        column("confirmed_at", "Email confirmed at", |a| {
            optional_date_time(a.row.confirmed_at, &a.zone)
        }),
        column("first_join", "First join", |a| {
            optional_date_time(a.visits.first_join(), &a.zone)
        }),
        column("last_leave", "Last leave", |a| {
            optional_date_time(a.visits.last_leave(), &a.zone)
        }),
        column("minutes_attended", "Minutes attended", |a| {
            a.visits
                .minutes()
                .map(|minutes| minutes.to_string())
                .unwrap_or_default()
        }),
        column("attendance_pct", "Attendance %", |a| {
            a.percent().map(|percent| percent.to_string()).unwrap_or_default()
        }),
        column("replay_at", "Replay watched at", |a| {
            optional_date_time(a.visits.replay(), &a.zone)
        }),
        column("utm_source", "utm_source", |a| text(a.row.utm_source.as_ref())),
        column("utm_medium", "utm_medium", |a| text(a.row.utm_medium.as_ref())),
        column("utm_campaign", "utm_campaign", |a| text(a.row.utm_campaign.as_ref())),
        column("utm_term", "utm_term", |a| text(a.row.utm_term.as_ref())),
        column("utm_content", "utm_content", |a| text(a.row.utm_content.as_ref())),
        column("referrer", "referrer", |a| text(a.row.referrer.as_ref())),
        column("channel", "channel", |a| a.row.channel.clone()),
        column("consent_marketing", "Marketing consent", |a| {
            yes_no(a.row.consent_at.is_some())
        }),
        column("consent_at", "Consent at", |a| {
            optional_date_time(a.row.consent_at, &a.zone)
        }),
        column("consent_version", "Consent text version", |a| {
            text(a.row.consent_version.as_ref())
        }),
        column("locale", "Language", |a| text(a.row.locale.as_ref())),
        column("registrant_tz", "Registrant time zone", |a| {
            text(a.row.time_zone.as_ref())
        }),
        column("mail_state", "Mail state", |a| {
            trouble_in_words(a.row.mail_trouble.as_deref())
        }),
    ]
}

/// After them.
fn about_its_end() -> [Column<Attendee>; 5] {
    [
        column("tags", "Tags", nothing),
        column("notes", "Notes", nothing),
        column("cancelled_at", "Cancelled at", |a| {
            optional_date_time(a.row.cancelled_at, &a.zone)
        }),
        column("cancel_reason", "Cancel reason", |a| text(a.row.cancel_reason.as_ref())),
        column("registration_id", "Registration ID", |a| id(&a.row.public_id)),
    ]
}

/// Writes the file and notes in the audit log who took what.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub(crate) async fn attendees(
    db: &Db,
    filter: &ExportFilter,
    options: &Options,
    actor: Actor,
    now: Timestamp,
) -> Result<Spool, ExportError> {
    let spool = write(db, filter, options, now).await?;
    export::note(db, entry(filter, options, spool.rows(), actor), now).await?;
    Ok(spool)
}

async fn write(db: &Db, filter: &ExportFilter, options: &Options, now: Timestamp) -> Result<Spool, ExportError> {
    let mut conn = db.read().await?;
    let owner = roster::owner(&mut conn, &filter.webcast).await?;
    let questions = match owner {
        Some(owner) => exported_questions(&mut conn, owner).await?,
        None => Vec::new(),
    };
    let has_questions = !questions.is_empty();
    let all = columns(questions);
    let columns = options.choose(&all)?;
    let expected = roster::count(&mut conn, &filter.webcast).await?;
    let mut writer = SpoolWriter::open(db, expected, &columns, options.style).await?;
    let mut rows = roster::export(&mut conn, filter, has_questions, now);
    let mut current: Option<Attendee> = None;
    while let Some(row) = rows.try_next().await? {
        if let Some(attendee) = current.as_mut().filter(|attendee| attendee.row.id == row.id) {
            attendee.visits.0.extend(visit(&row));
            continue;
        }
        if let Some(done) = current.replace(Attendee::new(row, now)) {
            writer.push(&columns, &done).await?;
        }
    }
    if let Some(last) = current {
        writer.push(&columns, &last).await?;
    }
    writer.finish().await
}

fn entry(filter: &ExportFilter, options: &Options, rows: u64, actor: Actor) -> Entry {
    let session = filter
        .session
        .map_or("all sessions".to_owned(), |id| format!("session {id}"));
    let cancelled = if filter.cancelled { ", cancelled ones too" } else { "" };
    let held = if filter.held { ", held ones too" } else { "" };
    Entry {
        actor,
        action: "export.attendees",
        subject: filter.webcast.to_string(),
        detail: format!(
            "{session}{cancelled}{held}, {}, {rows} rows",
            options.columns_in_words()
        ),
    }
}

fn visit(row: &SeatExportRow) -> Option<Visit> {
    Some(Visit {
        source: AttendanceSource::parse(row.source.as_deref()?)?,
        from: row.from_at?,
        to: row.to_at,
    })
}

impl Attendee {
    fn new(row: SeatExportRow, now: Timestamp) -> Self {
        Self {
            // A zone that newer rules dropped must not take the list away.
            zone: Zone::stored(&row.session_tz),
            visits: Visits(visit(&row).into_iter().collect()),
            answers: read_answers(row.answers.as_deref()),
            decided: is_decided(row.ends_at, now),
            row,
        }
    }

    fn attendance(&self) -> String {
        let has_a_place = self.row.state == RegistrationState::Registered.as_str();
        let expected = has_a_place && self.row.channel != Channel::Replay.as_str();
        self.visits.attended(expected, self.decided).as_str().to_owned()
    }

    fn percent(&self) -> Option<i64> {
        self.visits.percent(self.row.starts_at, self.row.ends_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_a_contract() {
        let keys: Vec<String> = columns(Vec::new()).into_iter().map(|column| column.key).collect();
        assert_eq!(
            keys.join(" "),
            "first_name last_name full_name email company job_title phone country webcast session_start session_tz \
             status attendance registered_at confirmed_at first_join last_leave minutes_attended attendance_pct \
             replay_at utm_source utm_medium utm_campaign utm_term utm_content referrer channel consent_marketing \
             consent_at consent_version locale registrant_tz mail_state tags notes cancelled_at cancel_reason \
             registration_id"
        );
    }
}
