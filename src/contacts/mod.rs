//! One person: a contact per normalised address, and how much mail strangers may cause for it.

pub(crate) mod correct;
pub(crate) mod erase;
pub(crate) mod export;
pub mod merge;
pub(crate) mod pages;
pub mod record;
pub mod roster;
pub mod search;
pub mod store;
mod trace;
pub mod words;

use jiff::{SignedDuration, Timestamp};

use crate::config::Rate;
use crate::db::{Conn, DbError};

pub use trace::{AddressChange, ErasedPerson, FieldChange, PersonChange, Trace, TraceOf, Traces};

/// The marketing consent as visitors read it until an owner words it anew. A new wording is a new version; what was agreed to
/// is stored.
pub const CONSENT: Consent = Consent {
    version: "2026-11",
    text: "Tell me about new webcasts and papers by e-mail. You can stop this at any time.",
};

/// A person's links are made anew so often; then somebody should look at what goes on.
pub const MOST_LINKS: i64 = 30;

/// Which wording somebody agreed to: the version that stood beside the box; empty: the one that is asked now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgreedTo(String);

impl AgreedTo {
    /// As a form says it.
    #[must_use]
    pub fn read(raw: &str) -> Self {
        const LONGEST: usize = 40;
        Self(raw.chars().take(LONGEST).collect())
    }

    /// The version.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A wording that can be agreed to.
#[derive(Debug, Clone, Copy)]
pub struct Consent {
    /// Stored with each agreement.
    pub version: &'static str,
    /// What the checkbox says.
    pub text: &'static str,
}

/// By which way somebody came in; stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Channel {
    /// A form on a page.
    #[default]
    Form,
    /// The form of a session that is over: for its recording.
    Replay,
    /// An organizer put them in.
    Organizer,
}

impl Channel {
    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Replay => "replay",
            Self::Organizer => "organizer",
        }
    }
}

/// What somebody said of themselves in a form, besides their name.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow, serde::Deserialize)]
pub struct PersonFields {
    /// Where a form asks for the name in two parts.
    pub first_name: Option<String>,
    /// See `first_name`.
    pub last_name: Option<String>,
    /// Where they work.
    pub company: Option<String>,
    /// As what.
    pub job_title: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

impl PersonFields {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values().iter().all(Option::is_none)
    }

    /// Of values in the order above.
    #[must_use]
    pub fn of(values: [Option<&str>; 6]) -> Self {
        let [first_name, last_name, company, job_title, phone, country] = values.map(|value| value.map(str::to_owned));
        Self {
            first_name,
            last_name,
            company,
            job_title,
            phone,
            country,
        }
    }

    /// In the order above.
    #[must_use]
    pub fn values(&self) -> [Option<&str>; 6] {
        [
            self.first_name.as_deref(),
            self.last_name.as_deref(),
            self.company.as_deref(),
            self.job_title.as_deref(),
            self.phone.as_deref(),
            self.country.as_deref(),
        ]
    }
}

/// Where somebody came from, taken along with a registration or a request.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The way in.
    pub channel: Channel,
    /// The campaign's `utm_…` values.
    pub utm_source: Option<String>,
    /// See `utm_source`.
    pub utm_medium: Option<String>,
    /// See `utm_source`.
    pub utm_campaign: Option<String>,
    /// See `utm_source`.
    pub utm_term: Option<String>,
    /// See `utm_source`.
    pub utm_content: Option<String>,
    /// The site that led here.
    pub referrer: Option<String>,
    /// The visitor's time zone, as the browser said it.
    pub time_zone: Option<String>,
    /// The visitor's language, BCP 47.
    pub locale: Option<String>,
}

/// What is known of a contact when somebody posts its address.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Known {
    /// The contact's row.
    pub id: i64,
    /// When a personal page was first used: the address is somebody's.
    pub confirmed_at: Option<i64>,
    /// Mails that repeated posts caused since `repeats_since`.
    pub repeats: i64,
    /// Start of the window that `repeats` counts in.
    pub repeats_since: i64,
}

