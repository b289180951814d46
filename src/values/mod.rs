//! Values that cannot be wrong: a private field, one `parse`, tests beneath. One type per file.
//!
//! Whatever comes from outside (a form, a setting, a database row) becomes one of these at the edge.

mod email;
mod label;
mod link;
mod name;
mod public_id;
mod slug;
mod token;
mod url;
mod zone;

pub use email::{EmailAddress, address_key};
pub use label::Label;
pub use link::{Link, LinkKey, LinkPurpose, MAX_GENERATION};
pub use name::PersonName;
pub use public_id::PublicId;
pub use slug::Slug;
pub use token::{SecretToken, random_bytes, random_unit};
pub use url::HttpUrl;
pub use zone::Zone;

use std::borrow::Cow;

/// What is wrong with a value, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(Cow<'static, str>);

impl Problem {
    /// A problem said in one sentence that tells what to do.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }

    /// The sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0
    }
}

/// True for what must never stand in a single line of text: control characters, line and paragraph
/// separators, the invisible marks that override the direction of the text around them, and what stands for
/// bytes that were no text.
pub(crate) fn is_forbidden_in_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{FFFD}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// One line, trimmed and folded; it may be empty.
///
/// # Errors
/// Control characters and their like.
pub(crate) fn squeeze_line(raw: &str) -> Result<String, Problem> {
    let line = squeeze(raw);
    if line.chars().any(is_forbidden_in_line) {
        return Err(Problem::new("Enter one line without control characters."));
    }
    Ok(line)
}

/// Trims and folds every run of white space into one blank.
pub(crate) fn squeeze(raw: &str) -> String {
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}
