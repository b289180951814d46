//! What a file begins with, to be looked at before it is made.

use super::{CellValue, Column, ExportError, Options};
use crate::export::cells::{local, write_local, yes_or_no};

/// The first rows, and all columns to choose from.
#[derive(Debug, Default)]
pub struct FirstRows {
    /// Key and heading of every column there is, and whether the file has it.
    pub columns: Vec<(String, String, bool)>,
    /// Headings of the file.
    pub headings: Vec<String>,
    /// Cells, row by row.
    pub rows: Vec<Vec<String>>,
}

impl FirstRows {
    /// So many are shown.
    pub const MOST: usize = 5;

    /// Of these rows.
    ///
    /// # Errors
    /// [`ExportError::UnknownColumn`].
    pub fn of<R>(all: &[Column<R>], options: &Options, rows: &[R]) -> Result<Self, ExportError> {
        let chosen = options.choose(all)?;
        let is_chosen = |column: &Column<R>| chosen.iter().any(|other| other.key == column.key);
        let cell = |column: &&Column<R>, row: &R| shown(&column.cell(row, options.zone.as_ref()));
        Ok(Self {
            columns: all
                .iter()
                .map(|column| (column.key.clone(), column.label.clone(), is_chosen(column)))
                .collect(),
            headings: chosen.iter().map(|column| column.label.clone()).collect(),
            rows: rows
                .iter()
                .map(|row| chosen.iter().map(|column| cell(column, row)).collect())
                .collect(),
        })
    }
}

/// As a file of text has it.
fn shown(cell: &CellValue<'_>) -> String {
    match cell {
        CellValue::Empty => String::new(),
        CellValue::Text(text) => text.clone().into_owned(),
        CellValue::Number(number) => number.to_string(),
        CellValue::Flag(flag) => yes_or_no(*flag).to_owned(),
        CellValue::Moment(at, zone) => {
            let mut out = Vec::new();
            if let Some((local, _)) = local(*at, zone) {
                write_local(&mut out, &local, b' ');
            }
            String::from_utf8(out).unwrap_or_default()
        }
    }
}
