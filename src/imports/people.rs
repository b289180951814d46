//! All rows of a list of people.

use std::collections::HashMap;

use csv::StringRecord;
use jiff::Timestamp;

use super::columns::OurColumn;
use super::dates::DateOrder;
use super::headings::is_in_utc;
use super::mapping::Mapping;
use super::person_row::{BadRow, DateColumn, PersonRow, RowReader, RowWarning};
use crate::uploads::Table;
use crate::values::Zone;

/// What reading takes besides the file.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Where the clocks hung whose times the file has without a zone.
    pub zone: Zone,
    /// Nobody registered or agreed later than this.
    pub now: Timestamp,
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct PeopleRead {
    /// To be imported, in the order of the file.
    pub good: Vec<PersonRow>,
    /// Not to be imported.
    pub bad: Vec<BadRow>,
    /// Cells that were left out of the good rows.
    pub warnings: Vec<RowWarning>,
}

/// Reads the rows below the headings; `header` is the index of those among the table's rows.
#[must_use]
pub fn read_all(table: &Table, mapping: &Mapping, header: usize, options: &ReadOptions) -> PeopleRead {
    let dates = |column: OurColumn| dates(table, mapping, header, &column, options);
    let mut reader = RowReader {
        mapping,
        registered_at: dates(OurColumn::RegisteredAt),
        consent_at: dates(OurColumn::ConsentAt),
        now: options.now,
        warnings: Vec::new(),
        line: 0,
    };
    let mut read = PeopleRead::default();
    let mut seen: HashMap<String, u32> = HashMap::new();
    for (line, row) in table.below(header) {
        reader.line = line;
        let warned = reader.warnings.len();
        match reader.read(row).and_then(|person| first_of_address(&mut seen, person)) {
            Ok(person) => read.good.push(person),
            Err(bad) => {
                reader.warnings.truncate(warned);
                read.bad.push(bad);
            }
        }
    }
    read.warnings = reader.warnings;
    read
}

/// The person, if no row before has the same address.
fn first_of_address(seen: &mut HashMap<String, u32>, person: PersonRow) -> Result<PersonRow, BadRow> {
    let line = person.line;
    let first = *seen.entry(person.email.key()).or_insert(line);
    if first == line {
        return Ok(person);
    }
    Err(BadRow {
        line,
        reason: format!("Email: the same address stands in row {first}."),
    })
}

/// How the dates of a column are read: found once, by all of its cells.
fn dates(table: &Table, mapping: &Mapping, header: usize, column: &OurColumn, options: &ReadOptions) -> DateColumn {
    let heading = table.rows().get(header).map(|row| mapping.cell(row, column));
    let cells = table
        .below(header)
        .map(|(_, row): (u32, &StringRecord)| mapping.cell(row, column));
    DateColumn {
        order: DateOrder::of(cells).unwrap_or_default(),
        zone: if heading.is_some_and(is_in_utc) {
            Zone::utc()
        } else {
            options.zone.clone()
        },
    }
}

#[cfg(test)]
mod tests;
