//! Recovery codes: ten, each works once in place of a code of the app. They are shown when they are made, and kept as keyed
//! hashes.

use std::fmt;

use crate::values::{LinkKey, PublicId, random_bytes};

/// How many there are.
const CODES: usize = 10;
/// Letters of one: 50 bits.
const LENGTH: usize = 10;
/// Without those that are read for one another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// One of them, to be shown once.
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// Ten new ones.
    #[must_use]
    pub fn several() -> Vec<Self> {
        (0..CODES).map(|_| Self::random()).collect()
    }

    fn random() -> Self {
        let bytes: [u8; LENGTH] = random_bytes();
        let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
        Self(bytes.iter().filter_map(letter).collect())
    }

    /// What is stored.
    #[must_use]
    pub fn hash(&self, key: &LinkKey, whose: PublicId) -> Vec<u8> {
        recovery_hash(&self.0, key, whose)
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, two) = self.0.split_at_checked(LENGTH / 2).unwrap_or((&self.0, ""));
        write!(f, "{one}-{two}")
    }
}

/// The hash of a code as it was typed: hyphens, blanks and capitals do not matter, nor o for 0, i and l for 1.
#[must_use]
pub fn recovery_hash(typed: &str, key: &LinkKey, whose: PublicId) -> Vec<u8> {
    let code: String = typed
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| match c {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    key.hidden("recovery-code", &[whose.as_bytes(), code.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let (key, whose) = (LinkKey::new([7; 32]), PublicId::random());
        let code = RecoveryCode("0a1bc2d3e4".to_owned());
        assert_eq!(code.to_string(), "0a1bc-2d3e4");
        for typed in ["0a1bc-2d3e4", " OAIBC 2D3E4 ", "oalbc2d3e4"] {
            assert_eq!(recovery_hash(typed, &key, whose), code.hash(&key, whose), "{typed}");
        }
        assert_ne!(
            recovery_hash("0a1bc-2d3e4", &key, PublicId::random()),
            code.hash(&key, whose)
        );
    }

    #[test]
    fn ten_are_made_and_no_two_are_the_same() {
        let codes = RecoveryCode::several();
        let mut shown: Vec<String> = codes.iter().map(ToString::to_string).collect();
        shown.sort_unstable();
        shown.dedup();
        assert_eq!(shown.len(), CODES);
        assert!(shown.iter().all(|code| code.len() == LENGTH + 1), "{shown:?}");
    }
}
