//! What an assessment is made of, as it is stored. Types and rules; nothing here asks the database.

pub mod answers;
pub mod assessment;
pub mod factor;
pub mod invitation;
pub mod parties;
pub mod round;
