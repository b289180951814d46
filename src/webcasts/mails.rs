//! What mails about a seat say. They are composed when they are sent, so they say what is true then.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{RegistrationState, Seat, SessionState, store};
use crate::contacts::CONSENT;
use crate::db::{Conn, DbError, Tx, instant};
use crate::mail::calendar::{Entry, Method};
use crate::mail::outbox::{self, Claimed, NewMail};
use crate::mail::{Compose, Composed, Draft, Kind, Message, Person, Priority};
use crate::mail_pair;
use crate::values::{PublicId, Purpose};
use crate::web::AppState;
use crate::web::letter::{MailFrame, MailTime};

/// The seat is held.
pub const CONFIRMATION: Kind = Kind::new("confirmation", Priority::Confirmation);
/// The address was registered already.
pub const REPEAT: Kind = Kind::new("registration-again", Priority::Confirmation);
/// The seat was given back, or the session called off.
pub const CANCELLATION: Kind = Kind::new("cancellation", Priority::Confirmation);
/// The session has a new time.
pub const SESSION_UPDATE: Kind = Kind::new("session-update", Priority::Confirmation);
/// The visitor chose another session.
pub const SEAT_UPDATE: Kind = Kind::new("registration-update", Priority::Confirmation);

/// All kinds of mail about seats.
pub const KINDS: [Kind; 5] = [CONFIRMATION, REPEAT, CANCELLATION, SESSION_UPDATE, SEAT_UPDATE];

/// What an update's row remembers: which session it is about, and how things were before.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Before {
    session: Option<i64>,
    starts_at: Option<i64>,
}

/// Puts a mail about a change of this seat into the outbox. The calendar's SEQUENCE rises with each change
/// of the seat and of its session, so it tells one mail from the next.
pub async fn enqueue(tx: &mut Tx, kind: &Kind, seat: &Seat, now: Timestamp) -> Result<(), DbError> {
    let key = outbox::key(kind, &seat.public_id, seat.calendar_sequence());
    let mail = NewMail::new(kind, key, &seat.email, seat.id).deadline(seat.session.ends_at);
    outbox::enqueue(tx, &mail, now).await?;
    Ok(())
}

/// Confirms a seat that was taken again, by the confirmation that still waits or by another one.
pub async fn enqueue_confirmation(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<(), DbError> {
    if outbox::hurry_waiting(tx, &[CONFIRMATION], seat.id, seat.session.ends_at, now).await? {
        return Ok(());
    }
    enqueue(tx, &CONFIRMATION, seat, now).await
}

/// Puts the mail about a new time or session into the outbox. Where a mail about this seat still waits that will say
/// it, none is added: so nobody gets two that say the same, or reads of a time they were never told.
pub async fn enqueue_update(
    tx: &mut Tx,
    kind: &Kind,
    seat: &Seat,
    previous_start: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), DbError> {
    let deadline = seat.session.ends_at;
    if outbox::hurry_waiting(tx, &[CONFIRMATION, SESSION_UPDATE, SEAT_UPDATE], seat.id, deadline, now).await? {
        return Ok(());
    }
    let before = Before {
        session: Some(seat.session.id),
        starts_at: previous_start.map(Timestamp::as_microsecond),
    };
    let key = outbox::key(kind, &seat.public_id, seat.calendar_sequence());
    let mail = NewMail::new(kind, key, &seat.email, seat.id)
        .with_params(&before)
        .map_err(DbError::stored)?
        .deadline(deadline);
    outbox::enqueue(tx, &mail, now).await?;
    Ok(())
}

/// The links of a seat.
pub struct SeatLinks {
    /// The visitor's own page.
    pub personal: String,
    /// The way in.
    pub join: String,
}

impl SeatLinks {
    /// Signs them.
    #[must_use]
    pub fn new(state: &AppState, seat: &Seat) -> Self {
        let sign = |purpose| state.links.sign(purpose, seat.public_id, seat.link_generation);
        let public_url = &state.config.public_url;
        Self {
            personal: public_url.link(&format!("/registrations/{}", sign(Purpose::Registration))),
            join: public_url.link(&format!("/join/{}", sign(Purpose::Join))),
        }
    }
}

/// The calendar entry of a seat. It carries the join link, never the link that manages the seat.
#[must_use]
pub fn calendar_entry(state: &AppState, seat: &Seat, organizer: Person) -> Entry {
    let join = SeatLinks::new(state, seat).join;
    Entry {
        uid: seat.calendar_uid.clone(),
        sequence: seat.calendar_sequence(),
        stamp: state.clock.now(),
        start: seat.session.starts_at,
        end: seat.session.ends_at,
        summary: seat.title.clone(),
        description: format!("Join the session: {join}"),
        location: join,
        organizer,
        attendee: Person::named(seat.name.clone(), seat.email.clone()),
    }
}

/// Composes all mails about seats.
pub struct SeatMails {
    /// What links, names and settings come from.
    pub state: AppState,
}

impl Compose for SeatMails {
    fn kinds(&self) -> &[Kind] {
        &KINDS
    }

    fn load<'a>(&'a self, conn: &'a mut Conn, mails: &'a [Claimed]) -> BoxFuture<'a, Result<Vec<Draft>, DbError>> {
        Box::pin(async move {
            let ids: Vec<i64> = mails.iter().map(|mail| mail.subject_id).collect();
            let seats = store::seats_by_ids(conn, &ids).await?;
            let by_id: HashMap<i64, Seat> = seats.into_iter().map(|seat| (seat.id, seat)).collect();
            let mut drafts: Vec<Draft> = Vec::with_capacity(mails.len());
            for mail in mails {
                let letter = match by_id.get(&mail.subject_id) {
                    Some(seat) => Some(self.letter(conn, mail, seat.clone()).await?),
                    None => None,
                };
                drafts.push(match letter {
                    Some(letter) => Box::new(move || letter.compose()),
                    None => Box::new(|| Composed::Skip("the registration is gone".to_owned())),
                });
            }
            Ok(drafts)
        })
    }
}

