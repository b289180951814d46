//! Sign-ins that the database could not store: on a full disk organizers must get in to see why. They are kept here until
//! the program ends.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::Organizer;
use crate::values::SecretToken;

/// Such a sign-in ends sooner than a stored one.
const LASTS: SignedDuration = SignedDuration::from_hours(1);

/// By the hash of the token.
#[derive(Default)]
pub(in crate::organizers) struct KeptSignIns(Mutex<HashMap<Vec<u8>, (Organizer, Timestamp)>>);

impl KeptSignIns {
    /// Keeps one; those that are over go.
    pub(in crate::organizers) fn keep(&self, token: &SecretToken, organizer: Organizer, now: Timestamp) {
        let mut kept = self.kept();
        kept.retain(|_, (_, until)| *until > now);
        kept.insert(token.hash(), (organizer, now + LASTS));
    }

    /// Whose it is, while it lasts.
    pub(in crate::organizers) fn find(&self, token: &SecretToken, now: Timestamp) -> Option<Organizer> {
        let kept = self.kept();
        let (organizer, until) = kept.get(&token.hash())?;
        (*until > now).then(|| organizer.clone())
    }

    /// Ends one.
    pub(in crate::organizers) fn forget(&self, token: &SecretToken) {
        self.kept().remove(&token.hash());
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Vec<u8>, (Organizer, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
