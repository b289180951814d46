//! Bytes of a text file as text, by what they look like.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::UnreadableTable;

/// So far it is looked at whether every other byte is zero.
const LOOKED_AT: usize = 4_096;
/// So many control characters are a mistake.
const A_FEW: usize = 8;

/// UTF-8 and UTF-16 with a mark or without; what is neither comes from old programs on Windows.
///
/// # Errors
/// When it is no text.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, UnreadableTable> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Ok(decoded(bytes.get(mark..).unwrap_or_default(), encoding));
    }
    if let Some(encoding) = two_bytes_a_letter(bytes) {
        return Ok(decoded(bytes, encoding));
    }
    if is_binary(bytes) {
        return Err(UnreadableTable::Kind);
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => decoded(bytes, WINDOWS_1252),
    })
}

fn decoded<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Cow<'b, str> {
    encoding.decode_without_bom_handling(bytes).0
}

/// Nearly every other byte is zero: UTF-16 without a mark, in a script of Europe.
fn two_bytes_a_letter(bytes: &[u8]) -> Option<&'static Encoding> {
    let pairs = || bytes.chunks_exact(2).take(LOOKED_AT);
    let zeros = |which: usize| pairs().filter(|pair| pair.get(which) == Some(&0)).count();
    let (first, second, all) = (zeros(0), zeros(1), pairs().count());
    let are_most = |most: usize, few: usize| most * 10 > all * 8 && few * 20 < all;
    if are_most(second, first) {
        Some(UTF_16LE)
    } else if are_most(first, second) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// More than one of a hundred bytes is a control character. A few may be: some programs write zeros by mistake.
fn is_binary(bytes: &[u8]) -> bool {
    let is_control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    bytes.iter().filter(is_control).count() > A_FEW + bytes.len() / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn each_encoding_reads_the_same() {
        let text = "Name;Stadt\nJürgen;Köln\nZoë;Łódź\n";
        let marked = format!("\u{feff}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            utf_16(&marked, u16::to_le_bytes),
            utf_16(&marked, u16::to_be_bytes),
            utf_16(text, u16::to_le_bytes),
            utf_16(text, u16::to_be_bytes),
        ] {
            assert_eq!(super::text(&bytes).unwrap(), text, "{:?}", &bytes[..4]);
        }
        assert_eq!(super::text(b"J\xfcrgen;\x80 5;\x93so\x94").unwrap(), "Jürgen;€ 5;“so”");
    }

    #[test]
    fn what_is_no_text_is_refused_but_for_a_few_zeros() {
        let noise: Vec<u8> = (0..5_000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect();
        assert_eq!(super::text(&noise), Err(UnreadableTable::Kind));
        let mut zoom = b"Attended,Name\nYes,Ada Lovelace\n".repeat(20);
        zoom[20] = 0;
        assert!(super::text(&zoom).is_ok());
        assert_eq!(super::text(b"").unwrap(), "");
    }
}
