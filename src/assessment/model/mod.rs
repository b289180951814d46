//! What an assessment is made of, as it is stored. Types and rules; nothing here asks the database.

pub mod answers;
pub(crate) mod assessment;
pub(crate) mod factor;
pub(crate) mod invitation;
pub(crate) mod parties;
pub(crate) mod round;
