//! The form that sets how airings come again: that of a session, and when the next ones are.

use jiff::civil::{Date, Time};

use super::session_form::SessionForm;
use crate::values::{HttpUrl, Zone};
use crate::web::Form;
use crate::web::layout::{Field, Mistake, mistakes};
use crate::webcasts::series::{Repeats, Series, SeriesPlan, SeriesRule};
use crate::webcasts::{Session, SessionState};

/// Most weeks from one airing to the next.
const MOST_WEEKS: u8 = 52;
/// Most days that are left out.
const MOST_EXCEPTIONS: usize = 100;

/// What is typed, and what is wrong with it.
pub(super) struct SeriesForm {
    /// Date (of the first airing), start, zone, length, address, places.
    pub(super) session: SessionForm,
    /// `weekly` or `monthly`.
    pub(super) repeats: Field,
    /// Weeks.
    pub(super) every: Field,
    /// `1` to `5`, or `last`.
    pub(super) which: Field,
    /// `YYYY-MM-DD`, or empty.
    pub(super) until: Field,
    /// Days, one a line.
    pub(super) except: Field,
    /// [`Series::version`] that it was filled in from.
    pub(super) version: String,
}

impl SeriesForm {
    /// For a new one, like the last session.
    pub(super) fn empty(zone: &Zone, last: Option<&Session>) -> Self {
        let mut session = last.map_or_else(|| SessionForm::empty(zone, "60"), SessionForm::of);
        session.date.value.clear();
        Self {
            session,
            repeats: Field::of("weekly"),
            every: Field::of("1"),
            which: Field::of("1"),
            until: Field::default(),
            except: Field::default(),
            version: String::new(),
        }
    }

    /// Of one that there is; what is set holds from `from` on.
    pub(super) fn of(series: &Series, from: Date) -> Self {
        let rule = &series.plan.rule;
        let (repeats, every, which) = match rule.repeats {
            Repeats::Weekly(every) => ("weekly", every.to_string(), "1".to_owned()),
            Repeats::Monthly(-1) => ("monthly", "1".to_owned(), "last".to_owned()),
            Repeats::Monthly(which) => ("monthly", "1".to_owned(), which.to_string()),
        };
        let days: Vec<String> = series.plan.exceptions.iter().map(Date::to_string).collect();
        Self {
            session: SessionForm {
                date: Field::of(from.to_string()),
                time: Field::of(rule.time.strftime("%H:%M").to_string()),
                join_url: Field::of(rule.join_url.clone().unwrap_or_default()),
                capacity: Field::of(rule.capacity.map(|most| most.to_string()).unwrap_or_default()),
                waiting_list: Field::of(rule.waiting_list.as_str()),
                offer_hours: Field::of((rule.offer_minutes / 60).max(1).to_string()),
                approval: rule.approval,
                ..SessionForm::empty(&series.plan.zone, &rule.minutes.to_string())
            },
            repeats: Field::of(repeats),
            every: Field::of(every),
            which: Field::of(which),
            until: Field::of(series.plan.until.map(|day| day.to_string()).unwrap_or_default()),
            except: Field::of(days.join("\n")),
            version: series.version.to_string(),
        }
    }

    /// As somebody filled it in.
    pub(super) fn typed(form: &Form) -> Self {
        let field = |name| Field::of(form.text(name));
        Self {
            session: SessionForm::typed(form),
            repeats: field("repeats"),
            every: field("every"),
            which: field("which"),
            until: field("until"),
            except: field("except"),
            version: form.text("version").to_owned(),
        }
    }

    /// Reads it, all mistakes at once.
    pub(super) fn read(&mut self) -> Option<SeriesPlan> {
        let airing = self.session.read(SessionState::Open);
        let repeats = self.repeats();
        let until = self.until.read(|raw| match raw {
            "" => Ok(None),
            raw => day(raw).map(Some),
        });
        let exceptions = self.except.read(days);
        let (airing, until) = (airing?, until?);
        // The session's form has read both.
        let first: Date = self.session.date.value.trim().parse().ok()?;
        let time = Time::strptime("%H:%M", self.session.time.value.trim()).ok()?;
        if until.is_some_and(|until| until < first) {
            self.until.error = Some("Enter a day after the first one, or nothing.".to_owned());
            return None;
        }
        Some(SeriesPlan {
            rule: SeriesRule {
                first,
                time,
                minutes: airing.ends_at.duration_since(airing.starts_at).as_mins(),
                repeats: repeats?,
                join_url: airing.join_url.as_ref().map(HttpUrl::as_str).map(str::to_owned),
                capacity: airing.capacity,
                waiting_list: airing.entry.waiting_list.as_str().to_owned(),
                offer_minutes: airing.entry.offer_minutes,
                approval: airing.entry.approval,
            },
            zone: airing.zone,
            until,
            exceptions: exceptions?,
        })
    }

    fn repeats(&mut self) -> Option<Repeats> {
        match self.repeats.value.as_str() {
            "weekly" => {
                let weeks = self.every.read(|raw| {
                    let weeks = raw.parse().ok().filter(|weeks| (1..=MOST_WEEKS).contains(weeks));
                    weeks.ok_or("Enter weeks, from 1 to 52.")
                });
                weeks.map(Repeats::Weekly)
            }
            "monthly" => {
                let which = self.which.read(|raw| match raw {
                    "last" => Ok(-1),
                    raw => raw
                        .parse()
                        .ok()
                        .filter(|which| (1..=5).contains(which))
                        .ok_or("Choose one of the list."),
                });
                which.map(Repeats::Monthly)
            }
            _ => {
                self.repeats.error = Some("Choose one of the two.".to_owned());
                None
            }
        }
    }

    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        let own = mistakes(&[
            ("repeats", &self.repeats),
            ("every", &self.every),
            ("which", &self.which),
            ("until", &self.until),
            ("except", &self.except),
        ]);
        self.session.mistakes().into_iter().chain(own).collect()
    }
}

fn day(raw: &str) -> Result<Date, String> {
    raw.parse()
        .map_err(|_| format!("“{raw}” is no day. Enter days like 2026-12-25."))
}

fn days(raw: &str) -> Result<Vec<Date>, String> {
    let words = raw.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let mut days = words
        .filter(|word| !word.is_empty())
        .map(day)
        .collect::<Result<Vec<_>, _>>()?;
    days.sort_unstable();
    days.dedup();
    if days.len() > MOST_EXCEPTIONS {
        return Err(format!("Enter at most {MOST_EXCEPTIONS} days."));
    }
    Ok(days)
}
