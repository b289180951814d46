//! A registration as its holder knows it: whose it is, where it stands, for which session of which webcast.

use jiff::{SignedDuration, Timestamp};

use super::{Availability, Session};
use crate::contacts::PersonFields;
use crate::values::{EmailAddress, Greeting, HourCycle, PublicId, Said, Slug, Zone};

/// From so long before the start on, pages and mails put the way in before the calendar.
const THE_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Where a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationState {
    /// It has a place.
    Registered,
    /// A place is kept for it, until its owner takes it or the offer ends.
    Offered,
    /// It waits for a place.
    Waitlisted,
    /// It waits for an organizer.
    Pending,
    /// Held back, without a place: a program may have filled in the form, and an organizer looks at it first; or one
    /// network asked for more than its share, and the owner of the address is asked.
    Held,
    /// An organizer did not accept it.
    Rejected,
    /// Given back.
    Cancelled,
}

impl RegistrationState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Registered,
        Self::Offered,
        Self::Waitlisted,
        Self::Pending,
        Self::Held,
        Self::Rejected,
        Self::Cancelled,
    ];

    /// As it is stored and exported.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Offered => "offered",
            Self::Waitlisted => "waitlisted",
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a column.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == raw)
    }

    /// Whether it counts against the session's capacity.
    #[must_use]
    pub fn takes_a_place(self) -> bool {
        matches!(self, Self::Registered | Self::Offered)
    }

    /// Whether its owner may change what they said.
    #[must_use]
    pub fn can_be_edited(self) -> bool {
        !self.is_over() && self != Self::Held
    }

    /// Whether it is over, until its owner or an organizer begins it anew.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Rejected | Self::Cancelled)
    }
}

/// A registration with what belongs to it: whose it is, for which session of which webcast.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The row.
    pub id: i64,
    /// Its links carry it.
    pub public_id: PublicId,
    /// Raised to revoke its links.
    pub link_generation: i64,
    /// Whose it is.
    pub contact_id: i64,
    /// Where mail goes.
    pub email: EmailAddress,
    /// As given with the registration.
    pub name: Said,
    /// What else was said of the person.
    pub person: PersonFields,
    /// When its owner showed that they read the mail of their address.
    pub confirmed_at: Option<Timestamp>,
    /// Whether that is the name that the owner of the address has confirmed.
    pub is_own_name: bool,
    /// Where it stands.
    pub state: RegistrationState,
    /// For the recording alone: it takes no place, and no calendar knows of it.
    pub is_replay: bool,
    /// Held back for its owner to confirm, until then.
    pub held_until: Option<Timestamp>,
    /// A place is kept for its owner to take, until then.
    pub offer_until: Option<Timestamp>,
    /// The entry's identity in calendars.
    pub calendar_uid: String,
    /// The registration's part of the calendar's SEQUENCE.
    pub sequence: i64,
    /// The visitor's zone, where known.
    pub zone: Option<Zone>,
    /// How they read a clock.
    pub hours: HourCycle,
    /// Whether its owner agreed to more mail.
    pub consent: bool,
    /// What a later post said differently.
    pub wanted: Option<Differences>,
    /// When the mail to the last repeated post went or will go.
    pub repeated_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The webcast.
    pub webcast_id: i64,
    /// The webcast's page.
    pub slug: Slug,
    /// The webcast's title.
    pub title: String,
    /// The session.
    pub session: Session,
}

/// Where a registration stands for whoever looks at it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatStanding {
    /// It has a place.
    Registered,
    /// Its owner can take a place, until then.
    Held(Timestamp),
    /// A place is kept for its owner to take, until then.
    Offered(Timestamp),
    /// It waits for a place.
    Waiting,
    /// It waits for an organizer.
    Pending,
    /// An organizer did not accept it.
    Rejected,
    /// Nothing is held any more, or an organizer looks at it first.
    None,
}

impl Seat {
    /// Where it stands. A place that is held back ends with its time, and when the session takes nobody any more.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> SeatStanding {
        let can_be_taken = || {
            use Availability::{Full, Open, Waiting};
            matches!(self.session.availability(now), Open | Full | Waiting)
        };
        match (self.state, self.held_until) {
            (RegistrationState::Registered, _) => SeatStanding::Registered,
            (RegistrationState::Held, Some(until)) if now < until && can_be_taken() => SeatStanding::Held(until),
            (RegistrationState::Offered, _) => match self.offer_until {
                Some(until) if now < until => SeatStanding::Offered(until),
                _ => SeatStanding::None,
            },
            // Once the session has begun, nobody's turn comes any more.
            (RegistrationState::Waitlisted, _) if now < self.session.starts_at => SeatStanding::Waiting,
            (RegistrationState::Pending, _) if now < self.session.ends_at => SeatStanding::Pending,
            (RegistrationState::Rejected, _) => SeatStanding::Rejected,
            _ => SeatStanding::None,
        }
    }

    /// From a day before the start on, what counts is the way in; before it, the calendar.
    #[must_use]
    pub fn is_the_day(&self, now: Timestamp) -> bool {
        now >= self.session.starts_at - THE_DAY
    }

    /// SEQUENCE of the calendar entry.
    #[must_use]
    pub fn calendar_sequence(&self) -> i64 {
        self.session.sequence + self.sequence
    }

    /// How a mail addresses its holder.
    #[must_use]
    pub fn greeting(&self) -> Greeting {
        Greeting::new(&self.name, self.is_own_name)
    }
}

/// What a later post with the same address said differently. Nothing changes until its owner applies it.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Differences {
    /// Another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another session, by its public id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// More mail, which was not agreed to before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub consent: bool,
    /// A seat again, after it was cancelled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

impl Differences {
    /// True where nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
