//! Tables from outside, read by the helper as the program starts it.

use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use commonground::uploads::{MOST_TABLE_BYTES, PictureReader, TableError, TableReader, UnreadableTable};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn reader(program: &str) -> TableReader {
    TableReader::beside(&PictureReader::new(PathBuf::from(program)))
}

async fn refused(bytes: &[u8]) -> UnreadableTable {
    match reader(env!("CARGO_BIN_EXE_commonground")).read(bytes).await {
        Err(TableError::Unreadable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn workbooks_and_texts_are_read() {
    let reader = reader(env!("CARGO_BIN_EXE_commonground"));
    let workbook = reader.read(include_bytes!("../files/imports/goto.xlsx")).await.unwrap();
    let text = reader.read(include_bytes!("../files/imports/goto.csv")).await.unwrap();
    assert_eq!(workbook.len(), 14);
    assert_eq!(workbook.line(7), Some(8));
    let cells = |table: &commonground::uploads::Table| -> Vec<String> {
        let cells = table.rows().iter().flat_map(|row| row.iter());
        cells.filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    assert_eq!(cells(&workbook), cells(&text));
}

#[tokio::test]
async fn what_is_no_table_is_refused_in_words() {
    let workbook = include_bytes!("../files/imports/people.xlsx");
    assert_eq!(refused(&workbook[..workbook.len() / 2]).await, UnreadableTable::Damaged);
    assert_eq!(refused(b"PK\x03\x04").await, UnreadableTable::Damaged);
    assert_eq!(
        refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").await,
        UnreadableTable::OldExcel
    );
    assert_eq!(refused(b"").await, UnreadableTable::Empty);
    assert_eq!(refused(&vec![b'x'; MOST_TABLE_BYTES + 1]).await, UnreadableTable::Bytes);
}

/// A text of 140 MB in a file of 140 kB does not fit into the memory of the helper.
#[tokio::test]
async fn a_bomb_takes_only_the_helper() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        (
            "_rels/.rels",
            "<Relationships><Relationship Id='r1' Type='x/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r='r'><sheets><sheet r:id='r1'/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='sheet.xml'/></Relationships>",
        ),
    ];
    for (path, content) in parts {
        zip.start_file(path, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.start_file("xl/sheet.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"<worksheet><sheetData><row><c t='inlineStr'><is><t>")
        .unwrap();
    for _ in 0..140 {
        zip.write_all(&vec![b'x'; 1_000_000]).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 500_000);
    assert_eq!(refused(&bomb).await, UnreadableTable::Heavy);
}

#[tokio::test]
async fn a_helper_that_is_not_there_is_no_mistake_of_whoever_sends() {
    let read = reader("/nowhere/commonground").read(b"PK\x03\x04").await;
    assert!(matches!(read, Err(TableError::Helper(_))), "{read:?}");
}
