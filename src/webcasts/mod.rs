//! Webcasts, their sessions and speakers, registrations and attendance: types and rules.

pub(crate) mod absence;
pub(crate) mod attendance;
pub(crate) mod batch;
mod calendar_links;
pub mod change;
pub(crate) mod console;
pub mod cover;
pub mod entry;
pub(crate) mod export;
pub mod fan_out;
pub mod guests;
pub(crate) mod holding;
mod limits;
pub(crate) mod mails;
pub(crate) mod pages;
pub mod presenter;
pub mod register;
pub mod release;
pub mod replay;
pub(crate) mod roster;
mod seat;
pub mod series;
pub mod store;
pub mod text;
pub(crate) mod trace;
pub(crate) mod waiting;
pub mod window;

pub(crate) use limits::read_limits;
pub use seat::{Differences, RegistrationState, Seat, SeatStanding};

use jiff::{SignedDuration, Timestamp};

use crate::values::{HttpUrl, PublicId, Slug, Zone, fingerprint};
use crate::web::time::Airing;
use entry::EntryRule;
use guests::Guests;
use text::WebcastText;
use window::RegistrationWindow;

/// How long a place that is held back can be confirmed; not beyond the start.
pub const HELD_FOR: SignedDuration = SignedDuration::from_hours(48);

/// The share of a session's places that one network takes at most while its addresses are not confirmed, in percent,
/// unless the session has its own.
const UNCONFIRMED_SHARE: i64 = 50;

/// The way in is open this long before the start.
const OPENS_BEFORE: SignedDuration = SignedDuration::from_mins(30);

/// Who sees a webcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebcastState {
    /// Organizers alone.
    Draft,
    /// Everybody.
    Published,
    /// Everybody; it will not take place.
    Cancelled,
}

impl WebcastState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a column.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == raw)
    }
}

/// Slugs that are addresses of ours.
const RESERVED: [&str; 6] = ["new", "import", "exports", "thanks", "register", "request"];

/// Whether a webcast may have this address.
#[must_use]
pub fn may_have(slug: &Slug) -> bool {
    !RESERVED.contains(&slug.as_str())
}

/// The programme.
#[derive(Debug, Clone)]
pub struct Webcast {
    /// The row.
    pub id: i64,
    /// Who sees it.
    pub state: WebcastState,
    /// Its page is `/webcasts/{slug}`.
    pub slug: Slug,
    /// What it says of itself.
    pub text: WebcastText,
    /// Who may register.
    pub guests: Guests,
    /// Rises with every change of what its form asks.
    pub form_version: i64,
}

/// One airing.
#[derive(Debug, Clone)]
pub struct Session {
    /// The row.
    pub id: i64,
    /// As forms and addresses know it.
    pub public_id: PublicId,
    /// The webcast.
    pub webcast_id: i64,
    /// Start.
    pub starts_at: Timestamp,
    /// End.
    pub ends_at: Timestamp,
    /// Where its clock hangs.
    pub zone: Zone,
    /// Where it is aired.
    pub join_url: Option<HttpUrl>,
    /// Where it can be watched afterwards.
    pub replay_url: Option<HttpUrl>,
    /// Most seats.
    pub capacity: Option<i64>,
    /// Seats that are taken; kept only with a capacity.
    pub seats_taken: i64,
    /// The share of its places that one network takes at most while its addresses are not confirmed, in percent.
    pub unconfirmed_share: Option<i64>,
    /// Whether it takes registrations.
    pub state: SessionState,
    /// When it takes them.
    pub window: RegistrationWindow,
    /// How one comes to a place.
    pub entry: EntryRule,
    /// Whether somebody waits for a place.
    pub has_queue: bool,
    /// Part of the calendar's SEQUENCE.
    pub sequence: i64,
    /// Why it was called off, for those who were registered.
    pub reason: Option<String>,
    /// Since when its way in is open, where somebody opened it before its time.
    pub doors_open_at: Option<Timestamp>,
}

/// Whether a session takes registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It does.
    Open,
    /// It will be aired, but takes no more.
    Closed,
    /// It will not be aired.
    Cancelled,
}

impl SessionState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a column or a form's value.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Open, Self::Closed, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == raw)
    }
}

