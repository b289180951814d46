//! What mails and pages about a seat lead to: its links, and its entry in calendars.

use crate::mail::Person;
use crate::mail::calendar::CalendarEntry;
use crate::values::LinkPurpose;
use crate::web::AppState;
use crate::webcasts::Seat;
use crate::webcasts::calendar_links::{CalendarLinks, Occasion};

/// The links of a seat.
pub(crate) struct SeatLinks {
    /// The visitor's own page.
    pub personal: String,
    /// The way in.
    pub join: String,
    /// The calendar entry.
    pub calendar: String,
}

impl SeatLinks {
    /// Signs them.
    #[must_use]
    pub(crate) fn new(state: &AppState, seat: &Seat) -> Self {
        let sign = |purpose| state.links.sign(purpose, seat.public_id, seat.link_generation);
        let public_url = &state.config.public_url;
        Self {
            personal: public_url.link(&format!("/registrations/{}", sign(LinkPurpose::Registration))),
            join: public_url.link(&format!("/join/{}", sign(LinkPurpose::Join))),
            calendar: public_url.link(&format!("/calendar/{}", sign(LinkPurpose::Calendar))),
        }
    }
}

/// The calendar entry of a seat. It carries the join link, never the link that manages the seat.
#[must_use]
pub(crate) fn calendar_entry(state: &AppState, seat: &Seat, organizer: Person) -> CalendarEntry {
    let join = SeatLinks::new(state, seat).join;
    CalendarEntry {
        uid: seat.calendar_uid.clone(),
        sequence: seat.calendar_sequence(),
        stamp: state.clock.now(),
        start: seat.session.starts_at,
        end: seat.session.ends_at,
        summary: seat.title.clone(),
        description: format!("Join the session: {join}"),
        location: join,
        organizer,
        attendee: Person::greeted(&seat.greeting(), seat.email.clone()),
    }
}

/// Other firms' calendar pages, with the seat's entry.
#[must_use]
pub(crate) fn calendar_links(state: &AppState, seat: &Seat) -> CalendarLinks {
    let join = SeatLinks::new(state, seat).join;
    CalendarLinks::new(
        &state.config.calendar_links,
        &Occasion {
            title: &seat.title,
            start: seat.session.starts_at,
            end: seat.session.ends_at,
            details: format!("Join the session: {join}"),
            location: &join,
        },
    )
}
