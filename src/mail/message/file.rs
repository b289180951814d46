//! A file that many mails carry: encoded once, and shared.

use std::fmt::Write as _;

use bytes::Bytes;

use super::body::write_base64;
use super::headers::header_text;

/// A file in the form a mail carries it.
#[derive(Debug)]
pub struct EncodedFile {
    name: String,
    content_type: String,
    pub(super) base64: Bytes,
}

impl EncodedFile {
    /// As the recipient saves it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Encodes a file. Its name is cut down to short ASCII, because that is what every mail program shows right.
    #[must_use]
    pub fn new(name: &str, content_type: &str, bytes: &[u8]) -> Self {
        let mut base64 = Vec::new();
        write_base64(&mut base64, bytes);
        Self {
            name: plain_name(name),
            content_type: header_text(content_type),
            base64: base64.into(),
        }
    }

    /// The head of its part.
    pub(super) fn head(&self) -> String {
        let mut out = String::with_capacity(256);
        let _ = write!(
            out,
            "Content-Type: {}; name=\"{1}\"\r\nContent-Disposition: attachment; filename=\"{1}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n",
            self.content_type, self.name
        );
        out
    }

    /// Octets it takes up in memory and in each mail.
    #[must_use]
    pub fn len(&self) -> usize {
        self.base64.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.base64.is_empty()
    }
}

/// Letters, digits, dot, dash and underscore; 60 characters at most. The extension stays, unless it is too long for one.
fn plain_name(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
                c
            } else {
                '-'
            }
        })
        .collect();
    let parts = clean.rsplit_once('.').filter(|(_, extension)| extension.len() <= 8);
    let (stem, extension) = parts.unwrap_or((&clean, "bin"));
    let stem: String = stem.trim_matches(['-', '.']).chars().take(51).collect();
    format!("{}.{extension}", if stem.is_empty() { "file" } else { &stem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_plain() {
        assert_eq!(plain_name("Über \"die\" Brücke.pdf"), "ber--die--Br-cke.pdf");
        assert_eq!(plain_name("é.pdf"), "file.pdf");
        for long in [
            "long ".repeat(100) + ".webarchi",
            "1. ".to_owned() + &"long ".repeat(100),
            "x".repeat(99) + ".document",
        ] {
            assert!(plain_name(&long).len() <= 60, "{long}");
        }
    }
}