impl SeatMails {
    /// Everything that one mail needs, so that writing it asks the database for nothing.
    async fn letter(&self, conn: &mut Conn, mail: &Claimed, seat: Seat) -> Result<Letter, DbError> {
        let wanted_session = match wanted_session(&mail.kind, &seat) {
            Some(id) => store::session_by_public_id(conn, id).await?,
            None => None,
        };
        Ok(Letter {
            kind: mail.kind.clone(),
            before: mail.params().unwrap_or_default(),
            state: self.state.clone(),
            wanted_session,
            seat,
        })
    }
}

/// Only the rare mail about a repeated post names a second session.
fn wanted_session(kind: &str, seat: &Seat) -> Option<PublicId> {
    if kind != REPEAT.name {
        return None;
    }
    PublicId::parse(seat.wanted.as_ref()?.session.as_deref()?)
}

/// One mail about one seat, ready to be written.
struct Letter {
    kind: String,
    before: Before,
    state: AppState,
    seat: Seat,
    wanted_session: Option<super::Session>,
}

impl Letter {
    fn compose(self) -> Composed {
        let cancelled = self.seat.state == RegistrationState::Cancelled;
        let off = self.seat.session.state == SessionState::Cancelled;
        let outcome = match self.kind.as_str() {
            "cancellation" if cancelled || off => self.cancellation(),
            "cancellation" => return Composed::Skip("the seat is held again".to_owned()),
            "registration-again" => self.again(),
            _ if cancelled || off => return Composed::Skip("the seat was given back meanwhile".to_owned()),
            "confirmation" => self.confirmation(),
            "session-update" | "registration-update" => self.update(),
            other => return Composed::Poison(format!("no mail of kind {other}")),
        };
        outcome.map_or_else(|error| Composed::Poison(error.to_string()), Composed::from)
    }

    fn confirmation(&self) -> askama::Result<Message> {
        let links = SeatLinks::new(&self.state, &self.seat);
        let mail = Confirmation {
            frame: self.frame("Your place is held. Here is your link to join."),
            name: self.seat.name.clone(),
            webcast: self.seat.title.clone(),
            time: self.time(),
            join_url: links.join,
            personal_url: links.personal,
        };
        Ok(self.invite(mail.message()?, Method::Request))
    }

    fn again(&self) -> askama::Result<Message> {
        let links = SeatLinks::new(&self.state, &self.seat);
        let cancelled = self.seat.state == RegistrationState::Cancelled;
        let preheader = if cancelled {
            "Nothing was changed. You hold no seat now."
        } else {
            "Nothing was changed. Here are your links again."
        };
        let mail = AlreadyRegistered {
            frame: self.frame(preheader),
            name: self.seat.name.clone(),
            webcast: self.seat.title.clone(),
            time: self.time(),
            cancelled,
            join_url: links.join,
            personal_url: links.personal,
            changes: self.changes(),
        };
        Ok(mail.message()?.to_name(self.seat.name.clone()))
    }

    fn changes(&self) -> Vec<MailChange> {
        let Some(wanted) = &self.seat.wanted else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        if let Some(name) = &wanted.name {
            changes.push(MailChange {
                what: "Name",
                now: self.seat.name.clone(),
                wanted: name.clone(),
            });
        }
        if let Some(session) = &self.wanted_session {
            changes.push(MailChange {
                what: "Session",
                now: self.time().with_zone(),
                wanted: MailTime::new(session.starts_at, session.ends_at, &session.zone, None).with_zone(),
            });
        }
        if wanted.consent {
            changes.push(MailChange {
                what: "News",
                now: "no".to_owned(),
                wanted: CONSENT.text.to_owned(),
            });
        }
        changes
    }

