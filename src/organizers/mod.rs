//! Who signs in: accounts, roles, sign-ins and the set-up link. Identity only, because every feature's `console` asks who
//! is there.

mod account_paths;
pub mod accounts;
pub mod acts;
mod cookie;
pub(crate) mod desk;
mod device;
pub(crate) mod first_run;
mod guard;
mod kept_sign_ins;
pub(crate) mod mails;
pub(crate) mod pages;
pub mod password;
mod recognise;
pub mod second_factor;
pub mod setup;
mod sign_in_limit;
mod sign_on;
pub mod signing_in;
pub mod store;

use jiff::SignedDuration;

use crate::audit::Actor;
use crate::values::{EmailAddress, Label, PublicId, Zone};

pub(crate) use account_paths::invitation_path;
pub use guard::SignedIn;
pub(crate) use guard::{this_sign_in, typed_password};
pub(crate) use recognise::recognise;

/// A sign-in ends when nobody used it for so long,
pub const IDLE_LIMIT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// and in any case after this.
pub const ABSOLUTE_LIMIT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// What is hard to take back needs the password typed within this time.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);
/// `last_seen` is written at most this often.
pub const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// A network that was not used for so long is a new one.
pub const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);
/// How long the set-up link works.
pub const SETUP_LIMIT: SignedDuration = SignedDuration::from_hours(24);

/// What somebody who is signed in may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Changes webcasts, sessions and papers, exports, and handles mail.
    Editor,
    /// Everything.
    Owner,
}

impl Role {
    /// As it is stored and typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Viewer, Self::Editor, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == raw)
    }

    /// As it begins a sentence.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Viewer => "Viewers",
            Self::Editor => "Editors",
            Self::Owner => "Owners",
        }
    }
}

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organizer {
    /// Inside only.
    pub id: i64,
    /// Outside.
    pub public_id: PublicId,
    /// Where they are reached, and what they sign in with.
    pub email: EmailAddress,
    /// As they are greeted.
    pub name: Label,
    /// What they may do.
    pub role: Role,
    /// Their own clock, where they have set one.
    pub zone: Option<Zone>,
    /// Whether single keys do something on their pages.
    pub has_shortcuts: bool,
}

impl From<&Organizer> for Actor {
    fn from(organizer: &Organizer) -> Self {
        Self::Organizer(organizer.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_as_they_are_stored() {
        assert_eq!(Role::parse("owner"), Some(Role::Owner));
        assert_eq!(Role::parse("Owner"), None);
    }
}
