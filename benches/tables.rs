//! Tables from outside: how long 100,000 rows take from the bytes of a file to people.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use commonground::imports::{ImportKind, Mapping, ReadOptions, read_all};
use commonground::uploads::{PictureReader, TableReader};
use commonground::values::Zone;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

mod common;

use common::line;
use common::people::{HEADINGS, csv, row};

const ROWS: usize = 100_000;

#[tokio::main]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("tables");
    let program = PathBuf::from(env!("CARGO_BIN_EXE_commonground"));
    let reader = TableReader::beside(&PictureReader::new(program));
    let rows: Vec<[String; 12]> = (0..ROWS).map(row).collect();
    for (what, bytes) in [
        ("100,000 rows of CSV", csv(&rows)),
        ("100,000 rows of XLSX", workbook(&rows)),
    ] {
        let began = Instant::now();
        let table = reader.read(&bytes).await.unwrap();
        let megabytes = bytes.len() / 1_000_000;
        line(what, &milliseconds(began), &format!("{megabytes} MB"));
        assert_eq!(table.len(), ROWS + 1);
        let began = Instant::now();
        let (_, header) = ImportKind::find(&table).unwrap();
        let mapping = Mapping::of_header(&table.rows()[header]).unwrap();
        let options = ReadOptions {
            zone: Zone::parse("Europe/Berlin").unwrap(),
            now: "2026-11-28T12:00:00Z".parse().unwrap(),
        };
        let read = read_all(&table, &mapping, header, &options);
        assert_eq!((read.good.len(), read.warnings.len()), (ROWS, 0));
        line("their people", &milliseconds(began), "");
    }
}

/// As spreadsheets write them: each text once, and the cells by number.
fn workbook(rows: &[[String; 12]]) -> Vec<u8> {
    let root = "<Relationships><Relationship Id='r1' Type='http://x/officeDocument' Target='xl/workbook.xml'/></Relationships>";
    let related = "<Relationships><Relationship Id='r1' Type='http://x/worksheet' Target='worksheets/sheet1.xml'/>\
                   <Relationship Id='r2' Type='http://x/sharedStrings' Target='sharedStrings.xml'/></Relationships>";
    let book = "<workbook xmlns:r='http://r'><sheets><sheet name='A' sheetId='1' r:id='r1'/></sheets></workbook>";
    let (mut texts, mut cells) = (String::new(), String::new());
    let headings = HEADINGS.map(str::to_owned);
    let mut number = 0;
    for (index, row) in std::iter::once(&headings).chain(rows).enumerate() {
        write!(cells, "<row r=\"{}\" spans=\"1:12\">", index + 1).unwrap();
        for (letter, text) in ('A'..).zip(row) {
            write!(texts, "<si><t>{text}</t></si>").unwrap();
            write!(cells, "<c r=\"{letter}{}\" t=\"s\"><v>{number}</v></c>", index + 1).unwrap();
            number += 1;
        }
        cells.push_str("</row>");
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in [
        ("_rels/.rels", root.to_owned()),
        ("xl/workbook.xml", book.to_owned()),
        ("xl/_rels/workbook.xml.rels", related.to_owned()),
        ("xl/sharedStrings.xml", format!("<sst>{texts}</sst>")),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{cells}</sheetData></worksheet>"),
        ),
    ] {
        zip.start_file(path, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn milliseconds(began: Instant) -> String {
    format!("{:.0} ms", began.elapsed().as_secs_f64() * 1e3)
}
