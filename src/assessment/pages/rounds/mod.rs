//! Rounds of several for each side: for whoever opens one, and for whoever has a place in one.

pub(crate) mod place;
pub(crate) mod round;
mod team;
