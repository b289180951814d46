//! The texts that the cells of a workbook share.

use quick_xml::events::Event;

use super::UnreadableTable;
use super::xml::{PackagePart, add_text, unescaped};

/// All texts in one piece, and where each ends: little more memory than they need themselves.
#[derive(Default)]
pub(super) struct SharedStrings {
    all: String,
    ends: Vec<u32>,
}

impl SharedStrings {
    pub(super) fn read(mut part: PackagePart<'_, '_>) -> Result<Self, UnreadableTable> {
        let (mut strings, mut reading) = (Self::default(), CellText::default());
        loop {
            let event = part.next()?;
            if matches!(event, Event::Eof) {
                return Ok(strings);
            }
            if let Event::End(end) = &event
                && end.local_name().as_ref() == "si"
            {
                strings.push(&unescaped(&reading.read))?;
                reading.read.clear();
            } else {
                reading.take(&event)?;
            }
        }
    }

    fn push(&mut self, text: &str) -> Result<(), UnreadableTable> {
        self.all.push_str(text);
        let end = u32::try_from(self.all.len()).map_err(|_| UnreadableTable::Heavy)?;
        self.ends.push(end);
        Ok(())
    }

    /// The text with this number.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before));
        let (start, end) = (start.copied().unwrap_or(0), end);
        self.all.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}

/// A text that is being read, with its parts in different fonts, without how it is pronounced.
#[derive(Default)]
pub(super) struct CellText {
    pub(super) read: String,
    is_open: bool,
    is_phonetic: bool,
}

impl CellText {
    pub(super) fn take(&mut self, event: &Event<'_>) -> Result<(), UnreadableTable> {
        match event {
            Event::Start(start) => match start.local_name().as_ref() {
                "t" => self.is_open = true,
                "rPh" => self.is_phonetic = true,
                _ => {}
            },
            Event::End(end) => match end.local_name().as_ref() {
                "t" => self.is_open = false,
                "rPh" => self.is_phonetic = false,
                _ => {}
            },
            event if self.is_open && !self.is_phonetic => add_text(&mut self.read, event)?,
            _ => {}
        }
        Ok(())
    }
}
