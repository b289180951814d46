//! Organizers' pages, exports, and the front page.

pub mod exports;
pub mod front;
