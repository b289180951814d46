//! Webcasts, sessions, registrations and attendance in the database.

mod attendance;
mod registrations;
mod seats;
mod sessions;
mod webcasts;

pub use attendance::record_join;
pub use registrations::{
    DrawnSeat, Entrant, NewSeat, TRACE, apply_edit, cancel, give_seat_back, insert_contacts, insert_seats, note_opened,
    note_repeat, note_wanted, release, reopen, take_seat, was_opened,
};
pub use seats::{registered_before, seat_by_contact, seat_by_public_id, seats_by_ids};
pub use sessions::{
    FanOut, NewSession, fan_out, finish_fan_out, hold_both_sessions, hold_session, insert_fan_out, insert_session,
    move_fan_out, session_by_public_id, sessions_around, sessions_of, update_session,
};
pub use webcasts::{NewWebcast, insert_speaker, insert_webcast, list_webcasts, speakers_of, webcast_by_slug};
