//! What organizers read of sessions and seats: lists a page at a time, bounded counts, and all of it for
//! an export.

mod day;
mod exported;
mod funnel;
mod people;
mod programmes;
mod seats;
mod sessions;
mod tallied;

pub(crate) use day::{joined_last, of_people};
pub(crate) use exported::{ExportFilter, SeatExportRow, count, export, owner};
pub(crate) use funnel::{Funnel, funnel};
pub(crate) use people::{SeatFilter, SessionOption, choices, people};
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
