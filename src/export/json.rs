//! JSON: one array of objects, or an object a line. Keys as the columns have them, date-times as RFC 3339 with their
//! offset, nothing guarded: for programs.

use std::io::Write as _;

use super::cells::{CellValue, local, write_local, yes_or_no};

/// Writes objects, a row each.
pub(super) struct JsonEncoder {
    /// `"full_name":` and so on.
    keys: Vec<Vec<u8>>,
    is_array: bool,
    is_first: bool,
}

impl JsonEncoder {
    pub(super) fn new(keys: &[&str], is_array: bool, out: &mut Vec<u8>) -> Self {
        if is_array {
            out.push(b'[');
        }
        let named = keys.iter().map(|key| {
            let mut named = Vec::new();
            write_string(&mut named, key);
            named.push(b':');
            named
        });
        Self {
            keys: named.collect(),
            is_array,
            is_first: true,
        }
    }

    pub(super) fn row<'r>(&mut self, cells: impl Iterator<Item = CellValue<'r>>, out: &mut Vec<u8>) {
        let between: &[u8] = match (self.is_array, self.is_first) {
            (true, true) => b"\n",
            (true, false) => b",\n",
            (false, _) => b"",
        };
        self.is_first = false;
        out.extend_from_slice(between);
        for (at, (key, cell)) in self.keys.iter().zip(cells).enumerate() {
            out.push(if at == 0 { b'{' } else { b',' });
            out.extend_from_slice(key);
            write_value(out, &cell);
        }
        out.push(b'}');
        if !self.is_array {
            out.push(b'\n');
        }
    }

    pub(super) fn end(&self, out: &mut Vec<u8>) {
        if self.is_array {
            out.extend_from_slice(b"\n]\n");
        }
    }
}

fn write_value(out: &mut Vec<u8>, cell: &CellValue<'_>) {
    match cell {
        CellValue::Empty => out.extend_from_slice(b"null"),
        CellValue::Text(text) => write_string(out, text),
        CellValue::Number(number) => {
            // Into memory, which takes everything.
            let _ = write!(out, "{number}");
        }
        CellValue::Flag(flag) => write_string(out, yes_or_no(*flag)),
        CellValue::Moment(at, zone) => match local(*at, zone) {
            Some((local, offset)) => {
                out.push(b'"');
                write_local(out, &local, b'T');
                let minutes = offset.seconds() / 60;
                let sign = if minutes < 0 { '-' } else { '+' };
                let _ = write!(out, "{sign}{:02}:{:02}\"", minutes.abs() / 60, minutes.abs() % 60);
            }
            None => out.extend_from_slice(b"null"),
        },
    }
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    // A string into memory: nothing of it can fail.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::values::Zone;

    fn written(is_array: bool) -> String {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        let mut out = Vec::new();
        let mut encoder = JsonEncoder::new(&["name", "at", "count", "agreed", "note"], is_array, &mut out);
        for name in ["=cmd|' \"A\" \u{1}", "محمد\n\\"] {
            let cells = [
                CellValue::Text(Cow::Borrowed(name)),
                CellValue::Moment(1_796_410_800_000_000, &zone),
                CellValue::Number(-3),
                CellValue::Flag(true),
                CellValue::Empty,
            ];
            encoder.row(cells.into_iter(), &mut out);
        }
        encoder.end(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_array_and_lines_say_the_same() {
        let array: Vec<serde_json::Value> = serde_json::from_str(&written(true)).unwrap();
        let lines: Vec<serde_json::Value> = written(false)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(array, lines);
        assert_eq!(
            array[0],
            serde_json::json!({"name": "=cmd|' \"A\" \u{1}", "at": "2026-12-05T00:30:00+05:30", "count": -3, "agreed": "yes", "note": null})
        );
        assert_eq!(array[1]["name"], "محمد\n\\");
        let mut out = Vec::new();
        JsonEncoder::new(&[], true, &mut out).end(&mut out);
        assert_eq!(out, b"[\n]\n");
    }
}
