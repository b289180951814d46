//! Doing one thing to many: to the rows of a list that were ticked, or to all that match.

mod kinds;
mod selection;
pub(crate) mod store;
mod work;

pub(crate) use kinds::{BulkButton, BulkKind, buttons};
pub(crate) use selection::{ALL, ROW, Selection};
pub(crate) use work::{ask, begin, begin_asked, begin_to_undo, step, work};
