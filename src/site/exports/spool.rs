//! The file that an export is written to before anybody is sent a byte.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::{Column, ExportError};
use crate::db::inspect::free_space;
use crate::values::PublicId;
use crate::web::csv::{MARK, Style, encode};

/// Lines that are encoded and written at once.
const LINES: usize = 500;
/// What a row takes at most, as a rule, and what must stay free for the database.
const BYTES_PER_ROW: u64 = 1_000;
const RESERVE: u64 = 50_000_000;
const PIECE: usize = 64 * 1024;

/// A finished file. It has no name any more: the system frees it when it is closed, however that comes.
pub struct Spool {
    file: File,
    rows: u64,
    bytes: u64,
}

/// A file that is being written.
pub(super) struct Writer {
    file: File,
    directory: std::path::PathBuf,
    style: Style,
    lines: Vec<Vec<String>>,
    rows: u64,
    bytes: u64,
}

impl Writer {
    /// Makes sure of room for about `rows` rows, opens the file and writes the headings.
    pub(super) async fn open<R>(
        directory: &Path,
        rows: i64,
        columns: &[&Column<R>],
        style: Style,
    ) -> Result<Self, ExportError> {
        let failed = |error| ExportError::File {
            directory: directory.to_owned(),
            error,
        };
        let needed = RESERVE + u64::try_from(rows).unwrap_or(0) * BYTES_PER_ROW;
        let free = free_space(directory).map_err(failed)?;
        if free < needed {
            return Err(ExportError::NoSpace {
                directory: directory.to_owned(),
                free: free / 1_000_000,
                needed: needed.div_ceil(1_000_000),
            });
        }
        let mut writer = Self {
            file: File::from_std(nameless(directory).map_err(failed)?),
            directory: directory.to_owned(),
            style,
            lines: Vec::with_capacity(LINES),
            rows: 0,
            bytes: 0,
        };
        writer.append(MARK.as_bytes()).await?;
        writer
            .lines
            .push(columns.iter().map(|column| column.label.to_owned()).collect());
        Ok(writer)
    }

    /// Adds a row.
    pub(super) async fn push<R>(&mut self, columns: &[&Column<R>], row: &R) -> Result<(), ExportError> {
        self.lines
            .push(columns.iter().map(|column| (column.value)(row)).collect());
        self.rows += 1;
        if self.lines.len() >= LINES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), ExportError> {
        let encoded = encode(&self.lines, self.style).map_err(|error| self.failed(std::io::Error::other(error)))?;
        self.lines.clear();
        self.append(&encoded).await
    }

    async fn append(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        let written = self.file.write_all(bytes).await;
        written.map_err(|error| self.failed(error))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Ends the file and goes back to its start.
    pub(super) async fn finish(mut self) -> Result<Spool, ExportError> {
        self.flush().await?;
        let ready = async {
            self.file.flush().await?;
            self.file.rewind().await
        };
        ready.await.map_err(|error| self.failed(error))?;
        Ok(Spool {
            file: self.file,
            rows: self.rows,
            bytes: self.bytes,
        })
    }

    fn failed(&self, error: std::io::Error) -> ExportError {
        ExportError::File {
            directory: self.directory.clone(),
            error,
        }
    }
}

impl Spool {
    /// Rows, without the headings.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Size of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next piece; empty at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn next(&mut self) -> std::io::Result<Vec<u8>> {
        let mut piece = vec![0; PIECE];
        let read = self.file.read(&mut piece).await?;
        piece.truncate(read);
        Ok(piece)
    }
}

fn nameless(directory: &Path) -> std::io::Result<std::fs::File> {
    let path = directory.join(format!(".commonground-{}.export", PublicId::random()));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}
