//! The columns that a list can show besides the name, and which of them somebody chose.

use crate::db::listing::ListOrder;
use crate::lists::ListPlace;

/// A column of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ListColumn {
    /// As it is kept, and as it stands in a form.
    pub key: &'static str,
    /// Its heading.
    pub label: &'static str,
    /// At the right, one below the other.
    pub is_number: bool,
    /// The order by which its heading sorts, and the one the other way round.
    pub orders: Option<[ListOrder; 2]>,
}

const fn text(key: &'static str, label: &'static str) -> ListColumn {
    ListColumn {
        key,
        label,
        is_number: false,
        orders: None,
    }
}

const fn number(key: &'static str, label: &'static str) -> ListColumn {
    ListColumn {
        is_number: true,
        ..text(key, label)
    }
}

const fn added(key: &'static str, label: &'static str) -> ListColumn {
    ListColumn {
        orders: Some([ListOrder::Newest, ListOrder::Oldest]),
        ..number(key, label)
    }
}

/// The first column of every list.
pub(super) const NAME: ListColumn = ListColumn {
    orders: Some([ListOrder::Name, ListOrder::NameDown]),
    ..text("name", "Name")
};
const EMAIL: ListColumn = ListColumn {
    orders: Some([ListOrder::Email, ListOrder::EmailDown]),
    ..text("email", "Address")
};
const COMPANY: ListColumn = text("company", "Company");
const JOB_TITLE: ListColumn = text("job_title", "Job title");
const COUNTRY: ListColumn = text("country", "Country");
const CONFIRMED: ListColumn = text("confirmed", "Address is");
const CONSENT: ListColumn = text("consent", "More mail");
const TAGS: ListColumn = text("tags", "Tags");
const SOURCE: ListColumn = text("source", "Source");

const OF_PEOPLE: &[ListColumn] = &[
    EMAIL,
    COMPANY,
    JOB_TITLE,
    COUNTRY,
    CONFIRMED,
    CONSENT,
    TAGS,
    added("since", "Since"),
];
const OF_ATTENDEES: &[ListColumn] = &[
    EMAIL,
    COMPANY,
    JOB_TITLE,
    COUNTRY,
    text("seat", "Registration"),
    text("attendance", "Attendance"),
    number("minutes", "Minutes"),
    number("session", "Session"),
    CONFIRMED,
    CONSENT,
    SOURCE,
    TAGS,
    added("since", "Registered"),
];
const OF_REQUESTS: &[ListColumn] = &[
    EMAIL,
    COMPANY,
    JOB_TITLE,
    COUNTRY,
    text("paper", "Paper"),
    text("delivery", "Mail"),
    number("downloads", "Downloads"),
    CONFIRMED,
    CONSENT,
    SOURCE,
    TAGS,
    added("since", "Requested"),
];

/// All columns of a list.
pub(super) fn all(place: &ListPlace) -> &'static [ListColumn] {
    match place {
        ListPlace::People => OF_PEOPLE,
        ListPlace::Attendees(_) => OF_ATTENDEES,
        ListPlace::Requests(_) => OF_REQUESTS,
    }
}

/// Those that are shown until somebody chooses.
fn usual(place: &ListPlace) -> &'static [&'static str] {
    match place {
        ListPlace::People => &["email", "company", "confirmed", "tags", "since"],
        ListPlace::Attendees(_) => &["email", "company", "seat", "attendance", "source", "since"],
        ListPlace::Requests(Some(_)) => &["email", "company", "delivery", "downloads", "since"],
        ListPlace::Requests(None) => &["email", "paper", "delivery", "downloads", "since"],
    }
}

/// The columns to show: those that somebody chose, as they were kept, or the usual ones.
pub(super) fn chosen(place: &ListPlace, kept: Option<&str>) -> Vec<ListColumn> {
    let keys: Vec<&str> = match kept {
        Some(kept) => kept.split(',').collect(),
        None => usual(place).to_vec(),
    };
    all(place)
        .iter()
        .copied()
        .filter(|column| keys.contains(&column.key))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_columns_are_columns() {
        for place in [ListPlace::People, ListPlace::Requests(None)] {
            assert_eq!(chosen(&place, None).len(), usual(&place).len());
        }
        let kept: Vec<&str> = chosen(&ListPlace::People, Some("since,email,shoes"))
            .iter()
            .map(|column| column.key)
            .collect();
        assert_eq!(kept, ["email", "since"]);
    }
}
