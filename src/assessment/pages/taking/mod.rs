//! Taking it: the start, and one page of cards for each factor.

pub(crate) mod cards;
pub(crate) mod form_id;
mod posted;
pub(crate) mod questions;
pub(crate) mod start;
