//! Kinds of files.

use super::csv::CsvStyle;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// For everything that reads tables.
    Csv(CsvStyle),
    /// A workbook, for spreadsheets.
    Xlsx,
    /// One array of objects.
    Json,
    /// An object a line.
    JsonLines,
}

impl Default for FileFormat {
    fn default() -> Self {
        Self::Csv(CsvStyle::default())
    }
}

impl FileFormat {
    /// Reads the ending of a file's name.
    #[must_use]
    pub fn of_ending(ending: &str, style: CsvStyle) -> Option<Self> {
        Some(match ending {
            "csv" => Self::Csv(style),
            "xlsx" => Self::Xlsx,
            "json" => Self::Json,
            "jsonl" => Self::JsonLines,
            _ => return None,
        })
    }

    /// The ending of its files' names.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Xlsx => "xlsx",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
        }
    }

    /// As HTTP says it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv(_) => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
            Self::JsonLines => "application/x-ndjson",
        }
    }
}
