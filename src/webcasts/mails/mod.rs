//! What mails about a seat say. They are composed when they are sent, so they say what is true then.

pub(crate) mod kinds;
mod links;
mod notes;
mod previews;
mod texts;
pub(crate) mod withdrawn;

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::db::{Conn, DbError, instant};
use crate::mail::calendar::Method;
use crate::mail::outbox::Claimed;
use crate::mail::{Compose, Composed, Composition, Kind, Message, Person};
use crate::values::{EmailAddress, PublicId};
use crate::web::AppState;
use crate::web::mail_frame::{MailFrame, MailTime};
use crate::web::time::{Airing, with_zone};
use crate::webcasts::{RegistrationState, Seat, SeatStanding, Session, SessionState, store};
pub(crate) use links::{SeatLinks, calendar_entry, calendar_links};
pub(crate) use previews::{
    preview_of_bulk, preview_of_change, preview_of_confirmation, preview_of_decision, preview_of_move, preview_of_title,
};

use kinds::{Before, ENTRY_WITHDRAWN, KINDS, NOT_ACCEPTED, OFFER_OVER, OFFERED, PENDING, REPEAT, SEAT_UPDATE, WAITING};
use notes::{Note, SeatNote};
use texts::{
    AddressLeft, AlreadyRegistered, Cancellation, CancelledBy, Confirmation, MailCalendar, MailChange, PlaceHeld,
    ReplayLink, SessionUpdateMail,
};

/// Composes all mails about seats.
pub(crate) struct SeatMails {
    /// What links, names and settings come from.
    pub state: AppState,
}

impl Compose for SeatMails {
    fn kinds(&self) -> &[Kind] {
        &KINDS
    }

    fn load<'a>(
        &'a self,
        conn: &'a mut Conn,
        mails: &'a [Claimed],
    ) -> BoxFuture<'a, Result<Vec<Composition>, DbError>> {
        Box::pin(async move {
            let ids: Vec<i64> = mails.iter().map(|mail| mail.subject_id).collect();
            let seats = store::seats_by_ids(conn, &ids).await?;
            let by_id: HashMap<i64, Seat> = seats.into_iter().map(|seat| (seat.id, seat)).collect();
            let mut compositions: Vec<Composition> = Vec::with_capacity(mails.len());
            for mail in mails {
                if mail.kind == ENTRY_WITHDRAWN.name {
                    let (state, mail) = (self.state.clone(), mail.clone());
                    compositions.push(Box::new(move || withdrawn::compose(&state, &mail)));
                    continue;
                }
                let mail = match by_id.get(&mail.subject_id) {
                    Some(seat) => Some(self.seat_mail(conn, mail, seat.clone()).await?),
                    None => None,
                };
                compositions.push(match mail {
                    Some(mail) => Box::new(move || mail.compose()),
                    None => Box::new(|| Composed::Skip("the registration is gone".to_owned())),
                });
            }
            Ok(compositions)
        })
    }
}

