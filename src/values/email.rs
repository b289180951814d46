//! An e-mail address that a mail can be built for.

use std::fmt;

use email_address::Options;

use super::Problem;

/// Longest address that SMTP carries (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_OCTETS: usize = 254;

/// An address with an ASCII domain that contains a dot: `local@example.org`.
///
/// The domain is lower-case A-labels. The local part stays as typed, since a server may care;
/// two addresses are the same person when their [`key`](Self::key) is equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress {
    full: String,
    at: usize,
}

/// [`EmailAddress::key`] of an address that is known to be one, and stored as text.
#[must_use]
pub fn address_key(address: &str) -> String {
    address.to_lowercase()
}

impl EmailAddress {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// Says what is wrong: empty, too long, or not an address that mail can be sent to.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(Problem::new("Enter your e-mail address."));
        }
        if raw.len() > 4 * MAX_OCTETS {
            return Err(too_long());
        }
        let (local, domain) = raw.rsplit_once('@').ok_or_else(not_an_address)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| not_an_address())?;
        let full = format!("{local}@{domain}");
        if full.len() > MAX_OCTETS {
            return Err(too_long());
        }
        if !is_deliverable(&full) {
            return Err(not_an_address());
        }
        Ok(Self { at: local.len(), full })
    }

    /// The address as it is mailed to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// The form that is unique per person: all lower case, `+tag` kept.
    #[must_use]
    pub fn key(&self) -> String {
        address_key(&self.full)
    }

    /// The domain, in A-labels.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.full.get(self.at + 1..).unwrap_or_default()
    }
}

/// Two readers must agree, because each lets something through that the other refuses, and plain
/// ASCII without quotes is what every relay takes.
fn is_deliverable(full: &str) -> bool {
    let options = Options::default()
        .with_required_tld()
        .without_domain_literal()
        .without_display_text();
    full.is_ascii()
        && !full.contains('"')
        && email_address::EmailAddress::parse_with_options(full, options).is_ok()
        && full.parse::<lettre::Address>().is_ok()
}

fn not_an_address() -> Problem {
    Problem::new("Enter an e-mail address like name@example.org.")
}

fn too_long() -> Problem {
    Problem::new("This e-mail address is too long. Enter one of at most 254 characters.")
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ordinary_addresses() {
        for raw in [
            "ada@example.org",
            "  Ada.Lovelace+news@Example.ORG ",
            "o'brien@sub.example.co.uk",
        ] {
            assert!(EmailAddress::parse(raw).is_ok(), "{raw}");
        }
    }

    #[test]
    fn the_domain_becomes_a_labels_and_lower_case() {
        let address = EmailAddress::parse("Ada@Bücher.Example").unwrap();
        assert_eq!(address.as_str(), "Ada@xn--bcher-kva.example");
        assert_eq!(address.key(), "ada@xn--bcher-kva.example");
        assert_eq!(address.domain(), "xn--bcher-kva.example");
    }

    #[test]
    fn refuses_what_mail_cannot_be_sent_to() {
        let long = format!("{}@example.org", "a".repeat(255));
        for raw in [
            "",
            "   ",
            "ada",
            "ada@localhost",
            "ada@@example.org",
            "a b@example.org",
            "\"a b\"@example.org",
            "a..b@example.org",
            "ada@[127.0.0.1]",
            "Ada <ada@example.org>",
            "ada@example.org\r\nBcc: x@example.org",
            "ada@exa\0mple.org",
            "ä@example.org",
            long.as_str(),
        ] {
            assert!(EmailAddress::parse(raw).is_err(), "{raw:?}");
        }
    }
}
