//! What mails share, whichever feature writes them: the frame, times in words, one struct for both forms.

use crate::values::{Accent, HourCycle, Zone};
use crate::web::AppState;
use crate::web::time::Airing;

/// What every mail has around its own words.
#[derive(Clone, Debug, Default)]
pub(crate) struct MailFrame {
    /// Who writes.
    pub organization: String,
    /// Its colour, where it has one of its own.
    pub accent: Option<Accent>,
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
            organization: state.organization().as_str().to_owned(),
            accent: state.appearance.now().accent,
            home_url: state.config.public_url.link(""),
            preheader: preheader.into(),
            reason: reason.into(),
        }
    }
}

/// The colour of mails, as their templates write it.
const ACCENT: &str = "#7A1F3D";

impl MailFrame {
    /// The HTML of a mail, in the firm's colour.
    #[must_use]
    pub(crate) fn coloured(&self, html: String) -> String {
        match self.accent {
            Some(accent) => html.replace(ACCENT, &accent.to_string()),
            None => html,
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
                let html = self.frame.coloured($html { mail: self }.render()?);
                Ok($crate::mail::Message::new(self.subject(), text, html))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_has_the_colour_of_the_firm() {
        let button = "<td bgcolor=\"#7A1F3D\">".to_owned();
        assert_eq!(MailFrame::default().coloured(button.clone()), button);
        let frame = MailFrame {
            accent: Accent::parse("#036").ok(),
            ..MailFrame::default()
        };
        assert_eq!(frame.coloured(button), "<td bgcolor=\"#003366\">");
    }

    #[test]
    fn templates_write_the_colour_as_it_is_replaced() {
        let pieces = include_str!("../../templates/mails/_pieces.html");
        assert!(pieces.contains(ACCENT) && !pieces.contains("#7a1f3d"));
    }
}
