//! A part of the package as XML, unpacked as it is read, and counted.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read};

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::read::ZipFile;

use super::UnreadableTable;
use crate::uploads::table::MOST_CHARACTERS;

/// More than a cell may have in any encoding: no text is kept beyond it.
const MOST_KEPT: usize = 4 * MOST_CHARACTERS + 4;

/// A part that is being read.
pub(super) struct PackagePart<'p, 'b> {
    reader: Reader<BufReader<Unpacking<'p, 'b>>>,
    buffer: Vec<u8>,
    left: &'p Cell<u64>,
}

/// Unpacks no more than is left for the whole package, whatever sizes it declares.
struct Unpacking<'p, 'b> {
    file: ZipFile<'p, Cursor<&'b [u8]>>,
    left: &'p Cell<u64>,
}

impl Read for Unpacking<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let left = self.left.get().checked_sub(read as u64);
        self.left.set(left.unwrap_or(0));
        left.map(|_| read).ok_or_else(|| io::Error::other("too much"))
    }
}

impl<'p, 'b> PackagePart<'p, 'b> {
    pub(super) fn new(file: ZipFile<'p, Cursor<&'b [u8]>>, left: &'p Cell<u64>) -> Self {
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 * 1024, Unpacking { file, left }));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Self {
            reader,
            buffer: Vec::new(),
            left,
        }
    }

    /// What comes next.
    ///
    /// # Errors
    /// When the part is damaged, or the package unpacks to too much.
    pub(super) fn next(&mut self) -> Result<Event<'_>, UnreadableTable> {
        self.buffer.clear();
        let left = self.left;
        self.reader.read_event_into(&mut self.buffer).map_err(|_| {
            if left.get() == 0 {
                UnreadableTable::Heavy
            } else {
                UnreadableTable::Damaged
            }
        })
    }
}

/// An attribute by its name without a prefix.
///
/// # Errors
/// When it is damaged.
pub(super) fn attribute<'s>(start: &'s BytesStart<'_>, name: &str) -> Result<Option<Cow<'s, str>>, UnreadableTable> {
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| UnreadableTable::Damaged)?;
        if attribute.key.local_name().as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            return value.map(Some).map_err(|_| UnreadableTable::Damaged);
        }
    }
    Ok(None)
}

/// Adds what is text in an event.
///
/// # Errors
/// When it is more than a cell may have.
pub(super) fn add_text(text: &mut String, event: &Event<'_>) -> Result<(), UnreadableTable> {
    match event {
        Event::Text(part) => text.push_str(&part.xml10_content()),
        Event::CData(part) => text.push_str(part),
        Event::GeneralRef(reference) => {
            if let Ok(Some(letter)) = reference.resolve_char_ref() {
                text.push(letter);
            } else if let Some(letter) = resolve_predefined_entity(reference) {
                text.push_str(letter);
            }
        }
        _ => {}
    }
    if text.len() > MOST_KEPT {
        return Err(UnreadableTable::Cell);
    }
    Ok(())
}

/// Texts of a workbook write control characters, and what looks like one, as `_x000D_`.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        if let Some(letter) = escaped(from) {
            plain.push(letter);
            rest = from.get(7..).unwrap_or_default();
        } else {
            plain.push_str("_x");
            rest = from.get(2..).unwrap_or_default();
        }
    }
    plain.push_str(rest);
    plain.into()
}

/// The letter that a text begins with as `_xHHHH_`.
fn escaped(text: &str) -> Option<char> {
    let digits = text.get(2..6).filter(|_| text.get(6..7) == Some("_"))?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    char::from_u32(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        for (text, plain) in [
            ("two_x000D_\nlines", "two\r\nlines"),
            ("_x005F_x000D_", "_x000D_"),
            ("file_x1.txt _x00", "file_x1.txt _x00"),
            ("_xZZZZ_ _xD800_", "_xZZZZ_ _xD800_"),
            ("_x00E9_t_x00E9_", "été"),
            ("_xé_", "_xé_"),
        ] {
            assert_eq!(unescaped(text), plain, "{text}");
        }
    }
}
