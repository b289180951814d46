//! Text as a table: CSV and its kin, with whatever separator and line ends.

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};

use super::encoding;
use super::separator::separator;
use super::{MOST_CHARACTERS, MOST_COLUMNS, Table, UnreadableTable};
use crate::values::trimmed;

/// Reads a text file.
///
/// # Errors
/// When it is none, or goes beyond a limit.
pub(super) fn read(bytes: &[u8]) -> Result<Table, UnreadableTable> {
    let text = encoding::text(bytes)?;
    let (separator, text) = separator(&text);
    rows(text, separator)
}

/// Reads what the helper made of a workbook. It is not believed: the limits are the same.
///
/// # Errors
/// When it is no table within the limits.
pub(super) fn read_made(bytes: &[u8]) -> Result<Table, UnreadableTable> {
    rows(std::str::from_utf8(bytes).map_err(|_| UnreadableTable::Damaged)?, b',')
}

fn rows(text: &str, separator: u8) -> Result<Table, UnreadableTable> {
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let (mut table, mut read, mut line) = (Table::default(), ByteRecord::new(), 0_u32);
    loop {
        let begins = place(&reader);
        if !read_next(&mut reader, &mut read)? {
            break;
        }
        line = line.saturating_add(1 + empty_lines(text, begins));
        let raw = text.get(begins..place(&reader)).unwrap_or_default();
        if place(&reader) == text.len() && is_unclosed(raw) {
            return Err(UnreadableTable::Quotation(line));
        }
        if let Some(row) = cleaned(&read)? {
            table.push(line, row)?;
        }
    }
    if table.is_empty() {
        return Err(UnreadableTable::Empty);
    }
    Ok(table)
}

/// How far it has read, in bytes.
fn place(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

fn read_next(reader: &mut Reader<&[u8]>, read: &mut ByteRecord) -> Result<bool, UnreadableTable> {
    reader.read_byte_record(read).map_err(|_| UnreadableTable::Damaged)
}

/// Lines with nothing in them before the next row. The reader passes over them, but a spreadsheet counts them.
fn empty_lines(text: &str, begins: usize) -> u32 {
    let (before, after) = text.as_bytes().split_at_checked(begins).unwrap_or_default();
    let mut after = after;
    // The row before may have ended in the middle of its line end.
    if before.ends_with(b"\r") {
        after = after.strip_prefix(b"\n").unwrap_or(after);
    }
    let mut lines = 0;
    while let [b'\r' | b'\n', rest @ ..] = after {
        after = if after.starts_with(b"\r\n") {
            rest.split_first().map_or(rest, |(_, rest)| rest)
        } else {
            rest
        };
        lines += 1;
    }
    lines
}

/// Whether a quotation mark goes on to the end of the file over several lines.
fn is_unclosed(raw: &str) -> bool {
    let marks = raw.bytes().filter(|byte| *byte == b'"').count();
    marks % 2 == 1 && raw.trim_end_matches(['\r', '\n']).trim_start().contains(['\r', '\n'])
}

/// The row with clean cells; `None` where all are empty.
fn cleaned(read: &ByteRecord) -> Result<Option<StringRecord>, UnreadableTable> {
    // What was read is text, cut at ASCII letters.
    let text = |cell| std::str::from_utf8(cell).map_err(|_| UnreadableTable::Damaged);
    let mut row = StringRecord::with_capacity(read.as_slice().len(), read.len().min(MOST_COLUMNS));
    let mut has_any = false;
    for (column, cell) in read.iter().enumerate() {
        let cell = text(cell)?;
        let clean = if has_control(cell) {
            &without_control(cell)
        } else {
            trimmed(cell)
        };
        if clean.len() > MOST_CHARACTERS && clean.chars().count() > MOST_CHARACTERS {
            return Err(UnreadableTable::Cell);
        }
        if column < MOST_COLUMNS {
            row.push_field(clean);
        } else if !clean.is_empty() {
            return Err(UnreadableTable::Columns);
        }
        has_any |= !clean.is_empty();
    }
    Ok(has_any.then_some(row))
}

/// Perhaps; the second byte tells more.
fn has_control(cell: &str) -> bool {
    cell.bytes()
        .any(|byte| (byte < b' ' && !matches!(byte, b'\n' | b'\t')) || matches!(byte, 0x7f | 0xc2))
}

fn without_control(cell: &str) -> String {
    let cell = cell.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = cell
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    trimmed(&kept).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, Vec<String>)> {
        let table = super::read(text.as_bytes()).unwrap();
        let cells = |row: &StringRecord| row.iter().map(str::to_owned).collect();
        table.iter().map(|(line, row)| (line, cells(row))).collect()
    }

    fn row(line: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["", "a,b", "", "\"two", "lines\",x", ",,", "  ", "c,d", "", ""].join(end);
            let expected = [row(2, &["a", "b"]), row(4, &["two\nlines", "x"]), row(7, &["c", "d"])];
            assert_eq!(read(&text), expected, "{end:?}");
        }
        assert_eq!(read("a,b"), [row(1, &["a", "b"])]);
        assert_eq!(read("sep=;\r\na;b\r\n"), [row(1, &["a", "b"])]);
    }

    #[test]
    fn cells_are_clean() {
        assert_eq!(
            read("a\nb\n\u{a0}Ada\u{200b},\"say \"\"hi\"\"\",a\u{0}b\u{7}, x\ty ,é\u{85}!,,5\" tall\n")[2..],
            [row(3, &["Ada", "say \"hi\"", "ab", "x\ty", "é!", "", "5\" tall"])]
        );
    }

    #[test]
    fn limits_are_kept() {
        let error = |text: &str| super::read(text.as_bytes()).unwrap_err();
        assert_eq!(error(""), UnreadableTable::Empty);
        assert_eq!(error(" ,,\n\n,\n"), UnreadableTable::Empty);
        assert_eq!(error(&"x,".repeat(1_000_000)), UnreadableTable::Columns);
        assert_eq!(error(&format!("a,b\n{}\n", "x".repeat(32_768))), UnreadableTable::Cell);
        assert_eq!(error(&"x\n".repeat(250_001)), UnreadableTable::Rows);
        assert_eq!(error("a,b\n1,2\n\"3,4\n5,6\n"), UnreadableTable::Quotation(3));
        assert_eq!(read(&"x\n".repeat(250_000)).len(), 250_000);
        assert_eq!(read(&format!("a{}\n", ",".repeat(1_000)))[0].1.len(), MOST_COLUMNS);
        assert!(
            super::read("ö".repeat(32_767).as_bytes()).is_ok(),
            "characters count, not bytes"
        );
    }

    #[test]
    fn a_hundred_thousand_rows_are_read() {
        let line = "ada.lovelace@example.org,Ada,Lovelace,Analytical Engines Ltd,Countess of numbers,+44 20 7946 0000,\
                    United Kingdom,vip;press,Met at the fair last autumn; wants to hear of papers,2026-11-26 14:03:12,\
                    https://video.example.org/w/83920012345?tk=abcdefghijklmnopqrstuvwxyz,utm\r\n";
        let text = line.repeat(100_000);
        let table = super::read(text.as_bytes()).unwrap();
        assert_eq!((table.len(), table.rows()[99_999].len()), (100_000, 12));
        assert_eq!(table.line(99_999), Some(100_000));
    }
}
