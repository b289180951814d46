//! What organizers read of sessions and seats: lists a page at a time, bounded counts, and all of it for
//! an export.

mod attendees;
mod choices;
mod day;
mod exported;
mod filter;
mod funnel;
mod programmes;
mod seats;
mod sessions;
mod tallied;

pub(crate) use attendees::{AttendeeLine, attendees};
pub(crate) use choices::{SessionOption, choices};
pub(crate) use day::{joined_last, seats_of_rows};
pub(crate) use exported::{ExportFilter, SeatExport, SeatExportRow, owner};
pub(crate) use filter::{SEATS, SeatFilter, SeatsWanted};
pub(crate) use funnel::{Funnel, funnel};
pub(crate) use programmes::{ProgrammeLine, programmes, was_tried};
pub(crate) use seats::{
    PersonsSeat, Reached, SeatLine, latest, latest_of_webcast, of_person, reached, seats, waiting, zones,
};
pub(crate) use sessions::{
    ListedSession, Missed, SessionInNeed, SessionLine, ahead, list, sessions, sessions_in_need, zone_of_next,
};
pub(crate) use tallied::{ATTENDANCE, REGISTRATIONS, ended, late};

/// Nobody reads more digits than this: counting ends one above it.
pub(crate) const COUNTED: i64 = 10_000;
