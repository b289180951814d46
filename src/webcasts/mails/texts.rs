//! What each mail about a seat says: the fields of its template, and its subject.

use crate::mail_pair;
use crate::values::Greeting;
use crate::web::mail_frame::{MailFrame, MailTime};

/// The ways into a calendar.
pub(super) struct MailCalendar {
    /// Before the way in: it is not the day yet.
    pub(super) comes_first: bool,
    pub(super) file: String,
    pub(super) google: String,
    pub(super) outlook: String,
}

/// A seat is held: when, how to join, where to change it.
pub(super) struct Confirmation {
    pub(super) frame: MailFrame,
    pub(super) greeting: Greeting,
    pub(super) webcast: String,
    pub(super) time: MailTime,
    pub(super) calendar: MailCalendar,
    pub(super) join_url: String,
    pub(super) personal_url: String,
}

mail_pair!(
    Confirmation,
    ConfirmationHtml = "mails/confirmation.html",
    ConfirmationText = "mails/confirmation.txt"
);

impl Confirmation {
    fn subject(&self) -> String {
        format!("You are registered: {}", self.webcast)
    }
}

/// A place is held back: how to take it, and until when.
pub(super) struct PlaceHeld {
    pub(super) frame: MailFrame,
    pub(super) greeting: Greeting,
    pub(super) webcast: String,
    pub(super) time: MailTime,
    /// "Friday, December 4, 2026, 11:00 am, Los Angeles time (UTC-8)"
    pub(super) until: String,
    pub(super) personal_url: String,
}

mail_pair!(
    PlaceHeld,
    PlaceHeldHtml = "mails/place_held.html",
    PlaceHeldText = "mails/place_held.txt"
);

impl PlaceHeld {
    fn subject(&self) -> String {
        format!("Confirm your place: {}", self.webcast)
    }
}

/// The recording was asked for: how to watch it.
pub(super) struct ReplayLink {
    pub(super) frame: MailFrame,
    pub(super) greeting: Greeting,
    pub(super) webcast: String,
    pub(super) time: MailTime,
    pub(super) replay_url: String,
    pub(super) personal_url: String,
}

mail_pair!(
    ReplayLink,
    ReplayLinkHtml = "mails/replay_link.html",
    ReplayLinkText = "mails/replay_link.txt"
);

impl ReplayLink {
    fn subject(&self) -> String {
        format!("The replay: {}", self.webcast)
    }
}

/// The address already had a registration: the links again, nothing changed.
pub(super) struct AlreadyRegistered {
    pub(super) frame: MailFrame,
    pub(super) greeting: Greeting,
    pub(super) webcast: String,
    pub(super) time: MailTime,
    pub(super) cancelled: bool,
    pub(super) join_url: String,
    pub(super) personal_url: String,
    /// What the later post said differently; the personal page has the button that applies it.
    pub(super) changes: Vec<MailChange>,
}

pub(super) struct MailChange {
    pub(super) what: &'static str,
    pub(super) now: String,
    /// `None`: words that somebody typed, which stand on the personal page alone.
    pub(super) wanted: Option<String>,
}

mail_pair!(
    AlreadyRegistered,
    AlreadyRegisteredHtml = "mails/already_registered.html",
    AlreadyRegisteredText = "mails/already_registered.txt"
);

impl AlreadyRegistered {
    fn subject(&self) -> String {
        format!("Your registration: {}", self.webcast)
    }
}

/// Who ended a registration.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CancelledBy {
    /// Whoever held the seat.
    Holder,
    /// An organizer, this one seat.
    Organizer,
    /// The whole session is called off.
    CalledOff,
}

/// A seat was given back, an organizer took it back, or the session was called off.
pub(super) struct Cancellation {
    pub(super) frame: MailFrame,
    pub(super) greeting: Greeting,
    pub(super) webcast: String,
    pub(super) time: MailTime,
    pub(super) by: CancelledBy,
    /// Why the session was called off, in the organizers' words.
    pub(super) reason: Option<String>,
    pub(super) webcast_url: String,
    pub(super) personal_url: String,
}

mail_pair!(
    Cancellation,
    CancellationHtml = "mails/cancellation.html",
    CancellationText = "mails/cancellation.txt"
);

impl Cancellation {
    fn is_called_off(&self) -> bool {
        self.by == CancelledBy::CalledOff
    }

    fn is_by_organizer(&self) -> bool {
        self.by == CancelledBy::Organizer
    }

    fn subject(&self) -> String {
        if self.is_called_off() {
            format!("Called off: {}", self.webcast)
        } else {
            format!("Your registration is cancelled: {}", self.webcast)
        }
    }
}

/// The address of a registration was corrected: the one before has nothing to do with it any more.
pub(super) struct AddressLeft {
    pub(super) frame: MailFrame,
    pub(super) webcast: String,
    pub(super) time: MailTime,
}

mail_pair!(
    AddressLeft,
    AddressLeftHtml = "mails/address_left.html",
    AddressLeftText = "mails/address_left.txt"
);

impl AddressLeft {
    fn subject(&self) -> String {
        format!("Not for you any more: {}", self.webcast)
    }
}

/// The address is not kept any more; what is in its owner's calendar is taken back.
pub(super) struct Withdrawn {
    pub(super) frame: MailFrame,
    pub(super) webcast: String,
    pub(super) time: MailTime,
}

mail_pair!(
    Withdrawn,
    WithdrawnHtml = "mails/withdrawn.html",
    WithdrawnText = "mails/withdrawn.txt"
);

impl Withdrawn {
    fn subject(&self) -> String {
        format!("Erased, and out of your calendar: {}", self.webcast)
    }
}

/// The session's time changed, or the visitor or an organizer changed the session of one seat.
pub(super) struct SessionUpdateMail {
    pub(super) frame: MailFrame,
    pub(super) greeting: Greeting,
    pub(super) webcast: String,
    /// `None`: the time is as before, something else changed.
    pub(super) old: Option<MailTime>,
    pub(super) new: MailTime,
    pub(super) by_visitor: bool,
    /// Only this seat was moved.
    pub(super) by_organizer: bool,
    pub(super) join_url: String,
    pub(super) personal_url: String,
}

mail_pair!(
    SessionUpdateMail,
    SessionUpdateHtml = "mails/session_update.html",
    SessionUpdateText = "mails/session_update.txt"
);

impl SessionUpdateMail {
    fn subject(&self) -> String {
        if self.by_visitor || self.by_organizer {
            format!("Your registration was changed: {}", self.webcast)
        } else if self.old.is_some() {
            format!("New time: {}", self.webcast)
        } else {
            format!("Updated: {}", self.webcast)
        }
    }
}
