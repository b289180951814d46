//! Bodies of parts, in an encoding that every server takes (RFC 2045, 6): as they are where that is allowed, else
//! quoted-printable, else base64. It is our own because it is on the hot path: lettre's took a seventh of the program's time
//! while mail goes.

use std::iter;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr;

/// The longest line that a server must take, without its end (RFC 5321, 4.5.3.1.6).
const LONGEST: usize = 998;
/// The longest line of quoted-printable, without its end.
const SOFT: usize = 76;
/// 57 bytes are 76 base64 characters, the longest line MIME allows.
const LINE: usize = 57;

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    SevenBit,
    QuotedPrintable,
    Base64,
}

impl Encoding {
    fn of(text: &str) -> Self {
        let (mut others, mut longest) = (0, 0);
        for line in lines(text) {
            others += line.iter().filter(|byte| !is_plain(**byte)).count();
            longest = longest.max(line.len());
        }
        if others == 0 && longest <= LONGEST {
            Self::SevenBit
        } else if others <= text.len() / 6 {
            Self::QuotedPrintable
        } else {
            Self::Base64
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::SevenBit => "7bit",
            Self::QuotedPrintable => "quoted-printable",
            Self::Base64 => "base64",
        }
    }
}

/// Writes a part: `head` (its type, in lines with their ends), encoding, body, and the end of the last line.
pub(super) fn write_part(out: &mut Vec<u8>, head: &str, text: &str) {
    let encoding = Encoding::of(text);
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(b"Content-Transfer-Encoding: ");
    out.extend_from_slice(encoding.name().as_bytes());
    out.extend_from_slice(b"\r\n\r\n");
    match encoding {
        Encoding::SevenBit => write_lines(out, text, Vec::extend_from_slice),
        Encoding::QuotedPrintable => write_lines(out, text, quote),
        Encoding::Base64 => {
            let mut whole = Vec::with_capacity(text.len() + 64);
            write_lines(&mut whole, text, Vec::extend_from_slice);
            write_base64(out, &whole);
        }
    }
}

/// Within a line: a CR alone must not stand there (RFC 5321, 2.3.8).
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~')
}

/// Without their ends.
fn lines(text: &str) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text.strip_suffix('\n').unwrap_or(text).as_bytes());
    iter::from_fn(move || {
        let all = rest?;
        let (line, end) = all.split_at(memchr(b'\n', all).unwrap_or(all.len()));
        rest = end.get(1..);
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

fn write_lines(out: &mut Vec<u8>, text: &str, write: impl Fn(&mut Vec<u8>, &[u8])) {
    out.reserve(text.len() + text.len() / 16 + 64);
    for line in lines(text) {
        write(out, line);
        out.extend_from_slice(b"\r\n");
    }
}

/// One line of quoted-printable (RFC 2045, 6.7), broken softly where it is too long.
fn quote(out: &mut Vec<u8>, line: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |half: u8| HEX.get(usize::from(half)).copied().unwrap_or(b'0');
    let mut width = 0;
    for (at, byte) in line.iter().enumerate() {
        let is_last = at + 1 == line.len();
        let is_blank = matches!(byte, b' ' | b'\t');
        let stands = is_blank && !is_last || matches!(byte, b'!'..=b'~') && *byte != b'=';
        let needs = if stands { 1 } else { 3 };
        // The sign of a soft break needs a place too, but where the line ends anyway.
        if width + needs > SOFT - usize::from(!is_last) {
            out.extend_from_slice(b"=\r\n");
            width = 0;
        }
        if stands {
            out.push(*byte);
        } else {
            out.extend_from_slice(&[b'=', digit(byte >> 4), digit(byte & 15)]);
        }
        width += needs;
    }
}

/// Lines of base64 with their ends.
pub(super) fn write_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len().div_ceil(3) * 4 + bytes.len().div_ceil(LINE) * 2);
    let mut line = String::with_capacity(SOFT + 2);
    for part in bytes.chunks(LINE) {
        line.clear();
        STANDARD.encode_string(part, &mut line);
        line.push_str("\r\n");
        out.extend_from_slice(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    use super::*;

    fn part(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        write_part(&mut out, "Content-Type: text/plain; charset=utf-8\r\n", text);
        out
    }

    #[test]
    fn the_simplest_encoding_that_will_do() {
        for (text, expected) in [
            ("", Encoding::SevenBit),
            ("Hello\n.\nFrom here on\n", Encoding::SevenBit),
            (&"x".repeat(998), Encoding::SevenBit),
            (&"x".repeat(999), Encoding::QuotedPrintable),
            ("Hello Zoë, here is what you asked for", Encoding::QuotedPrintable),
            (
                "nul\u{0} and a bell\u{7}, and much that is plain",
                Encoding::QuotedPrintable,
            ),
            ("パートナーシップ", Encoding::Base64),
        ] {
            assert_eq!(Encoding::of(text), expected, "{text}");
        }
    }

    #[test]
    fn quoted_printable_as_its_rules_say() {
        for (line, expected) in [
            (&b"a=b"[..], "a=3Db".to_owned()),
            (b"end with a blank ", "end with a blank=20".to_owned()),
            (b"\xc3\xab\t", "=C3=AB=09".to_owned()),
            (&[b'x'; 76], "x".repeat(76)),
            (&[b'x'; 77], format!("{}=\r\nxx", "x".repeat(75))),
        ] {
            let mut out = Vec::new();
            quote(&mut out, line);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    proptest! {
        /// Another library reads what was written; line ends are CRLF, and one stands at the end.
        #[test]
        fn whatever_is_written_is_read_again(text in "([ -~]{0,120}|[ \t]{0,3}|\\PC{0,40}|=|\u{e9}|\r|\n|\r\n){0,30}") {
            let bytes = part(&text);
            prop_assert!(bytes.is_ascii() && bytes.ends_with(b"\r\n"));
            let most = if Encoding::of(&text) == Encoding::SevenBit { LONGEST } else { SOFT };
            let body = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            for line in bytes[body..].split(|byte| *byte == b'\n') {
                prop_assert!(line.len() <= most + 1);
            }
            let mail = MessageParser::default().parse(&bytes).unwrap();
            let mut expected = Vec::new();
            write_lines(&mut expected, &text, Vec::extend_from_slice);
            let expected = String::from_utf8(expected).unwrap();
            let read = mail.parts[0].text_contents().unwrap_or_default();
            prop_assert_eq!(read.trim_end_matches("\r\n"), expected.trim_end_matches("\r\n"));
        }
    }
}
