//! When a session takes registrations.

use jiff::Timestamp;

/// From when until when; without bounds as long as the session is ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegistrationWindow {
    /// Not before.
    pub opens_at: Option<Timestamp>,
    /// Not from then on.
    pub closes_at: Option<Timestamp>,
}

impl RegistrationWindow {
    /// The moment it opens, while it is not open yet.
    #[must_use]
    pub fn opens_later(&self, now: Timestamp) -> Option<Timestamp> {
        self.opens_at.filter(|opens| now < *opens)
    }

    /// Whether it has closed.
    #[must_use]
    pub fn has_closed(&self, now: Timestamp) -> bool {
        self.closes_at.is_some_and(|closes| closes <= now)
    }
}
