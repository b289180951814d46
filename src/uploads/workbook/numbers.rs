//! Numbers of a workbook as people see them.

use jiff::SignedDuration;
use jiff::civil::DateTime;

use super::formats::Shown;

const SECONDS_A_DAY: f64 = 86_400.0;
/// The day after the last that spreadsheets know, the end of the year 9999.
const MOST_DAYS: f64 = 2_958_466.0;
/// What days are counted from.
const DAY_ZERO: DateTime = DateTime::constant(1899, 12, 30, 0, 0, 0, 0);
const DAY_ZERO_1904: DateTime = DateTime::constant(1904, 1, 1, 0, 0, 0, 0);

/// The text of a stored number. What is no number stays as it is.
pub(super) fn text(raw: &str, shown: Shown, is_1904: bool) -> String {
    let Some(number) = raw.trim().parse::<f64>().ok().filter(|number| number.is_finite()) else {
        return raw.to_owned();
    };
    match shown {
        Shown::Time if (0.0..MOST_DAYS).contains(&number) => hours(number),
        Shown::Date | Shown::Moment if (0.0..MOST_DAYS).contains(&number) => {
            date(number, shown, is_1904).unwrap_or_else(|| plain(number))
        }
        _ => plain(number),
    }
}

/// With the fifteen digits that spreadsheets show, without an exponent as long as that goes.
fn plain(number: f64) -> String {
    // Longer numbers are not exact: 0.1 + 0.2 is stored as 0.30000000000000004.
    let number: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if number == 0.0 {
        "0".to_owned()
    } else if (1e-9..1e21).contains(&number.abs()) {
        format!("{number}")
    } else {
        format!("{number:e}")
    }
}

/// A number that is less than [`MOST_DAYS`] in seconds.
#[expect(clippy::cast_possible_truncation, reason = "the number of seconds is small")]
fn seconds(days: f64) -> i64 {
    (days * SECONDS_A_DAY).round() as i64
}

fn date(days: f64, shown: Shown, is_1904: bool) -> Option<String> {
    let day_zero = if is_1904 { DAY_ZERO_1904 } else { DAY_ZERO };
    // Excel has a 29th of February 1900, so before it days are one less than counted.
    let days = if !is_1904 && days < 60.0 { days + 1.0 } else { days };
    let at = day_zero.checked_add(SignedDuration::from_secs(seconds(days))).ok()?;
    let is_midnight = at.time() == jiff::civil::Time::midnight();
    Some(if shown == Shown::Date && is_midnight {
        at.date().to_string()
    } else {
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    })
}

fn hours(days: f64) -> String {
    let seconds = seconds(days);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_people_see_them() {
        for (raw, expected) in [
            ("49301234", "49301234"),
            ("49301234.0", "49301234"),
            ("4.9301234567E11", "493012345670"),
            ("999999999999999", "999999999999999"),
            ("0.30000000000000004", "0.3"),
            ("-2.50", "-2.5"),
            ("0", "0"),
            ("1E+300", "1e300"),
            ("1E-12", "1e-12"),
            ("n/a", "n/a"),
            ("inf", "inf"),
        ] {
            assert_eq!(text(raw, Shown::Number, false), expected, "{raw}");
        }
    }

    #[test]
    fn dates_are_what_the_format_shows() {
        for (raw, shown, is_1904, expected) in [
            ("46352", Shown::Date, false, "2026-11-26"),
            ("44890", Shown::Date, true, "2026-11-26"),
            ("46352.585555555556", Shown::Moment, false, "2026-11-26 14:03:12"),
            ("46352.5", Shown::Date, false, "2026-11-26 12:00:00"),
            ("46352", Shown::Moment, false, "2026-11-26 00:00:00"),
            ("46351.9999999999", Shown::Date, false, "2026-11-26"),
            ("1", Shown::Date, false, "1900-01-01"),
            ("61", Shown::Date, false, "1900-03-01"),
            ("0.585555555556", Shown::Time, false, "14:03:12"),
            ("1.5", Shown::Time, false, "36:00:00"),
            ("-1", Shown::Date, false, "-1"),
            ("1e9", Shown::Date, false, "1000000000"),
        ] {
            assert_eq!(text(raw, shown, is_1904), expected, "{raw} {shown:?}");
        }
    }
}
