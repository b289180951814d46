//! The form that sets a session's date, zone, length, addresses, places and state.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Timestamp};

use crate::values::{HttpUrl, Zone};
use crate::web::Form;
use crate::web::layout::{Choice, Field, Mistake, mistakes};
use crate::webcasts::change::SessionUpdate;
use crate::webcasts::entry::{EntryRule, OFFER_MINUTES, WaitingList};
use crate::webcasts::window::RegistrationWindow;
use crate::webcasts::{Session, SessionState};

const LONGEST_MINUTES: i64 = 24 * 60;
const FIRST_YEAR: i16 = 2000;
const MOST_PLACES: i64 = 1_000_000;
/// Two weeks.
const LONGEST_OFFER_HOURS: i64 = 336;

/// What is typed, and what is wrong with it.
#[derive(Default)]
pub(super) struct SessionForm {
    /// `YYYY-MM-DD`
    pub(super) date: Field,
    /// `HH:MM`
    pub(super) time: Field,
    pub(super) time_zone: Field,
    pub(super) zones: Vec<String>,
    /// Minutes.
    pub(super) duration: Field,
    pub(super) join_url: Field,
    pub(super) replay_url: Field,
    /// Empty: no limit.
    pub(super) capacity: Field,
    /// `open` or `closed`.
    pub(super) state: Field,
    /// `YYYY-MM-DDTHH:MM` on the session's clock, or empty; so is the next one.
    pub(super) opens_at: Field,
    pub(super) closes_at: Field,
    /// `off`, `auto` or `offer`.
    pub(super) waiting_list: Field,
    /// Hours that a place is offered.
    pub(super) offer_hours: Field,
    /// An organizer looks at everybody first.
    pub(super) approval: bool,
    /// The [`Session::version`] that it was filled in from; empty where a script posts.
    pub(super) version: String,
}

impl SessionForm {
    /// Of a session as it is.
    pub(super) fn of(session: &Session) -> Self {
        let local = session.zone.at(session.starts_at);
        let moment = |at: Option<Timestamp>| {
            let local = at.map(|at| session.zone.at(at).strftime("%Y-%m-%dT%H:%M").to_string());
            Field::of(local.unwrap_or_default())
        };
        let url = |url: &Option<HttpUrl>| Field::of(url.as_ref().map_or("", HttpUrl::as_str));
        Self {
            date: Field::of(local.strftime("%Y-%m-%d").to_string()),
            time: Field::of(local.strftime("%H:%M").to_string()),
            time_zone: Field::of(session.zone.name()),
            zones: Zone::names(),
            duration: Field::of(session.minutes().to_string()),
            join_url: url(&session.join_url),
            replay_url: url(&session.replay_url),
            capacity: Field::of(session.capacity.map(|most| most.to_string()).unwrap_or_default()),
            state: Field::of(session.state.as_str()),
            opens_at: moment(session.window.opens_at),
            closes_at: moment(session.window.closes_at),
            waiting_list: Field::of(session.entry.waiting_list.as_str()),
            offer_hours: Field::of(hours(session.entry.offer_minutes)),
            approval: session.entry.approval,
            version: session.version(),
        }
    }

    /// For a session that is to be made.
    pub(super) fn empty(zone: &Zone, minutes: &str) -> Self {
        Self {
            time_zone: Field::of(zone.name()),
            zones: Zone::names(),
            duration: Field::of(minutes),
            state: Field::of(SessionState::Open.as_str()),
            waiting_list: Field::of(WaitingList::Off.as_str()),
            offer_hours: Field::of(hours(OFFER_MINUTES)),
            ..Self::default()
        }
    }

    /// As somebody filled it in.
    pub(super) fn typed(form: &Form) -> Self {
        let field = |name| Field::of(form.text(name));
        Self {
            date: field("date"),
            time: field("time"),
            time_zone: field("time_zone"),
            zones: Zone::names(),
            duration: field("duration"),
            join_url: field("join_url"),
            replay_url: field("replay_url"),
            capacity: field("capacity"),
            state: field("state"),
            opens_at: field("opens_at"),
            closes_at: field("closes_at"),
            waiting_list: field("waiting_list"),
            offer_hours: field("offer_hours"),
            approval: form.is_checked("approval"),
            version: form.text("version").to_owned(),
        }
    }

