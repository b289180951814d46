//! Reading one answer by the kind of its question, into the one form in which it is stored.

use jiff::civil::Date;

use super::{Question, QuestionKind};
use crate::values::{Country, Label, PhoneNumber, Problem, narrowed, squeeze_line, squeeze_text};

/// Most letters of an answer in several lines.
const LONGEST: usize = 2_000;

/// Value and key, as [`FilledAnswer`](super::FilledAnswer) has them; `home` is the country of a national telephone number.
pub(super) fn read_answer(
    question: &Question,
    raw: &str,
    home: Option<&'static Country>,
) -> Result<(String, String), Problem> {
    let same = |value: String| (value.clone(), value);
    let written = |value: String| (value, String::new());
    match question.kind {
        QuestionKind::Text => Label::parse(raw).map(|label| written(label.as_str().to_owned())),
        QuestionKind::LongText => squeeze_text(raw, LONGEST).map(written),
        QuestionKind::Number => number(raw).map(written),
        QuestionKind::Date => date(raw).map(written),
        QuestionKind::YesNo => match raw {
            "yes" | "no" => Ok(same(raw.to_owned())),
            _ => Err(Problem::new("Choose yes or no.")),
        },
        QuestionKind::OneOf | QuestionKind::ManyOf => {
            let chosen = question.options.iter().find(|option| option.key == raw);
            let chosen = chosen.ok_or_else(|| Problem::new("Choose one of the answers."))?;
            Ok((chosen.label.clone(), chosen.key.clone()))
        }
        QuestionKind::Country => Country::parse(raw).map(|country| same(country.code.to_owned())),
        QuestionKind::Phone => PhoneNumber::parse(raw, home).map(|number| written(number.to_string())),
        QuestionKind::Consent => match raw {
            "yes" | "on" => Ok(("yes".to_owned(), question.version.to_string())),
            _ => Err(Problem::new("Tick this box to go on.")),
        },
    }
}

/// With a point, at most fifteen digits before and six after it: "-2.5".
fn number(raw: &str) -> Result<String, Problem> {
    let line = narrowed(&squeeze_line(raw)?).replace('\u{2212}', "-");
    if line.contains(',') {
        return Err(Problem::new(
            "Enter the number with a point and no commas, such as 2.5 or 1200.",
        ));
    }
    let wrong = || Problem::new("Enter a number such as 12 or 2.5.");
    let (sign, digits) = match line.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", line.strip_prefix('+').unwrap_or(&line)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !are_digits(whole, 15) || !are_digits(fraction, 6) {
        return Err(wrong());
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Ok(match fraction.trim_end_matches('0') {
        "" if whole == "0" => "0".to_owned(),
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    })
}

fn date(raw: &str) -> Result<String, Problem> {
    let line = narrowed(&squeeze_line(raw)?);
    let day = (line.len() == 10).then(|| line.parse::<Date>().ok()).flatten();
    day.filter(|day| day.year() >= 1000)
        .map(|day| day.to_string())
        .ok_or_else(|| Problem::new("Enter a date that there is, such as 2026-12-04."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        for (raw, number) in [
            ("12", "12"),
            (" 2.50 ", "2.5"),
            ("-0.0", "0"),
            ("+007", "7"),
            ("−3", "-3"),
            ("１２．５", "12.5"),
            ("999999999999999", "999999999999999"),
        ] {
            assert_eq!(super::number(raw).as_deref(), Ok(number), "{raw}");
        }
        for raw in [
            "",
            "a",
            "1,5",
            "1.2.3",
            ".5",
            "5.",
            "1e9",
            "1 000",
            "--1",
            "0x10",
            "1234567890123456",
            "∞",
        ] {
            assert!(super::number(raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn dates_are_days_that_there_are() {
        assert_eq!(date("2028-02-29").as_deref(), Ok("2028-02-29"));
        for raw in [
            "2027-02-29",
            "04.12.2026",
            "2026-13-01",
            "2026-1-1",
            "0999-01-01",
            "2026-12-04T10:00",
            "+002026-12-04",
        ] {
            assert!(date(raw).is_err(), "{raw}");
        }
    }
}
