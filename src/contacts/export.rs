//! People as a file, and the columns about a person that every list has.

use std::sync::LazyLock;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use jiff::Timestamp;

use super::PersonFields;
use super::roster::{self, ExportedContact, PersonExportRow};
use crate::db::listing::ListCondition;
use crate::db::{Conn, DbError};
use crate::export::{CellValue, Column, ExportedList, Options, file_zone};
use crate::mail::suppressions::trouble_in_words;
use crate::values::Zone;

/// Of lists that belong to no session.
pub(crate) static UTC: LazyLock<Zone> = LazyLock::new(Zone::utc);

/// First and last name.
pub(crate) fn name_columns<R: 'static>(person: fn(&R) -> &PersonFields) -> [Column<R>; 2] {
    [
        Column::new("first_name", "First name", move |r| {
            CellValue::optional(person(r).first_name.as_deref())
        }),
        Column::new("last_name", "Last name", move |r| {
            CellValue::optional(person(r).last_name.as_deref())
        }),
    ]
}

/// Where they work, and how they are reached there.
pub(crate) fn work_columns<R: 'static>(person: fn(&R) -> &PersonFields) -> [Column<R>; 4] {
    [
        Column::new("company", "Company", move |r| {
            CellValue::optional(person(r).company.as_deref())
        }),
        Column::new("job_title", "Job title", move |r| {
            CellValue::optional(person(r).job_title.as_deref())
        }),
        Column::new("phone", "Phone", move |r| {
            CellValue::optional(person(r).phone.as_deref())
        }),
        Column::new("country", "Country", move |r| {
            CellValue::optional(person(r).country.as_deref())
        }),
    ]
}

/// A part of where somebody came from.
type OriginOf = fn(&ExportedContact) -> Option<&str>;

/// Where they came from.
pub(crate) fn origin_columns<R: 'static>(contact: fn(&R) -> &ExportedContact) -> Vec<Column<R>> {
    let campaign: [(&str, OriginOf); 6] = [
        ("utm_source", |c| c.utm_source.as_deref()),
        ("utm_medium", |c| c.utm_medium.as_deref()),
        ("utm_campaign", |c| c.utm_campaign.as_deref()),
        ("utm_term", |c| c.utm_term.as_deref()),
        ("utm_content", |c| c.utm_content.as_deref()),
        ("referrer", |c| c.referrer.as_deref()),
    ];
    let campaign = campaign
        .into_iter()
        .map(|(key, value)| Column::new(key, key, move |r| CellValue::optional(value(contact(r)))));
    campaign
        .chain([Column::new("channel", "channel", move |r| {
            CellValue::text(&contact(r).channel)
        })])
        .collect()
}

/// What they agreed to, their language and clock, and whether mail reaches them. `when` is the heading of the moment.
pub(crate) fn consent_columns<R: 'static>(
    contact: fn(&R) -> &ExportedContact,
    when: &'static str,
    zone: fn(&R) -> &Zone,
) -> [Column<R>; 6] {
    [
        Column::new("consent_marketing", "Marketing consent", move |r| {
            CellValue::Flag(contact(r).consent_at.is_some())
        }),
        Column::new("consent_at", when, move |r| {
            CellValue::moment(contact(r).consent_at, zone(r))
        }),
        Column::new("consent_version", "Consent text version", move |r| {
            CellValue::optional(contact(r).consent_version.as_deref())
        }),
        Column::new("locale", "Language", move |r| {
            CellValue::optional(contact(r).locale.as_deref())
        }),
        Column::new("registrant_tz", "Registrant time zone", move |r| {
            CellValue::optional(contact(r).time_zone.as_deref())
        }),
        Column::new("mail_state", "Mail state", move |r| {
            CellValue::text(trouble_in_words(contact(r).mail_trouble.as_deref()))
        }),
    ]
}

/// The people of a list, to be written.
pub(crate) struct PeopleExport {
    conditions: Vec<ListCondition>,
    columns: Vec<Column<PersonExportRow>>,
    now: Timestamp,
}

impl PeopleExport {
    /// Of those for whom all of this holds.
    pub(crate) fn new(conditions: Vec<ListCondition>, options: &Options, now: Timestamp) -> Self {
        let mut columns = columns();
        columns.extend(file_zone(options));
        Self {
            conditions,
            columns,
            now,
        }
    }
}

impl ExportedList for PeopleExport {
    type Row = PersonExportRow;

    fn name(&self) -> &'static str {
        "People"
    }

    fn columns(&self) -> &[Column<PersonExportRow>] {
        &self.columns
    }

    fn rows<'c>(&'c self, conn: &'c mut Conn) -> BoxStream<'c, Result<PersonExportRow, sqlx::Error>> {
        roster::people_rows(conn, &self.conditions, self.now)
    }

    fn count<'c>(&'c self, conn: &'c mut Conn) -> BoxFuture<'c, Result<i64, DbError>> {
        roster::count_people(conn, &self.conditions).boxed()
    }
}

/// Keys and order are a contract: see [`crate::export`].
fn columns() -> Vec<Column<PersonExportRow>> {
    let mut columns: Vec<Column<PersonExportRow>> = name_columns(|p: &PersonExportRow| &p.person).into();
    columns.push(Column::new("full_name", "Full name", |p: &PersonExportRow| {
        CellValue::text(&p.name)
    }));
    columns.push(Column::new("email", "Email", |p: &PersonExportRow| {
        CellValue::text(&p.email)
    }));
    columns.extend(work_columns(|p: &PersonExportRow| &p.person));
    columns.extend(what_they_have());
    columns
}

fn what_they_have() -> Vec<Column<PersonExportRow>> {
    let column = |key: &'static str, label: &'static str, value: for<'r> fn(&'r PersonExportRow) -> CellValue<'r>| {
        Column::new(key, label, value)
    };
    vec![
        column("created_at", "First seen at (UTC)", |p| {
            CellValue::Moment(p.created_at, &UTC)
        }),
        column("confirmed_at", "Email confirmed at (UTC)", |p| {
            CellValue::moment(p.confirmed_at, &UTC)
        }),
        column("registrations", "Registrations", |p| CellValue::Number(p.registered)),
        column("attended", "Attended", |p| CellValue::Number(p.attended)),
        column("papers", "Papers", |p| CellValue::Number(p.papers)),
        column("consent_marketing", "Marketing consent", |p| {
            CellValue::Flag(p.agreed == 1)
        }),
        column("consent_at", "Consent at (UTC)", |p| {
            CellValue::moment(p.consent_at, &UTC)
        }),
        column("consent_version", "Consent text version", |p| {
            CellValue::optional(p.consent_version.as_deref())
        }),
        column("mail_state", "Mail state", |p| {
            CellValue::text(trouble_in_words(p.mail_trouble.as_deref()))
        }),
        column("tags", "Tags", |p| CellValue::optional(p.tags.as_deref())),
        column("person_id", "Person ID", |p| CellValue::id(&p.public_id)),
    ]
}
