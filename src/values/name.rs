//! A person's name, as people type it.

use std::fmt;

use validator::ValidateLength;

use super::Problem;
use super::line::{is_forbidden_in_line, is_line_break, narrow, squeeze, trimmed};

const MAX_CHARACTERS: u64 = 100;

/// What a link begins with.
const SCHEMES: [&str; 13] = [
    "http:",
    "https:",
    "ftp:",
    "mailto:",
    "tel:",
    "sms:",
    "javascript:",
    "data:",
    "file:",
    "skype:",
    "whatsapp:",
    "tg:",
    "callto:",
];

/// One line of 1 to 100 characters without control characters, and not a link. Anything else that people are called is
/// taken; what others get to read of it before its owner has confirmed it, [`Said`](super::Said) decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Reads what somebody typed: blanks and tabs are folded, marks that nobody sees fall away at the ends.
    ///
    /// # Errors
    /// Says what is wrong: empty, too long, a link, or with characters that a name does not have.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let typed = trimmed(raw);
        if typed.is_empty() {
            return Err(Problem::new("Enter your name."));
        }
        let name = squeeze(typed);
        if typed.contains(is_line_break) || name.chars().any(is_forbidden_in_line) {
            return Err(Problem::new(
                "Enter your name in one line, without special control characters.",
            ));
        }
        if !name.validate_length(None, Some(MAX_CHARACTERS), None) {
            return Err(Problem::new(
                "This name is too long. Enter one of at most 100 characters.",
            ));
        }
        not_a_link(&name)?;
        if name.contains(['<', '>']) {
            return Err(Problem::new("Enter your name without < and >."));
        }
        if !name.chars().any(char::is_alphanumeric) {
            return Err(Problem::new("Enter your name in letters."));
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses what is clearly a link: a scheme, `www.`, or a host with a path.
///
/// # Errors
/// Says what to do.
pub(crate) fn not_a_link(words: &str) -> Result<(), Problem> {
    let lower: String = words.chars().map(narrow).flat_map(char::to_lowercase).collect();
    let is_link = |word: &str| {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        SCHEMES
            .iter()
            .any(|scheme| word.starts_with(scheme) && word.len() > scheme.len())
            || word.strip_prefix("www.").is_some_and(|rest| !rest.is_empty())
            || has_path(word)
    };
    if lower.contains("://") || lower.split(' ').any(is_link) {
        return Err(Problem::new("Enter a name without a web address."));
    }
    Ok(())
}

/// `bit.ly/x`, but not `c/o`, `and/or` or `A./B.`
fn has_path(word: &str) -> bool {
    let Some((host, _)) = word.split_once('/') else {
        return false;
    };
    let Some((name, ending)) = host.rsplit_once('.') else {
        return false;
    };
    let is_ending = ending.chars().count() >= 2 && ending.chars().all(char::is_alphanumeric);
    is_ending && name.chars().any(char::is_alphanumeric)
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_names_of_the_world() {
        for raw in [
            "Ada Lovelace",
            "J.R.R. Tolkien",
            "Sinéad O'Connor",
            "李小龍",
            "محمد علي",
            "Ada 🙂",
            "Martin Luther King, Jr.",
            "Jane Doe, Ph.D.",
            "Jo.Link",
            "Mike @ Acme",
            "St.Clair",
            "Ada c/o Babbage",
            "Name: Ada",
            "X Æ A-12",
            "win.example.com now",
            "Ra\u{200F}mi",
        ] {
            assert_eq!(PersonName::parse(raw).unwrap().as_str(), raw);
        }
        for pasted in [
            "  Ada   Lovelace\n",
            "Ada\tLovelace",
            "\u{200B}Ada\u{A0}Lovelace\u{FEFF}",
            "\u{202A}Ada Lovelace\u{202C}",
        ] {
            assert_eq!(
                PersonName::parse(pasted).unwrap().as_str(),
                "Ada Lovelace",
                "{pasted:?}"
            );
        }
    }

    #[test]
    fn refuses_what_is_not_a_name() {
        let long = "a".repeat(10_000);
        for raw in [
            "",
            " \t ",
            "\u{200B}\u{FEFF}",
            "🙂",
            "Ada\r\nBcc: x@example.org",
            "Ada\u{2028}Lovelace",
            "Ada\0",
            "Ada\u{202e}ecalevoL",
            "Win now https://example.org/x",
            "WIN www.example.org",
            "(www.example.org)",
            "Win iPhone t.me/prize",
            "bit.ly/abc",
            "ｗｗｗ．example.org",
            "mailto:x@example.org",
            "tel:0800123456",
            "<b>Ada</b>",
            long.as_str(),
        ] {
            assert!(PersonName::parse(raw).is_err(), "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn what_people_are_called_is_taken(name in "\\p{L}[\\p{L}\\p{M}'’. -]{0,60}") {
            let read = PersonName::parse(&name);
            prop_assert!(read.is_ok() || name.to_lowercase().contains("www."), "{read:?}");
        }
    }
}