    /// A script that knows of neither window nor waiting list leaves them as they are.
    pub(super) fn keeping(mut self, session: &Session, form: &Form) -> Self {
        let kept = Self::of(session);
        if !form.has("opens_at") {
            self.opens_at = kept.opens_at;
        }
        if !form.has("closes_at") {
            self.closes_at = kept.closes_at;
        }
        // One that is not ticked is not sent: the list that stands beside it says that the form had it.
        if !form.has("waiting_list") {
            self.waiting_list = kept.waiting_list;
            self.approval = kept.approval;
        }
        if !form.has("offer_hours") {
            self.offer_hours = kept.offer_hours;
        }
        self
    }

    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("date", &self.date),
            ("time", &self.time),
            ("time_zone", &self.time_zone),
            ("duration", &self.duration),
            ("join_url", &self.join_url),
            ("replay_url", &self.replay_url),
            ("capacity", &self.capacity),
            ("state", &self.state),
            ("opens_at", &self.opens_at),
            ("closes_at", &self.closes_at),
            ("waiting_list", &self.waiting_list),
            ("offer_hours", &self.offer_hours),
        ])
    }

    /// Reads it, all mistakes at once. `before` is the state that stays where none is chosen: a session
    /// that was called off.
    pub(super) fn read(&mut self, before: SessionState) -> Option<SessionUpdate> {
        let date = self.date.read(|v| {
            let date = v
                .parse::<Date>()
                .map_err(|_| "Enter a date like 2026-12-04.".to_owned())?;
            // An older one is a slip of the keyboard, such as 0026.
            if date.year() < FIRST_YEAR {
                return Err("Enter a date in the year 2000 or later.".to_owned());
            }
            Ok(date)
        });
        let time = self
            .time
            .read(|v| Time::strptime("%H:%M", v).map_err(|_| "Enter a time like 11:00.".to_owned()));
        let zone = self.time_zone.read(|v| Zone::parse(v).map_err(|p| p.to_string()));
        let minutes = self
            .duration
            .read(|v| number(v, LONGEST_MINUTES).ok_or("Enter the length in minutes, from 1 to 1440."));
        let join_url = self.join_url.read(optional_url);
        let replay_url = self.replay_url.read(optional_url);
        let capacity = self.capacity.read(optional_places);
        let state = self.state.read(|v| match v {
            "" => Ok(before),
            v => SessionState::parse(v)
                // Calling a session off is no matter of this form: everybody would have to be told.
                .filter(|state| *state != SessionState::Cancelled || before == SessionState::Cancelled)
                .ok_or("Choose open or closed.".to_owned()),
        });
        let (date, time, zone) = (date?, time?, zone?);
        let starts_at = self.start(date, time, &zone)?;
        let window = self.window(&zone);
        let entry = self.entry();
        let ends_at = starts_at.checked_add(SignedDuration::from_mins(minutes?)).ok();
        if ends_at.is_none() {
            self.date.error = Some("Enter a date nearer to today.".to_owned());
        }
        Some(SessionUpdate {
            starts_at,
            ends_at: ends_at?,
            zone,
            join_url: join_url?,
            replay_url: replay_url?,
            capacity: capacity?,
            state: state?,
            window: window?,
            entry: entry?,
        })
    }

    /// How one comes to a place.
    fn entry(&mut self) -> Option<EntryRule> {
        let waiting_list = self.waiting_list.read(|v| match v {
            "" => Ok(WaitingList::Off),
            v => WaitingList::parse(v).ok_or("Choose one of the three.".to_owned()),
        });
        let offer_minutes = self.offer_hours.read(|v| match v {
            "" => Ok(OFFER_MINUTES),
            v => number(v, LONGEST_OFFER_HOURS)
                .map(|hours| hours * 60)
                .ok_or("Enter hours, from 1 to 336.".to_owned()),
        });
        Some(EntryRule {
            approval: self.approval,
            waiting_list: waiting_list?,
            offer_minutes: offer_minutes?,
        })
    }

    /// When it takes registrations, on the session's clock.
    fn window(&mut self, zone: &Zone) -> Option<RegistrationWindow> {
        let moment = |v: &str| match v {
            "" => Ok(None),
            v => v
                .parse::<DateTime>()
                .ok()
                .and_then(|local| zone.rules().to_ambiguous_timestamp(local).compatible().ok())
                .map(Some)
                .ok_or("Enter day and time like 2026-12-01T09:00, or nothing.".to_owned()),
        };
        let (opens_at, closes_at) = (self.opens_at.read(moment), self.closes_at.read(moment));
        let (opens_at, closes_at) = (opens_at?, closes_at?);
        if opens_at.zip(closes_at).is_some_and(|(opens, closes)| closes <= opens) {
            self.closes_at.error = Some("Enter a time after registration opens.".to_owned());
            return None;
        }
        Some(RegistrationWindow { opens_at, closes_at })
    }

    /// Whether a date that has passed is meant: of a recording, perhaps. Else the form asks.
    pub(super) fn is_past_meant(&mut self, form: &Form) -> bool {
        let said = form.text("date_sure");
        if said == "yes" || said == form.text("date") {
            self.date.sure = Some(form.text("date").to_owned());
            return true;
        }
        self.date.error = Some("This day has passed. Is it a recording?".to_owned());
        self.date.choices = vec![Choice {
            name: "date_sure".to_owned(),
            value: "yes".to_owned(),
            label: "Yes, it was aired then".to_owned(),
        }];
        false
    }

    /// What was typed stays. Whoever looks at it again and saves it means it.
    pub(super) fn refuse_as_changed(&mut self, now: &Session) {
        let start = now.zone.at(now.starts_at).strftime("%A, %B %-d, %Y, %H:%M");
        self.date.error = Some(format!(
            "Somebody else changed this session while you had it open. It starts on {start} now. Your entries are below: \
             check all of them, then save again."
        ));
        self.version = now.version();
    }

    /// The first of two, where clocks are set back; a time that clocks jump over is a mistake.
    fn start(&mut self, date: Date, time: Time, zone: &Zone) -> Option<Timestamp> {
        let local = zone.rules().to_ambiguous_timestamp(date.to_datetime(time));
        if matches!(local.offset(), AmbiguousOffset::Gap { .. }) {
            self.time.error = Some("Clocks jump over this time on that day. Choose another one.".to_owned());
            return None;
        }
        let start = local.compatible().ok();
        if start.is_none() {
            self.date.error = Some("Enter a date nearer to today.".to_owned());
        }
        start
    }
}

