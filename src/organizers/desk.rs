//! What the doors share beside the state.

use super::kept_sign_ins::KeptSignIns;
use super::password::Hasher;
use super::sign_in_limit::SignInLimit;

/// One for all workers.
#[derive(Default)]
pub(crate) struct SignInDesk {
    /// Hashing takes memory, so there is one piece of it.
    pub(in crate::organizers) hasher: Hasher,
    pub(in crate::organizers) limit: SignInLimit,
    pub(in crate::organizers) kept: KeptSignIns,
}
