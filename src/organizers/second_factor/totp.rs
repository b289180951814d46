//! Codes of an app: six digits, another one every 30 seconds, HMAC-SHA-1. Apps fall back to these without a word where they are
//! asked for others.

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::qr;
use crate::values::{LinkKey, random_bytes};

/// Bytes of a secret: as many as SHA-1 gives (RFC 4226, 4).
const LENGTH: usize = 20;
/// What it is sealed for.
const SEALED_FOR: &str = "totp";
/// Seconds of a code.
const STEP: u64 = 30;
/// A code counts one step before and after its own: whoever types takes some seconds, and no two clocks are the same
/// (RFC 6238, 5.2).
const COUNTS: u64 = 1;
/// One that is off by so many more is told from a wrong one: it says that a clock is wrong.
const RECOGNISED: u16 = 20;

/// What the app and the program share.
pub struct TotpSecret(Zeroizing<[u8; LENGTH]>);

/// What a code is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeVerdict {
    /// It counts. The number of its step: it counts once.
    Right(i64),
    /// It is the code of another time, so many seconds from now: a clock is wrong.
    OffBy(i64),
    /// It is none.
    Wrong,
}

impl TotpSecret {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(Zeroizing::new(random_bytes()))
    }

    /// As it is stored, and as it goes to a browser and back until it is confirmed.
    #[must_use]
    pub fn sealed(&self, key: &LinkKey) -> Vec<u8> {
        key.seal(SEALED_FOR, self.0.as_slice())
    }

    /// `None`: sealed with another key.
    #[must_use]
    pub fn unseal(key: &LinkKey, sealed: &[u8]) -> Option<Self> {
        let bytes = Zeroizing::new(key.unseal(SEALED_FOR, sealed)?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// To be typed into an app: letters and figures in groups of four.
    #[must_use]
    pub fn in_groups(&self) -> String {
        let letters = self.totp(0).secret().to_base32();
        let groups: Vec<&str> = letters
            .as_bytes()
            .chunks(4)
            .filter_map(|group| std::str::from_utf8(group).ok())
            .collect();
        groups.join(" ")
    }

    /// For the app: the `otpauth` address, and the same as a picture (SVG) to be pointed at.
    #[must_use]
    pub fn for_app(&self, organization: &str, account: &str) -> Option<(String, String)> {
        // A colon ends the one and begins the other.
        let plain = |words: &str| words.replace(':', " ");
        let totp = self
            .builder(0)
            .with_account_name(plain(account))
            .with_issuer(Some(plain(organization)))
            .build()
            .ok()?;
        let address = totp.to_url().ok()?;
        let picture = qr::svg(&address)?;
        Some((address, picture))
    }

    /// What a code is worth now. Blanks within it do not matter.
    #[must_use]
    pub fn check(&self, typed: &str, now: Timestamp) -> CodeVerdict {
        let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let Some(step) = self.totp(RECOGNISED).check(&code, seconds) else {
            return CodeVerdict::Wrong;
        };
        let current = seconds / STEP;
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        if step.abs_diff(current) <= COUNTS {
            CodeVerdict::Right(signed(step))
        } else {
            CodeVerdict::OffBy((signed(step) - signed(current)) * signed(STEP))
        }
    }

    fn totp(&self, skew: u16) -> Totp {
        self.builder(skew).build_noncompliant()
    }

    fn builder(&self, skew: u16) -> Builder {
        Builder::new()
            .with_secret(Secret::new_stack(*self.0))
            .with_step_duration(STEP)
            .with_skew(skew)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// The secret of RFC 6238, appendix B.
    fn secret() -> TotpSecret {
        TotpSecret(Zeroizing::new(*b"12345678901234567890"))
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // The last six of its eight digits.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(
                secret().check(code, at(second)),
                CodeVerdict::Right(second / 30),
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_counts_a_step_before_and_after_and_tells_a_wrong_clock() {
        let check = |second: i64| secret().check("081 804", at(second));
        let step = 1_111_111_109 / 30;
        for off in [-30, 0, 30] {
            assert_eq!(check(1_111_111_109 + off), CodeVerdict::Right(step), "{off}");
        }
        assert_eq!(check(1_111_111_109 + 90), CodeVerdict::OffBy(-90));
        assert_eq!(check(1_111_111_109 - 90), CodeVerdict::OffBy(90));
        assert_eq!(check(1_111_111_109 + 3_600), CodeVerdict::Wrong);
        for wrong in ["", "081805", "81804", "0818045", "abcdef", "０８１８０４"] {
            assert_eq!(
                secret().check(wrong, at(1_111_111_109)),
                CodeVerdict::Wrong,
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn an_app_is_told_all_it_needs() {
        let (address, picture) = secret().for_app("Bright: Bridge & Co", "olga@example.org").unwrap();
        assert!(address.starts_with("otpauth://totp/Bright"), "{address}");
        assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{address}");
        assert!(address.contains("issuer=Bright"), "{address}");
        assert!(picture.starts_with("<svg"), "{picture}");
        assert_eq!(secret().in_groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn a_secret_is_read_by_its_own_installation_only() {
        let (ours, theirs) = (LinkKey::new([7; 32]), LinkKey::new([8; 32]));
        let sealed = secret().sealed(&ours);
        let read = TotpSecret::unseal(&ours, &sealed).unwrap();
        assert_eq!(read.in_groups(), secret().in_groups());
        assert!(TotpSecret::unseal(&theirs, &sealed).is_none());
    }
}
