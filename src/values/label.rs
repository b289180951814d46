//! A short line of text that an organizer or a link brought along: a title, a campaign, a file name.

use super::Problem;
use super::line::{is_forbidden_in_line, squeeze, squeeze_line};

/// One line of 1 to 200 characters without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// Longest label, in characters.
    pub const MAX_CHARACTERS: usize = 200;

    /// Reads a line; white space is folded.
    ///
    /// # Errors
    /// Empty, too long, or with control characters.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let line = squeeze_line(raw)?;
        if line.is_empty() {
            return Err(Problem::new("Enter some text."));
        }
        if line.chars().count() > Self::MAX_CHARACTERS {
            return Err(Problem::new("Enter at most 200 characters."));
        }
        Ok(Self(line))
    }

    /// Keeps what can be kept of a value nobody typed (a campaign name in a link): control characters
    /// go, the rest is cut. Nothing is left: `None`.
    #[must_use]
    pub fn lenient(raw: &str) -> Option<Self> {
        let clean: String = squeeze(raw)
            .chars()
            .filter(|c| !is_forbidden_in_line(*c))
            .take(Self::MAX_CHARACTERS)
            .collect();
        Self::parse(&clean).ok()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_can_be_kept() {
        assert_eq!(Label::lenient(" spring\u{0} mail ").unwrap().as_str(), "spring mail");
        assert_eq!(Label::lenient("\u{0}\u{7}"), None);
        assert_eq!(Label::lenient(&"x".repeat(500)).unwrap().as_str().len(), 200);
        assert!(Label::parse("two\u{0}").is_err());
    }
}