/// What a session offers to somebody who wants a seat now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// A seat.
    Open,
    /// A seat, but not yet.
    Early,
    /// To wait for a seat: none is left, or others wait already.
    Waiting,
    /// No seat is left.
    Full,
    /// Registration is closed.
    Closed,
    /// Called off.
    Cancelled,
    /// Over.
    Past,
}

impl Availability {
    /// Whether a form may be posted for it.
    #[must_use]
    pub fn takes_somebody(self) -> bool {
        matches!(self, Self::Open | Self::Waiting)
    }
}

/// What the way in shows now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doorway {
    /// Too early; it opens then.
    Waiting(Timestamp),
    /// Come in.
    Open,
    /// Over; the replay, if there is one.
    Over,
    /// Called off.
    Cancelled,
}

impl Session {
    /// Tells one state of what organizers set from the next. A form carries the one it was filled in from, so that two
    /// who have it open do not undo each other's changes.
    #[must_use]
    pub fn version(&self) -> String {
        let url = |url: &Option<HttpUrl>| url.as_ref().map_or("", HttpUrl::as_str).to_owned();
        let capacity = self.capacity.map(|most| most.to_string()).unwrap_or_default();
        let mut set = vec![
            self.starts_at.to_string(),
            self.ends_at.to_string(),
            self.zone.name().to_owned(),
            capacity,
            self.state.as_str().to_owned(),
            url(&self.join_url),
            url(&self.replay_url),
        ];
        // Named, and only where they are set: a form that was open before there were any is still right.
        set.extend(self.window.opens_at.map(|at| format!("opens {at}")));
        set.extend(self.window.closes_at.map(|at| format!("closes {at}")));
        set.extend(self.entry.approval.then(|| "approval".to_owned()));
        set.extend(self.entry.can_wait().then(|| {
            format!(
                "waiting {} {}",
                self.entry.waiting_list.as_str(),
                self.entry.offer_minutes
            )
        }));
        fingerprint(&set.join("\n"))
    }

    /// Minutes from start to end.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        self.ends_at.duration_since(self.starts_at).as_mins()
    }

    /// When it is aired, for pages and mails.
    #[must_use]
    pub(crate) fn airing(&self) -> Airing<'_> {
        Airing {
            start: self.starts_at,
            end: self.ends_at,
            zone: &self.zone,
        }
    }

    /// What it offers now.
    #[must_use]
    pub fn availability(&self, now: Timestamp) -> Availability {
        let offer = availability(self.state, &self.window, self.ends_at, self.seats_left(), now);
        match offer {
            // Whoever asks takes no place yet.
            Availability::Full if self.entry.approval => Availability::Open,
            Availability::Full if self.entry.can_wait() => Availability::Waiting,
            Availability::Open if self.has_queue && self.entry.can_wait() && !self.entry.approval => {
                Availability::Waiting
            }
            offer => offer,
        }
    }

    /// Seats that are free, where there is a capacity.
    #[must_use]
    pub fn seats_left(&self) -> Option<i64> {
        seats_left(self.capacity, self.seats_taken)
    }

    /// Most places that one network takes while its addresses are not confirmed. Without a capacity there is no bound.
    #[must_use]
    pub fn places_for_one_network(&self) -> Option<i64> {
        let share = self.unconfirmed_share.unwrap_or(UNCONFIRMED_SHARE);
        self.capacity.map(|capacity| (capacity * share / 100).max(1))
    }

    /// Whether it is over and there is a recording of it.
    #[must_use]
    pub fn can_be_watched(&self, now: Timestamp) -> bool {
        self.doorway(now) == Doorway::Over && self.replay_url.is_some()
    }

    /// When its doors open: half an hour before the start, or when somebody opened it.
    #[must_use]
    pub fn doors_open(&self) -> Timestamp {
        let by_itself = self.starts_at - OPENS_BEFORE;
        self.doors_open_at.map_or(by_itself, |opened| opened.min(by_itself))
    }

    /// What the way in shows now: open from [`Session::doors_open`] until the end.
    #[must_use]
    pub fn doorway(&self, now: Timestamp) -> Doorway {
        let opens = self.doors_open();
        match self.state {
            SessionState::Cancelled => Doorway::Cancelled,
            _ if now < opens => Doorway::Waiting(opens),
            _ if now < self.ends_at => Doorway::Open,
            _ => Doorway::Over,
        }
    }
}

