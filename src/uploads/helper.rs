//! The helper process: this program, started anew for one picture. It takes away from itself what it does not need before
//! it looks at a byte: memory, time, files and sockets. What it writes is checked by who reads it.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::picture::{self, Unreadable};
use super::{MOST_BYTES, Shape, SmallPicture};

/// The word after the program's name that makes it the helper.
pub const HELPER: &str = "read-picture";

/// Memory, in bytes, with the program itself.
const MEMORY: u64 = 256 * 1024 * 1024;
/// Time of the processor, in seconds.
const SECONDS: u64 = 10;

/// What it ends with where nothing is made of the picture.
const CODES: [(u8, Unreadable); 4] = [
    (10, Unreadable::Kind),
    (11, Unreadable::Pixels),
    (12, Unreadable::Damaged),
    (13, Unreadable::Small),
];

/// Why, by what the helper ended with. One that was stopped wanted more memory or time than it has.
///
/// # Errors
/// When the picture is not to blame.
pub(super) fn why(code: Option<i32>) -> io::Result<Unreadable> {
    let Some(code) = code else {
        return Ok(Unreadable::Heavy);
    };
    let known = CODES.into_iter().find(|(number, _)| code == i32::from(*number));
    known
        .map(|(_, why)| why)
        .ok_or_else(|| io::Error::other(format!("it ended with {code}")))
}

/// Reads a picture from stdin; writes width and height, four bytes each, and a JPEG of this shape to stdout.
#[must_use]
pub fn main(shape: Option<&str>) -> ExitCode {
    let Some(shape) = shape.and_then(Shape::parse) else {
        return ExitCode::FAILURE;
    };
    match run(shape) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(why)) => CODES
            .into_iter()
            .find(|(_, known)| *known == why)
            .map_or(ExitCode::FAILURE, |(number, _)| ExitCode::from(number)),
        Err(_) => ExitCode::FAILURE,
    }
}

fn run(shape: Shape) -> io::Result<Result<(), Unreadable>> {
    confine()?;
    let mut bytes = Vec::new();
    io::stdin().take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
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
