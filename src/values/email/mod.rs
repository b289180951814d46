//! An e-mail address that a mail can be built for.

mod domains;
mod pasted;

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

/// An address as somebody typed it that was not taken: why, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// In words.
    pub problem: Problem,
    /// To be offered, never taken by itself; two at most.
    pub meant: Vec<EmailAddress>,
}

/// [`EmailAddress::key`] of an address that is known to be one, and stored as text.
#[must_use]
pub fn address_key(address: &str) -> String {
    address.to_lowercase()
}

impl EmailAddress {
    /// Reads what a person typed or pasted into a form. What it certainly means is taken: `Ada <ada@example.org>`,
    /// `mailto:`, full-width letters, a dot at the end.
    ///
    /// # Errors
    /// Says what is wrong, and what may have been meant.
    pub fn read(typed: &str) -> Result<Self, Misread> {
        let certain = pasted::certain(typed);
        let problem = match Self::parse(&certain).and_then(Self::with_a_name_as_domain) {
            Ok(address) => return Ok(address),
            Err(problem) => problem,
        };
        let guesses = pasted::likely(certain.get(..4 * MAX_OCTETS).unwrap_or(&certain));
        let mut meant: Vec<Self> = guesses
            .iter()
            .filter_map(|guess| Self::parse(guess).and_then(Self::with_a_name_as_domain).ok())
            .collect();
        meant.dedup();
        meant.truncate(2);
        Err(Misread { problem, meant })
    }

    /// What was probably meant where the domain is probably a slip of one that many people have: `gmail.con`.
    #[must_use]
    pub fn doubt(&self) -> Option<Self> {
        let local = self.full.get(..self.at)?;
        Self::parse(&format!("{local}@{}", domains::meant(self.domain())?)).ok()
    }

    /// A domain that ends in digits is an address of the network, and no mail goes there.
    fn with_a_name_as_domain(self) -> Result<Self, Problem> {
        let ending = self.domain().rsplit('.').next().unwrap_or_default();
        if ending.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(not_an_address());
        }
        Ok(self)
    }

    /// Reads an address as it is stored, set or posted by a program.
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

    #[test]
    fn takes_addresses_as_people_paste_them() {
        for pasted in [
            "ada@example.org",
            "Ada <ada@example.org>",
            "\"Lovelace, Ada\" <ada@example.org>",
            "<ada@example.org>",
            "Ada Lovelace < ada@example.org >",
            "mailto:ada@example.org",
            "MAILTO:ada@example.org?subject=Hello",
            "<mailto:ada@example.org>",
            "mailto:%61da@example.org",
            "ada＠example.org",
            "ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ",
            "ada@example。org",
            "ada@example.org.",
            "ada@example.org,",
            "(ada@example.org)",
            "“ada@example.org”",
            "'ada@example.org'",
            "\u{200B}ada@example.org\u{FEFF}",
            "ada@exam\u{AD}ple.org",
            "\u{202A}ada@example.org\u{202C}\u{A0}",
        ] {
            let read = EmailAddress::read(pasted).unwrap_or_else(|misread| panic!("{pasted:?}: {misread:?}"));
            assert_eq!(read.as_str(), "ada@example.org", "{pasted:?}");
        }
        assert_eq!(
            EmailAddress::read("o`brien@example.org").unwrap().as_str(),
            "o`brien@example.org"
        );
        let persian = EmailAddress::read("ali@نامه\u{200C}ای.com").unwrap();
        assert_eq!(
            persian.domain(),
            "xn--mgba3gch31f060k.com",
            "a joiner is part of the name"
        );
        for several in [
            "Ada <ada@example.org>, Bob <bob@example.org>",
            "ada@example.org <bob@example.org>",
        ] {
            assert!(EmailAddress::read(several).is_err(), "{several}");
        }
        assert!(EmailAddress::read("ada@example.org <ada@example.org>").is_ok());
        assert_eq!(
            EmailAddress::read("o’brien@example.org").unwrap().as_str(),
            "o'brien@example.org"
        );
    }

    #[test]
    fn offers_what_may_have_been_meant() {
        for (typed, meant) in [
            ("ada@example,org", &["ada@example.org"][..]),
            ("ada@@example.org", &["ada@example.org"]),
            ("ada@example..org", &["ada@example.org"]),
            ("ada.@example.org", &["ada@example.org"]),
            ("ada @ example.org", &["ada@example.org"]),
            ("ada (at) example (dot) org", &["ada@example.org"]),
            ("ada[at]example.org", &["ada@example.org"]),
            ("ada at example dot org", &["ada@example.org"]),
            ("Ada Lovelace ada@example.org", &["ada@example.org"]),
            ("Ada ada@example.org", &["ada@example.org"]),
            ("a da@example.org", &["ada@example.org", "da@example.org"]),
            ("ada", &[]),
            ("ada@localhost", &[]),
            ("a@127.0.0.1", &[]),
            ("a@[127.0.0.1]", &[]),
            ("\"a b\"@example.org", &[]),
            ("ä@example.org", &[]),
            ("ada@example.org\r\nBcc: eve@example.org", &[]),
            ("", &[]),
        ] {
            let misread = EmailAddress::read(typed).unwrap_err();
            let offered: Vec<&str> = misread.meant.iter().map(EmailAddress::as_str).collect();
            assert_eq!(offered, meant, "{typed:?}");
        }
    }

    #[test]
    fn a_slip_of_the_domain_is_asked_about() {
        let doubt = |typed: &str| {
            EmailAddress::read(typed)
                .unwrap()
                .doubt()
                .map(|meant| meant.to_string())
        };
        assert_eq!(doubt("Ada+x@gmail.con").as_deref(), Some("Ada+x@gmail.com"));
        assert_eq!(doubt("ada@example.org"), None);
    }
}
