//! Workbooks (ECMA-376, Office Open XML) as spreadsheets read them: texts typed as texts, so that none is a formula and
//! `+49` keeps its sign, real dates, a frozen first line with a filter. Written as the rows come, in little memory; a sheet
//! that is full goes on in the next one.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};

use jiff::civil::DateTime;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::cells::{CellValue, local, yes_or_no};

/// Lines of a sheet, the headings among them.
const MOST_LINES: u32 = 1_048_576;
/// Bytes of a sheet, less than 4 GiB by more than a line can have: above it a sheet would need 64-bit sizes in the ZIP file,
/// and `LibreOffice` 7.4 reads no workbook whose sheets have them.
const MOST_BYTES: u64 = 0xF000_0000;
/// UTF-16 code units of a cell.
const MOST_LETTERS: usize = 32_767;
/// What spreadsheets count days from.
const DAY_ZERO: DateTime = DateTime::constant(1899, 12, 30, 0, 0, 0, 0);
/// Fast before small: a file is written once and read once.
const COMPRESSION: i64 = 1;

const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>";
const ROOT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
/// Style 0 is plain, 1 a date with its time, 2 a heading.
const STYLES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd hh:mm:ss\"/></numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font></fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs count=\"3\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/><xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/></cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>";
const NAMESPACES: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// The lines of a workbook as XML; [`XlsxFile`] takes them.
pub(super) struct XlsxEncoder {
    headings: Vec<String>,
    /// `A`, `B`, … `AA`.
    names: Vec<String>,
    /// Lines of this sheet so far.
    line: u32,
    /// About so many bytes.
    bytes: u64,
}

impl XlsxEncoder {
    /// Begins the first sheet.
    pub(super) fn new(headings: &[&str], out: &mut Vec<u8>) -> Self {
        let mut encoder = Self {
            headings: headings.iter().map(|heading| (*heading).to_owned()).collect(),
            names: (0..headings.len()).map(column_name).collect(),
            line: 0,
            bytes: 0,
        };
        encoder.begin_sheet(out);
        encoder
    }

    fn begin_sheet(&mut self, out: &mut Vec<u8>) {
        (self.line, self.bytes) = (0, 0);
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet {NAMESPACES}><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>"
        );
        for (at, heading) in self.headings.iter().enumerate() {
            let width = heading.chars().count().clamp(10, 40) + 6;
            let _ = write!(
                xml,
                "<col min=\"{0}\" max=\"{0}\" width=\"{width}\" customWidth=\"1\"/>",
                at + 1
            );
        }
        xml.push_str("</cols><sheetData>");
        out.extend_from_slice(xml.as_bytes());
        let headings = std::mem::take(&mut self.headings);
        self.write_row(headings.iter().map(|heading| CellValue::text(heading)), 2, out);
        self.headings = headings;
    }

    /// Writes a row. True: the sheet was full, so `full` is the end of it, and the row is the first of the next one.
    pub(super) fn row<'r>(&mut self, cells: impl Iterator<Item = CellValue<'r>>, out: &mut Vec<u8>) -> Option<Vec<u8>> {
        let full = (self.line == MOST_LINES || self.bytes > MOST_BYTES).then(|| {
            self.end(out);
            let full = std::mem::take(out);
            self.begin_sheet(out);
            full
        });
        self.write_row(cells, 0, out);
        full
    }

    fn write_row<'r>(&mut self, cells: impl Iterator<Item = CellValue<'r>>, style: u8, out: &mut Vec<u8>) {
        self.line += 1;
        let before = out.len();
        let line = self.line.to_string();
        put(out, &["<row r=\"", &line, "\">"]);
        for (name, cell) in self.names.iter().zip(cells) {
            write_cell(out, name, &line, &cell, style);
        }
        put(out, &["</row>"]);
        self.bytes += u64::try_from(out.len() - before).unwrap_or_default();
    }

    /// Ends a sheet.
    pub(super) fn end(&self, out: &mut Vec<u8>) {
        put(out, &["</sheetData>"]);
        if let Some(last) = self.names.last() {
            put(out, &["<autoFilter ref=\"A1:", last, &self.line.to_string(), "\"/>"]);
        }
        put(out, &["</worksheet>"]);
    }
}

