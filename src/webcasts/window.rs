//! When a session takes registrations.

use jiff::Timestamp;

use crate::db::{DbError, instant};

/// From when until when; without bounds as long as the session is ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegistrationWindow {
    /// Not before.
    pub opens_at: Option<Timestamp>,
    /// Not from then on.
    pub closes_at: Option<Timestamp>,
}

impl RegistrationWindow {
    /// Of two columns.
    pub(in crate::webcasts) fn stored(opens_at: Option<i64>, closes_at: Option<i64>) -> Result<Self, DbError> {
        Ok(Self {
            opens_at: opens_at.map(instant).transpose()?,
            closes_at: closes_at.map(instant).transpose()?,
        })
    }

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