/// Repeated posts for one registration or request are answered by one mail in this time.
const MERGE_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// The same form within this time is one post.
const DOUBLE_CLICK: SignedDuration = SignedDuration::from_mins(1);

/// Whether a post with the same fields as one at `last` is that one again.
#[must_use]
pub fn is_double_click(last: Timestamp, now: Timestamp) -> bool {
    now.duration_since(last).abs() <= DOUBLE_CLICK
}

/// When the mail that answers a repeated post may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatMail {
    /// One is waiting to go already; it will say the same.
    Merged,
    /// It goes then: now, or delayed.
    At(Timestamp),
}

impl Known {
    /// True once a personal page was used.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// Delays and merges, never drops: `last` is when the last repeat for the same thing went or will go. The same for
    /// everybody, so that it tells nobody whose address is confirmed.
    #[must_use]
    pub fn repeat_mail(&self, last: Option<Timestamp>, limit: Option<Rate>, now: Timestamp) -> RepeatMail {
        let Some(limit) = limit else {
            return RepeatMail::At(now);
        };
        if last.is_some_and(|last| last > now) {
            return RepeatMail::Merged;
        }
        let merged_until = last.map_or(now, |last| last + MERGE_WITHIN);
        let window_end = Timestamp::from_microsecond(self.repeats_since).unwrap_or(now)
            + SignedDuration::from_secs(i64::from(limit.seconds));
        let used_up = self.repeats >= i64::from(limit.count) && window_end > now;
        let allowed_from = if used_up { window_end } else { now };
        RepeatMail::At(now.max(merged_until).max(allowed_from))
    }
}

/// The page of a person among organizers'.
///
/// # Errors
/// When the database fails, or there is no such row.
pub(crate) async fn person_page(conn: &mut Conn, contact_id: i64) -> Result<String, DbError> {
    Ok(format!(
        "/organizer/people/{}",
        roster::page_of(conn, contact_id).await?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Option<Rate> = Some(Rate {
        count: 5,
        seconds: 86_400,
    });

    fn known(repeats: i64) -> Known {
        Known {
            id: 1,
            confirmed_at: None,
            repeats,
            repeats_since: 0,
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn the_first_repeat_goes_at_once_and_the_next_ones_wait_together() {
        assert_eq!(known(0).repeat_mail(None, LIMIT, at(100)), RepeatMail::At(at(100)));
        assert_eq!(
            known(1).repeat_mail(Some(at(100)), LIMIT, at(160)),
            RepeatMail::At(at(700))
        );
        assert_eq!(known(2).repeat_mail(Some(at(700)), LIMIT, at(200)), RepeatMail::Merged);
        assert_eq!(
            known(2).repeat_mail(Some(at(700)), LIMIT, at(1_400)),
            RepeatMail::At(at(1_400))
        );
    }

    #[test]
    fn after_five_a_day_it_waits_for_tomorrow() {
        assert_eq!(known(5).repeat_mail(None, LIMIT, at(100)), RepeatMail::At(at(86_400)));
        assert_eq!(
            known(5).repeat_mail(None, LIMIT, at(90_000)),
            RepeatMail::At(at(90_000))
        );
    }

    #[test]
    fn a_confirmed_address_is_limited_like_any_other() {
        let confirmed = Known {
            confirmed_at: Some(1),
            ..known(50)
        };
        assert_eq!(
            confirmed.repeat_mail(Some(at(99)), LIMIT, at(100)),
            known(50).repeat_mail(Some(at(99)), LIMIT, at(100)),
        );
        assert_eq!(
            confirmed.repeat_mail(Some(at(99)), None, at(100)),
            RepeatMail::At(at(100))
        );
    }

    #[test]
    fn the_same_form_twice_within_a_minute_is_one_post() {
        assert!(is_double_click(at(100), at(100)) && is_double_click(at(100), at(160)));
        assert!(is_double_click(at(101), at(100)), "another copy's clock may be behind");
        assert!(!is_double_click(at(100), at(161)) && !is_double_click(at(500), at(100)));
    }
}
