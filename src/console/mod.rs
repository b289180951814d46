//! The kit of organizers' pages: their frame, lists, words and downloads. It knows no feature; each feature's `console`
//! is built from it.

pub mod downloads;
pub mod flash;
pub mod frame;
pub mod list;
pub mod words;

pub use frame::layout;
