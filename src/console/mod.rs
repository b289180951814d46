//! The kit of organizers' pages: their frame, lists, words and downloads. It knows no feature; each feature's `console`
//! is built from it.

pub(crate) mod downloads;
pub(crate) mod flash;
pub(crate) mod frame;
pub(crate) mod list;
pub(crate) mod words;

pub use frame::layout;
