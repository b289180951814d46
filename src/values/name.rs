//! A person's name, as it may stand in a page, a mail and a mail's header.

use std::fmt;

use validator::ValidateLength;

use super::{Problem, is_forbidden_in_line, squeeze};

const MAX_CHARACTERS: u64 = 100;

/// Endings that make a bare `word.ending` a web address.
const LINK_ENDINGS: [&str; 16] = [
    "com", "net", "org", "info", "biz", "io", "co", "ru", "cn", "top", "xyz", "site", "online", "shop", "click", "link",
];

/// One line of 1 to 100 characters, without control characters and without a web address:
/// bots fill name fields with links so that our first mail carries them to strangers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Reads what somebody typed; white space is folded.
    ///
    /// # Errors
    /// Says what is wrong: empty, too long, or with characters that a name does not have.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        if raw.trim().is_empty() {
            return Err(Problem::new("Enter your name."));
        }
        // Tab and line breaks are folded as white space only at the ends of what was typed.
        if raw.trim().chars().any(is_forbidden_in_line) {
            return Err(Problem::new(
                "Enter your name in one line, without special control characters.",
            ));
        }
        let name = squeeze(raw);
        if !name.validate_length(None, Some(MAX_CHARACTERS), None) {
            return Err(Problem::new(
                "This name is too long. Enter one of at most 100 characters.",
            ));
        }
        if looks_like_a_link(&name) {
            return Err(Problem::new("Enter your name without a web address."));
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

/// Mail programs turn `http://`, `www.` and `word.tld/` into links even where we write plain text.
fn looks_like_a_link(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.contains("://")
        || lower.contains('<')
        || lower.contains('>')
        || lower.contains('@')
        || lower
            .split(' ')
            .any(|word| word.starts_with("www.") || is_host_like(word))
}

/// `example.com` or `bit.ly/x`, but not `J.R.R.`, `Ph.D.`, `St.Clair` or `Jr.`.
fn is_host_like(word: &str) -> bool {
    let (host, has_path) = match word.split_once('/') {
        Some((host, _)) => (host, true),
        None => (word, false),
    };
    let labels: Vec<&str> = host.split('.').collect();
    let (Some(last), true) = (labels.last(), labels.len() >= 2) else {
        return false;
    };
    let lettered = |label: &str| label.len() >= 2 && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    lettered(last) && labels.iter().all(|label| lettered(label)) && (has_path || LINK_ENDINGS.contains(last))
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
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
        ] {
            assert_eq!(PersonName::parse(raw).unwrap().as_str(), raw);
        }
        assert_eq!(
            PersonName::parse("  Ada   Lovelace\n").unwrap().as_str(),
            "Ada Lovelace"
        );
    }

    #[test]
    fn refuses_what_is_not_a_name() {
        let long = "a".repeat(10_000);
        for raw in [
            "",
            " \t ",
            "🙂",
            "Ada\r\nBcc: x@example.org",
            "Ada\0",
            "Ada\u{202e}ecalevoL",
            "Win now https://example.org/x",
            "WIN www.example.org",
            "win.example.com now",
            "bit.ly/abc",
            "<b>Ada</b>",
            long.as_str(),
        ] {
            assert!(PersonName::parse(raw).is_err(), "{raw:?}");
        }
    }
}
