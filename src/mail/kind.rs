//! Kinds of mail. A feature defines its own; here is what can be said of one.

use std::time::Duration;

/// A kind of mail, such as the confirmation of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Stored with each mail; never renamed.
    pub name: &'static str,
    /// What goes first.
    pub priority: Priority,
    /// How long it is tried while the relay says "not now". A fault of the route itself does not count.
    pub give_up: Duration,
    /// Who wants it: decides which suppressions stop it.
    pub purpose: MailPurpose,
    /// How long its row, with the address, is kept after its end.
    pub keep: Duration,
}

impl Kind {
    /// A kind with the give-up time and the purpose that are usual for its priority.
    #[must_use]
    pub const fn new(name: &'static str, priority: Priority) -> Self {
        let (give_up, purpose) = match priority {
            Priority::SignIn => (Duration::from_mins(30), MailPurpose::AskedFor),
            Priority::Paper => (Duration::from_hours(4 * 24), MailPurpose::AskedFor),
            Priority::Confirmation | Priority::Answer | Priority::Note => {
                (Duration::from_hours(2 * 24), MailPurpose::AskedFor)
            }
            Priority::Reminder | Priority::FollowUp => (Duration::from_hours(2 * 24), MailPurpose::Webcast),
        };
        Self {
            name,
            priority,
            give_up,
            purpose,
            keep: Duration::from_hours(90 * 24),
        }
    }

    /// The same with another purpose.
    #[must_use]
    pub const fn with_purpose(self, purpose: MailPurpose) -> Self {
        Self { purpose, ..self }
    }

    /// The same, kept for another time.
    #[must_use]
    pub const fn kept_for(self, keep: Duration) -> Self {
        Self { keep, ..self }
    }
}

/// What goes first. The numbers are stored; under 50 a quarter of the connections is kept free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Somebody waits at a sign-in page.
    SignIn = 0,
    /// A registration, a change of it, a cancellation.
    Confirmation = 10,
    /// A requested paper.
    Paper = 20,
    /// An answer to a mail.
    Answer = 30,
    /// A note to the organizers.
    Note = 50,
    /// Before a session.
    Reminder = 80,
    /// After it.
    FollowUp = 90,
}

impl Priority {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 7] = [
        Self::SignIn,
        Self::Confirmation,
        Self::Paper,
        Self::Answer,
        Self::Note,
        Self::Reminder,
        Self::FollowUp,
    ];

    /// The stored number.
    #[must_use]
    pub fn number(self) -> i64 {
        self as i64
    }
}

/// Who wants the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailPurpose {
    /// Its recipient has just asked for it.
    AskedFor,
    /// It belongs to a webcast its recipient registered for.
    Webcast,
    /// We would like them to read it.
    Marketing,
}

/// What a courier carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Everything, the urgent first.
    All,
    /// Only what somebody waits for.
    Urgent,
}

impl Lane {
    /// What it carries, the most urgent first.
    pub(super) fn priorities(self) -> impl Iterator<Item = Priority> {
        Priority::ALL
            .into_iter()
            .filter(move |priority| self == Self::All || *priority < Priority::Note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_waits_for_is_urgent() {
        let urgent: Vec<Priority> = Lane::Urgent.priorities().collect();
        assert_eq!(
            urgent,
            [
                Priority::SignIn,
                Priority::Confirmation,
                Priority::Paper,
                Priority::Answer
            ]
        );
        assert_eq!(Lane::All.priorities().count(), 7);
        assert!(Priority::ALL.is_sorted());
    }
}
