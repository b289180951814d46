//! Rows of a workbook (ECMA-376, Office Open XML), written as CSV: the first visible sheet that has any. The stored value of
//! a formula is read, nothing is calculated, and macros are not looked at.
//!
//! Runs in the helper. It counts what it unpacks, keeps texts in one piece, and goes through a sheet cell by cell, so that
//! a file takes the memory of what is in it, whatever it says of itself.

mod formats;
mod numbers;
mod sheet;
mod strings;
mod xml;

use std::cell::Cell;
use std::io::{Cursor, Write};

use quick_xml::events::Event;
use zip::ZipArchive;
use zip::result::ZipError;

use self::formats::Formats;
use self::strings::SharedStrings;
use self::xml::{PackagePart, attribute};
use super::table::UnreadableTable;

/// Most bytes that are unpacked, all parts together.
const MOST_UNPACKED: u64 = 300 * 1024 * 1024;
/// Most sheets that are looked at.
const MOST_SHEETS: usize = 200;

/// Writes the rows.
///
/// # Errors
/// When it is no workbook within the limits.
pub(super) fn write_rows(bytes: &[u8], out: &mut impl Write) -> Result<(), UnreadableTable> {
    write_within(MOST_UNPACKED, bytes, out)
}

/// Unpacks no more than this.
fn write_within(most_unpacked: u64, bytes: &[u8], out: &mut impl Write) -> Result<(), UnreadableTable> {
    let mut package = Package::open(bytes, most_unpacked)?;
    let (path, book) = package.book()?;
    let related = package.related(&path)?;
    let formats = match related.of_kind("styles") {
        Some(path) => Formats::read(package.part(path)?, book.is_1904)?,
        None => Formats::plain(book.is_1904),
    };
    let texts = match related.of_kind("sharedStrings") {
        Some(path) => SharedStrings::read(package.part(path)?)?,
        None => SharedStrings::default(),
    };
    for id in book.sheets.iter().take(MOST_SHEETS) {
        let Some(path) = related.of_id(id) else { continue };
        let rows = sheet::write(package.part(path)?, &texts, &formats, out)?;
        if rows > 0 {
            return Ok(());
        }
    }
    Err(UnreadableTable::Empty)
}

/// The ZIP file.
struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    /// Bytes that may still be unpacked.
    left: Cell<u64>,
}

/// What the workbook says of itself.
#[derive(Default)]
struct Book {
    /// Ids of the sheets that can be seen, in their order.
    sheets: Vec<String>,
    /// Days are counted from 1904.
    is_1904: bool,
}

/// What belongs to a part of the package.
struct Related(Vec<Relation>);

struct Relation {
    id: String,
    /// The last word of its address.
    kind: String,
    path: String,
}

impl<'b> Package<'b> {
    fn open(bytes: &'b [u8], most_unpacked: u64) -> Result<Self, UnreadableTable> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| UnreadableTable::Damaged)?;
        Ok(Self {
            archive,
            left: Cell::new(most_unpacked),
        })
    }

    fn part(&mut self, path: &str) -> Result<PackagePart<'_, 'b>, UnreadableTable> {
        match self.archive.by_name(path) {
            Ok(file) => Ok(PackagePart::new(file, &self.left)),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => Err(UnreadableTable::OldExcel),
            Err(_) => Err(UnreadableTable::Damaged),
        }
    }

    /// The workbook and where it lies.
    fn book(&mut self) -> Result<(String, Book), UnreadableTable> {
        if self.archive.index_for_name("_rels/.rels").is_none() {
            return Err(UnreadableTable::Kind);
        }
        let root = self.related("")?;
        let path = root.of_kind("officeDocument").ok_or(UnreadableTable::Kind)?;
        if path.rsplit('.').next() == Some("bin") {
            return Err(UnreadableTable::BinaryWorkbook);
        }
        let book = Book::read(self.part(path)?)?;
        Ok((path.to_owned(), book))
    }

    /// What belongs to the part at `path`; to the whole package where it is empty.
    fn related(&mut self, path: &str) -> Result<Related, UnreadableTable> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let around = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        Related::read(self.part(&format!("{around}_rels/{name}.rels"))?, folder)
    }
}

impl Book {
    fn read(mut part: PackagePart<'_, '_>) -> Result<Self, UnreadableTable> {
        let (mut book, mut is_workbook) = (Self::default(), false);
        loop {
            match part.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "workbook" => is_workbook = true,
                    "workbookPr" => {
                        let set = attribute(&start, "date1904")?;
                        book.is_1904 = set.is_some_and(|set| matches!(set.as_ref(), "1" | "true"));
                    }
                    "sheet" => {
                        let is_visible = attribute(&start, "state")?.is_none_or(|state| state == "visible");
                        if let Some(id) = attribute(&start, "id")?.filter(|_| is_visible) {
                            book.sheets.push(id.into_owned());
                        }
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        // A text or slides come in the same kind of package.
        if is_workbook {
            Ok(book)
        } else {
            Err(UnreadableTable::Kind)
        }
    }
}

impl Related {
    fn read(mut part: PackagePart<'_, '_>, folder: &str) -> Result<Self, UnreadableTable> {
        let mut relations = Vec::new();
        loop {
            match part.next()? {
                Event::Start(start) if start.local_name().as_ref() == "Relationship" => {
                    let get = |name| attribute(&start, name);
                    if let (Some(id), Some(kind), Some(target)) = (get("Id")?, get("Type")?, get("Target")?) {
                        relations.push(Relation {
                            id: id.into_owned(),
                            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                            path: resolved(folder, &target),
                        });
                    }
                }
                Event::Eof => return Ok(Self(relations)),
                _ => {}
            }
        }
    }

    fn of_kind(&self, kind: &str) -> Option<&str> {
        let found = self.0.iter().find(|relation| relation.kind == kind);
        found.map(|relation| relation.path.as_str())
    }

    /// The sheet with this id; not a chart that stands among the sheets.
    fn of_id(&self, id: &str) -> Option<&str> {
        let is_it = |relation: &&Relation| relation.id == id && relation.kind == "worksheet";
        self.0.iter().find(is_it).map(|relation| relation.path.as_str())
    }
}

/// A path that is written from a folder, or from the root.
fn resolved(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        folder.split('/').collect()
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

#[cfg(test)]
mod tests;
