//! Which number formats show a number as a date or a time.

use quick_xml::events::Event;

use super::UnreadableTable;
use super::xml::{PackagePart, attribute};

/// Most formats that are looked at: spreadsheets have 64,000.
const MOST: usize = 100_000;

/// What a cell shows of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Number,
    Date,
    /// A date with a time.
    Moment,
    /// A time of day, or how long something takes.
    Time,
}

/// By the number of a cell's style.
pub(super) struct Formats {
    shown: Vec<Shown>,
    /// Days are counted from 1904.
    pub(super) is_1904: bool,
}

impl Formats {
    /// Of a workbook without formats.
    pub(super) fn plain(is_1904: bool) -> Self {
        Self {
            shown: Vec::new(),
            is_1904,
        }
    }

    pub(super) fn read(mut part: PackagePart<'_, '_>, is_1904: bool) -> Result<Self, UnreadableTable> {
        let mut formats = Self::plain(is_1904);
        let (mut own, mut is_in_cells): (Vec<(u32, Shown)>, bool) = (Vec::new(), false);
        loop {
            match part.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "numFmt" if own.len() < MOST => {
                        let id = attribute(&start, "numFmtId")?.and_then(|id| id.parse().ok());
                        if let (Some(id), Some(code)) = (id, attribute(&start, "formatCode")?) {
                            own.push((id, of_code(&code)));
                        }
                    }
                    "cellXfs" => is_in_cells = true,
                    "xf" if is_in_cells && formats.shown.len() < MOST => {
                        let id = attribute(&start, "numFmtId")?.and_then(|id| id.parse().ok());
                        let id = id.unwrap_or(0);
                        let own = own.iter().find(|(number, _)| *number == id);
                        formats
                            .shown
                            .push(own.map_or_else(|| built_in(id), |(_, shown)| *shown));
                    }
                    _ => {}
                },
                Event::End(end) if end.local_name().as_ref() == "cellXfs" => is_in_cells = false,
                Event::Eof => return Ok(formats),
                _ => {}
            }
        }
    }

    /// What a cell of this style shows.
    pub(super) fn shown(&self, style: usize) -> Shown {
        self.shown.get(style).copied().unwrap_or(Shown::Number)
    }
}

/// Formats that no workbook spells out; from 27 on those of East Asia.
fn built_in(id: u32) -> Shown {
    match id {
        14..=17 | 27..=31 | 36 | 50..=54 | 57..=58 => Shown::Date,
        18..=21 | 32..=35 | 45..=47 | 55..=56 => Shown::Time,
        22 => Shown::Moment,
        _ => Shown::Number,
    }
}

/// Of a format such as `dd/mm/yyyy hh:mm` or `#,##0.00 [$€-407]`: what follows the first `;` is for other numbers.
fn of_code(code: &str) -> Shown {
    let (mut has_date, mut has_time, mut has_month) = (false, false, false);
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => drop(letters.by_ref().find(|c| *c == '"')),
            '\\' | '_' | '*' => drop(letters.next()),
            '[' => {
                let inside: String = letters.by_ref().take_while(|c| *c != ']').collect();
                // How long something takes: [h], [mm].
                let inside = inside.to_ascii_lowercase();
                has_time |=
                    !inside.is_empty() && ["h", "m", "s"].iter().any(|unit| inside.replace(unit, "").is_empty());
            }
            ';' => break,
            'y' | 'Y' | 'd' | 'D' => has_date = true,
            'h' | 'H' | 's' | 'S' => has_time = true,
            // Months or minutes: by what stands beside it.
            'm' | 'M' => has_month = true,
            // A number in any form; `General` begins so, too.
            '0' | '#' | '?' | 'E' | 'G' if !has_date && !has_time => return Shown::Number,
            _ => {}
        }
    }
    match (has_date || (has_month && !has_time), has_time) {
        (true, true) => Shown::Moment,
        (true, false) => Shown::Date,
        (false, true) => Shown::Time,
        (false, false) => Shown::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_numbers() {
        for (code, shown) in [
            ("General", Shown::Number),
            ("0.00", Shown::Number),
            ("#,##0.00 [$€-407]", Shown::Number),
            ("\"day \"0", Shown::Number),
            ("0.00E+00", Shown::Number),
            ("[Red]0", Shown::Number),
            ("@", Shown::Number),
            ("\\d0", Shown::Number),
            ("yyyy-mm-dd", Shown::Date),
            ("[$-409]mmmm d, yyyy;@", Shown::Date),
            ("mmm", Shown::Date),
            ("dd\\.mm\\.yy", Shown::Date),
            ("yyyy\\-mm\\-dd hh:mm:ss", Shown::Moment),
            ("d/m/yy h:mm AM/PM", Shown::Moment),
            ("h:mm AM/PM", Shown::Time),
            ("[h]:mm:ss", Shown::Time),
            ("mm:ss.0", Shown::Time),
            ("[mm]:ss", Shown::Time),
        ] {
            assert_eq!(of_code(code), shown, "{code}");
        }
        assert_eq!(
            (built_in(14), built_in(22), built_in(49)),
            (Shown::Date, Shown::Moment, Shown::Number)
        );
    }
}
