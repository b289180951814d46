//! Where in a connection's bytes the request lines are (RFC 9112, 2 to 6), and what of them is percent-encoded.

/// Follows the bytes of one connection. It changes nothing but addresses, so a body that it took for a request line
/// would still be as long and as many; from where it does not know, it leaves everything as it is.
#[derive(Debug)]
pub(super) struct RequestLines {
    within: Part,
    framing: Framing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A request line. The address is behind the first space.
    Line { begun: bool, in_address: bool },
    /// The lines behind it.
    Fields,
    /// A body, with so many bytes to come.
    Body(u64),
    /// Chunks, another protocol, or what is no HTTP at all.
    Unknown,
}

/// What the fields of one request say of its body.
#[derive(Debug)]
struct Framing {
    /// The current line, as far as a field counts here.
    line: Vec<u8>,
    length: Option<u64>,
    unknown: bool,
}

/// A longer line is none of those that say how long a body is.
const LONGEST_OF_INTEREST: usize = 64;

impl RequestLines {
    pub(super) const fn new() -> Self {
        Self {
            within: Part::START,
            framing: Framing::new(),
        }
    }

    /// What came, with its addresses encoded; nothing where it can stay as it is.
    pub(super) fn encoded(&mut self, came: &[u8]) -> Option<Vec<u8>> {
        if self.passes_by(came.len() as u64) {
            return None;
        }
        let mut changed: Option<Vec<u8>> = None;
        for (at, &byte) in came.iter().enumerate() {
            if self.within.is_address() && !is_allowed(byte) {
                let changed = changed.get_or_insert_with(|| came.iter().take(at).copied().collect());
                changed.extend_from_slice(format!("%{byte:02X}").as_bytes());
            } else {
                if let Some(changed) = &mut changed {
                    changed.push(byte);
                }
                self.step(byte);
            }
        }
        changed
    }

    /// Whether so many bytes are a body's, or of a kind that is not looked at.
    fn passes_by(&mut self, bytes: u64) -> bool {
        if let Part::Body(length) = self.within
            && length >= bytes
        {
            self.within = Part::after(length - bytes);
            return true;
        }
        self.within == Part::Unknown
    }

    /// Over a byte that stays as it is.
    fn step(&mut self, byte: u8) {
        self.within = match (self.within, byte) {
            // Empty lines may stand before a request (RFC 9112, 2.2).
            (Part::Line { begun: false, .. }, b'\r' | b'\n') => Part::START,
            (Part::Line { .. }, b'\n') => {
                self.framing = Framing::new();
                Part::Fields
            }
            (Part::Line { in_address, .. }, _) => Part::Line {
                begun: true,
                in_address: in_address || byte == b' ',
            },
            (Part::Fields, b'\n') => self.framing.end_line().unwrap_or(Part::Fields),
            (Part::Fields, _) => {
                self.framing.keep(byte);
                Part::Fields
            }
            (Part::Body(length), _) => Part::after(length.saturating_sub(1)),
            (Part::Unknown, _) => Part::Unknown,
        };
    }
}

impl Part {
    const START: Self = Self::Line {
        begun: false,
        in_address: false,
    };

    const fn is_address(self) -> bool {
        matches!(self, Self::Line { in_address: true, .. })
    }

    const fn after(body: u64) -> Self {
        if body == 0 { Self::START } else { Self::Body(body) }
    }
}

impl Framing {
    const fn new() -> Self {
        Self {
            line: Vec::new(),
            length: None,
            unknown: false,
        }
    }

    fn keep(&mut self, byte: u8) {
        if byte != b'\r' && self.line.len() < LONGEST_OF_INTEREST {
            self.line.push(byte.to_ascii_lowercase());
        }
    }

    /// What follows if the line that ends here was the empty one behind the fields.
    fn end_line(&mut self) -> Option<Part> {
        if self.line.is_empty() {
            let body = self.length.unwrap_or_default();
            return Some(if self.unknown { Part::Unknown } else { Part::after(body) });
        }
        let mut halves = self.line.splitn(2, |byte| *byte == b':');
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        match name {
            b"content-length" => {
                let digits = std::str::from_utf8(value).ok().map(str::trim);
                let length = digits.and_then(|digits| digits.parse().ok());
                self.unknown |= length.is_none() || self.length.is_some();
                self.length = length;
            }
            b"transfer-encoding" | b"upgrade" => self.unknown = true,
            _ => {}
        }
        self.line.clear();
        None
    }
}

/// Whether the parser takes it in an address. Spaces and control characters are left for it to refuse.
const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii() && !matches!(byte, b'"' | b'<' | b'>' | b'`')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// In one piece, as text.
    fn read(sent: &str) -> String {
        let encoded = RequestLines::new().encoded(sent.as_bytes());
        encoded.map_or_else(|| sent.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn addresses_are_encoded_and_nothing_else_is() {
        for same in [
            "GET /?a=b&c=%3C HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nGET /ü x\r",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET <\r\n0\r\n\r\nGET /ü HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxGET /ü",
            "POST / HTTP/1.1\r\nContent-Length: +x\r\n\r\nxGET /ü",
            "GET / HTTP/1.1\r\nX: <ü>\r\n\r\n",
        ] {
            assert_eq!(read(same), same);
        }
        let name = "GET /?name=J\"ü<b>` HTTP/1.1\r\n\r\n";
        assert_eq!(read(name), "GET /?name=J%22%C3%BC%3Cb%3E%60 HTTP/1.1\r\n\r\n");
    }

    #[test]
    fn the_next_request_is_found_behind_a_body() {
        let post = "\r\nPOST /<a HTTP/1.1\ncontent-LENGTH:  5 \r\n\r\n<ü>\n";
        assert_eq!(
            read(&format!("{post}GET /ü HTTP/1.1\r\n\r\n{post}")),
            format!("{0}GET /%C3%BC HTTP/1.1\r\n\r\n{0}", post.replace("/<a", "/%3Ca"))
        );
    }

    proptest! {
        /// However the bytes are cut, the same comes of them.
        #[test]
        fn cuts_change_nothing(cuts in prop::collection::vec(1_usize..40, 1..20)) {
            let sent = "POST /<a HTTP/1.1\r\nContent-Length: 4\r\n\r\n<ü>GET /ü HTTP/1.1\r\nX: ü\r\n\r\nGET /<".as_bytes();
            let (mut lines, mut rest, mut came) = (RequestLines::new(), sent, Vec::new());
            for cut in cuts {
                let (part, behind) = rest.split_at(cut.min(rest.len()));
                came.extend(lines.encoded(part).unwrap_or_else(|| part.to_vec()));
                rest = behind;
            }
            came.extend(lines.encoded(rest).unwrap_or_else(|| rest.to_vec()));
            prop_assert_eq!(came, RequestLines::new().encoded(sent).unwrap());
        }
    }
}
