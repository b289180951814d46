//! Files of lists: made at once, or beside the pages.

mod later;
mod making;
pub(crate) mod store;

pub(crate) use later::{begin, directory, forget, forget_old, remove_all, work};
pub(crate) use making::{FileWanted, count, first_rows, make};
