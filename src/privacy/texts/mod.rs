//! Texts that an owner writes in place of ours, as Markdown.

mod front_page;
mod store;

pub(crate) use front_page::{FrontKind, FrontPage};
pub(crate) use store::{find, put};

/// What stands on the front page in place of the article.
const FRONT: &str = "front";
/// The imprint.
pub(crate) const IMPRINT: &str = "imprint";
/// The privacy page.
pub(crate) const PRIVACY: &str = "privacy";
