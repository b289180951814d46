//! Asking the partner for its view: who shares what, and when anything may be seen.

use jiff::Timestamp;

use crate::values::{PublicId, Said};

/// What the side that asked and the one that was asked are called, where no names were typed.
pub(crate) const INVITATION_SIDES: (&str, &str) = ("The inviting side", "The invited side");

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvitationState {
    /// Nobody answered yet.
    Open,
    /// The partner answers, or has answered.
    Accepted,
    /// The partner said no, or left later: whoever asked does not see which.
    Declined,
    /// Who asked took it back.
    Withdrawn,
}

impl InvitationState {
    const ALL: [Self; 4] = [Self::Open, Self::Accepted, Self::Declined, Self::Withdrawn];

    /// As it is stored.
    #[must_use]
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads a column.
    #[must_use]
    pub(crate) fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// One partner asks the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Invitation {
    /// The row.
    pub id: i64,
    /// Its links carry it.
    pub public_id: PublicId,
    /// Who asks.
    pub inviter_id: i64,
    /// Who was asked, once that side has begun.
    pub guest_id: Option<i64>,
    /// The name of who asks, as typed for the invitation; may be empty.
    pub inviter_name: Said,
    /// The keyed hash of the address it was mailed to; empty once it was answered.
    pub address_hash: Option<Vec<u8>>,
    /// Where it stands.
    pub state: InvitationState,
    /// What the one who asks agreed to share.
    pub inviter: Shared,
    /// What the one who was asked agreed to share.
    pub guest: Shared,
    /// When it was made.
    pub created_at: Timestamp,
    /// It is open until then.
    pub expires_at: Timestamp,
    /// When both had finished and agreed.
    pub revealed_at: Option<Timestamp>,
}

/// What one of the two shares, once both have finished and agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shared {
    /// The factor scores.
    pub scores: bool,
    /// The sentence on what the partnership is for; shown only where both share theirs.
    pub purpose: bool,
}

/// Which of the two somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    Inviter,
    Guest,
}

impl Invitation {
    /// True while the partner may take it up.
    #[must_use]
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        self.state == InvitationState::Open && now < self.expires_at
    }

    /// True where there is something to wait for or to see. A declined invitation and one whose time is over look the
    /// same to who asked.
    #[must_use]
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        self.is_open(now) || self.state == InvitationState::Accepted
    }

    /// Which of the two an assessment is.
    #[must_use]
    pub(crate) fn party(&self, assessment_id: i64) -> Option<Party> {
        if self.inviter_id == assessment_id {
            return Some(Party::Inviter);
        }
        (self.guest_id == Some(assessment_id)).then_some(Party::Guest)
    }

    /// What one of the two agreed to share.
    #[must_use]
    pub(crate) fn shared(&self, party: Party) -> Shared {
        match party {
            Party::Inviter => self.inviter,
            Party::Guest => self.guest,
        }
    }
}
