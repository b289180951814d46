//! What mails share, whichever feature writes them: the frame, times in words, one struct for both forms.

use crate::values::{HourCycle, Zone};
use crate::web::AppState;
use crate::web::time::Airing;

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

/// When a session is aired, in words: in the reader's zone first, then in its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct MailTime {
    /// "Friday, December 4, 2026, 8:00 to 9:00 pm"
    pub text: String,
    /// "Berlin time (UTC+1)"
    pub zone: String,
    /// "11:00 am to 12:00 pm in Los Angeles", where that is another clock.
    pub there: Option<String>,
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
    /// For a reader whose zone may be known.
    #[must_use]
    pub(crate) fn new(airing: &Airing<'_>, own: Option<&Zone>, hours: HourCycle) -> Self {
        let (text, zone, there) = airing.in_words(own, hours);
        Self { text, zone, there }
    }

    /// "Friday, December 4, 2026, 8:00 to 9:00 pm, Berlin time (UTC+1)"
    #[must_use]
    pub(crate) fn with_zone(&self) -> String {
        format!("{}, {}", self.text, self.zone)
    }
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
