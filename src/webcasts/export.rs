//! The attendee list as a file: one row per registration.

use futures_util::stream::{self, Stream};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::RegistrationState;
use super::attendance::{AttendanceSource, Visit, Visits, is_decided};
use super::roster::{self, ExportFilter, SeatExportRow};
use crate::audit::{Actor, Entry};
use crate::contacts::Channel;
use crate::db::{Conn, Db};
use crate::export::{
    self, CellValue, Column, ExportError, FileShape, FirstRows, Options, Preset, Spool, SpoolWriter, file_zone,
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

fn column(
    key: &'static str,
    label: &'static str,
    value: for<'r> fn(&'r Attendee) -> CellValue<'r>,
) -> Column<Attendee> {
    Column::new(key, label, value)
}

/// Keys and order are a contract: see [`crate::export`].
fn columns(questions: Vec<ExportedQuestion>, options: &Options) -> Vec<Column<Attendee>> {
    let mut columns = about_the_person();
    columns.extend(about_the_seat());
    columns.extend(questions.into_iter().map(|question| {
        let (key, label) = (format!("q_{}", question.key), question.label.clone());
        Column::new(key, label, move |a: &Attendee| {
            CellValue::made(question.cell(&a.answers))
        })
    }));
    columns.extend(about_its_end());
    columns.extend(file_zone(options));
    columns
}

fn about_the_person() -> Vec<Column<Attendee>> {
    vec![
        column("first_name", "First name", |a| {
            CellValue::optional(a.row.person.first_name.as_deref())
        }),
        column("last_name", "Last name", |a| {
            CellValue::optional(a.row.person.last_name.as_deref())
        }),
        column("full_name", "Full name", |a| CellValue::text(&a.row.name)),
        column("email", "Email", |a| CellValue::text(&a.row.email)),
        column("company", "Company", |a| {
            CellValue::optional(a.row.person.company.as_deref())
        }),
        column("job_title", "Job title", |a| {
            CellValue::optional(a.row.person.job_title.as_deref())
        }),
        column("phone", "Phone", |a| CellValue::optional(a.row.person.phone.as_deref())),
        column("country", "Country", |a| {
            CellValue::optional(a.row.person.country.as_deref())
        }),
    ]
}

/// Before the questions.
fn about_the_seat() -> Vec<Column<Attendee>> {
    vec![
        column("webcast", "Webcast", |a| CellValue::text(&a.row.webcast)),
        column("session_start", "Session start", |a| {
            CellValue::Moment(a.row.starts_at, &a.zone)
        }),
        column("session_tz", "Time zone", |a| CellValue::text(&a.row.session_tz)),
        column("status", "Status", |a| CellValue::text(&a.row.state)),
        column("attendance", "Attendance", |a| CellValue::text(a.attendance())),
        column("registered_at", "Registered at", |a| {
            CellValue::Moment(a.row.created_at, &a.zone)
        }),
        column("confirmed_at", "Email confirmed at", |a| {
            CellValue::moment(a.row.confirmed_at, &a.zone)
        }),
        column("first_join", "First join", |a| {
            CellValue::moment(a.visits.first_join(), &a.zone)
        }),
        column("last_leave", "Last leave", |a| {
            CellValue::moment(a.visits.last_leave(), &a.zone)
        }),
        column("minutes_attended", "Minutes attended", |a| {
            CellValue::number(a.visits.minutes())
        }),
        column("attendance_pct", "Attendance %", |a| CellValue::number(a.percent())),
        column("replay_at", "Replay watched at", |a| {
            CellValue::moment(a.visits.replay(), &a.zone)
        }),
        column("utm_source", "utm_source", |a| {
            CellValue::optional(a.row.utm_source.as_deref())
        }),
        column("utm_medium", "utm_medium", |a| {
            CellValue::optional(a.row.utm_medium.as_deref())
        }),
        column("utm_campaign", "utm_campaign", |a| {
            CellValue::optional(a.row.utm_campaign.as_deref())
        }),
        column("utm_term", "utm_term", |a| {
            CellValue::optional(a.row.utm_term.as_deref())
        }),
        column("utm_content", "utm_content", |a| {
            CellValue::optional(a.row.utm_content.as_deref())
        }),
        column("referrer", "referrer", |a| {
            CellValue::optional(a.row.referrer.as_deref())
        }),
        column("channel", "channel", |a| CellValue::text(&a.row.channel)),
        column("consent_marketing", "Marketing consent", |a| {
            CellValue::Flag(a.row.consent_at.is_some())
        }),
        column("consent_at", "Consent at", |a| {
            CellValue::moment(a.row.consent_at, &a.zone)
        }),
        column("consent_version", "Consent text version", |a| {
            CellValue::optional(a.row.consent_version.as_deref())
        }),
        column("locale", "Language", |a| CellValue::optional(a.row.locale.as_deref())),
        column("registrant_tz", "Registrant time zone", |a| {
            CellValue::optional(a.row.time_zone.as_deref())
        }),
        column("mail_state", "Mail state", |a| {
            CellValue::text(trouble_in_words(a.row.mail_trouble.as_deref()))
        }),
    ]
}

/// After them.
fn about_its_end() -> [Column<Attendee>; 5] {
    [
        column("tags", "Tags", |a| CellValue::optional(a.row.tags.as_deref())),
        // Several, each with who wrote it, are no cell of a list: they stand on the person's page.
        column("notes", "Notes", |_| CellValue::Empty),
        column("cancelled_at", "Cancelled at", |a| {
            CellValue::moment(a.row.cancelled_at, &a.zone)
        }),
        column("cancel_reason", "Cancel reason", |a| {
            CellValue::optional(a.row.cancel_reason.as_deref())
        }),
        column("registration_id", "Registration ID", |a| {
            CellValue::id(&a.row.public_id)
        }),
    ]
}

