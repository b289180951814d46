//! What tests share.

pub mod browser;
pub mod db;
pub mod demo;
pub mod disk;
pub mod http;
pub mod load;
pub mod oracle;
pub mod organizer;
pub mod provider;
pub mod relay;
pub mod server;
pub mod sink;
pub mod snapshot;
pub mod stranger;
pub mod visit;

use std::io::Write;
use std::ops::Range;
use std::process::{Command, Stdio};

/// A number that nobody can guess, for moments to kill at.
pub fn random(range: Range<u64>) -> u64 {
    let number = u64::from_le_bytes(commonground::values::random_bytes::<8>());
    range.start + number % (range.end - range.start)
}

/// Says that a test could not run here, and why; `tests/run` repeats it at the end.
pub fn skip(test: &str, reason: &str) {
    let line = format!("{test}: {reason}\n");
    eprint!("skipped {line}");
    if let Ok(path) = std::env::var("COMMONGROUND_TEST_SKIPPED") {
        let mut file = std::fs::File::options().append(true).open(path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
}

/// Runs one of poppler's tools over a PDF.
pub fn pdf_tool(tool: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut child = Command::new(tool)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).into_owned()
}