impl SeatMails {
    /// Everything that one mail needs, so that writing it asks the database for nothing.
    async fn seat_mail(&self, conn: &mut Conn, mail: &Claimed, seat: Seat) -> Result<SeatMail, DbError> {
        let wanted_session = match wanted_session(&mail.kind, &seat) {
            Some(id) => store::session_by_public_id(conn, id).await?,
            None => None,
        };
        Ok(SeatMail {
            kind: mail.kind.clone(),
            recipient: mail.recipient.clone(),
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
struct SeatMail {
    kind: String,
    /// As the outbox has it; after a correction it may be the address before.
    recipient: String,
    before: Before,
    state: AppState,
    seat: Seat,
    wanted_session: Option<Session>,
}

impl SeatMail {
    fn compose(self) -> Composed {
        let cancelled = self.seat.state == RegistrationState::Cancelled;
        let off = self.seat.session.state == SessionState::Cancelled;
        let standing = self.seat.standing(self.state.clock.now());
        let outcome = match self.kind.as_str() {
            "cancellation" if cancelled || off => self.cancellation(),
            "cancellation" => return Composed::Skip("the seat is held again".to_owned()),
            "address-corrected" => self.address_left(),
            "place-held" | "registration-again" if let SeatStanding::Held(until) = standing => self.place_held(until),
            "place-held" => return Composed::Skip("the place is not held back any more".to_owned()),
            "waiting-list" | "place-offered" | "offer-over" | "to-be-approved" | "not-accepted" => {
                match self.note(standing) {
                    Some(note) if !off => self.written(note),
                    _ => return Composed::Skip("it stands otherwise by now".to_owned()),
                }
            }
            "registration-again" if let Some(note) = Note::of(standing) => self.written(note),
            "replay-link" | "registration-again" if !cancelled && !off && self.can_be_watched() => self.replay_link(),
            "replay-link" => return Composed::Skip("the recording is gone".to_owned()),
            "registration-again" => self.again(),
            _ if self.seat.state != RegistrationState::Registered && !cancelled => {
                return Composed::Skip("it has no place".to_owned());
            }
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
            greeting: self.seat.greeting(),
            webcast: self.seat.title.clone(),
            time: self.time(),
            calendar: self.calendar(),
            join_url: links.join,
            personal_url: links.personal,
        };
        Ok(self.invite(mail.message()?, Method::Request))
    }

    /// What a mail of this kind says, if it is still true.
    fn note(&self, standing: SeatStanding) -> Option<Note> {
        let note = if self.seat.state == RegistrationState::Cancelled {
            Note::OfferOver
        } else {
            Note::of(standing)?
        };
        let kind = match note {
            Note::Waiting => WAITING,
            Note::Offered(_) => OFFERED,
            Note::OfferOver => OFFER_OVER,
            Note::Pending => PENDING,
            Note::NotAccepted => NOT_ACCEPTED,
        };
        (kind.name == self.kind).then_some(note)
    }

    fn written(&self, note: Note) -> askama::Result<Message> {
        let mail = SeatNote {
            frame: self.frame(note.preheader()),
            greeting: self.seat.greeting(),
            webcast: self.seat.title.clone(),
            time: self.time(),
            until: match note {
                Note::Offered(until) => with_zone(until, &self.seat.session.zone, self.seat.hours),
                _ => String::new(),
            },
            personal_url: SeatLinks::new(&self.state, &self.seat).personal,
            webcasts_url: self.state.config.public_url.link("/webcasts"),
            note,
        };
        Ok(mail.message()?.to(&self.seat.greeting()))
    }

    fn calendar(&self) -> MailCalendar {
        let links = calendar_links(&self.state, &self.seat);
        MailCalendar {
            comes_first: !self.seat.is_the_day(self.state.clock.now()),
            file: SeatLinks::new(&self.state, &self.seat).calendar,
            google: links.google,
            outlook: links.outlook,
        }
    }

    fn place_held(&self, until: Timestamp) -> askama::Result<Message> {
        let session = &self.seat.session;
        let mail = PlaceHeld {
            frame: self.frame("One click, and the place is yours."),
            greeting: self.seat.greeting(),
            webcast: self.seat.title.clone(),
            time: self.time(),
            until: with_zone(until, &session.zone, self.seat.hours),
            personal_url: SeatLinks::new(&self.state, &self.seat).personal,
        };
        Ok(mail.message()?.to(&self.seat.greeting()))
    }

    fn can_be_watched(&self) -> bool {
        self.seat.session.can_be_watched(self.state.clock.now())
    }

    fn replay_link(&self) -> askama::Result<Message> {
        let links = SeatLinks::new(&self.state, &self.seat);
        let mail = ReplayLink {
            frame: self.frame("Here is your link to the recording."),
            greeting: self.seat.greeting(),
            webcast: self.seat.title.clone(),
            time: self.time(),
            replay_url: links.join,
            personal_url: links.personal,
        };
        Ok(mail.message()?.to(&self.seat.greeting()))
    }

    fn again(&self) -> askama::Result<Message> {
        let links = SeatLinks::new(&self.state, &self.seat);
        let cancelled = !self.seat.state.takes_a_place();
        let preheader = if cancelled {
            "Nothing was changed. You hold no seat now."
        } else {
            "Nothing was changed. Here are your links again."
        };
        let mail = AlreadyRegistered {
            frame: self.frame(preheader),
            greeting: self.seat.greeting(),
            webcast: self.seat.title.clone(),
            time: self.time(),
            cancelled,
            join_url: links.join,
            personal_url: links.personal,
            changes: self.changes(),
        };
        Ok(mail.message()?.to(&self.seat.greeting()))
    }

    fn changes(&self) -> Vec<MailChange> {
        let Some(wanted) = &self.seat.wanted else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        if wanted.name.is_some() {
            changes.push(MailChange {
                what: "Name",
                now: String::new(),
                wanted: None,
            });
        }
        if let Some(session) = &self.wanted_session {
            changes.push(MailChange {
                what: "Session",
                now: self.time().with_zone(),
                wanted: Some(self.time_of(&session.airing()).with_zone()),
            });
        }
        if wanted.consent {
            changes.push(MailChange {
                what: "News",
                now: "no".to_owned(),
                wanted: Some(self.state.consent.now().text.clone()),
            });
        }
        changes
    }

    fn cancellation(&self) -> askama::Result<Message> {
        let mail = Cancellation {
            frame: self.frame("Your calendar entry is taken back."),
            greeting: self.seat.greeting(),
            webcast: self.seat.title.clone(),
            time: self.time(),
            by: self.cancelled_by(),
            reason: self.seat.session.reason.clone(),
            webcast_url: self
                .state
                .config
                .public_url
                .link(&format!("/webcasts/{}", self.seat.slug)),
            personal_url: SeatLinks::new(&self.state, &self.seat).personal,
        };
        let message = mail.message()?;
        if self.never_had_a_place() {
            return Ok(message.to(&self.seat.greeting()));
        }
        Ok(self.invite(message, Method::Cancel))
    }

    /// Then no calendar has an entry of it.
    fn never_had_a_place(&self) -> bool {
        use RegistrationState::{Offered, Pending, Rejected, Waitlisted};
        matches!(self.seat.state, Offered | Pending | Rejected | Waitlisted)
    }

    fn cancelled_by(&self) -> CancelledBy {
        if self.seat.session.state == SessionState::Cancelled {
            CancelledBy::CalledOff
        } else if self.before.by_organizer {
            CancelledBy::Organizer
        } else {
            CancelledBy::Holder
        }
    }

    /// To whoever reads the address that the seat had before. Its links are not theirs.
    fn address_left(&self) -> askama::Result<Message> {
        let mail = AddressLeft {
            frame: self.frame("Your calendar entry is taken back."),
            webcast: self.seat.title.clone(),
            time: self.time(),
        };
        let message = mail.message()?;
        let (Some(from), Ok(old)) = (&self.state.config.mail_from, EmailAddress::parse(&self.recipient)) else {
            return Ok(message);
        };
        let mut entry = calendar_entry(&self.state, &self.seat, Person::from(from));
        entry.attendee = Person::nameless(old);
        // Where the session is reached is not theirs to know any more.
        entry.location = String::new();
        entry.description = String::new();
        Ok(message.invitation(Method::Cancel, entry.write(Method::Cancel)))
    }

    fn update(&self) -> askama::Result<Message> {
        let links = SeatLinks::new(&self.state, &self.seat);
        let session = &self.seat.session;
        // The visitor went to another session while the news about the one before waited.
        let has_left = self.before.session.is_some_and(|id| id != session.id);
        let by_organizer = self.before.by_organizer && !has_left;
        let by_visitor = has_left || (self.kind == SEAT_UPDATE.name && !by_organizer);
        let previous = self.before.starts_at.and_then(|at| instant(at).ok());
        // Moved, and back again before this mail went.
        let previous = previous.filter(|start| !by_visitor && !by_organizer && *start != session.starts_at);
        let old = previous.map(|start| {
            let end = start + session.ends_at.duration_since(session.starts_at);
            let zone = &session.zone;
            self.time_of(&Airing { start, end, zone })
        });
        let mail = SessionUpdateMail {
            frame: self.frame("Please note what has changed."),
            greeting: self.seat.greeting(),
            webcast: self.seat.title.clone(),
            old,
            new: self.time(),
            by_visitor,
            by_organizer,
            join_url: links.join,
            personal_url: links.personal,
        };
        Ok(self.invite(mail.message()?, Method::Request))
    }

    fn frame(&self, preheader: &str) -> MailFrame {
        let reason = if self.seat.is_replay {
            "You get this mail because this address was used to ask for the recording."
        } else {
            "You get this mail because this address was used to register for the webcast."
        };
        MailFrame::new(&self.state, preheader, reason)
    }

    fn time(&self) -> MailTime {
        self.time_of(&self.seat.session.airing())
    }

    fn time_of(&self, airing: &Airing<'_>) -> MailTime {
        MailTime::new(airing, self.seat.zone.as_ref(), self.seat.hours)
    }

    /// Adds the calendar entry; without a sender there is nobody who invites.
    fn invite(&self, message: Message, method: Method) -> Message {
        let message = message.to(&self.seat.greeting());
        let Some(from) = &self.state.config.mail_from else {
            return message;
        };
        let entry = calendar_entry(&self.state, &self.seat, Person::from(from));
        message.invitation(method, entry.write(method))
    }
}
