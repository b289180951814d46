//! Those who speak. They belong to no webcast: whoever spoke once is chosen again with one click.

use crate::values::{Label, PublicId};

/// Longest text about somebody, in characters.
const LONGEST: usize = 600;

/// Somebody who speaks.
#[derive(Debug, Clone)]
pub struct Presenter {
    /// The row.
    pub id: i64,
    /// Names their page among organizers'.
    pub public_id: PublicId,
    /// What is said of them.
    pub about: AboutPresenter,
    /// Names their picture.
    pub picture: Option<PublicId>,
    /// Tells one state from the next.
    pub version: i64,
}

/// What is said of somebody who speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AboutPresenter {
    /// The name.
    pub name: String,
    /// "Speaker", "Host"; may be empty.
    pub role: String,
    /// Where they work; may be empty.
    pub firm: String,
    /// A few sentences; may be empty.
    pub bio: String,
}

impl AboutPresenter {
    /// "Speaker, Contoso".
    #[must_use]
    pub fn role_and_firm(&self) -> String {
        let parts = [self.role.as_str(), self.firm.as_str()];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Reads a line that may be empty.
///
/// # Errors
/// Too long, or with control characters.
pub fn line_or_nothing(raw: &str) -> Result<String, String> {
    if raw.trim().is_empty() {
        return Ok(String::new());
    }
    let line = Label::parse(raw).map_err(|problem| problem.to_string())?;
    Ok(line.as_str().to_owned())
}

/// Reads what is said of somebody, in one paragraph.
///
/// # Errors
/// Too long, or with control characters.
pub fn bio(raw: &str) -> Result<String, String> {
    let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > LONGEST {
        return Err(format!("Enter at most {LONGEST} characters."));
    }
    if text.chars().any(char::is_control) {
        return Err("Enter it without control characters.".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_somebody() {
        assert_eq!(bio(" Two\r\n lines. ").unwrap(), "Two lines.");
        assert!(bio(&"x".repeat(601)).is_err() && bio("a\u{1}b").is_err());
        assert_eq!(line_or_nothing("  ").unwrap(), "");
        let about = AboutPresenter {
            role: "Host".to_owned(),
            firm: "Contoso".to_owned(),
            ..AboutPresenter::default()
        };
        assert_eq!(about.role_and_firm(), "Host, Contoso");
        assert_eq!(AboutPresenter::default().role_and_firm(), "");
    }
}
