//! Figures as pages of organizers draw them: days as a curve or as bars, sources as bars.

use std::fmt::Write as _;

use super::words;

/// Where people came from.
pub(crate) struct SourceRow {
    pub(crate) name: String,
    pub(crate) many: String,
    /// Against the first one, 1 to 100.
    pub(crate) share: i64,
}

/// Sources, the largest first, as they are listed.
#[must_use]
pub(crate) fn source_rows(sources: Vec<(String, i64)>) -> Vec<SourceRow> {
    let most = sources.first().map_or(1, |(_, many)| *many).max(1);
    let rows = sources.into_iter().map(|(name, many)| SourceRow {
        name: if name.is_empty() { "not known".to_owned() } else { name },
        share: (many * 100 / most).max(1),
        many: words::grouped(many),
    });
    rows.collect()
}

/// A number for each day as the path of an SVG 100 wide and 20 high.
#[must_use]
pub(crate) fn curve(days: &[i64]) -> String {
    let most = days.iter().copied().max().unwrap_or(1).max(1);
    let last = i64::try_from(days.len()).unwrap_or(1).saturating_sub(1).max(1);
    let mut path = String::new();
    for (x, number) in (0..).zip(days) {
        let letter = if x == 0 { 'M' } else { 'L' };
        // Tenths are fine enough for a curve of this size.
        let (x, y) = (x * 1_000 / last, 190 - number * 180 / most);
        let _ = write!(path, "{letter}{}.{} {}.{}", x / 10, x % 10, y / 10, y % 10);
    }
    path
}

/// How high a day stands, of 100.
#[must_use]
pub(crate) fn heights(days: &[i64]) -> Vec<i64> {
    let most = days.iter().copied().max().unwrap_or(1).max(1);
    // One who came is seen beside a thousand.
    days.iter()
        .map(|number| if *number == 0 { 0 } else { (number * 100 / most).max(2) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_with_one_is_seen_beside_a_day_with_thousands() {
        assert_eq!(heights(&[0, 1, 5_000, 2_500]), [0, 2, 100, 50]);
        assert_eq!(heights(&[0, 0]), [0, 0]);
        assert!(heights(&[]).is_empty());
    }

    #[test]
    fn a_curve_ends_where_the_last_day_stands() {
        assert_eq!(curve(&[0, 4, 2]), "M0.0 19.0L50.0 1.0L100.0 10.0");
    }
}
