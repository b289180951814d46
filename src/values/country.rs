//! Countries by ISO 3166-1, with how telephone numbers are written in them. The list is data: `assets/countries.txt`.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::Problem;
use super::line::narrow;

static LIST: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let lines = include_str!("../../assets/countries.txt").lines();
    lines.filter_map(Country::of_line).collect()
});

/// A country, or what has a code of its own like one.
#[derive(Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2: "DE".
    pub code: &'static str,
    /// In English.
    pub name: &'static str,
    pub(super) telephone: Numbering,
}

/// How its telephone numbers are written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Numbering {
    /// What E.164 begins with, after the +; empty where there are no telephones.
    pub(super) calling_code: &'static str,
    /// What is dialled before a number inside the country, the longest first.
    pub(super) trunk: Vec<&'static str>,
    /// How many digits a number has without all that.
    lengths: Vec<RangeInclusive<usize>>,
    example: &'static str,
}

impl Country {
    /// Reads a code.
    ///
    /// # Errors
    /// There is no such country.
    pub fn parse(raw: &str) -> Result<&'static Self, Problem> {
        let code: String = raw.trim().chars().map(narrow).collect();
        let found = Self::list()
            .iter()
            .find(|country| country.code.eq_ignore_ascii_case(&code));
        found.ok_or_else(|| Problem::new("Choose a country of the list."))
    }

    /// All of them, by their names.
    #[must_use]
    pub fn list() -> &'static [Self] {
        &LIST
    }

    /// What its telephone numbers begin with after the +; empty where there are none.
    #[must_use]
    pub fn calling_code(&self) -> &'static str {
        self.telephone.calling_code
    }

    fn of_line(line: &'static str) -> Option<Self> {
        let mut parts = line.split('|');
        let code = parts.next().filter(|code| code.len() == 2)?;
        Some(Self {
            code,
            name: parts.next()?,
            telephone: Numbering {
                calling_code: parts.next()?,
                trunk: parts.next()?.split(',').filter(|prefix| !prefix.is_empty()).collect(),
                lengths: parts.next()?.split(',').filter_map(length).collect(),
                example: parts.next()?,
            },
        })
    }
}

fn length(text: &str) -> Option<RangeInclusive<usize>> {
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    Some(least.parse().ok()?..=most.parse().ok()?)
}

impl Numbering {
    pub(super) fn takes(&self, digits: &str) -> bool {
        self.lengths.iter().any(|length| length.contains(&digits.len()))
    }

    /// A number with its calling code, as people write it.
    pub(super) fn example(&self) -> Option<String> {
        (!self.example.is_empty()).then(|| format!("+{} {}", self.calling_code, self.example))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_is_there_once() {
        assert_eq!(Country::list().len(), 249);
        let mut codes: Vec<&str> = Country::list().iter().map(|country| country.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 249);
        assert_eq!(Country::parse(" de ").unwrap().name, "Germany");
        assert!(Country::parse("XX").is_err() && Country::parse("").is_err());
    }
}
