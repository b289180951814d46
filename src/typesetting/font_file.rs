//! What must be known of a font file before it is worth reading: its letters, its weight, its kind. Of each file a few
//! tables are read, never the whole.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use skrifa::raw::tables::cmap::Cmap;
use skrifa::raw::{FontData, FontRead};

use super::style::Face;

/// Larger tables are not read.
const LARGEST_TABLE: u32 = 4 << 20;
/// Larger files are not read.
const LARGEST_FILE: u64 = 64 << 20;
/// Words in file names of cuts for special uses.
const SPECIAL: [&str; 10] = [
    "mono",
    "condensed",
    "kufi",
    "nastaliq",
    "rashi",
    "display",
    "looped",
    "symbols",
    "math",
    "ui-",
];

/// A font file that can be set.
pub(super) struct FontFile {
    pub(super) path: PathBuf,
    /// The table that says which letters it has.
    letters: Vec<u8>,
    weight: u16,
    has_serifs: bool,
    /// Slanted, narrow, or for special uses.
    is_special: bool,
}

/// Where a table is in its file.
#[derive(Clone, Copy)]
struct FontTable {
    tag: [u8; 4],
    start: u32,
    length: u32,
}

impl FontFile {
    /// `None` where it is no font, or one whose letters have no outlines, such as emoji in colour.
    pub(super) fn look_at(path: &Path) -> Option<Self> {
        let mut file = File::open(path).ok()?;
        if file.metadata().ok()?.len() > LARGEST_FILE {
            return None;
        }
        let tables = tables(&mut file)?;
        let has = |tag: &[u8; 4]| tables.iter().any(|table| table.tag == *tag);
        let has_outlines = has(b"glyf") || has(b"CFF ");
        let has_colors = has(b"COLR") || has(b"CBDT") || has(b"sbix") || has(b"SVG ");
        if !has_outlines || has_colors {
            return None;
        }
        let letters = read_table(&mut file, &tables, *b"cmap")?;
        Cmap::read(FontData::new(&letters)).ok()?;
        let about = read_table(&mut file, &tables, *b"OS/2").unwrap_or_default();
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let (width, selection) = (u16_at(&about, 6).unwrap_or(5), u16_at(&about, 62).unwrap_or(0));
        Some(Self {
            letters,
            weight: u16_at(&about, 4).unwrap_or(400),
            has_serifs: name.contains("serif") || name.contains("naskh"),
            is_special: selection & 1 == 1 || width != 5 || SPECIAL.iter().any(|word| name.contains(word)),
            path: path.to_owned(),
        })
    }

    pub(super) fn covers(&self, letters: &[char]) -> bool {
        Cmap::read(FontData::new(&self.letters)).is_ok_and(|map| {
            letters
                .iter()
                .all(|letter| map.map_codepoint(*letter).is_some_and(|glyph| glyph.to_u32() != 0))
        })
    }

    /// How far it is from what a cut looks like: the lowest is the best.
    pub(super) fn distance(&self, face: Face) -> (bool, bool, u16) {
        (
            self.is_special,
            self.has_serifs != face.has_serifs(),
            self.weight.abs_diff(face.weight()),
        )
    }
}

/// The tables of the file's first font.
fn tables(file: &mut File) -> Option<Vec<FontTable>> {
    let mut start = 0;
    let mut head = read_at(file, start, 16)?;
    if head.starts_with(b"ttcf") {
        start = u32_at(&head, 12)?;
        head = read_at(file, start, 16)?;
    }
    let count = u16_at(&head, 4)?;
    let records = read_at(file, start.checked_add(12)?, u32::from(count) * 16)?;
    let table = |record: &[u8]| {
        Some(FontTable {
            tag: record.first_chunk().copied()?,
            start: u32_at(record, 8)?,
            length: u32_at(record, 12)?,
        })
    };
    records.chunks_exact(16).map(table).collect()
}

fn read_table(file: &mut File, tables: &[FontTable], tag: [u8; 4]) -> Option<Vec<u8>> {
    let table = tables.iter().find(|table| table.tag == tag)?;
    read_at(file, table.start, table.length)
}

fn read_at(file: &mut File, start: u32, length: u32) -> Option<Vec<u8>> {
    if length > LARGEST_TABLE {
        return None;
    }
    file.seek(SeekFrom::Start(u64::from(start))).ok()?;
    let mut bytes = Vec::new();
    file.take(u64::from(length)).read_to_end(&mut bytes).ok()?;
    (bytes.len() == usize::try_from(length).ok()?).then_some(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
