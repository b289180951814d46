//! What is kept of people, and how it goes: erasing somebody wherever they are, receipts of it that outlive a backup, and the
//! files with all that is known of one person. What each feature keeps it says itself, by its `Trace`s.

mod chores;
mod erasing;
pub(crate) mod legal;
mod person_file;
mod receipts;
pub(crate) mod retention;
pub(crate) mod texts;

pub(crate) use chores::work;
pub(crate) use erasing::{Erasing, erase};
pub(crate) use person_file::{PersonFile, Taker};
pub(crate) use receipts::{Receipt, repeat};
