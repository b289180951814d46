//! Which column of a file is which of ours.

use csv::StringRecord;

use super::columns::OurColumn;
use super::headings::guess;
use crate::values::Problem;

/// For each column of a file, which of ours it is: each of ours at most once, and the address among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping(Vec<Option<OurColumn>>);

impl Mapping {
    /// Checks what was chosen.
    ///
    /// # Errors
    /// Says which column is missing or there twice.
    pub fn new(columns: Vec<Option<OurColumn>>) -> Result<Self, Problem> {
        let chosen: Vec<&OurColumn> = columns.iter().flatten().collect();
        if !chosen.contains(&&OurColumn::Email) {
            return Err(Problem::new("Choose which column has the e-mail addresses."));
        }
        let twice = chosen
            .iter()
            .enumerate()
            .find(|(index, column)| chosen.iter().take(*index).any(|other| other == *column));
        if let Some((_, column)) = twice {
            return Err(Problem::new(format!(
                "Two columns are chosen as {column}. Choose one of them."
            )));
        }
        Ok(Self(columns))
    }

    /// By the headings.
    ///
    /// # Errors
    /// When no heading is one of addresses.
    pub fn of_header(header: &StringRecord) -> Result<Self, Problem> {
        Self::new(guess(header))
    }

    /// Reads what [`Self::stored`] wrote.
    ///
    /// # Errors
    /// When it is not that.
    pub fn parse(stored: &str) -> Result<Self, Problem> {
        let wrong = || Problem::new("Choose the columns again.");
        let keys: Vec<Option<String>> = serde_json::from_str(stored).map_err(|_| wrong())?;
        let columns: Option<Vec<_>> = keys
            .iter()
            .map(|key| match key {
                Some(key) => OurColumn::parse(key).map(Some),
                None => Some(None),
            })
            .collect();
        Self::new(columns.ok_or_else(wrong)?)
    }

    /// As it is stored: the keys in the order of the file, as JSON.
    #[must_use]
    pub fn stored(&self) -> String {
        let keys: Vec<Option<String>> = self
            .0
            .iter()
            .map(|column| column.as_ref().map(OurColumn::key))
            .collect();
        serde_json::to_string(&keys).unwrap_or_default()
    }

    /// What each column of the file is.
    #[must_use]
    pub fn columns(&self) -> &[Option<OurColumn>] {
        &self.0
    }

    /// Which column of the file is this one of ours.
    #[must_use]
    pub fn index_of(&self, column: &OurColumn) -> Option<usize> {
        self.0.iter().position(|other| other.as_ref() == Some(column))
    }

    /// The cell of a row for one of ours; empty where there is none.
    pub(super) fn cell<'r>(&self, row: &'r StringRecord, column: &OurColumn) -> &'r str {
        self.index_of(column)
            .and_then(|index| row.get(index))
            .unwrap_or_default()
    }

    /// The keys of the questions, with their columns.
    pub(super) fn questions(&self) -> impl Iterator<Item = (usize, &str)> {
        let columns = self.0.iter().enumerate();
        columns.filter_map(|(index, column)| match column {
            Some(OurColumn::Question(key)) => Some((index, key.as_str())),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_stored_and_read_back() {
        let mapping = Mapping::of_header(&StringRecord::from(vec!["Email", "Shoe size", "q_diet"])).unwrap();
        assert_eq!(mapping.stored(), r#"["email",null,"q_diet"]"#);
        assert_eq!(Mapping::parse(&mapping.stored()), Ok(mapping));
        for (stored, why) in [
            ("", "Choose the columns again."),
            ("{}", "Choose the columns again."),
            (r#"["shoe_size"]"#, "Choose the columns again."),
            (r#"["full_name"]"#, "Choose which column has the e-mail addresses."),
            (
                r#"["email","email"]"#,
                "Two columns are chosen as Email. Choose one of them.",
            ),
        ] {
            assert_eq!(Mapping::parse(stored).unwrap_err().message(), why, "{stored}");
        }
    }
}
