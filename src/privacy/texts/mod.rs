//! Texts that an owner writes in place of ours, as Markdown.

mod store;

pub(crate) use store::{find, put};

/// The imprint.
pub(crate) const IMPRINT: &str = "imprint";
/// The privacy page.
pub(crate) const PRIVACY: &str = "privacy";
