//! A stand-in until the catcher lands.

/// The mails that were caught.
#[derive(Debug, Clone, Default)]
pub struct Caught;
