//! CSV as spreadsheets read it: UTF-8 with a mark, RFC 4180, CRLF, and no cell that becomes a formula.

use std::borrow::Cow;

use csv::{Terminator, Writer, WriterBuilder};

use super::cells::{CellValue, local, write_local, yes_or_no};

/// What stands between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Separator {
    /// As RFC 4180 has it.
    #[default]
    Comma,
    /// As spreadsheets in many countries expect it.
    Semicolon,
}

/// The look of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CsvStyle {
    /// Between cells.
    pub separator: Separator,
    /// Values as they are, without the guard against formulas: for programs.
    pub raw: bool,
}

/// Tells spreadsheets that the file is UTF-8.
pub(crate) const MARK: &str = "\u{feff}";

/// The lines of a file, as the rows come.
pub(super) struct CsvEncoder {
    writer: Writer<Vec<u8>>,
    style: CsvStyle,
    /// A date that is being written.
    moment: Vec<u8>,
}

impl CsvEncoder {
    /// Begins a file.
    pub(super) fn new(headings: &[&str], style: CsvStyle) -> Self {
        let mut encoder = Self {
            writer: writer(style, MARK.as_bytes().to_vec()),
            style,
            moment: Vec::new(),
        };
        encoder.row(headings.iter().map(|heading| CellValue::text(heading)));
        encoder
    }

    pub(super) fn row<'r>(&mut self, cells: impl Iterator<Item = CellValue<'r>>) {
        for cell in cells {
            let number;
            let field: &[u8] = match &cell {
                CellValue::Empty => b"",
                CellValue::Text(text) if self.style.raw => text.as_bytes(),
                CellValue::Text(text) => {
                    // Into memory, which takes everything; so with all of these.
                    let _ = self.writer.write_field(guard(text, self.style.separator).as_bytes());
                    continue;
                }
                CellValue::Flag(flag) => yes_or_no(*flag).as_bytes(),
                CellValue::Number(value) => {
                    number = value.to_string();
                    number.as_bytes()
                }
                CellValue::Moment(at, zone) => {
                    self.moment.clear();
                    if let Some((local, _)) = local(*at, zone) {
                        write_local(&mut self.moment, &local, b' ');
                    }
                    &self.moment
                }
            };
            let _ = self.writer.write_field(field);
        }
        let _ = self.writer.write_record(None::<&[u8]>);
    }

    /// How many bytes are written at least since the last time.
    pub(super) fn encoded(&self) -> usize {
        self.writer.get_ref().len()
    }

    /// What was written since the last time.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let written = std::mem::replace(&mut self.writer, writer(self.style, Vec::new()));
        written.into_inner().unwrap_or_default()
    }
}

fn writer(style: CsvStyle, begun: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .delimiter(match style.separator {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
        })
        .terminator(Terminator::CRLF)
        // A file without columns has empty lines.
        .flexible(true)
        .from_writer(begun)
}

