//! Who gets a place in a session: whoever registers, whom an organizer accepts, or who has waited longest.

use jiff::{SignedDuration, Timestamp};

use crate::db::DbError;

/// How long a place is offered unless the session has its own time, in minutes.
pub(crate) const OFFER_MINUTES: i64 = 24 * 60;

/// What becomes of those who come when every place is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WaitingList {
    /// They are refused.
    #[default]
    Off,
    /// They wait, and have the next place as soon as it is free.
    AtOnce,
    /// They wait, and are asked whether they still want the next place.
    Offer,
}

impl WaitingList {
    /// As it is stored, and as forms say it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::AtOnce => "auto",
            Self::Offer => "offer",
        }
    }

    /// Reads a column or a form's value.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Off, Self::AtOnce, Self::Offer]
            .into_iter()
            .find(|list| list.as_str() == raw)
    }
}

/// How one comes to a place in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryRule {
    /// An organizer looks at everybody first.
    pub approval: bool,
    /// What becomes of those who come too late for a place.
    pub waiting_list: WaitingList,
    /// How long a place is offered, in minutes.
    pub offer_minutes: i64,
}

impl Default for EntryRule {
    fn default() -> Self {
        Self {
            approval: false,
            waiting_list: WaitingList::Off,
            offer_minutes: OFFER_MINUTES,
        }
    }
}

impl EntryRule {
    /// As the columns have it.
    pub(crate) fn stored(approval: i64, waiting_list: &str, offer_minutes: i64) -> Result<Self, DbError> {
        Ok(Self {
            approval: approval == 1,
            waiting_list: WaitingList::parse(waiting_list).ok_or_else(|| DbError::stored("waiting list"))?,
            offer_minutes,
        })
    }

    /// Whether somebody can wait for a place.
    #[must_use]
    pub fn can_wait(&self) -> bool {
        self.waiting_list != WaitingList::Off
    }

    /// Until when a place that is offered now is kept; never beyond the start.
    #[must_use]
    pub fn offer_until(&self, starts_at: Timestamp, now: Timestamp) -> Timestamp {
        starts_at.min(now + SignedDuration::from_mins(self.offer_minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_never_lasts_beyond_the_start() {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let rule = EntryRule {
            offer_minutes: 90,
            ..EntryRule::default()
        };
        assert_eq!(rule.offer_until(at(1_000), at(0)), at(90));
        assert_eq!(rule.offer_until(at(60), at(0)), at(60));
    }

    #[test]
    fn waiting_lists_are_read_as_they_are_stored() {
        for list in [WaitingList::Off, WaitingList::AtOnce, WaitingList::Offer] {
            assert_eq!(WaitingList::parse(list.as_str()), Some(list));
        }
        assert_eq!(WaitingList::parse("on"), None);
    }
}
