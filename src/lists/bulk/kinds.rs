//! What can be done to many rows of a list at once.

use crate::lists::ListPlace;
use crate::organizers::Role;
use crate::organizers::acts::Act;

/// An act on many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BulkKind {
    /// What was held back goes on.
    LetThrough,
    /// Who asks or waits for a place gets one.
    Accept,
    /// Their registration ends.
    Cancel,
    /// The mail that they need goes once more.
    SendAgain,
    /// They were there.
    MarkAttended,
    /// They have a tag.
    Tag,
    /// They have it no more.
    Untag,
    /// Nothing is kept of them.
    Erase,
}

/// A button, ready to print.
pub(crate) struct BulkButton {
    /// As it stands in the form.
    pub name: &'static str,
    pub words: &'static str,
    /// Whether it goes with the tag that is typed.
    pub takes_tag: bool,
}

const OF_PEOPLE: &[BulkKind] = &[BulkKind::Erase, BulkKind::Tag, BulkKind::Untag];
const OF_ATTENDEES: &[BulkKind] = &[
    BulkKind::SendAgain,
    BulkKind::Accept,
    BulkKind::LetThrough,
    BulkKind::Cancel,
    BulkKind::MarkAttended,
    BulkKind::Erase,
    BulkKind::Tag,
    BulkKind::Untag,
];
const OF_REQUESTS: &[BulkKind] = &[
    BulkKind::SendAgain,
    BulkKind::LetThrough,
    BulkKind::Erase,
    BulkKind::Tag,
    BulkKind::Untag,
];

fn of(place: &ListPlace) -> &'static [BulkKind] {
    match place {
        ListPlace::People => OF_PEOPLE,
        ListPlace::Attendees(_) => OF_ATTENDEES,
        ListPlace::Requests(_) => OF_REQUESTS,
    }
}

/// The buttons of a list, for whoever has this role.
pub(crate) fn buttons(place: &ListPlace, role: Role) -> Vec<BulkButton> {
    let button = |kind: &BulkKind| BulkButton {
        name: kind.as_str(),
        words: kind.button(),
        takes_tag: kind.takes_tag(),
    };
    of(place)
        .iter()
        .filter(|kind| role.may(kind.act()))
        .map(button)
        .collect()
}

impl BulkKind {
    const ALL: [Self; 8] = [
        Self::LetThrough,
        Self::Accept,
        Self::Cancel,
        Self::SendAgain,
        Self::MarkAttended,
        Self::Tag,
        Self::Untag,
        Self::Erase,
    ];

    /// As it is stored, and as it stands in a form.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::LetThrough => "let-through",
            Self::Accept => "accept",
            Self::Cancel => "cancel",
            Self::SendAgain => "again",
            Self::MarkAttended => "attended",
            Self::Tag => "tag",
            Self::Untag => "untag",
            Self::Erase => "erase",
        }
    }

    /// Reads it.
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == raw)
    }

    /// Whether the rows of a list take it.
    pub(crate) fn is_of(self, place: &ListPlace) -> bool {
        of(place).contains(&self)
    }

    /// What its organizer must be allowed to do.
    pub(crate) const fn act(self) -> Act {
        match self {
            Self::Erase => Act::Erase,
            _ => Act::ChangePeople,
        }
    }

    /// In the audit log.
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::LetThrough => "bulk.let-through",
            Self::Accept => "bulk.accept",
            Self::Cancel => "bulk.cancel",
            Self::SendAgain => "bulk.mail-again",
            Self::MarkAttended => "bulk.attended",
            Self::Tag => "bulk.tag",
            Self::Untag => "bulk.untag",
            Self::Erase => "bulk.erase",
        }
    }

    /// Whether people outside hear of it: then it is looked at first.
    pub(crate) fn tells(self) -> bool {
        matches!(self, Self::LetThrough | Self::Accept | Self::Cancel | Self::SendAgain)
    }

    /// Whether it can be undone.
    pub(crate) fn can_be_undone(self) -> bool {
        !self.tells() && self != Self::Erase
    }

    /// Whether it goes with a tag.
    pub(crate) fn takes_tag(self) -> bool {
        matches!(self, Self::Tag | Self::Untag)
    }

    fn button(self) -> &'static str {
        match self {
            Self::LetThrough => "Let through…",
            Self::Accept => "Accept…",
            Self::Cancel => "Cancel…",
            Self::SendAgain => "Send again…",
            Self::MarkAttended => "Were there",
            Self::Tag => "Add the tag",
            Self::Untag => "Take the tag away",
            Self::Erase => "Erase…",
        }
    }

    /// Before it is done, to so many.
    pub(crate) fn what(self, place: &ListPlace) -> &'static str {
        match (self, place) {
            (Self::LetThrough, ListPlace::Requests(_)) => "What was held back goes out: each gets the paper.",
            (Self::LetThrough, _) => {
                "What was held back goes on: each gets a place, or waits for one where none is free."
            }
            (Self::Accept, _) => {
                "Those who ask or wait for a place get one, as long as there are any. Who comes too late for one waits."
            }
            (Self::Cancel, _) => "Their registrations end. This cannot be undone for many at once.",
            (Self::SendAgain, ListPlace::Requests(_)) => "The paper goes to each of them once more.",
            (Self::SendAgain, _) => "Each gets the mail once more that says how their registration stands.",
            (Self::MarkAttended, _) => "They count as attendees.",
            (Self::Tag, _) => "They get the tag.",
            (Self::Untag, _) => "They lose the tag.",
            (Self::Erase, _) => "Nothing is kept of them.",
        }
    }

    /// "Cancel and tell 28 people"
    pub(crate) fn send(self, people: &str) -> String {
        match self {
            Self::LetThrough => format!("Let through and tell {people}"),
            Self::Accept => format!("Accept and tell {people}"),
            Self::Cancel => format!("Cancel and tell {people}"),
            _ => format!("Send to {people}"),
        }
    }

    /// What became of it: "12 people have the tag now."
    pub(crate) fn done(self, people: &str, is_one: bool) -> String {
        let (have, were) = if is_one { ("has", "was") } else { ("have", "were") };
        match self {
            Self::LetThrough => format!("Let through: {people}."),
            Self::Accept => format!("Decided of and told: {people}."),
            Self::Cancel => format!("The registrations of {people} are cancelled."),
            Self::SendAgain => format!("It goes again to {people}."),
            Self::MarkAttended => format!("{people} {were} there: noted."),
            Self::Tag => format!("{people} {have} the tag now."),
            Self::Untag => format!("{people} {have} the tag no more."),
            Self::Erase => format!("Erased: {people}. The receipts are with all others under Settings, Retention."),
        }
    }
}