/// Lines of a file.
///
/// # Errors
/// When memory cannot be written to, which does not happen.
pub(crate) fn encode(lines: &[Vec<String>], style: CsvStyle) -> Result<Vec<u8>, csv::Error> {
    let mut writer = writer(style, Vec::new());
    for line in lines {
        if style.raw {
            writer.write_record(line)?;
        } else {
            writer.write_record(line.iter().map(|cell| guard(cell, style.separator).into_owned()))?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A leading apostrophe where a spreadsheet would take a cell for a formula, or a part of one: those that expect
/// another separator split cells there. Numbers and telephone numbers keep their sign.
fn guard(cell: &str, separator: Separator) -> Cow<'_, str> {
    let splits = |letter: char| match letter {
        ';' | '\t' | '\r' | '\n' => true,
        ',' => separator == Separator::Semicolon,
        _ => false,
    };
    let is_formula = |part: &str| begins_a_formula(part.strip_suffix(splits).unwrap_or(part), part);
    if !cell.split_inclusive(splits).any(is_formula) {
        return cell.into();
    }
    let mut guarded = String::with_capacity(cell.len() + 1);
    for part in cell.split_inclusive(splits) {
        if is_formula(part) {
            guarded.push('\'');
        }
        guarded.push_str(part);
    }
    guarded.into()
}

/// `part` has what it was split at; `text` has not.
fn begins_a_formula(text: &str, part: &str) -> bool {
    if part.starts_with(['\t', '\r']) {
        return true;
    }
    // A quote inside a cell opens another one where the cell was split; spaces before a sign change nothing.
    let text = text.trim_start_matches(['"', ' ', '\u{a0}', '\u{3000}']);
    let mut letters = text.chars();
    match letters.next() {
        Some('=' | '＝' | '@' | '＠') => true,
        Some('+' | '＋' | '-' | '－') => !is_number_or_phone(letters.as_str()),
        _ => false,
    }
}

/// What follows a sign.
fn is_number_or_phone(rest: &str) -> bool {
    let is_digit = |letter: char| letter.is_ascii_digit() || ('０'..='９').contains(&letter);
    rest.contains(is_digit)
        && rest
            .chars()
            .all(|c| is_digit(c) || matches!(c, ' ' | '.' | ',' | '-' | '/' | '(' | ')'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[&str], style: CsvStyle) -> String {
        let cells = cells.iter().map(|cell| (*cell).to_owned()).collect();
        String::from_utf8(encode(&[cells], style).unwrap()).unwrap()
    }

    #[test]
    fn no_cell_becomes_a_formula() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("Ada;=1+1", "Ada;'=1+1"),
            ("Ada;+cmd|' /C calc'!A0;x", "Ada;'+cmd|' /C calc'!A0;x"),
            ("=1;-2+3;@SUM(A1)", "'=1;'-2+3;'@SUM(A1)"),
            ("Ada\t=1+1", "Ada\t'=1+1"),
            ("a\n=1+1", "a\n'=1+1"),
            ("x;\"=1+1\"", "x;'\"=1+1\""),
            ("x; =1+1", "x;' =1+1"),
            ("＝1+1", "'＝1+1"),
            ("＠SUM(A1)", "'＠SUM(A1)"),
            ("＋cmd|x", "'＋cmd|x"),
            ("－2+3", "'－2+3"),
            ("Ada;＝1+1", "Ada;'＝1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3+cmd", "'-2+3+cmd"),
            ("-", "'-"),
            ("+49 30 1234-56", "+49 30 1234-56"),
            ("+49 30 1; +49 (40) 22/3", "+49 30 1; +49 (40) 22/3"),
            ("＋49 30 1234", "＋49 30 1234"),
            ("－１２", "－１２"),
            ("-12.5", "-12.5"),
            ("-3;-12,5", "-3;-12,5"),
            ("one; two;", "one; two;"),
            ("two\r\nlines", "two\r\nlines"),
            ("a,=b", "a,=b"),
            ("Jürgen", "Jürgen"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(guard(cell, Separator::Comma), expected);
        }
        assert_eq!(
            guard("Ada, =1+1", Separator::Semicolon),
            "Ada,' =1+1",
            "where commas separate, it is split there"
        );
    }

    #[test]
    fn raw_is_byte_for_byte_what_is_stored() {
        let raw = CsvStyle {
            raw: true,
            ..CsvStyle::default()
        };
        assert_eq!(line(&["=1"], raw), "=1\r\n");
        assert_eq!(line(&["a;=1", "＝1", "-", "b\t=1"], raw), "a;=1,＝1,-,b\t=1\r\n");
    }

    #[test]
    fn quotes_separators_and_line_breaks_survive() {
        let cells = ["a,b", "say \"hi\"", "two\nlines", "semi;colon", ""];
        assert_eq!(
            line(&cells, CsvStyle::default()),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",semi;colon,\r\n"
        );
        let style = CsvStyle {
            separator: Separator::Semicolon,
            raw: false,
        };
        assert_eq!(
            line(&cells, style),
            "a,b;\"say \"\"hi\"\"\";\"two\nlines\";\"semi;colon\";\r\n"
        );
    }
}