fn put(out: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        out.extend_from_slice(piece.as_bytes());
    }
}

fn write_cell(out: &mut Vec<u8>, name: &str, line: &str, cell: &CellValue<'_>, style: u8) {
    let text = |out: &mut Vec<u8>, text: &str| {
        let styled = if style == 0 { "" } else { "\" s=\"2" };
        put(
            out,
            &[
                "<c r=\"",
                name,
                line,
                styled,
                "\" t=\"inlineStr\"><is><t xml:space=\"preserve\">",
            ],
        );
        escape(out, text);
        put(out, &["</t></is></c>"]);
    };
    match cell {
        CellValue::Empty => {}
        CellValue::Text(value) => text(out, value),
        CellValue::Flag(flag) => text(out, yes_or_no(*flag)),
        CellValue::Number(number) => put(out, &["<c r=\"", name, line, "\"><v>", &number.to_string(), "</v></c>"]),
        CellValue::Moment(at, zone) => {
            if let Some((local, _)) = local(*at, zone) {
                let days = serial(local);
                put(out, &["<c r=\"", name, line, "\" s=\"1\"><v>", &days, "</v></c>"]);
            }
        }
    }
}

/// Days since [`DAY_ZERO`] with a fraction, to the second: eleven digits behind the point are a millionth of one.
fn serial(at: DateTime) -> String {
    const DAY: i64 = 86_400;
    let seconds = at.duration_since(DAY_ZERO).as_secs().max(0);
    let (days, rest) = (seconds / DAY, seconds % DAY);
    format!("{days}.{:011}", rest * 100_000_000_000 / DAY)
}

/// XML, with `_x0041_` for what spreadsheets would read as an escape of theirs and for what XML cannot hold.
fn escape(out: &mut Vec<u8>, text: &str) {
    let mut room = MOST_LETTERS;
    for (at, letter) in text.char_indices() {
        let Some(rest) = room.checked_sub(letter.len_utf16()) else {
            break;
        };
        room = rest;
        match letter {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '_' if is_escape(&text[at..]) => out.extend_from_slice(b"_x005F_"),
            '\t' | '\n' => out.push(letter as u8),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "_x{:04X}_", u32::from(letter));
            }
            letter => {
                let mut bytes = [0; 4];
                out.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
            }
        }
    }
}

/// `_x` and four hexadecimal digits and `_` (ECMA-376, 22.9.2.19, `ST_Xstring`). Some spreadsheets take fewer digits for one.
fn is_escape(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("_x") else {
        return false;
    };
    let after = rest.trim_start_matches(|letter: char| letter.is_ascii_hexdigit());
    after.len() < rest.len() && after.starts_with('_')
}

/// `A` to `Z`, `AA` and on.
fn column_name(mut at: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.push(b'A' + u8::try_from(at % 26).unwrap_or_default());
        if at < 26 {
            break;
        }
        at = at / 26 - 1;
    }
    name.iter().rev().map(|byte| char::from(*byte)).collect()
}

/// The workbook on the disk: the sheets as they come, then what names them.
pub(super) struct XlsxFile {
    zip: ZipWriter<BufWriter<File>>,
    /// What the sheets are called.
    name: String,
    sheets: usize,
}

impl XlsxFile {
    /// Begins a workbook.
    pub(super) fn create(file: File, name: &str) -> io::Result<Self> {
        let mut workbook = Self {
            zip: ZipWriter::new(BufWriter::with_capacity(256 * 1024, file)),
            // A sheet's name has at most 31 characters, and none of these.
            name: name
                .replace(['[', ']', ':', '*', '?', '/', '\\'], " ")
                .chars()
                .take(25)
                .collect(),
            sheets: 0,
        };
        workbook.begin_sheet()?;
        Ok(workbook)
    }

    /// Begins another sheet.
    pub(super) fn begin_sheet(&mut self) -> io::Result<()> {
        self.sheets += 1;
        self.begin(&format!("xl/worksheets/sheet{}.xml", self.sheets))
    }

