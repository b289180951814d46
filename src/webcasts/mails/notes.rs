//! Mails to those who have no place: they wait for one, for an organizer, or it did not come to one.

use jiff::Timestamp;

use crate::mail_pair;
use crate::values::Greeting;
use crate::web::mail_frame::{MailFrame, MailTime};
use crate::webcasts::SeatStanding;

/// How one stands who has no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// They wait for a place.
    Waiting,
    /// A place is kept for them, until then.
    Offered(Timestamp),
    /// They did not take it in time.
    OfferOver,
    /// An organizer looks first.
    Pending,
    /// An organizer did not accept them.
    NotAccepted,
}

impl Note {
    /// What is to be said of it; `None`: it has a place, or nothing is held any more.
    pub(super) fn of(standing: SeatStanding) -> Option<Self> {
        match standing {
            SeatStanding::Waiting => Some(Self::Waiting),
            SeatStanding::Offered(until) => Some(Self::Offered(until)),
            SeatStanding::Pending => Some(Self::Pending),
            SeatStanding::Rejected => Some(Self::NotAccepted),
            SeatStanding::Registered | SeatStanding::Held(_) | SeatStanding::None => None,
        }
    }

    pub(super) fn preheader(self) -> &'static str {
        match self {
            Self::Waiting => "We write as soon as a place is yours.",
            Self::Offered(_) => "It is kept for you. Take it with one click.",
            Self::OfferOver => "You can wait for another one.",
            Self::Pending => "The organizers look at it and write to you.",
            Self::NotAccepted => "The organizers could not give you a place.",
        }
    }

    fn headline(self) -> &'static str {
        match self {
            Self::Waiting => "You are on the waiting list",
            Self::Offered(_) => "A place is free",
            Self::OfferOver => "The place went on",
            Self::Pending => "We have your request",
            Self::NotAccepted => "No place this time",
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Waiting => {
                "Every place in this webcast is taken. The next one that is free goes to whoever has waited longest."
            }
            Self::Offered(_) => "You waited for a place in this webcast. Now one is free, and kept for you.",
            Self::OfferOver => {
                "A place was kept for you, and the time to take it is over. It goes to the next in line."
            }
            Self::Pending => "The organizers of this webcast give its places. They look at your request first.",
            Self::NotAccepted => "The organizers could not give you a place in this webcast.",
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Waiting | Self::Pending => "See where you stand",
            Self::Offered(_) => "Take the place",
            Self::OfferOver => "Wait for another one",
            Self::NotAccepted => "See the other webcasts",
        }
    }

    fn after(self) -> &'static str {
        match self {
            Self::Waiting => {
                "There is nothing to do. If you do not want to wait any more, your own page takes you off."
            }
            Self::Offered(_) => "Then it goes to the next in line. If you do not want it, your own page gives it back.",
            Self::OfferOver => "If you do not want one any more, there is nothing to do.",
            Self::Pending => "There is nothing to do. If you change your mind, your own page takes the request back.",
            Self::NotAccepted => "There is nothing to do.",
        }
    }
}

/// Such a mail.
pub(super) struct SeatNote {
    pub(super) note: Note,
    pub(super) frame: MailFrame,
    pub(super) greeting: Greeting,
    pub(super) webcast: String,
    pub(super) time: MailTime,
    /// Until when an offer lasts: "Friday, December 4, 2026, 11:00 am, Los Angeles time (UTC-8)"; else empty.
    pub(super) until: String,
    pub(super) personal_url: String,
    pub(super) webcasts_url: String,
}

mail_pair!(
    SeatNote,
    SeatNoteHtml = "mails/seat_note.html",
    SeatNoteText = "mails/seat_note.txt"
);

impl SeatNote {
    fn subject(&self) -> String {
        format!("{}: {}", self.note.headline(), self.webcast)
    }

    fn url(&self) -> &str {
        match self.note {
            Note::NotAccepted => &self.webcasts_url,
            _ => &self.personal_url,
        }
    }
}