    fn cancellation(&self) -> askama::Result<Message> {
        let mail = Cancellation {
            frame: self.frame("Your calendar entry is taken back."),
            name: self.seat.name.clone(),
            webcast: self.seat.title.clone(),
            time: self.time(),
            by_organizer: self.seat.session.state == SessionState::Cancelled,
            webcast_url: self
                .state
                .config
                .public_url
                .link(&format!("/webcasts/{}", self.seat.slug)),
            personal_url: SeatLinks::new(&self.state, &self.seat).personal,
        };
        Ok(self.invite(mail.message()?, Method::Cancel))
    }

    fn update(&self) -> askama::Result<Message> {
        let links = SeatLinks::new(&self.state, &self.seat);
        let session = &self.seat.session;
        // The visitor went to another session while the news about the one before waited.
        let has_left = self.before.session.is_some_and(|id| id != session.id);
        let by_visitor = has_left || self.kind == SEAT_UPDATE.name;
        let previous = self.before.starts_at.and_then(|at| instant(at).ok());
        // Moved, and back again before this mail went.
        let previous = previous.filter(|start| !by_visitor && *start != session.starts_at);
        let old = previous.map(|start| {
            let end = start + session.ends_at.duration_since(session.starts_at);
            MailTime::new(start, end, &session.zone, self.seat.zone.as_ref())
        });
        let mail = SessionUpdate {
            frame: self.frame("Please note what has changed."),
            name: self.seat.name.clone(),
            webcast: self.seat.title.clone(),
            old,
            new: self.time(),
            by_visitor,
            join_url: links.join,
            personal_url: links.personal,
        };
        Ok(self.invite(mail.message()?, Method::Request))
    }

    fn frame(&self, preheader: &str) -> MailFrame {
        let reason = "You get this mail because this address was used to register for the webcast.";
        MailFrame::new(&self.state, preheader, reason)
    }

    fn time(&self) -> MailTime {
        let session = &self.seat.session;
        MailTime::new(
            session.starts_at,
            session.ends_at,
            &session.zone,
            self.seat.zone.as_ref(),
        )
    }

    /// Adds the calendar entry; without a sender there is nobody who invites.
    fn invite(&self, message: Message, method: Method) -> Message {
        let message = message.to_name(self.seat.name.clone());
        let Some(from) = &self.state.config.mail_from else {
            return message;
        };
        let entry = calendar_entry(&self.state, &self.seat, Person::from(from));
        message.invitation(method, entry.write(method))
    }
}

/// A seat is held: when, how to join, where to change it.
struct Confirmation {
    frame: MailFrame,
    name: String,
    webcast: String,
    time: MailTime,
    join_url: String,
    personal_url: String,
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

/// The address already had a registration: the links again, nothing changed.
struct AlreadyRegistered {
    frame: MailFrame,
    name: String,
    webcast: String,
    time: MailTime,
    cancelled: bool,
    join_url: String,
    personal_url: String,
    /// What the later post said differently; the personal page has the button that applies it.
    changes: Vec<MailChange>,
}

struct MailChange {
    what: &'static str,
    now: String,
    wanted: String,
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

/// A seat was given back by the visitor, or the session was called off.
struct Cancellation {
    frame: MailFrame,
    name: String,
    webcast: String,
    time: MailTime,
    by_organizer: bool,
    webcast_url: String,
    personal_url: String,
}

mail_pair!(
    Cancellation,
    CancellationHtml = "mails/cancellation.html",
    CancellationText = "mails/cancellation.txt"
);

impl Cancellation {
    fn subject(&self) -> String {
        if self.by_organizer {
            format!("Called off: {}", self.webcast)
        } else {
            format!("Your registration is cancelled: {}", self.webcast)
        }
    }
}

/// The session's time changed, or the visitor changed the session.
struct SessionUpdate {
    frame: MailFrame,
    name: String,
    webcast: String,
    /// `None`: the time is as before, something else changed.
    old: Option<MailTime>,
    new: MailTime,
    by_visitor: bool,
    join_url: String,
    personal_url: String,
}

mail_pair!(
    SessionUpdate,
    SessionUpdateHtml = "mails/session_update.html",
    SessionUpdateText = "mails/session_update.txt"
);

impl SessionUpdate {
    fn subject(&self) -> String {
        if self.by_visitor {
            format!("Your registration was changed: {}", self.webcast)
        } else if self.old.is_some() {
            format!("New time: {}", self.webcast)
        } else {
            format!("Updated: {}", self.webcast)
        }
    }
}
