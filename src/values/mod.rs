//! Values that cannot be wrong: a private field, one `parse`, tests beneath. One type per file.
//!
//! Whatever comes from outside (a form, a setting, a database row) becomes one of these at the edge.

mod accent;
mod country;
mod email;
mod hour_cycle;
mod label;
mod line;
mod link;
mod name;
mod phone;
mod public_id;
mod said;
mod seal;
mod slug;
mod token;
mod url;
mod zone;

pub use accent::{Accent, AccentProblem};
pub use country::Country;
pub use email::{EmailAddress, Misread, address_key};
pub use hour_cycle::HourCycle;
pub use label::Label;
pub use link::{Link, LinkKey, LinkPurpose, MAX_GENERATION};
pub use name::PersonName;
pub use phone::PhoneNumber;
pub use public_id::PublicId;
pub use said::{Greeting, Said};
pub use slug::Slug;
pub use token::{SecretToken, random_bytes, random_unit};
pub use url::HttpUrl;
pub use zone::Zone;

pub(crate) use line::{is_blank, narrowed, squeeze_line, squeeze_text, trimmed};
pub(crate) use name::not_a_link;

use std::borrow::Cow;

use sha2::{Digest, Sha256};

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

/// Tells one text from another: sixteen digits that stay the same from release to release, since a form that carries them
/// may be open across an update.
#[must_use]
pub(crate) fn fingerprint(text: &str) -> String {
    in_hex(Sha256::digest(text).iter().take(8))
}

/// Bytes as hexadecimal digits, two for each.
pub(crate) fn in_hex<'b>(bytes: impl IntoIterator<Item = &'b u8>) -> String {
    let add = |hex, byte| format!("{hex}{byte:02x}");
    bytes.into_iter().fold(String::new(), add)
}
