//! The result: one's own page with everything that can be done, what may be shown to others, files to take along.

pub(crate) mod contact;
pub(crate) mod deleting;
pub(crate) mod downloads;
pub(crate) mod mine;
pub(crate) mod results;
pub(crate) mod settings;
