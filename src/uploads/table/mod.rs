//! Tables from outside: rows of text, whatever kind of file they came in. Workbooks go through the helper; text is read
//! here, and so is what the helper makes of a workbook.

mod encoding;
mod foreign;
mod reader;
mod separator;
mod text;

pub use reader::{TableError, TableReader};

use csv::StringRecord;

/// Most bytes of a file with a table.
pub const MOST_TABLE_BYTES: usize = 32 * 1024 * 1024;
/// Most rows with something in them.
pub(super) const MOST_ROWS: usize = 250_000;
/// Most columns.
pub(super) const MOST_COLUMNS: usize = 300;
/// Most characters of a cell, as spreadsheets have it.
pub(super) const MOST_CHARACTERS: usize = 32_767;

/// Why no table is made of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableTable {
    /// It has no cell with anything in it.
    #[error("This file is empty. Choose one with headings in its first row and a person in each row below.")]
    Empty,
    /// It has too many bytes.
    #[error("This file is larger than 32 MB. Split it into several files.")]
    Bytes,
    /// It is an Excel file of the years before 2007, or has a password; from outside these look the same.
    #[error(
        "This is an old Excel file, or one with a password. Save it as XLSX or CSV, without a password, and send that."
    )]
    OldExcel,
    /// It is an XLSB workbook.
    #[error("This is a binary Excel file (XLSB). Save it as XLSX or CSV, and send that.")]
    BinaryWorkbook,
    /// It is a PDF.
    #[error("This is a PDF. Send the list itself, as XLSX or CSV.")]
    Pdf,
    /// It is a picture.
    #[error("This is a picture. Send the list itself, as XLSX or CSV.")]
    Picture,
    /// It is HTML or another kind of XML, whatever its name says.
    #[error(
        "This is a web page, even if its name says otherwise. Open it in a spreadsheet, save it as XLSX or CSV, and send that."
    )]
    Markup,
    /// It is something else.
    #[error("This file is no table that can be read. Choose one in XLSX or CSV.")]
    Kind,
    /// It has too many rows.
    #[error("This file has more than 250,000 rows. Split it into several files.")]
    Rows,
    /// It has too many columns.
    #[error("This file has more than 300 columns. Delete those that are not needed.")]
    Columns,
    /// A cell is too long: most often a quotation mark is missing.
    #[error("A cell of this file has more than 32,767 characters. Perhaps a quotation mark is missing.")]
    Cell,
    /// A quotation mark opens and takes all rows that follow into one cell.
    #[error("The quotation mark that opens in row {0} is not closed. Close it, or delete it.")]
    Quotation(u32),
    /// Reading it took too much memory or time.
    #[error("This file is too large to be read. Delete what is not needed, or save it as CSV.")]
    Heavy,
    /// It is damaged, cut off, or lies about itself.
    #[error("This file is damaged and cannot be read. Save it anew, and send that.")]
    Damaged,
}

/// Rows of text, the empty ones left out. Cells are without white space at their ends, and without control characters but
/// line breaks and tabs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    rows: Vec<StringRecord>,
    lines: Vec<u32>,
}

impl Table {
    /// The rows; any number of cells stands in each.
    #[must_use]
    pub fn rows(&self) -> &[StringRecord] {
        &self.rows
    }

    /// Each row with its number in a spreadsheet, where the first row is 1 and empty ones count.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &StringRecord)> {
        self.lines.iter().copied().zip(&self.rows)
    }

    /// The rows after one of [`Self::rows`], each with its number in a spreadsheet.
    pub fn below(&self, index: usize) -> impl Iterator<Item = (u32, &StringRecord)> {
        self.iter().skip(index.saturating_add(1))
    }

    /// The number in a spreadsheet of one of [`Self::rows`].
    #[must_use]
    pub fn line(&self, index: usize) -> Option<u32> {
        self.lines.get(index).copied()
    }

    /// How many rows have something in them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// As it is kept until it is used: CSV, each row after its number.
    ///
    /// # Errors
    /// When memory cannot be written to, which does not happen.
    pub fn to_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for (line, row) in self.iter() {
            writer.write_field(line.to_string())?;
            writer.write_record(row)?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    /// Reads what [`Self::to_csv`] has written.
    ///
    /// # Errors
    /// When it was written by something else.
    pub fn from_csv(kept: &[u8]) -> Result<Self, csv::Error> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(kept);
        let mut table = Self::default();
        for record in reader.records() {
            let record = record?;
            let line = record.get(0).and_then(|line| line.parse().ok()).unwrap_or_default();
            table.lines.push(line);
            table.rows.push(record.iter().skip(1).collect());
        }
        Ok(table)
    }

    fn push(&mut self, line: u32, row: StringRecord) -> Result<(), UnreadableTable> {
        if self.rows.len() == MOST_ROWS {
            return Err(UnreadableTable::Rows);
        }
        self.rows.push(row);
        self.lines.push(line);
        Ok(())
    }

    /// Reads a file in this process, for tests: a workbook, too.
    #[cfg(test)]
    pub(crate) fn of_file(bytes: &[u8]) -> Result<Self, UnreadableTable> {
        foreign::refuse(bytes)?;
        if !foreign::is_zip(bytes) {
            return text::read(bytes);
        }
        let mut made = Vec::new();
        super::workbook::write_rows(bytes, &mut made)?;
        text::read_made(&made)
    }
}
