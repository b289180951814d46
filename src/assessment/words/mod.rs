//! What the assessment says: its statements and texts, and figures turned into sentences.

pub mod bank;
pub mod reading;
pub(crate) mod sample;
