//! Who may come to a webcast: anybody, whoever knows a code, or whoever is on a list; and from what kind of address.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::contacts::words::fold;
use crate::values::EmailAddress;

/// Domains that give anybody an address.
static FREE_MAIL: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../assets/free_mail_domains.txt").lines();
    lines.filter(|line| !line.starts_with('#')).collect()
});

/// Longest code, in characters.
const LONGEST_CODE: usize = 40;
/// Most addresses in one form.
const MOST_ADDRESSES: usize = 10_000;
/// Most domains of a webcast's own.
const MOST_DOMAINS: usize = 200;

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Guests {
    /// Anybody.
    #[default]
    Anybody,
    /// Whoever knows the code.
    WithCode,
    /// Whoever is on the list; nobody is told who is.
    Listed,
}

impl Guests {
    /// As it is stored, and as forms say it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::WithCode => "code",
            Self::Listed => "listed",
        }
    }

    /// Reads a column or a form's value.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Anybody, Self::WithCode, Self::Listed]
            .into_iter()
            .find(|guests| guests.as_str() == raw)
    }
}

/// The rule of a webcast.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestRule {
    /// Who may register.
    pub guests: Guests,
    /// What they have to know, in the form in which codes are compared.
    pub code: String,
    /// Whether an address that anybody can have is refused.
    pub business_only: bool,
    /// Domains that are refused besides.
    pub blocked: Vec<String>,
}

/// Why somebody is refused; everybody hears it alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not the code.
    #[error("This is not the code of the invitation. It stands in the mail or letter that invited you.")]
    Code,
    /// An address that anybody can have.
    #[error("Please give your address at work. This webcast takes none that a free mail service gives.")]
    FreeMail,
    /// A domain that the organizers refuse.
    #[error("Addresses of this domain are not taken for this webcast. Please give another one.")]
    Domain,
}

impl GuestRule {
    /// Whether what was typed is refused, whoever typed it.
    ///
    /// # Errors
    /// It is.
    pub fn look_at(&self, email: &EmailAddress, code: &str) -> Result<(), Refusal> {
        if self.guests == Guests::WithCode && compared(code) != self.code {
            return Err(Refusal::Code);
        }
        let is_one_of = |known: &dyn Fn(&str) -> bool| {
            let domain = email.domain().to_ascii_lowercase();
            let above = domain.match_indices('.').map(|(dot, _)| &domain[dot + 1..]);
            std::iter::once(domain.as_str()).chain(above).any(known)
        };
        if self.business_only && is_one_of(&|domain| FREE_MAIL.contains(domain)) {
            return Err(Refusal::FreeMail);
        }
        if is_one_of(&|domain| self.blocked.iter().any(|blocked| blocked == domain)) {
            return Err(Refusal::Domain);
        }
        Ok(())
    }
}

/// A code as it is compared: capitals, accents, blanks and width are no matter.
#[must_use]
pub fn compared(code: &str) -> String {
    fold(code).chars().filter(|c| !c.is_whitespace()).collect()
}

/// Reads a code that an organizer sets.
///
/// # Errors
/// Too short to be no guess, or too long.
pub fn code(raw: &str) -> Result<String, String> {
    let code = compared(raw);
    match code.chars().count() {
        0..4 => Err("Enter a code of at least four letters or digits.".to_owned()),
        length if length > LONGEST_CODE => Err(format!("Enter at most {LONGEST_CODE} letters or digits.")),
        _ if code.chars().any(char::is_control) => Err("Enter letters and digits.".to_owned()),
        _ => Ok(code),
    }
}

/// Reads addresses, as they are pasted from wherever: one a line, or with commas between them.
///
/// # Errors
/// One that is none, by its line; or too many.
pub fn addresses(raw: &str) -> Result<Vec<EmailAddress>, String> {
    let mut read = Vec::new();
    for (number, line) in (1..).zip(raw.lines()) {
        for typed in line
            .split([',', ';', '\t'])
            .map(str::trim)
            .filter(|typed| !typed.is_empty())
        {
            let address =
                EmailAddress::parse(typed).map_err(|problem| format!("Line {number}, “{typed}”: {problem}"))?;
            read.push(address);
        }
    }
    if read.len() > MOST_ADDRESSES {
        return Err("Enter at most 10,000 addresses at once. You can add more afterwards.".to_owned());
    }
    Ok(read)
}

/// Reads domains, one a line; an @ before each may stand.
///
/// # Errors
/// One that is none, or too many.
pub fn domains(raw: &str) -> Result<Vec<String>, String> {
    let typed = raw.split([',', ';', '\n', ' ', '\t', '\r']).map(str::trim);
    let mut domains = Vec::new();
    for domain in typed.filter(|typed| !typed.is_empty()) {
        let domain = domain.trim_start_matches('@').trim_end_matches('.');
        let address = EmailAddress::parse(&format!("a@{domain}"))
            .map_err(|_| format!("“{domain}” is no domain. Enter one a line, such as example.com."))?;
        domains.push(address.domain().to_ascii_lowercase());
    }
    domains.sort();
    domains.dedup();
    if domains.len() > MOST_DOMAINS {
        return Err(format!("Enter at most {MOST_DOMAINS} domains."));
    }
    Ok(domains)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(address: &str) -> EmailAddress {
        EmailAddress::parse(address).unwrap()
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let rule = GuestRule {
            guests: Guests::WithCode,
            code: code("Summer 26").unwrap(),
            ..GuestRule::default()
        };
        for typed in ["summer26", " SUMMER 26 ", "ｓｕｍｍｅｒ２６"] {
            assert_eq!(rule.look_at(&email("a@example.org"), typed), Ok(()), "{typed}");
        }
        for wrong in ["", "summer", "summer 27"] {
            assert_eq!(rule.look_at(&email("a@example.org"), wrong), Err(Refusal::Code));
        }
        for weak in ["", "abc", "a b c"] {
            assert!(code(weak).is_err());
        }
        assert!(code(&"x".repeat(41)).is_err());
    }

    #[test]
    fn an_address_that_anybody_can_have_is_told_from_a_firms() {
        let rule = GuestRule {
            business_only: true,
            blocked: domains("@rival.example\nother.example, ").unwrap(),
            ..GuestRule::default()
        };
        for (address, refused) in [
            ("a@gmail.com", Some(Refusal::FreeMail)),
            ("a@GMX.de", Some(Refusal::FreeMail)),
            ("a@mail.t-online.de", Some(Refusal::FreeMail)),
            ("a@rival.example", Some(Refusal::Domain)),
            ("a@eu.rival.example", Some(Refusal::Domain)),
            ("a@contoso.example", None),
            ("a@notgmail.com", None),
            ("a@arrival.example", None),
        ] {
            assert_eq!(rule.look_at(&email(address), "").err(), refused, "{address}");
        }
        assert!(domains("not a domain!").is_err());
    }

    #[test]
    fn addresses_are_read_however_they_are_pasted() {
        let read = addresses("a@example.org, b@example.org;\n\n c@example.org\t").unwrap();
        assert_eq!(read.len(), 3);
        assert!(
            addresses("a@example.org\nnobody")
                .unwrap_err()
                .starts_with("Line 2, “nobody”: ")
        );
    }

    #[test]
    fn the_list_of_services_is_written_as_domains_are_compared() {
        assert!(FREE_MAIL.len() > 200);
        for domain in FREE_MAIL.iter() {
            assert_eq!(email(&format!("a@{domain}")).domain(), *domain);
        }
    }
}
