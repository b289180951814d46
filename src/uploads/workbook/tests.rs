//! Workbooks as they come, and as nobody should send them.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::uploads::table::{Table, UnreadableTable};

const ROOT: &str =
    "<Relationships><Relationship Id='r1' Type='http://x/officeDocument' Target='xl/workbook.xml'/></Relationships>";
const RELATED: &str = "<Relationships><Relationship Id='r1' Type='http://x/worksheet' Target='worksheets/sheet1.xml'/>\
    <Relationship Id='r2' Type='http://x/worksheet' Target='/xl/worksheets/sheet2.xml'/>\
    <Relationship Id='r3' Type='http://x/sharedStrings' Target='sharedStrings.xml'/>\
    <Relationship Id='r4' Type='http://x/styles' Target='./styles.xml'/></Relationships>";
const BOOK: &str = "<workbook xmlns:r='http://r'><sheets><sheet name='A' sheetId='1' r:id='r1'/></sheets></workbook>";

fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (path, content) in parts {
        zip.start_file(*path, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// With this in `sheetData`, and these texts.
fn workbook(rows: &str, texts: &str) -> Vec<u8> {
    packed(&[
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", RELATED),
        ("xl/sharedStrings.xml", &format!("<sst>{texts}</sst>")),
        (
            "xl/styles.xml",
            "<styleSheet><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet><dimension ref='A1:XFD1048576'/><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ])
}

fn read(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, UnreadableTable> {
    let table = Table::of_file(bytes)?;
    let rows = table
        .iter()
        .map(|(line, row)| (line, row.iter().map(str::to_owned).collect()));
    Ok(rows.collect())
}

#[test]
fn cells_are_read_whatever_their_kind() {
    let rows = "<row r='2'><c r='A2' t='s'><v>0</v></c><c r='C2' t='inlineStr'><is><t>in</t><r><t>line</t></r></is></c>\
        <c t='b'><v>1</v></c><c t='e'><v>#REF!</v></c><c t='str'><f>A1&amp;\"x\"</f><v>a&lt;b&#x41;</v></c></row>\
        <row><c t='s'><v>1</v></c><c s='1'><v>46352</v></c><c><f>1+1</f><v>2</v></c><c t='s'><v>99</v></c></row>\
        <row r='9'><c r='B9'><v>49301234</v></c><c r='ZZZ9' s='1'/></row>";
    let texts = "<si><r><rPr><b/></rPr><t>Rich</t></r><r><t xml:space='preserve'> text</t></r><rPh><t>no</t></rPh></si>\
        <si><t>two_x000D_\nlines</t></si>";
    assert_eq!(
        read(&workbook(rows, texts)).unwrap(),
        [
            (
                2,
                vec![
                    "Rich text".to_owned(),
                    String::new(),
                    "inline".to_owned(),
                    "yes".to_owned(),
                    String::new(),
                    "a<bA".to_owned()
                ]
            ),
            (
                3,
                vec!["two\nlines".to_owned(), "2026-11-26".to_owned(), "2".to_owned()]
            ),
            (9, vec![String::new(), "49301234".to_owned()]),
        ]
    );
}

#[test]
fn the_first_sheet_that_can_be_seen_and_has_rows_is_read() {
    let sheet = |cell: &str| {
        format!("<worksheet><sheetData><row><c t='inlineStr'><is><t>{cell}</t></is></c></row></sheetData></worksheet>")
    };
    let book = |first: &str| {
        format!(
            "<workbook xmlns:r='http://r'><workbookPr date1904='1'/><sheets><sheet r:id='r1'{first}/><sheet r:id='r2'/></sheets></workbook>"
        )
    };
    let of = |first: &str, cell: &str| {
        packed(&[
            ("_rels/.rels", ROOT),
            ("xl/workbook.xml", &book(first)),
            (
                "xl/_rels/workbook.xml.rels",
                &RELATED
                    .replace("sharedStrings.xml", "x")
                    .replace("/sharedStrings'", "/none'")
                    .replace("/styles'", "/none'"),
            ),
            ("xl/worksheets/sheet1.xml", &sheet(cell)),
            ("xl/worksheets/sheet2.xml", &sheet("second")),
            ("xl/vbaProject.bin", "\u{1}macro"),
        ])
    };
    let first = |bytes: &[u8]| read(bytes).unwrap()[0].1[0].clone();
    assert_eq!(first(&of("", "first")), "first");
    assert_eq!(first(&of(" state='hidden'", "first")), "second");
    assert_eq!(first(&of(" state='veryHidden'", "first")), "second");
    assert_eq!(first(&of("", " ")), "second");
}

#[test]
fn what_is_no_workbook_is_refused() {
    let good = workbook("<row><c><v>1</v></c></row>", "");
    let slides = packed(&[
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", "<presentation/>"),
        ("xl/_rels/workbook.xml.rels", RELATED),
    ]);
    let binary = packed(&[
        ("_rels/.rels", &ROOT.replace("workbook.xml", "workbook.bin")),
        ("xl/workbook.bin", "x"),
    ]);
    for (bytes, why) in [
        (good[..good.len() / 2].to_vec(), UnreadableTable::Damaged),
        (b"PK\x03\x04 and no more".to_vec(), UnreadableTable::Damaged),
        (
            packed(&[("mimetype", "application/vnd.oasis.opendocument.spreadsheet")]),
            UnreadableTable::Kind,
        ),
        (slides, UnreadableTable::Kind),
        (binary, UnreadableTable::BinaryWorkbook),
        (workbook("", ""), UnreadableTable::Empty),
        (workbook("<row r='1'><c><v>1</v></c>", ""), UnreadableTable::Damaged),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest".to_vec(),
            UnreadableTable::OldExcel,
        ),
        (b"%PDF-1.7".to_vec(), UnreadableTable::Pdf),
        (b"\x89PNG\r\n\x1a\n".to_vec(), UnreadableTable::Picture),
        (
            b"\xef\xbb\xbf\r\n<!DOCTYPE html><table>".to_vec(),
            UnreadableTable::Markup,
        ),
        (b"<?xml version='1.0'?><Workbook/>".to_vec(), UnreadableTable::Markup),
    ] {
        assert_eq!(read(&bytes), Err(why), "{:?}", bytes.get(..40));
    }
}

#[test]
fn limits_are_kept() {
    let far = "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>";
    assert_eq!(read(&workbook(far, "")), Err(UnreadableTable::Columns));
    let low = "<row r='1048576'><c r='A1048576'><v>1</v></c></row>";
    assert_eq!(read(&workbook(low, "")).unwrap(), [(1_048_576, vec!["1".to_owned()])]);
    assert_eq!(
        read(&workbook("<row r='1048577'><c><v>1</v></c></row>", "")),
        Err(UnreadableTable::Damaged)
    );
    let many = "<row><c><v>1</v></c></row>".repeat(250_001);
    assert_eq!(read(&workbook(&many, "")), Err(UnreadableTable::Rows));
    let long = format!("<si><t>{}</t></si>", "x".repeat(32_768));
    assert_eq!(
        read(&workbook("<row><c t='s'><v>0</v></c></row>", &long)),
        Err(UnreadableTable::Cell)
    );
}

#[test]
fn a_bomb_does_not_go_off() {
    // Three megabytes of empty rows in a few kilobytes.
    let bomb = workbook(&"<row></row>".repeat(300_000), "");
    assert!(bomb.len() < 20_000);
    let write = |most| super::write_within(most, &bomb, &mut Vec::new());
    assert_eq!(write(3_000_000), Err(UnreadableTable::Heavy));
    assert_eq!(write(4_000_000), Err(UnreadableTable::Empty));
}

#[test]
fn many_rows_are_read() {
    let row = (0..12).fold(String::new(), |row, n| format!("{row}<c t='s'><v>{n}</v></c>"));
    let texts = (0..12).fold(String::new(), |texts, n| {
        format!("{texts}<si><t>text number {n}</t></si>")
    });
    let bytes = workbook(&format!("<row>{row}</row>").repeat(20_000), &texts);
    assert_eq!(read(&bytes).unwrap().len(), 20_000);
}
