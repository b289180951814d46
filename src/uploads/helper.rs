//! The helper process: this program, started anew for one file. It takes away from itself what it does not need before
//! it looks at a byte: memory, time, files and sockets. What it writes is checked by who reads it.

use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::picture::{self, Unreadable};
use super::table::{MOST_TABLE_BYTES, UnreadableTable};
use super::workbook;
use super::{MOST_BYTES, Shape, SmallPicture};

/// The word after the program's name that makes it the helper.
pub const HELPER: &str = "read-upload";
/// What it makes of a workbook; of a picture it makes one of a [`Shape`].
pub(super) const ROWS: &str = "rows";

/// Memory, in bytes, with the program itself.
const MEMORY: u64 = 256 * 1024 * 1024;
/// Time of the processor, in seconds.
const SECONDS: u64 = 10;

/// What it ends with where nothing is made of a picture.
const NO_PICTURE: [(u8, Unreadable); 4] = [
    (10, Unreadable::Kind),
    (11, Unreadable::Pixels),
    (12, Unreadable::Damaged),
    (13, Unreadable::Small),
];
/// What it ends with where no rows are made of a workbook.
const NO_ROWS: [(u8, UnreadableTable); 8] = [
    (20, UnreadableTable::Kind),
    (21, UnreadableTable::BinaryWorkbook),
    (22, UnreadableTable::Empty),
    (23, UnreadableTable::Rows),
    (24, UnreadableTable::Columns),
    (25, UnreadableTable::Cell),
    (26, UnreadableTable::Heavy),
    (27, UnreadableTable::Damaged),
];

/// What it is told to make.
enum Making {
    Picture(Shape),
    Rows,
}

impl Making {
    fn parse(word: &str) -> Option<Self> {
        match word {
            ROWS => Some(Self::Rows),
            shape => Shape::parse(shape).map(Self::Picture),
        }
    }
}

/// Why there is no picture, by what the helper ended with.
///
/// # Errors
/// When the picture is not to blame.
pub(super) fn why_no_picture(code: Option<i32>) -> io::Result<Unreadable> {
    why(code, &NO_PICTURE, Unreadable::Heavy)
}

/// Why there are no rows, by what the helper ended with.
///
/// # Errors
/// When the workbook is not to blame.
pub(super) fn why_no_rows(code: Option<i32>) -> io::Result<UnreadableTable> {
    why(code, &NO_ROWS, UnreadableTable::Heavy)
}

/// One that was stopped wanted more memory or time than it has.
fn why<W: Copy>(code: Option<i32>, known: &[(u8, W)], stopped: W) -> io::Result<W> {
    let Some(code) = code else {
        return Ok(stopped);
    };
    let found = known.iter().find(|(number, _)| code == i32::from(*number));
    found
        .map(|(_, why)| *why)
        .ok_or_else(|| io::Error::other(format!("it ended with {code}")))
}

/// Reads a file from stdin and writes to stdout what it is told to make: of a picture width and height, four bytes each,
/// and a JPEG of a shape; of a workbook the rows of its first sheet as CSV.
#[must_use]
pub fn main(making: Option<&str>) -> ExitCode {
    let ended = match making.and_then(Making::parse) {
        Some(Making::Picture(shape)) => make_picture(shape).map(|made| made.map_err(|why| number(why, &NO_PICTURE))),
        Some(Making::Rows) => make_rows().map(|made| made.map_err(|why| number(why, &NO_ROWS))),
        None => return ExitCode::FAILURE,
    };
    match ended {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(Some(number))) => ExitCode::from(number),
        Ok(Err(None)) | Err(_) => ExitCode::FAILURE,
    }
}

fn number<W: Copy + PartialEq>(why: W, known: &[(u8, W)]) -> Option<u8> {
    let found = known.iter().find(|(_, other)| *other == why);
    found.map(|(number, _)| *number)
}

fn make_picture(shape: Shape) -> io::Result<Result<(), Unreadable>> {
    let bytes = confined_input(MOST_BYTES)?;
    let SmallPicture { width, height, jpeg } = match picture::make(&bytes, shape) {
        Ok(picture) => picture,
        Err(why) => return Ok(Err(why)),
    };
    let mut out = io::stdout().lock();
    out.write_all(&width.to_be_bytes())?;
    out.write_all(&height.to_be_bytes())?;
    out.write_all(&jpeg)?;
    out.flush()?;
    Ok(Ok(()))
}

fn make_rows() -> io::Result<Result<(), UnreadableTable>> {
    let bytes = confined_input(MOST_TABLE_BYTES)?;
    let mut out = BufWriter::new(io::stdout().lock());
    if let Err(why) = workbook::write_rows(&bytes, &mut out) {
        return Ok(Err(why));
    }
    out.flush()?;
    Ok(Ok(()))
}

/// What was sent, read by a process that can do nothing else any more.
fn confined_input(most: usize) -> io::Result<Vec<u8>> {
    confine()?;
    let mut bytes = Vec::new();
    io::stdin().take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Without a number left for a descriptor, neither a file nor a socket can be opened.
fn confine() -> io::Result<()> {
    for (resource, most) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, SECONDS),
        (Resource::Core, 0),
        (Resource::Nofile, 0),
        (Resource::Nproc, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}
