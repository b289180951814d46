//! CSV as spreadsheets read it: UTF-8 with a mark, RFC 4180, CRLF, and no cell that becomes a formula.

use csv::{Terminator, WriterBuilder};

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
#[derive(Debug, Clone, Copy, Default)]
pub struct CsvStyle {
    /// Between cells.
    pub separator: Separator,
    /// Values as they are, without the guard against formulas: for programs.
    pub raw: bool,
}

/// Tells spreadsheets that the file is UTF-8.
pub(crate) const MARK: &str = "\u{feff}";

/// Lines of a file.
///
/// # Errors
/// When memory cannot be written to, which does not happen.
pub(crate) fn encode(lines: &[Vec<String>], style: CsvStyle) -> Result<Vec<u8>, csv::Error> {
    let delimiter = match style.separator {
        Separator::Comma => b',',
        Separator::Semicolon => b';',
    };
    let mut writer = WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for line in lines {
        if style.raw {
            writer.write_record(line)?;
        } else {
            writer.write_record(line.iter().map(|cell| guard(cell).into_owned()))?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A leading apostrophe where a spreadsheet would take the cell for a formula. Numbers and telephone numbers
/// keep their sign.
fn guard(cell: &str) -> std::borrow::Cow<'_, str> {
    let is_formula = match cell.chars().next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => !is_number_or_phone(cell),
        _ => false,
    };
    if is_formula {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

fn is_number_or_phone(cell: &str) -> bool {
    let rest = cell.get(1..).unwrap_or_default();
    rest.contains(|c: char| c.is_ascii_digit())
        && rest
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | ',' | '-' | '/' | '(' | ')'))
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
            ("\t=1", "'\t=1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3+cmd", "'-2+3+cmd"),
            ("-", "'-"),
            ("+49 30 1234-56", "+49 30 1234-56"),
            ("-12.5", "-12.5"),
            ("Jürgen", "Jürgen"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(guard(cell), expected);
        }
        assert_eq!(
            line(
                &["=1"],
                CsvStyle {
                    raw: true,
                    ..CsvStyle::default()
                }
            ),
            "=1\r\n"
        );
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
