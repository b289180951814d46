//! The jobs that change what is there: a seat, by its holder or by an organizer; a webcast, its text, its sessions and those
//! who speak, by an organizer.

pub(crate) mod cover;
pub(crate) mod guests;
pub(crate) mod organizing;
pub(crate) mod presenters;
pub(crate) mod programme;
mod seat;
pub(crate) mod series;
mod session;
pub(crate) mod text;

pub use seat::{Edit, Edited, TakenAgain, cancel, confirm_place, edit, take_again, take_offer};
pub use session::{SessionChanged, SessionUpdate, change_session, open_doors};
