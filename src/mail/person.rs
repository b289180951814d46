//! A name and an address, as they stand in the head of a mail and in a calendar entry.

use crate::config::Mailbox;
use crate::values::{EmailAddress, Greeting};

/// Somebody who sends or gets mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name shown, if there is one.
    pub name: Option<String>,
    /// The address.
    pub address: EmailAddress,
}

impl Person {
    /// Somebody with a name.
    pub fn named(name: impl Into<String>, address: EmailAddress) -> Self {
        Self {
            name: Some(name.into()),
            address,
        }
    }

    /// The recipient of a mail, named as the mail greets them.
    #[must_use]
    pub fn greeted(greeting: &Greeting, address: EmailAddress) -> Self {
        Self {
            name: greeting.name().map(str::to_owned),
            address,
        }
    }

    /// Somebody of whom only the address is known.
    #[must_use]
    pub fn nameless(address: EmailAddress) -> Self {
        Self { name: None, address }
    }
}

impl From<&Mailbox> for Person {
    fn from(mailbox: &Mailbox) -> Self {
        Self {
            name: mailbox.name.as_ref().map(|name| name.as_str().to_owned()),
            address: mailbox.address.clone(),
        }
    }
}