/// What a CRM wants of them; see [`sales_last_name`].
const FOR_SALES: [&str; 8] = [
    "first_name",
    "last_name",
    "email",
    "company",
    "phone",
    "utm_source",
    "attendance",
    "consent_marketing",
];
/// What whoever speaks wants, besides the answers.
const FOR_SPEAKERS: [&str; 2] = ["full_name", "company"];

/// A CRM takes nobody without a last name: where a form asked for one name, that is it.
fn sales_last_name() -> Column<Attendee> {
    column("last_name", "Last name", |a| {
        CellValue::text(a.row.person.last_name.as_deref().unwrap_or(&a.row.name))
    })
}

/// The columns that are asked for, out of all; a preset stands for those of its name.
fn wanted(mut all: Vec<Column<Attendee>>, options: &Options) -> (Vec<Column<Attendee>>, Options) {
    let keys: Vec<String> = match options.preset {
        Some(Preset::Sales) => FOR_SALES.map(str::to_owned).into(),
        Some(Preset::Speaker) => {
            let answers = all
                .iter()
                .map(|column| column.key.clone())
                .filter(|key| key.starts_with("q_"));
            FOR_SPEAKERS
                .iter()
                .map(|key| (*key).to_owned())
                .chain(answers)
                .collect()
        }
        Some(Preset::Everything) | None => Vec::new(),
    };
    if options.preset == Some(Preset::Sales)
        && let Some(column) = all.iter_mut().find(|column| column.key == "last_name")
    {
        *column = sales_last_name();
    }
    let columns = if options.columns.is_empty() {
        keys
    } else {
        options.columns.clone()
    };
    let options = Options {
        columns,
        ..options.clone()
    };
    (all, options)
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

/// An export, before its rows are read.
struct Prepared {
    all: Vec<Column<Attendee>>,
    options: Options,
    filter: ExportFilter,
    has_questions: bool,
}

async fn prepare(conn: &mut Conn, filter: &ExportFilter, options: &Options) -> Result<Prepared, ExportError> {
    let questions = match roster::owner(conn, &filter.webcast).await? {
        Some(owner) => exported_questions(conn, owner).await?,
        None => Vec::new(),
    };
    let has_questions = !questions.is_empty();
    let (all, options) = wanted(columns(questions, options), options);
    Ok(Prepared {
        all,
        // For sales are those alone whom one may write to.
        filter: ExportFilter {
            agreed: filter.agreed || options.preset == Some(Preset::Sales),
            ..filter.clone()
        },
        options,
        has_questions,
    })
}

/// Every attendee of an export, seat by seat.
fn attendees_of<'c>(
    conn: &'c mut Conn,
    prepared: &Prepared,
    now: Timestamp,
) -> impl Stream<Item = Result<Attendee, ExportError>> + Unpin + use<'c> {
    let rows = roster::export(conn, &prepared.filter, prepared.has_questions, now);
    // A seat comes once for each time that its owner was there.
    Box::pin(stream::try_unfold(
        (rows, None::<Attendee>),
        move |(mut rows, mut current)| async move {
            loop {
                let Some(row) = rows.try_next().await? else {
                    return Ok(current.map(|last| (last, (rows, None))));
                };
                if let Some(attendee) = current.as_mut().filter(|attendee| attendee.row.id == row.id) {
                    attendee.visits.0.extend(visit(&row));
                    continue;
                }
                if let Some(done) = current.replace(Attendee::new(row, now)) {
                    return Ok(Some((done, (rows, current))));
                }
            }
        },
    ))
}

async fn write(db: &Db, filter: &ExportFilter, options: &Options, now: Timestamp) -> Result<Spool, ExportError> {
    let mut conn = db.read().await?;
    let prepared = prepare(&mut conn, filter, options).await?;
    let columns = prepared.options.choose(&prepared.all)?;
    let expected = roster::count(&mut conn, &filter.webcast).await?;
    let shape = FileShape {
        format: options.format,
        name: "Attendees",
        zone: options.zone.clone(),
    };
    let mut writer = SpoolWriter::open(db, expected, columns, &shape)?.telling(options.progress);
    let mut attendees = attendees_of(&mut conn, &prepared, now);
    while let Some(attendee) = attendees.try_next().await? {
        writer.push(&attendee).await?;
    }
    writer.finish().await
}

/// What the file begins with, and which columns there are.
///
/// # Errors
/// See [`ExportError`].
pub(crate) async fn first_rows(
    db: &Db,
    filter: &ExportFilter,
    options: &Options,
    now: Timestamp,
) -> Result<FirstRows, ExportError> {
    let mut conn = db.read().await?;
    let prepared = prepare(&mut conn, filter, options).await?;
    let first: Vec<Attendee> = attendees_of(&mut conn, &prepared, now)
        .take(FirstRows::MOST)
        .try_collect()
        .await?;
    FirstRows::of(&prepared.all, &prepared.options, &first)
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

    fn attendance(&self) -> &'static str {
        let has_a_place = self.row.state == RegistrationState::Registered.as_str();
        let expected = has_a_place && self.row.channel != Channel::Replay.as_str();
        self.visits.attended(expected, self.decided).as_str()
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
        let keys: Vec<String> = columns(Vec::new(), &Options::default())
            .into_iter()
            .map(|column| column.key)
            .collect();
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
