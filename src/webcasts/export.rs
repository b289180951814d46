//! The attendee list as a file: one row per registration.

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;

use super::attendance::percent;
use super::roster::{self, ExportFilter, SEATS, SeatExport, SeatExportRow};
use crate::contacts::export::{consent_columns, name_columns, origin_columns, work_columns};
use crate::contacts::roster::PersonFilter;
use crate::db::{Conn, DbError};
use crate::export::{CellValue, Column, ExportedList, Options, Preset, file_zone};
use crate::questions::store::{AnswersByQuestion, ExportedQuestion, exported_questions, read_answers};
use crate::values::Zone;

/// A registration with what was answered.
pub(crate) struct Attendee {
    row: SeatExportRow,
    zone: Zone,
    answers: AnswersByQuestion,
}

impl From<SeatExportRow> for Attendee {
    fn from(row: SeatExportRow) -> Self {
        Self {
            // A zone that newer rules dropped must not take the list away.
            zone: Zone::stored(&row.session_tz),
            answers: read_answers(row.answers.as_deref()),
            row,
        }
    }
}

/// The attendees of a list, to be written.
pub(crate) struct AttendeesExport {
    seats: SeatExport,
    columns: Vec<Column<Attendee>>,
}

impl AttendeesExport {
    /// `None`: there is no such webcast. With it come the options with the columns of a preset.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn find(
        conn: &mut Conn,
        filter: &ExportFilter,
        options: &Options,
        now: Timestamp,
    ) -> Result<Option<(Self, Options)>, DbError> {
        let Some(owner) = roster::owner(conn, &filter.webcast).await? else {
            return Ok(None);
        };
        let questions = exported_questions(conn, owner).await?;
        let mut filter = filter.clone();
        if options.preset == Some(Preset::Sales) {
            // For sales are those alone whom one may write to.
            let may_be_written_to = PersonFilter {
                agreed: Some(true),
                confirmed: Some(true),
                ..PersonFilter::default()
            };
            let conditions = may_be_written_to.conditions(conn, SEATS.person, now).await?;
            filter.conditions.extend(conditions);
        }
        let seats = SeatExport::new(&filter, !questions.is_empty(), now);
        let columns = columns(questions, options);
        let options = options.clone().of_preset(&columns, &FOR_SALES, &FOR_SPEAKERS);
        Ok(Some((Self { seats, columns }, options)))
    }
}

impl ExportedList for AttendeesExport {
    type Row = Attendee;

    fn name(&self) -> &'static str {
        "Attendees"
    }

    fn columns(&self) -> &[Column<Attendee>] {
        &self.columns
    }

    fn rows<'c>(&'c self, conn: &'c mut Conn) -> BoxStream<'c, Result<Attendee, sqlx::Error>> {
        self.seats.rows(conn).map(|row| row.map(Attendee::from)).boxed()
    }

    fn count<'c>(&'c self, conn: &'c mut Conn) -> BoxFuture<'c, Result<i64, DbError>> {
        self.seats.count(conn).boxed()
    }
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
    let mut columns = about_the_person(options);
    columns.extend(about_the_seat());
    columns.extend(origin_columns(|a: &Attendee| &a.row.contact));
    columns.extend(consent_columns(
        |a: &Attendee| &a.row.contact,
        "Consent at",
        |a: &Attendee| &a.zone,
    ));
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

fn about_the_person(options: &Options) -> Vec<Column<Attendee>> {
    let [first, mut last] = name_columns(|a: &Attendee| &a.row.contact.person);
    if options.preset == Some(Preset::Sales) {
        // A CRM takes nobody without a last name: where a form asked for one name, that is it.
        last = column("last_name", "Last name", |a| {
            CellValue::text(a.row.contact.person.last_name.as_deref().unwrap_or(&a.row.name))
        });
    }
    let mut columns = vec![
        first,
        last,
        column("full_name", "Full name", |a| CellValue::text(&a.row.name)),
        column("email", "Email", |a| CellValue::text(&a.row.contact.email)),
    ];
    columns.extend(work_columns(|a: &Attendee| &a.row.contact.person));
    columns
}

fn about_the_seat() -> [Column<Attendee>; 12] {
    [
        column("webcast", "Webcast", |a| CellValue::text(&a.row.webcast)),
        column("session_start", "Session start", |a| {
            CellValue::Moment(a.row.starts_at, &a.zone)
        }),
        column("session_tz", "Time zone", |a| CellValue::text(&a.row.session_tz)),
        column("status", "Status", |a| CellValue::text(&a.row.state)),
        column("attendance", "Attendance", |a| CellValue::text(&a.row.attendance)),
        column("registered_at", "Registered at", |a| {
            CellValue::Moment(a.row.created_at, &a.zone)
        }),
        column("confirmed_at", "Email confirmed at", |a| {
            CellValue::moment(a.row.contact.confirmed_at, &a.zone)
        }),
        column("first_join", "First join", |a| {
            CellValue::moment(a.row.first_join, &a.zone)
        }),
        column("last_leave", "Last leave", |a| {
            CellValue::moment(a.row.last_leave, &a.zone)
        }),
        column("minutes_attended", "Minutes attended", |a| {
            CellValue::number(a.row.minutes)
        }),
        column("attendance_pct", "Attendance %", |a| CellValue::number(a.percent())),
        column("replay_at", "Replay watched at", |a| {
            CellValue::moment(a.row.replay_at, &a.zone)
        }),
    ]
}

fn about_its_end() -> [Column<Attendee>; 5] {
    [
        column("tags", "Tags", |a| CellValue::optional(a.row.contact.tags.as_deref())),
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

/// What a CRM wants of them.
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

impl Attendee {
    fn percent(&self) -> Option<i64> {
        let minutes = self.row.minutes?;
        Some(percent(minutes, self.row.starts_at, self.row.ends_at))
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
