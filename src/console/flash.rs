//! What the last act did, said once above the page it led back to: `?done=…`.

use serde::Deserialize;

/// The part of an address that says what was done.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Done {
    done: Option<String>,
}

impl Done {
    /// The sentence for it, out of those that the page knows. What it does not know, it does not say.
    #[must_use]
    pub(crate) fn said(&self, sentences: &[(&str, &str)]) -> Option<String> {
        let done = self.done.as_deref()?;
        let known = sentences.iter().find(|(key, _)| *key == done)?;
        Some(known.1.to_owned())
    }
}
