//! Values that cannot be wrong: a private field, one `parse`, tests beneath. One type per file.
//!
//! Whatever comes from outside (a form, a setting, a database row) becomes one of these at the edge.

mod email;
mod hour_cycle;
mod label;
mod line;
mod link;
mod name;
mod public_id;
mod said;
mod slug;
mod token;
mod url;
mod zone;

pub use email::{EmailAddress, Misread, address_key};
pub use hour_cycle::HourCycle;
pub use label::Label;
pub use link::{Link, LinkKey, LinkPurpose, MAX_GENERATION};
pub use name::PersonName;
pub use public_id::PublicId;
pub use said::{Greeting, Said};
pub use slug::Slug;
pub use token::{SecretToken, random_bytes, random_unit};
pub use url::HttpUrl;
pub use zone::Zone;

pub(crate) use line::squeeze_line;
pub(crate) use name::not_a_link;

use std::borrow::Cow;

/// What is wrong with a value, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(Cow<'static, str>);

impl Problem {
    /// A problem said in one sentence that tells what to do.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }

    /// The sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0
    }
}
