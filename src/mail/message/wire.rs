//! A mail as it goes over the wire, piece by piece.

use std::sync::Arc;

use bytes::Bytes;
use memchr::memmem;

use super::EncodedFile;

/// Most octets of a piece.
pub(super) const PIECE: usize = 64 * 1024;

/// A mail as it goes over the wire, without the dots that SMTP adds.
#[derive(Debug)]
pub struct Wire {
    pub(super) start: Bytes,
    file: Option<Arc<EncodedFile>>,
    pub(super) end: Bytes,
}

impl Wire {
    /// The last CRLF is left to SMTP, which ends the text with one of its own.
    pub(super) fn new(mut start: Vec<u8>, file: Option<Arc<EncodedFile>>, mut end: Vec<u8>) -> Self {
        let last = if file.is_some() { &mut end } else { &mut start };
        if last.ends_with(b"\r\n") {
            last.truncate(last.len() - 2);
        }
        Self {
            start: start.into(),
            file,
            end: end.into(),
        }
    }

    /// Octets on the wire.
    #[must_use]
    pub fn len(&self) -> usize {
        self.start.len() + self.file.as_ref().map_or(0, |file| file.len()) + self.end.len() + 2
    }

    /// Never: there are always headers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }

    /// The pieces, in order. None is larger than 64 kB.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> + Send {
        let start = pieces_of(&self.start, has_dots(&self.start));
        let file = self.file.iter().flat_map(|file| pieces_of(&file.base64, false));
        start.chain(file).chain(pieces_of(&self.end, false))
    }

    /// All of it in one buffer, for previews and tests.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.pieces().fold(Vec::with_capacity(self.len()), |mut out, piece| {
            out.extend_from_slice(&piece.bytes);
            out
        });
        out.extend_from_slice(b"\r\n");
        out
    }
}

/// A piece of a mail: whole and part lines.
#[derive(Clone, Debug)]
pub struct Piece {
    /// As they are, without the dots that SMTP adds.
    pub bytes: Bytes,
    /// SMTP has to look for lines that begin with a dot (RFC 5321, 4.5.2), here or in a piece beside.
    pub has_dots: bool,
}

fn pieces_of(bytes: &Bytes, has_dots: bool) -> impl Iterator<Item = Piece> + Send + use<> {
    let bytes = bytes.clone();
    (0..bytes.len()).step_by(PIECE).map(move |start| Piece {
        bytes: bytes.slice(start..bytes.len().min(start + PIECE)),
        has_dots,
    })
}

/// Whether a line begins with a dot.
fn has_dots(lines: &[u8]) -> bool {
    lines.starts_with(b".") || memmem::find(lines, b"\n.").is_some()
}
