//! Telephone numbers (ITU-T E.164), as people write them.

use std::fmt;

use super::Problem;
use super::country::{Country, Numbering};
use super::line::{is_unseen, narrow};

/// A number of at most fifteen digits after its +: "+4930123456".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

/// Most digits, by E.164.
const MOST: usize = 15;

impl PhoneNumber {
    /// Reads a number with its calling code, or one of the country `home` without.
    ///
    /// # Errors
    /// What is no number, or one of nobody knows which country; with an example of how to write it.
    pub fn parse(raw: &str, home: Option<&'static Country>) -> Result<Self, Problem> {
        let typed = Typed::read(raw).ok_or_else(|| refused(home))?;
        let number = match &typed {
            Typed::International(digits) => international(digits),
            Typed::National(digits) => home.and_then(|home| national(digits, home)),
        };
        number.map(Self).ok_or_else(|| match (&typed, home) {
            (Typed::National(_), None) => {
                Problem::new("Begin with + and the code of the country, such as +44 20 7946 0000.")
            }
            _ => refused(home),
        })
    }

    /// As it is dialled from everywhere.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

fn refused(home: Option<&'static Country>) -> Problem {
    let example = home.and_then(|home| home.telephone.example());
    let example = example.unwrap_or_else(|| "+44 20 7946 0000".to_owned());
    Problem::new(format!("Enter a telephone number such as {example}."))
}

/// What was typed, without what is only there to be read.
enum Typed {
    /// Digits after a + or 00.
    International(String),
    /// Digits.
    National(String),
}

impl Typed {
    fn read(raw: &str) -> Option<Self> {
        let mut text: String = raw.chars().filter(|c| !is_unseen(*c)).map(narrow).collect();
        text = text.trim().trim_start_matches("tel:").to_owned();
        let has_plus = text.starts_with('+') || text.starts_with("(+");
        if has_plus {
            // The zero that is dialled at home alone: +49 (0)30 123456.
            text = text.replacen('+', "", 1).replace("(0)", "");
        }
        let mut digits = String::new();
        for c in text.chars() {
            match digit(c) {
                Some(digit) => digits.push(digit),
                None if is_between(c) => {}
                None => return None,
            }
        }
        if digits.is_empty() {
            return None;
        }
        Some(match digits.strip_prefix("00") {
            _ if has_plus => Self::International(digits),
            Some(rest) => Self::International(rest.to_owned()),
            None => Self::National(digits),
        })
    }
}

/// Of any script that Unicode counts as decimal among those that people type numbers in.
fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 5] = ['0', '\u{0660}', '\u{06F0}', '\u{0966}', '\u{09E6}'];
    let value = ZEROS.iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(u32::from(*zero))?;
        (value < 10).then_some(value)
    })?;
    char::from_digit(value, 10)
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Of the countries whose calling code it begins with, one that has numbers so long.
fn international(digits: &str) -> Option<String> {
    let rest_of = |plan: &'static Numbering| {
        let rest = (!plan.calling_code.is_empty()).then(|| digits.strip_prefix(plan.calling_code))??;
        own_digits(rest, plan)
    };
    // No calling code begins with another one, so all that have this one share it.
    let found = Country::list()
        .iter()
        .find_map(|country| Some((&country.telephone, rest_of(&country.telephone)?)));
    found.and_then(|(plan, rest)| whole(plan, rest))
}

fn national(digits: &str, home: &'static Country) -> Option<String> {
    let plan = &home.telephone;
    if plan.calling_code.is_empty() {
        return None;
    }
    // As it is dialled in North America: 011 and the code of another country.
    if plan.calling_code == "1"
        && let Some(abroad) = digits.strip_prefix("011")
    {
        return international(abroad);
    }
    let with_code = || {
        digits
            .strip_prefix(plan.calling_code)
            .and_then(|rest| own_digits(rest, plan))
    };
    let rest = own_digits(digits, plan).or_else(with_code)?;
    whole(plan, rest)
}