fn hours(minutes: i64) -> String {
    (minutes / 60).max(1).to_string()
}

fn number(value: &str, most: i64) -> Option<i64> {
    value.parse().ok().filter(|number| (1..=most).contains(number))
}

fn optional_url(value: &str) -> Result<Option<HttpUrl>, String> {
    match value {
        "" => Ok(None),
        value => HttpUrl::parse(value).map(Some).map_err(|problem| problem.to_string()),
    }
}

fn optional_places(value: &str) -> Result<Option<i64>, String> {
    match value {
        "" => Ok(None),
        value => number(value, MOST_PLACES)
            .map(Some)
            .ok_or("Enter a number of places from 1 to 1,000,000, or nothing for no limit.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(changes: &[(&str, &str)]) -> SessionForm {
        let mut fields = vec![
            ("date", "2026-12-04"),
            ("time", "11:00"),
            ("time_zone", "America/Los_Angeles"),
            ("duration", "60"),
            ("join_url", ""),
            ("replay_url", ""),
            ("capacity", ""),
            ("state", "open"),
        ];
        for (name, value) in changes {
            fields.retain(|(field, _)| field != name);
            fields.push((name, value));
        }
        let encoded = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        SessionForm::typed(&Form::decode(encoded.as_bytes()))
    }

    #[test]
    fn a_local_time_becomes_an_instant() {
        let update = form(&[]).read(SessionState::Open).unwrap();
        assert_eq!(update.starts_at.to_string(), "2026-12-04T19:00:00Z");
        assert_eq!(update.ends_at.to_string(), "2026-12-04T20:00:00Z");
        assert_eq!(update.capacity, None);
    }

    #[test]
    fn every_mistake_is_told_at_its_field() {
        for (field, value) in [
            ("date", "04.12.2026"),
            ("date", ""),
            ("date", "1999-12-31"),
            ("date", "0026-12-04"),
            ("time", "25:00"),
            ("time_zone", "Mars/Olympus"),
            ("time_zone", "Factory"),
            ("duration", "0"),
            ("duration", "a while"),
            ("join_url", "javascript:alert(1)"),
            ("replay_url", "zoom"),
            ("capacity", "-1"),
            ("state", "ajar"),
            ("opens_at", "soon"),
            ("closes_at", "2026-13-01T09:00"),
        ] {
            let mut form = form(&[(field, value)]);
            assert!(form.read(SessionState::Open).is_none(), "{field} {value}");
            let mistakes: Vec<String> = form.mistakes().into_iter().map(|mistake| mistake.field).collect();
            assert_eq!(mistakes, [field]);
        }
        let mut wrong = form(&[("date", "x"), ("time", "x"), ("capacity", "x")]);
        assert!(wrong.read(SessionState::Open).is_none());
        assert_eq!(wrong.mistakes().len(), 3);
    }

    #[test]
    fn clocks_that_jump() {
        let mut gap = form(&[("date", "2027-03-14"), ("time", "02:30")]);
        assert!(gap.read(SessionState::Open).is_none());
        assert!(gap.time.error.is_some());
        let twice = form(&[("date", "2026-11-01"), ("time", "01:30")])
            .read(SessionState::Open)
            .unwrap();
        assert_eq!(twice.starts_at.to_string(), "2026-11-01T08:30:00Z");
    }
}
