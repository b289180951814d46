//! The parts of a report: a title, headings, rows.

use csv::StringRecord;

use crate::imports::cells::said;
use crate::imports::headings::squashed;
use crate::uploads::Table;

/// Headings and the rows below them.
pub(super) struct ReportBlock<'t> {
    /// The row above the headings, squashed, where it is a title.
    pub(super) title: String,
    headings: Vec<String>,
    pub(super) rows: Vec<(u32, &'t StringRecord)>,
}

/// How a report is parted.
pub(super) struct Parting {
    /// Whether a row is one of headings, by its squashed cells and whether a title stands above it.
    pub(super) is_heading: fn(&[String], bool) -> bool,
    /// Whether the only cell of a row is the title of a part.
    pub(super) is_title: fn(&str) -> bool,
}

impl<'t> ReportBlock<'t> {
    /// The parts of a report, in their order; rows before the first headings belong to none.
    pub(super) fn all(table: &'t Table, parting: &Parting) -> Vec<Self> {
        let mut blocks: Vec<Self> = Vec::new();
        let mut title: Option<String> = None;
        for (line, row) in table.iter() {
            if let Some(text) = only_cell(row).filter(|text| (parting.is_title)(text)) {
                title = Some(squashed(text));
                continue;
            }
            let cells: Vec<String> = row.iter().map(squashed).collect();
            if (parting.is_heading)(&cells, title.is_some()) {
                blocks.push(Self {
                    title: title.take().unwrap_or_default(),
                    headings: cells,
                    rows: Vec::new(),
                });
            } else if title.is_none()
                && let Some(block) = blocks.last_mut()
            {
                block.rows.push((line, row));
            }
        }
        blocks
    }

    /// The column with one of these headings, the first of them first.
    pub(super) fn column(&self, headings: &[&str]) -> Option<usize> {
        let mut headings = headings.iter();
        headings.find_map(|heading| self.headings.iter().position(|other| other == heading))
    }

    /// Whether a column has this heading.
    pub(super) fn has(&self, heading: &str) -> bool {
        self.column(&[heading]).is_some()
    }
}

/// A cell; empty where the row has none, or says that there is nothing.
pub(super) fn cell(row: &StringRecord, column: Option<usize>) -> &str {
    said(column.and_then(|column| row.get(column)).unwrap_or_default())
}

/// The cell of a row in which nothing else stands.
pub(super) fn only_cell(row: &StringRecord) -> Option<&str> {
    let first = row.get(0).filter(|first| !first.is_empty())?;
    row.iter().skip(1).all(str::is_empty).then_some(first)
}

/// What stands beneath or beside a label, before the people: the title of a session.
pub(super) fn labelled<'t>(table: &'t Table, labels: &[&str]) -> Option<&'t str> {
    const LOOKED_AT: usize = 30;
    let is_label = |cell: &str| labels.contains(&squashed(cell).as_str());
    let rows = || table.rows().iter().take(LOOKED_AT);
    let tells_of_people = |row: &StringRecord| {
        row.iter()
            .any(|cell| matches!(squashed(cell).as_str(), "jointime" | "firstjoin"))
    };
    let (index, column) = rows()
        .enumerate()
        .filter(|(_, row)| !tells_of_people(row))
        .find_map(|(index, row)| Some((index, row.iter().position(is_label)?)))?;
    let row = table.rows().get(index)?;
    let below = || table.rows().get(index + 1).map(|row| cell(row, Some(column)));
    let beside = cell(row, Some(column + 1));
    // A label and its value, or labels in a row, of which another one is that of an id.
    let is_pair = row.iter().filter(|cell| !cell.is_empty()).count() == 2 && !squashed(beside).ends_with("id");
    let value = if is_pair { Some(beside) } else { below() };
    value.filter(|value| !value.is_empty())
}