    fn begin(&mut self, path: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(COMPRESSION));
        self.zip.start_file(path, options).map_err(io::Error::other)
    }

    /// Goes on with the sheet that was begun.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.zip.write_all(bytes)
    }

    /// Ends the workbook; gives the file.
    pub(super) fn finish(mut self) -> io::Result<File> {
        let (mut types, mut sheets, mut relations) = (CONTENT_TYPES.to_owned(), String::new(), String::new());
        for number in 1..=self.sheets {
            let name = match number {
                1 => self.name.clone(),
                more => format!("{} {more}", self.name),
            };
            let _ = write!(
                types,
                "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            );
            let _ = write!(
                sheets,
                "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>"
            );
            let _ = write!(
                relations,
                "<Relationship Id=\"rId{number}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
            );
        }
        let styles = self.sheets + 1;
        let workbook = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<workbook {NAMESPACES}><sheets>{sheets}</sheets></workbook>"
        );
        let relations = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{relations}<Relationship Id=\"rId{styles}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/></Relationships>"
        );
        types.push_str("</Types>");
        for (path, xml) in [
            ("[Content_Types].xml", types.as_str()),
            ("_rels/.rels", ROOT),
            ("xl/workbook.xml", &workbook),
            ("xl/_rels/workbook.xml.rels", &relations),
            ("xl/styles.xml", STYLES),
        ] {
            self.begin(path)?;
            self.write(xml.as_bytes())?;
        }
        let buffered = self.zip.finish().map_err(io::Error::other)?;
        buffered.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        escape(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn texts_stay_texts() {
        for (text, xml) in [
            ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
            ("+49 30 1234", "+49 30 1234"),
            ("<b> & \"c\"", "&lt;b&gt; &amp; \"c\""),
            ("two\nlines", "two\nlines"),
            ("a\r\u{1}b", "a_x000D__x0001_b"),
            ("_x0041_ and _x1_", "_x005F_x0041_ and _x005F_x1_"),
            ("_x5_x00041_x_xg_", "_x005F_x5_x005F_x00041_x_xg_"),
            ("محمد \u{200f}🙂", "محمد \u{200f}🙂"),
        ] {
            assert_eq!(escaped(text), xml);
        }
        assert_eq!(escaped(&"a".repeat(40_000)).len(), MOST_LETTERS);
        assert_eq!(escaped(&"é".repeat(40_000)).chars().count(), MOST_LETTERS);
        assert_eq!(escaped(&"🙂".repeat(40_000)).encode_utf16().count(), MOST_LETTERS - 1);
    }

    #[test]
    fn columns_and_days_are_counted_as_spreadsheets_do() {
        let names: Vec<String> = [0, 25, 26, 51, 52, 701, 702].into_iter().map(column_name).collect();
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
        assert_eq!(serial("2026-12-04T12:00:00".parse().unwrap()), "46360.50000000000");
    }

    #[test]
    fn a_sheet_stays_below_four_gibibytes() {
        let mut out = Vec::new();
        let mut encoder = XlsxEncoder::new(&["Name"], &mut out);
        assert!(encoder.row([CellValue::text("a")].into_iter(), &mut out).is_none());
        encoder.bytes = MOST_BYTES + 1;
        assert!(encoder.row([CellValue::text("b")].into_iter(), &mut out).is_some());
        assert!(encoder.row([CellValue::text("c")].into_iter(), &mut out).is_none());
    }

    #[test]
    fn a_full_sheet_goes_on_in_the_next_one() {
        let mut out = Vec::new();
        let mut encoder = XlsxEncoder::new(&["Name"], &mut out);
        encoder.line = MOST_LINES - 1;
        assert!(encoder.row([CellValue::text("last")].into_iter(), &mut out).is_none());
        let full = encoder.row([CellValue::text("next")].into_iter(), &mut out).unwrap();
        let (full, next) = (String::from_utf8(full).unwrap(), String::from_utf8(out).unwrap());
        assert!(
            full.contains("<row r=\"1048576\"><c r=\"A1048576\"")
                && full.ends_with("<autoFilter ref=\"A1:A1048576\"/></worksheet>")
        );
        assert!(
            next.contains("<c r=\"A1\" s=\"2\" t=\"inlineStr\">") && next.contains("<row r=\"2\">"),
            "{next}"
        );
    }
}
