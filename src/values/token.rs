//! Randomness, and tokens that are shown once and kept only as a hash.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Bytes from the operating system's generator: the one source of randomness.
///
/// # Panics
/// When the operating system has no randomness to give: nothing safe can be done then.
#[must_use]
#[expect(clippy::expect_used, reason = "without randomness no link is safe")]
#[expect(clippy::disallowed_methods, reason = "the one place that makes random bytes")]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A number from 0 (included) to 1 (excluded), for spreading retries in time.
#[must_use]
pub fn random_unit() -> f64 {
    f64::from(u32::from_le_bytes(random_bytes())) / (f64::from(u32::MAX) + 1.0)
}

/// A secret of 256 bits: a sign-in, a set-up link. Only its hash is stored.
pub struct SecretToken([u8; 32]);

impl SecretToken {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(random_bytes())
    }

    /// Reads one from a cookie or a link.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(raw).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// The text that is shown once.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored. A plain hash is enough for 256 random bits.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_what_it_revealed() {
        let token = SecretToken::random();
        let again = SecretToken::parse(&token.reveal()).unwrap();
        assert_eq!(token.hash(), again.hash());
        assert!(SecretToken::parse("short").is_none());
        assert!((0.0..1.0).contains(&random_unit()));
    }
}