/// Without what is dialled before it inside the country.
fn own_digits<'d>(digits: &'d str, plan: &Numbering) -> Option<&'d str> {
    for prefix in &plan.trunk {
        // No number begins with the zero that is dialled first; with another digit many do.
        let is_part = !prefix.starts_with('0') && plan.takes(digits);
        if let Some(rest) = digits.strip_prefix(prefix)
            && !is_part
            && plan.takes(rest)
        {
            return Some(rest);
        }
    }
    let begins_with_trunk = plan.trunk.contains(&"0") && digits.starts_with('0');
    (plan.takes(digits) && !begins_with_trunk).then_some(digits)
}

fn whole(plan: &Numbering, digits: &str) -> Option<String> {
    let is_possible = plan.calling_code.len() + digits.len() <= MOST;
    is_possible.then(|| format!("+{}{digits}", plan.calling_code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str, home: &str) -> Result<String, String> {
        let home = Country::parse(home).ok();
        PhoneNumber::parse(raw, home)
            .map(|number| number.to_string())
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (raw, home, number) in [
            ("+49 30 1234567", "", "+49301234567"),
            ("+49 (0)30 123-45-67", "", "+49301234567"),
            ("0049 30 1234567", "", "+49301234567"),
            ("030/1234567", "DE", "+49301234567"),
            ("+49 030 1234567", "", "+49301234567"),
            ("(202) 555-0123", "US", "+12025550123"),
            ("1-202-555-0123", "US", "+12025550123"),
            ("011 44 20 7946 0000", "US", "+442079460000"),
            ("+1 (202) 555-0123", "DE", "+12025550123"),
            ("02 1234 5678", "IT", "+390212345678"),
            ("8 (912) 345-67-89", "RU", "+79123456789"),
            ("912 345-67-89", "RU", "+79123456789"),
            ("800 123-45-67", "RU", "+78001234567"),
            ("8 029 491-19-11", "BY", "+375294911911"),
            ("06 1 234 5678", "HU", "+3612345678"),
            ("8 612 34567", "LT", "+37061234567"),
            ("55 1234 5678", "MX", "+525512345678"),
            ("079 123 45 67", "CH", "+41791234567"),
            (
                "\u{0660}\u{0661}\u{0660}\u{0661}\u{0662}\u{0663}\u{0664}\u{0665}\u{0666}\u{0667}\u{0668}",
                "EG",
                "+201012345678",
            ),
            ("＋４４ ２０ ７９４６ ００００", "", "+442079460000"),
            ("tel:+442079460000", "", "+442079460000"),
            ("01 23 45 67 89", "FR", "+33123456789"),
            ("98765 43210", "IN", "+919876543210"),
        ] {
            assert_eq!(read(raw, home).as_deref(), Ok(number), "{raw} from {home}");
        }
    }

    #[test]
    fn what_is_none_is_refused_with_an_example() {
        assert_eq!(
            read("030 1234567", "").unwrap_err(),
            "Begin with + and the code of the country, such as +44 20 7946 0000."
        );
        let unread = [
            "12",
            "+49",
            "+999 123456",
            "call me",
            "030 12345 ext. 3",
            "+49 30 1234567890123",
            "++49 30 1234567",
            "",
        ];
        for raw in unread {
            let problem = read(raw, "DE").unwrap_err();
            assert!(problem.contains("+49 30123456"), "{raw}: {problem}");
        }
        assert!(read("030 1234567", "BV").is_err(), "nobody has a telephone there");
    }

    #[test]
    fn the_example_of_each_country_is_read_with_and_without_its_code() {
        for country in Country::list() {
            let Some(example) = country.telephone.example() else {
                continue;
            };
            let whole = read(&example, "").unwrap_or_else(|problem| panic!("{}: {problem}", country.name));
            assert_eq!(whole, example.replace(' ', ""), "{}", country.name);
            let (_, national) = example.split_once(' ').unwrap();
            assert_eq!(read(national, country.code).unwrap(), whole, "{}", country.name);
            for prefix in &country.telephone.trunk {
                assert_eq!(
                    read(&format!("{prefix}{national}"), country.code).unwrap(),
                    whole,
                    "{}",
                    country.name
                );
            }
        }
    }
}
