//! The identifier by which a row is known outside the database.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::random_bytes;

/// 16 random bytes; 22 characters of base64url in addresses and exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicId([u8; 16]);

impl PublicId {
    /// A new one. Its text begins with no hyphen, which command lines take for a flag and spreadsheets for a formula.
    #[must_use]
    pub fn random() -> Self {
        loop {
            let id = Self(random_bytes());
            if !id.to_string().starts_with('-') {
                return id;
            }
        }
    }

    /// A new one that comes after those made before, for tables that grow by the thousand and whose ids organizers alone see:
    /// in an index it is put at the end, where a random one changes a page somewhere. Milliseconds, then ten random bytes, as
    /// in version 7 of UUIDs (RFC 9562, 5.7).
    #[must_use]
    pub fn in_order(now: Timestamp) -> Self {
        let mut bytes: [u8; 16] = random_bytes();
        let millis = now.as_millisecond().to_be_bytes();
        for (byte, of_time) in bytes.iter_mut().zip(millis.iter().skip(2)) {
            *byte = *of_time;
        }
        Self(bytes)
    }

    /// Reads the 22 characters of an address.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Self::from_slice(&URL_SAFE_NO_PAD.decode(raw).ok()?)
    }

    /// Reads a database column.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// The bytes of a database column.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// A row whose id is not 16 bytes was not written by this program.
impl TryFrom<Vec<u8>> for PublicId {
    type Error = super::Problem;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Self::Error> {
        Self::from_slice(&bytes).ok_or_else(|| super::Problem::new("a public id has 16 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_in_order_come_one_after_another_and_are_no_hyphen() {
        let at = |millis| PublicId::in_order(Timestamp::from_millisecond(millis).unwrap());
        let ids = [
            at(0),
            at(1),
            at(255),
            at(256),
            at(1_795_435_200_000),
            at(1_795_435_200_001),
        ];
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| !id.to_string().starts_with('-')));
        assert_ne!(at(7), at(7));
    }

    #[test]
    fn reads_back_what_it_shows() {
        let id = PublicId::random();
        assert_eq!(PublicId::parse(&id.to_string()), Some(id));
        assert_eq!(id.to_string().len(), 22);
        assert_eq!(PublicId::parse("abc"), None);
    }
}
