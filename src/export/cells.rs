//! What stands in a cell: stored values as spreadsheets and other programs read them.

use jiff::Timestamp;

use crate::values::{PublicId, Zone};

/// `YYYY-MM-DD HH:MM:SS`, as spreadsheets read it. `at` is a stored instant.
#[must_use]
pub fn date_time(at: i64, zone: &Zone) -> String {
    Timestamp::from_microsecond(at).map_or_else(
        |_| String::new(),
        |at| zone.at(at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// The same; nothing where there is none.
#[must_use]
pub fn optional_date_time(at: Option<i64>, zone: &Zone) -> String {
    at.map(|at| date_time(at, zone)).unwrap_or_default()
}

/// A text; nothing where there is none.
#[must_use]
pub fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

/// `yes` or `no`.
#[must_use]
pub fn yes_no(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

/// A stored public id, as addresses show it.
#[must_use]
pub fn id(bytes: &[u8]) -> String {
    PublicId::from_slice(bytes).map(|id| id.to_string()).unwrap_or_default()
}
