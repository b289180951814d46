//! What mails share, whichever feature writes them: the frame, times in words, one struct for both forms.

use jiff::Timestamp;

use crate::values::Zone;
use crate::web::AppState;
use crate::web::time::{SENTENCE, offset, zone_in_words};

/// What every mail has around its own words.
#[derive(Clone, Debug, Default)]
pub(crate) struct MailFrame {
    /// Who writes.
    pub organization: String,
    /// `public_url`, without a slash at its end.
    pub home_url: String,
    /// Shown beside the subject in a list of mails.
    pub preheader: String,
    /// Why this mail was sent, one sentence.
    pub reason: String,
}

/// When a session is aired, in words.
#[derive(Clone, Debug, Default)]
pub(crate) struct MailTime {
    /// "Friday, December 4, 2026, 11:00 to 12:00"
    pub text: String,
    /// "Los Angeles time (UTC-8)"
    pub zone: String,
    /// The same in the zone given at sign-up, with its name, where it differs.
    pub yours: Option<String>,
}

impl MailFrame {
    /// The frame of a mail of this installation.
    #[must_use]
    pub(crate) fn new(state: &AppState, preheader: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            organization: state.config.organization.as_str().to_owned(),
            home_url: state.config.public_url.link(""),
            preheader: preheader.into(),
            reason: reason.into(),
        }
    }
}

impl MailTime {
    /// A time span in the session's zone, and in the visitor's where that reads differently.
    #[must_use]
    pub(crate) fn new(start: Timestamp, end: Timestamp, session: &Zone, visitor: Option<&Zone>) -> Self {
        let here = visitor.filter(|zone| zone.at(start).datetime() != session.at(start).datetime());
        Self {
            text: span(start, end, session),
            zone: zone_in_words(start, session),
            yours: here.map(|zone| format!("{}, {}", span(start, end, zone), zone_in_words(start, zone))),
        }
    }

    /// "Friday, December 4, 2026, 11:00 to 12:00, Los Angeles time (UTC-8)"
    #[must_use]
    pub(crate) fn with_zone(&self) -> String {
        format!("{}, {}", self.text, self.zone)
    }
}

/// "Friday, December 4, 2026, 11:00, Los Angeles time (UTC-8)"
#[must_use]
pub(crate) fn moment(at: Timestamp, zone: &Zone) -> String {
    format!("{}, {}", zone.at(at).strftime(SENTENCE), zone_in_words(at, zone))
}

/// The end's date where it is another one, and its offset where the clocks change meanwhile.
fn span(start: Timestamp, end: Timestamp, zone: &Zone) -> String {
    let (from, to) = (zone.at(start), zone.at(end));
    let until = if from.date() == to.date() { "%H:%M" } else { SENTENCE };
    let shift = if from.offset() == to.offset() {
        String::new()
    } else {
        format!(" ({})", offset(end, zone))
    };
    format!("{} to {}{shift}", from.strftime(SENTENCE), to.strftime(until))
}

/// Makes the HTML and the text form of a mail, which borrow one struct and so cannot say different things.
#[macro_export]
macro_rules! mail_pair {
    ($mail:ty, $html:ident = $html_path:literal, $text:ident = $text_path:literal) => {
        #[derive(askama::Template)]
        #[template(path = $html_path)]
        struct $html<'a> {
            mail: &'a $mail,
        }

        #[derive(askama::Template)]
        #[template(path = $text_path)]
        struct $text<'a> {
            mail: &'a $mail,
        }

        impl $mail {
            /// Both forms under the subject.
            pub(crate) fn message(&self) -> askama::Result<$crate::mail::Message> {
                use askama::Template as _;
                let text = $text { mail: self }.render()?;
                let html = $html { mail: self }.render()?;
                Ok($crate::mail::Message::new(self.subject(), text, html))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_names_what_differs_at_its_end() {
        let zone = Zone::parse("America/New_York").unwrap();
        let written = |start: &str, minutes| {
            let start: Timestamp = start.parse().unwrap();
            MailTime::new(start, start + jiff::SignedDuration::from_mins(minutes), &zone, None).with_zone()
        };
        assert_eq!(
            written("2026-12-04T16:00:00Z", 60),
            "Friday, December 4, 2026, 11:00 to 12:00, New York time (UTC-5)"
        );
        assert_eq!(
            written("2026-12-05T04:30:00Z", 60),
            "Friday, December 4, 2026, 23:30 to Saturday, December 5, 2026, 00:30, New York time (UTC-5)"
        );
        assert_eq!(
            written("2027-11-07T05:30:00Z", 90),
            "Sunday, November 7, 2027, 01:30 to 02:00 (UTC-5), New York time (UTC-4)"
        );
    }
}
