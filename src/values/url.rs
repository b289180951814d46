//! A web address that an organizer typed.

use std::fmt;

use validator::ValidateUrl;

use super::Problem;
use super::line::is_forbidden_in_line;

/// An absolute `https://` or `http://` address of at most 2,000 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// Reads what was typed.
    ///
    /// # Errors
    /// When it is no web address.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let raw = raw.trim();
        let problem = || Problem::new("Enter a web address that starts with https://.");
        if raw.len() > 2_000 || raw.contains(' ') || raw.chars().any(is_forbidden_in_line) || !raw.validate_url() {
            return Err(problem());
        }
        let url = ::url::Url::parse(raw).map_err(|_| problem())?;
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
            return Err(problem());
        }
        Ok(Self(url.into()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_web_addresses_only() {
        assert!(HttpUrl::parse(" https://video.example.org/j/1?pwd=a ").is_ok());
        for raw in [
            "",
            "video.example.org",
            "javascript:alert(1)",
            "ftp://example.org",
            "https://",
            "https://a b",
        ] {
            assert!(HttpUrl::parse(raw).is_err(), "{raw:?}");
        }
    }
}
