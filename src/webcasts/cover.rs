//! What is seen of a webcast before it is read: a pattern of ours, or a picture of theirs.

use serde::{Deserialize, Serialize};

use crate::cards::Pattern;
use crate::values::PublicId;

/// How a picture is told from a pattern where both are kept as text.
const PICTURE: &str = "picture:";

/// The cover of a webcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Cover {
    /// One that comes with the program.
    Pattern(Pattern),
    /// One that was sent; it belongs to this webcast alone.
    Picture(PublicId),
}

/// A text that is no cover.
#[derive(Debug, thiserror::Error)]
#[error("there is no such cover")]
pub struct NoCover;

impl Cover {
    /// Where a picture is.
    #[must_use]
    pub fn picture(self) -> Option<PublicId> {
        match self {
            Self::Picture(id) => Some(id),
            Self::Pattern(_) => None,
        }
    }

    /// A pattern of ours.
    #[must_use]
    pub fn pattern(self) -> Option<Pattern> {
        match self {
            Self::Pattern(pattern) => Some(pattern),
            Self::Picture(_) => None,
        }
    }
}

impl TryFrom<String> for Cover {
    type Error = NoCover;

    fn try_from(text: String) -> Result<Self, NoCover> {
        let read = match text.strip_prefix(PICTURE) {
            Some(id) => PublicId::parse(id).map(Self::Picture),
            None => Pattern::parse(&text).map(Self::Pattern),
        };
        read.ok_or(NoCover)
    }
}

impl From<Cover> for String {
    fn from(cover: Cover) -> Self {
        match cover {
            Cover::Pattern(pattern) => pattern.as_str().to_owned(),
            Cover::Picture(id) => format!("{PICTURE}{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_is_read_as_it_was_written() {
        let covers = Pattern::ALL.map(Cover::Pattern);
        for cover in covers.into_iter().chain([Cover::Picture(PublicId::random())]) {
            assert_eq!(Cover::try_from(String::from(cover)).unwrap(), cover);
        }
        for wrong in ["", "stripes", "picture:", "picture:1"] {
            assert!(Cover::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
