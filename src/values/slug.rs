//! The readable part of a page's address.

use std::fmt;

use super::Problem;

/// Lower-case letters, digits and single hyphens, 1 to 80 of them: `partnering-for-growth`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// Reads a slug exactly as it stands in an address.
    ///
    /// # Errors
    /// When it is not one.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let well_formed = (1..=80).contains(&raw.len())
            && raw.chars().all(plain)
            && !raw.starts_with('-')
            && !raw.ends_with('-')
            && !raw.contains("--");
        if well_formed {
            Ok(Self(raw.to_owned()))
        } else {
            Err(Problem::new(
                "Use lower-case letters, digits and hyphens, at most 80 of them.",
            ))
        }
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_well_formed_slugs() {
        assert!(Slug::parse("partnering-for-growth-2").is_ok());
        for raw in ["", "-a", "a-", "a--b", "A", "a b", "a/b", "ä", &"a".repeat(81)] {
            assert!(Slug::parse(raw).is_err(), "{raw:?}");
        }
    }
}
