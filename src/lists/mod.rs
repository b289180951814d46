//! Lists of people across features: what one is asked for, what is kept of it, what is done to many of its rows, and files
//! of it. Pages, commands and work all read an address of a list the same way.

pub(crate) mod bulk;
pub(crate) mod files;
mod place;
mod query;
pub(crate) mod store;
mod trace;

pub(crate) use place::ListPlace;
pub(crate) use query::{ANSWER, ListQuery};
pub(crate) use trace::TRACES;