/// What a session offers at a moment.
fn availability(
    state: SessionState,
    window: &RegistrationWindow,
    ends_at: Timestamp,
    seats_left: Option<i64>,
    now: Timestamp,
) -> Availability {
    match state {
        SessionState::Cancelled => Availability::Cancelled,
        _ if ends_at <= now => Availability::Past,
        SessionState::Closed => Availability::Closed,
        SessionState::Open if window.has_closed(now) => Availability::Closed,
        SessionState::Open if window.opens_later(now).is_some() => Availability::Early,
        SessionState::Open if seats_left == Some(0) => Availability::Full,
        SessionState::Open => Availability::Open,
    }
}

fn seats_left(capacity: Option<i64>, taken: i64) -> Option<i64> {
    capacity.map(|capacity| (capacity - taken).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(capacity: Option<i64>, taken: i64, state: SessionState) -> Session {
        Session {
            id: 1,
            public_id: PublicId::random(),
            webcast_id: 1,
            starts_at: at(10_000),
            ends_at: at(13_600),
            zone: Zone::utc(),
            join_url: None,
            replay_url: None,
            capacity,
            seats_taken: taken,
            unconfirmed_share: None,
            state,
            sequence: 0,
            reason: None,
            doors_open_at: None,
            window: RegistrationWindow::default(),
            entry: EntryRule::default(),
            has_queue: false,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_a_session_offers() {
        let open = session(Some(2), 1, SessionState::Open);
        assert_eq!(open.availability(at(0)), Availability::Open);
        assert_eq!(open.availability(at(13_600)), Availability::Past);
        assert_eq!(
            session(Some(2), 2, SessionState::Open).availability(at(0)),
            Availability::Full
        );
        assert_eq!(
            session(None, 9, SessionState::Open).availability(at(0)),
            Availability::Open
        );
        assert_eq!(
            session(None, 0, SessionState::Closed).availability(at(0)),
            Availability::Closed
        );
        assert_eq!(
            session(None, 0, SessionState::Cancelled).availability(at(99_999)),
            Availability::Cancelled
        );
    }

    #[test]
    fn one_network_has_half_of_the_places_and_at_least_one() {
        let most = |capacity, share| {
            let session = Session {
                unconfirmed_share: share,
                ..session(capacity, 0, SessionState::Open)
            };
            session.places_for_one_network()
        };
        assert_eq!(most(Some(100), None), Some(50));
        assert_eq!(most(Some(3), None), Some(1));
        assert_eq!(most(Some(1), None), Some(1));
        assert_eq!(most(Some(100), Some(20)), Some(20));
        assert_eq!(most(None, None), None);
    }

    #[test]
    fn the_way_in_opens_half_an_hour_before() {
        let open = session(None, 0, SessionState::Open);
        assert_eq!(open.doorway(at(8_199)), Doorway::Waiting(at(8_200)));
        assert_eq!(open.doorway(at(8_200)), Doorway::Open);
        let window = |opens: Option<i64>, closes: Option<i64>| Session {
            window: RegistrationWindow {
                opens_at: opens.map(at),
                closes_at: closes.map(at),
            },
            ..open.clone()
        };
        assert_eq!(window(Some(100), None).availability(at(99)), Availability::Early);
        assert_eq!(window(Some(100), None).availability(at(100)), Availability::Open);
        assert_eq!(window(None, Some(100)).availability(at(99)), Availability::Open);
        assert_eq!(window(None, Some(100)).availability(at(100)), Availability::Closed);
        assert_ne!(window(None, Some(100)).version(), open.version());
        let opened = Session {
            doors_open_at: Some(at(5_000)),
            ..open.clone()
        };
        assert_eq!(opened.doorway(at(5_000)), Doorway::Open);
        assert_eq!(open.doorway(at(13_599)), Doorway::Open);
        assert_eq!(open.doorway(at(13_600)), Doorway::Over);
    }
}
