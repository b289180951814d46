//! What a page says of itself where it is shared: its one address, a picture, and what it is about, for Open Graph
//! (ogp.me) and schema.org.

use std::fmt;

use askama::filters::HtmlSafe;
use serde_json::Value;

use super::AppState;
pub(crate) use crate::cards::SIZE as CARD_SIZE;

/// The card of the whole site.
pub(crate) const SITE_CARD: &str = "/card.png";

/// What is shared.
#[derive(Clone, Debug, Default)]
pub struct Share {
    /// The page's one address, absolute, whatever campaign led to it.
    pub url: String,
    /// The title there, where it is another one than the page's.
    pub title: Option<String>,
    /// The card, absolute.
    pub card: String,
    /// Its width and height, in pixels.
    pub card_size: (u32, u32),
    /// What can be read on the card, for who does not see it.
    pub card_alt: String,
    /// What the page is about.
    pub about: Option<JsonLd>,
}

impl Share {
    /// A page that has no card of its own.
    #[must_use]
    pub fn of_page(state: &AppState, path: &str) -> Self {
        Self {
            url: state.config.public_url.link(path),
            card: state.config.public_url.link(SITE_CARD),
            card_size: CARD_SIZE,
            card_alt: state.organization().as_str().to_owned(),
            title: None,
            about: None,
        }
    }
}

/// Linked data that may stand in a `script` element: nothing in it can end that element.
#[derive(Clone, Debug)]
pub struct JsonLd(String);

impl JsonLd {
    /// Writes a value.
    #[must_use]
    pub fn new(value: &Value) -> Self {
        let text = value.to_string();
        Self(
            text.replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026"),
        )
    }
}

impl fmt::Display for JsonLd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for JsonLd {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_script_element() {
        let written = JsonLd::new(&serde_json::json!({"name": "</script><!-- & \u{7} \""})).to_string();
        assert!(!written.contains(['<', '>', '&', '\u{7}']), "{written}");
        let read: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["name"], "</script><!-- & \u{7} \"");
    }
}
