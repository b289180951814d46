//! What the doors share beside the state.

use super::kept_sign_ins::KeptSignIns;
use super::password::Hasher;
use super::sign_in_limit::SignInLimit;

/// One for all workers.
#[derive(Default)]
pub(crate) struct SignInDesk {
    /// Hashing takes memory, so there is one piece of it.
    pub(crate) hasher: Hasher,
    pub(in crate::organizers) limit: SignInLimit,
    pub(in crate::organizers) kept: KeptSignIns,
}

impl SignInDesk {
    /// Ends those of an account that the database does not know of.
    pub(crate) fn forget_sign_ins(&self, organizer: i64) {
        self.kept.forget_all(organizer);
    }
}
