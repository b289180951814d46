//! The three lists: people, the attendees of a webcast, requests for papers.

use crate::values::Slug;

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListPlace {
    /// Everybody who left an address.
    People,
    /// Registrations for a webcast.
    Attendees(Slug),
    /// Requests for a paper, or for all of them.
    Requests(Option<Slug>),
}

impl ListPlace {
    /// Where it is.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::People => "/organizer/people".to_owned(),
            Self::Attendees(webcast) => format!("/organizer/webcasts/{webcast}/people"),
            Self::Requests(None) => "/organizer/papers".to_owned(),
            Self::Requests(Some(paper)) => format!("/organizer/papers/{paper}/people"),
        }
    }

    /// What kind of list it is: chosen columns and saved views are kept by it, and files are called so.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Attendees(_) => "attendees",
            Self::Requests(_) => "requests",
        }
    }

    /// As a field of a form has it.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::People | Self::Requests(None) => self.kind().to_owned(),
            Self::Attendees(slug) | Self::Requests(Some(slug)) => format!("{} {slug}", self.kind()),
        }
    }

    /// Reads such a field.
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        let (kind, slug) = raw.split_once(' ').unwrap_or((raw, ""));
        let slug = if slug.is_empty() {
            None
        } else {
            Some(Slug::parse(slug).ok()?)
        };
        match (kind, slug) {
            ("people", None) => Some(Self::People),
            ("attendees", Some(slug)) => Some(Self::Attendees(slug)),
            ("requests", slug) => Some(Self::Requests(slug)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_named_in_a_form() {
        let slug = Slug::parse("on-partnering").unwrap();
        for place in [
            ListPlace::People,
            ListPlace::Attendees(slug.clone()),
            ListPlace::Requests(None),
            ListPlace::Requests(Some(slug)),
        ] {
            assert_eq!(ListPlace::parse(&place.key()), Some(place));
        }
        for raw in ["", "people x", "attendees", "attendees A B", "mail"] {
            assert_eq!(ListPlace::parse(raw), None, "{raw}");
        }
    }
}
