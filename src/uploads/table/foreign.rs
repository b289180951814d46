//! What is not read as a table, told by how it begins: a name says nothing.

use super::UnreadableTable;

/// So far a beginning is looked at.
const LOOKED_AT: usize = 1_024;

const BEGINNINGS: [(&[u8], UnreadableTable); 11] = [
    (b"\xd0\xcf\x11\xe0", UnreadableTable::OldExcel),
    // Excel 2 to 4: a record that begins the file.
    (b"\x09\x00\x04\x00", UnreadableTable::OldExcel),
    (b"\x09\x02\x06\x00", UnreadableTable::OldExcel),
    (b"\x09\x04\x06\x00", UnreadableTable::OldExcel),
    (b"%PDF", UnreadableTable::Pdf),
    (b"\x89PNG", UnreadableTable::Picture),
    (b"\xff\xd8\xff", UnreadableTable::Picture),
    (b"GIF8", UnreadableTable::Picture),
    (b"II*\0", UnreadableTable::Picture),
    (b"{\\rtf", UnreadableTable::Kind),
    (b"\x1f\x8b", UnreadableTable::Kind),
];
/// How a page or another kind of markup begins, in small letters.
const MARKUP: [&str; 6] = ["<!doctype", "<html", "<head", "<table", "<?xml", "<meta"];

/// Whether it is a ZIP file, as workbooks are.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Refuses what is certainly no table.
///
/// # Errors
/// Says what it is.
pub(super) fn refuse(bytes: &[u8]) -> Result<(), UnreadableTable> {
    if let Some((_, what)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
        return Err(*what);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Err(UnreadableTable::Picture);
    }
    // Letters of UTF-16 look the same without the zeros between them.
    let beginning: String = bytes
        .iter()
        .take(LOOKED_AT)
        .filter(|byte| byte.is_ascii() && **byte != 0)
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    let beginning = beginning.trim_start();
    if MARKUP.iter().any(|markup| beginning.starts_with(markup)) {
        return Err(UnreadableTable::Markup);
    }
    Ok(())
}
