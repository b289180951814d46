//! The attendee list: one row per registration.

use futures_util::TryStreamExt;
use jiff::Timestamp;

use super::spool::{Spool, Writer};
use super::{
    Column, ExportError, Options, choose, date_time, directory, id, is_decided, mail_state, optional_date_time, text,
    yes_no,
};
use crate::db::Db;
use crate::values::Zone;
use crate::webcasts::roster::{self, ExportFilter, ExportRow};

/// A seat with all the times that its owner was there.
struct Attendee {
    row: ExportRow,
    zone: Zone,
    visits: Vec<Visit>,
    /// A day after the end, who was not seen was not there.
    decided: bool,
}

struct Visit {
    source: String,
    from: i64,
    to: Option<i64>,
}

const fn column(key: &'static str, label: &'static str, value: fn(&Attendee) -> String) -> Column<Attendee> {
    Column { key, label, value }
}

/// For what this version does not ask for or keep: the column stands, so that the order holds.
fn nothing(_: &Attendee) -> String {
    String::new()
}

/// A contract: see `docs` and the module's doc.
const COLUMNS: [Column<Attendee>; 38] = [
    column("first_name", "First name", nothing),
    column("last_name", "Last name", nothing),
    column("full_name", "Full name", |a| a.row.name.clone()),
    column("email", "Email", |a| a.row.email.clone()),
    column("company", "Company", nothing),
    column("job_title", "Job title", nothing),
    column("phone", "Phone", nothing),
    column("country", "Country", nothing),
    column("webcast", "Webcast", |a| a.row.webcast.clone()),
    column("session_start", "Session start", |a| {
        date_time(a.row.starts_at, &a.zone)
    }),
    column("session_tz", "Time zone", |a| a.row.session_tz.clone()),
    column("status", "Status", |a| a.row.state.clone()),
    column("attendance", "Attendance", |a| a.attendance().to_owned()),
    column("registered_at", "Registered at", |a| {
        date_time(a.row.created_at, &a.zone)
    }),
    column("confirmed_at", "Email confirmed at", |a| {
        optional_date_time(a.row.confirmed_at, &a.zone)
    }),
    column("first_join", "First join", |a| {
        optional_date_time(a.first_join(), &a.zone)
    }),
    column("last_leave", "Last leave", |a| {
        optional_date_time(a.last_leave(), &a.zone)
    }),
    column("minutes_attended", "Minutes attended", |a| {
        a.minutes().map(|minutes| minutes.to_string()).unwrap_or_default()
    }),
    column("attendance_pct", "Attendance %", |a| {
        a.percent().map(|percent| percent.to_string()).unwrap_or_default()
    }),
    column("replay_at", "Replay watched at", |a| {
        optional_date_time(a.replay(), &a.zone)
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
    column("mail_state", "Mail state", |a| mail_state(a.row.mail_trouble)),
    column("tags", "Tags", nothing),
    column("notes", "Notes", nothing),
    column("cancelled_at", "Cancelled at", |a| {
        optional_date_time(a.row.cancelled_at, &a.zone)
    }),
    column("cancel_reason", "Cancel reason", |a| text(a.row.cancel_reason.as_ref())),
    column("registration_id", "Registration ID", |a| id(&a.row.public_id)),
];

pub(super) async fn write(
    db: &Db,
    filter: &ExportFilter,
    options: &Options,
    now: Timestamp,
) -> Result<Spool, ExportError> {
    let columns = choose(&COLUMNS, &options.columns)?;
    let mut conn = db.read().await?;
    let expected = roster::count(&mut conn, &filter.webcast).await?;
    let mut writer = Writer::open(&directory(db), expected, &columns, options.style).await?;
    let mut rows = roster::export(&mut conn, filter, now);
    let mut current: Option<Attendee> = None;
    while let Some(row) = rows.try_next().await? {
        if let Some(attendee) = current.as_mut().filter(|attendee| attendee.row.id == row.id) {
            attendee.visits.extend(visit(&row));
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

fn visit(row: &ExportRow) -> Option<Visit> {
    Some(Visit {
        source: row.source.clone()?,
        from: row.from_at?,
        to: row.to_at,
    })
}

impl Attendee {
    fn new(row: ExportRow, now: Timestamp) -> Self {
        Self {
            // A zone that newer rules dropped must not take the list away.
            zone: Zone::parse(&row.session_tz).unwrap_or_else(|_| Zone::utc()),
            visits: visit(&row).into_iter().collect(),
            decided: is_decided(row.ends_at, now),
            row,
        }
    }

    /// The times in the session itself: an import knows better than clicks.
    fn stays(&self) -> impl Iterator<Item = &Visit> {
        let imported = self.visits.iter().any(|visit| visit.source == "import");
        self.visits
            .iter()
            .filter(move |visit| visit.source != "replay" && (!imported || visit.source == "import"))
    }

    fn attendance(&self) -> &'static str {
        if self.stays().next().is_some() {
            "attended"
        } else if self.replay().is_some() {
            "replay_only"
        } else if self.decided && self.row.state == "registered" {
            "no_show"
        } else {
            "unknown"
        }
    }

    fn first_join(&self) -> Option<i64> {
        self.stays().map(|stay| stay.from).min()
    }

    fn last_leave(&self) -> Option<i64> {
        self.stays().filter_map(|stay| stay.to).max()
    }

    fn replay(&self) -> Option<i64> {
        let replays = self.visits.iter().filter(|visit| visit.source == "replay");
        replays.map(|visit| visit.from).min()
    }

    /// Of the union of all stays, so that two devices at once do not count twice. None where nobody knows
    /// when they left.
    fn minutes(&self) -> Option<i64> {
        let mut stays: Vec<(i64, i64)> = self.stays().filter_map(|stay| Some((stay.from, stay.to?))).collect();
        if stays.is_empty() {
            return None;
        }
        stays.sort_unstable();
        let (mut sum, mut until) = (0, i64::MIN);
        for (from, to) in stays {
            sum += (to - from.max(until)).max(0);
            until = until.max(to);
        }
        Some((sum + 30_000_000) / 60_000_000)
    }

    fn percent(&self) -> Option<i64> {
        let length = ((self.row.ends_at - self.row.starts_at) / 60_000_000).max(1);
        Some((self.minutes()? * 100 / length).min(100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn attendee(visits: &[(&str, i64, Option<i64>)]) -> Attendee {
        let row = ExportRow {
            id: 1,
            public_id: vec![0; 16],
            name: String::new(),
            email: String::new(),
            webcast: String::new(),
            starts_at: 0,
            ends_at: 60 * MINUTE,
            session_tz: "UTC".to_owned(),
            state: "registered".to_owned(),
            created_at: 0,
            confirmed_at: None,
            utm_source: None,
            utm_medium: None,
            utm_campaign: None,
            utm_term: None,
            utm_content: None,
            referrer: None,
            channel: "form".to_owned(),
            consent_at: None,
            consent_version: None,
            locale: None,
            time_zone: None,
            cancelled_at: None,
            cancel_reason: None,
            mail_trouble: None,
            source: None,
            from_at: None,
            to_at: None,
        };
        let visit = |(source, from, to): &(&str, i64, Option<i64>)| Visit {
            source: (*source).to_owned(),
            from: from * MINUTE,
            to: to.map(|to| to * MINUTE),
        };
        Attendee {
            visits: visits.iter().map(visit).collect(),
            ..Attendee::new(row, Timestamp::from_second(24 * 3_600).unwrap())
        }
    }

    #[test]
    fn minutes_are_the_union_and_an_import_beats_clicks() {
        let seen = attendee(&[
            ("join", -5, None),
            ("import", 0, Some(20)),
            ("import", 10, Some(30)),
            ("import", 40, Some(50)),
        ]);
        assert_eq!(seen.minutes(), Some(40));
        assert_eq!(seen.percent(), Some(66));
        assert_eq!(seen.first_join(), Some(0));
        assert_eq!(seen.last_leave(), Some(50 * MINUTE));
    }

    #[test]
    fn attendance_in_words() {
        assert_eq!(attendee(&[("join", 0, None)]).attendance(), "attended");
        assert_eq!(attendee(&[("join", 0, None)]).minutes(), None);
        assert_eq!(attendee(&[("replay", 90, None)]).attendance(), "replay_only");
        assert_eq!(attendee(&[]).attendance(), "unknown");
        let decided = Attendee {
            decided: true,
            ..attendee(&[])
        };
        assert_eq!(decided.attendance(), "no_show");
    }

    #[test]
    fn keys_are_a_contract() {
        let keys: Vec<&str> = COLUMNS.iter().map(|column| column.key).collect();
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
