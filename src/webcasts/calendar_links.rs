//! Other firms' calendar pages, filled in. They get what the visitor sends them, and nothing before.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::config::CalendarLinkTemplates;

/// What stands unencoded in a query (RFC 3986, 2.3). A blank is `%20`: Outlook.com shows a `+` as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is put into a calendar.
pub(crate) struct Occasion<'o> {
    /// The title.
    pub title: &'o str,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// A sentence with a link.
    pub details: String,
    /// A link.
    pub location: &'o str,
}

/// Pages that put an occasion into a calendar.
#[derive(Debug, Clone, Default)]
pub(crate) struct CalendarLinks {
    /// Google Calendar.
    pub google: String,
    /// Outlook.com.
    pub outlook: String,
}

impl CalendarLinks {
    /// Fills in the templates.
    #[must_use]
    pub(crate) fn new(templates: &CalendarLinkTemplates, occasion: &Occasion<'_>) -> Self {
        Self {
            google: fill(&templates.google, occasion, "%Y%m%dT%H%M%SZ"),
            outlook: fill(&templates.outlook, occasion, "%Y-%m-%dT%H:%M:%SZ"),
        }
    }
}

fn fill(template: &str, occasion: &Occasion<'_>, times: &str) -> String {
    let at = |instant: Timestamp| instant.strftime(times).to_string();
    [
        ("{title}", occasion.title),
        ("{start}", &at(occasion.start)),
        ("{end}", &at(occasion.end)),
        ("{details}", &occasion.details),
        ("{location}", occasion.location),
    ]
    .iter()
    .fold(template.to_owned(), |url, (placeholder, value)| {
        url.replace(placeholder, &utf8_percent_encode(value, ENCODED).to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_is_never_a_plus() {
        let templates = CalendarLinkTemplates {
            google: "https://calendar.example/?text={title}&dates={start}/{end}".to_owned(),
            outlook: "https://outlook.example/?subject={title}&body={details}".to_owned(),
        };
        let start: Timestamp = "2026-12-04T19:00:00Z".parse().unwrap();
        let links = CalendarLinks::new(
            &templates,
            &Occasion {
                title: "Partnering For Growth & Profits + 1",
                start,
                end: start,
                details: "Join: https://events.example.org/join/x".to_owned(),
                location: "",
            },
        );
        assert_eq!(
            links.google,
            "https://calendar.example/?text=Partnering%20For%20Growth%20%26%20Profits%20%2B%201\
             &dates=20261204T190000Z/20261204T190000Z"
        );
        assert_eq!(
            links.outlook,
            "https://outlook.example/?subject=Partnering%20For%20Growth%20%26%20Profits%20%2B%201\
             &body=Join%3A%20https%3A%2F%2Fevents.example.org%2Fjoin%2Fx"
        );
    }
}
