//! The wording of the marketing consent that is asked now. Organizers may change it; it is read again every few seconds.

use std::sync::{Arc, PoisonError, RwLock};

/// It.
#[derive(Debug, Default)]
pub struct AskedConsent(RwLock<Arc<AskedWording>>);

/// A wording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskedWording {
    /// Stored with each agreement.
    pub version: String,
    /// What the box says.
    pub text: String,
}

impl AskedConsent {
    /// The wording that is asked now.
    #[must_use]
    pub fn now(&self) -> Arc<AskedWording> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks this one from now on.
    pub fn replace(&self, wording: AskedWording) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(wording);
    }
}
