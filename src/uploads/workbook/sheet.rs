//! The cells of a sheet, row by row, as CSV.

use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};
use quick_xml::events::{BytesStart, Event};

use super::UnreadableTable;
use super::formats::{Formats, Shown};
use super::numbers;
use super::strings::{CellText, SharedStrings};
use super::xml::{PackagePart, add_text, attribute, unescaped};
use crate::uploads::table::{MOST_COLUMNS, MOST_ROWS};

/// Rows of a sheet, empty ones with them.
const LAST_ROW: usize = 1_048_576;

/// Writes the rows of a sheet, an empty line for each empty one before. How many have something in them comes back.
///
/// # Errors
/// When the sheet is damaged, or goes beyond a limit.
pub(super) fn write(
    mut part: PackagePart<'_, '_>,
    texts: &SharedStrings,
    formats: &Formats,
    out: &mut impl Write,
) -> Result<usize, UnreadableTable> {
    let mut rows = Rows::new(out);
    let (mut cell, mut text) = (CellHead::default(), CellText::default());
    // What stands in `v` is the value; in `f` stands the formula.
    let (mut value, mut is_value) = (String::new(), false);
    loop {
        let event = part.next()?;
        match &event {
            Event::Start(start) => match start.local_name().as_ref() {
                "row" => rows.begin(start)?,
                "c" => {
                    cell = CellHead::read(start, rows.next_column)?;
                    value.clear();
                    text.read.clear();
                }
                "v" => is_value = true,
                _ => text.take(&event)?,
            },
            Event::End(end) => match end.local_name().as_ref() {
                "row" => rows.end()?,
                "c" => {
                    let read = cell.text(&value, &text.read, texts, formats);
                    rows.put(cell.column, &read)?;
                }
                "v" => is_value = false,
                "sheetData" => break,
                _ => text.take(&event)?,
            },
            Event::Eof => break,
            _ if is_value => add_text(&mut value, &event)?,
            _ => text.take(&event)?,
        }
    }
    Ok(rows.written)
}

/// What a cell says before its value.
#[derive(Default)]
struct CellHead {
    /// From 0.
    column: usize,
    style: usize,
    kind: CellKind,
}

/// How the value of a cell is stored.
#[derive(Default, Clone, Copy)]
enum CellKind {
    #[default]
    Number,
    Shared,
    Inline,
    /// What a formula gave.
    Formula,
    Flag,
    Error,
    /// A date in words of ISO 8601.
    Date,
}

impl CellHead {
    fn read(start: &BytesStart<'_>, next: usize) -> Result<Self, UnreadableTable> {
        let column = match attribute(start, "r")? {
            Some(name) => column_of(&name).ok_or(UnreadableTable::Damaged)?,
            None => next,
        };
        let style = attribute(start, "s")?.and_then(|style| style.parse().ok());
        let kind = match attribute(start, "t")?.as_deref() {
            Some("s") => CellKind::Shared,
            Some("inlineStr") => CellKind::Inline,
            Some("str") => CellKind::Formula,
            Some("b") => CellKind::Flag,
            Some("e") => CellKind::Error,
            Some("d") => CellKind::Date,
            _ => CellKind::Number,
        };
        Ok(Self {
            column,
            style: style.unwrap_or(0),
            kind,
        })
    }

    fn text(&self, value: &str, inline: &str, texts: &SharedStrings, formats: &Formats) -> String {
        let shown = formats.shown(self.style);
        match self.kind {
            CellKind::Shared => {
                let index = value.trim().parse().ok();
                index.and_then(|index| texts.get(index)).unwrap_or_default().to_owned()
            }
            CellKind::Inline => unescaped(inline).into_owned(),
            CellKind::Formula => unescaped(value).into_owned(),
            CellKind::Flag => if value.trim() == "1" { "yes" } else { "no" }.to_owned(),
            CellKind::Error => String::new(),
            CellKind::Date => date(value, shown),
            CellKind::Number => numbers::text(value, shown, formats.is_1904),
        }
    }
}

/// `2026-11-26T14:03:12` as other dates are written.
fn date(value: &str, shown: Shown) -> String {
    let (day, time) = value.split_once('T').unwrap_or((value, ""));
    let time = time.split(['.', 'Z']).next().unwrap_or_default();
    if time.is_empty() || (shown == Shown::Date && time == "00:00:00") {
        day.to_owned()
    } else {
        format!("{day} {time}")
    }
}

/// 0 of `A7`, 27 of `AB1`.
fn column_of(name: &str) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.take(4).fold(0, |number, letter| {
        number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    number.checked_sub(1)
}

/// The row that is being read, and those that are written.
struct Rows<'o, W: Write> {
    out: Writer<&'o mut W>,
    /// Of the row that is being read; only as many cells as it has.
    cells: Vec<String>,
    next_column: usize,
    /// Its number, from 1.
    number: usize,
    /// The number of the row that was written last.
    last: usize,
    /// How many have something in them.
    written: usize,
}

impl<'o, W: Write> Rows<'o, W> {
    fn new(out: &'o mut W) -> Self {
        let writer = WriterBuilder::new()
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_writer(out);
        Self {
            out: writer,
            cells: Vec::new(),
            next_column: 0,
            number: 0,
            last: 0,
            written: 0,
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), UnreadableTable> {
        let number = match attribute(start, "r")? {
            Some(number) => number.parse().map_err(|_| UnreadableTable::Damaged)?,
            None => self.number + 1,
        };
        if number <= self.number || number > LAST_ROW {
            return Err(UnreadableTable::Damaged);
        }
        self.number = number;
        self.next_column = 0;
        self.cells.clear();
        Ok(())
    }

    fn put(&mut self, column: usize, text: &str) -> Result<(), UnreadableTable> {
        self.next_column = column.saturating_add(1);
        // Not for a format that goes on to the last column of the sheet.
        if text.trim().is_empty() {
            return Ok(());
        }
        if column >= MOST_COLUMNS {
            return Err(UnreadableTable::Columns);
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        if let Some(cell) = self.cells.get_mut(column) {
            text.clone_into(cell);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), UnreadableTable> {
        if self.cells.is_empty() {
            return Ok(());
        }
        if self.written == MOST_ROWS {
            return Err(UnreadableTable::Rows);
        }
        for _ in self.last + 1..self.number {
            self.empty_line()?;
        }
        // Whoever reads it stops where it becomes too much.
        let wrote = self.out.write_record(&self.cells);
        wrote.map_err(|_| UnreadableTable::Heavy)?;
        self.last = self.number;
        self.written += 1;
        Ok(())
    }

    /// A row of one empty cell would be written with quotation marks.
    fn empty_line(&mut self) -> Result<(), UnreadableTable> {
        self.out.write_record(None::<&[u8]>).map_err(|_| UnreadableTable::Heavy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_numbers() {
        for (name, column) in [
            ("A1", Some(0)),
            ("Z9", Some(25)),
            ("AA1", Some(26)),
            ("XFD1048576", Some(16_383)),
            ("1", None),
        ] {
            assert_eq!(column_of(name), column, "{name}");
        }
    }

    #[test]
    fn dates_in_words_are_written_as_others() {
        assert_eq!(date("2026-11-26T14:03:12.000", Shown::Moment), "2026-11-26 14:03:12");
        assert_eq!(date("2026-11-26T00:00:00", Shown::Date), "2026-11-26");
        assert_eq!(date("2026-11-26", Shown::Number), "2026-11-26");
    }
}
