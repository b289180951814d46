//! The file that an export is written to before anybody is sent a byte.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::csv::{CsvStyle, MARK, encode};
use super::{Column, ExportError};
use crate::db::Db;
use crate::db::inspect::free_space;

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
pub struct SpoolWriter {
    file: File,
    directory: PathBuf,
    style: CsvStyle,
    lines: Vec<Vec<String>>,
    rows: u64,
    bytes: u64,
}

impl SpoolWriter {
    /// Makes sure of room for about `rows` rows, opens the file and writes the headings.
    ///
    /// # Errors
    /// [`ExportError::NoSpace`], or what the system says of the file; so with the others.
    pub async fn open<R>(db: &Db, rows: i64, columns: &[&Column<R>], style: CsvStyle) -> Result<Self, ExportError> {
        let directory = data_directory(db);
        let failed = |error| ExportError::File {
            directory: directory.clone(),
            error,
        };
        let needed = RESERVE + u64::try_from(rows).unwrap_or(0) * BYTES_PER_ROW;
        let free = free_space(&directory).map_err(failed)?;
        if free < needed {
            return Err(ExportError::NoSpace {
                directory,
                free: free / 1_000_000,
                needed: needed.div_ceil(1_000_000),
            });
        }
        let mut writer = Self {
            file: File::from_std(tempfile::tempfile_in(&directory).map_err(failed)?),
            directory,
            style,
            lines: Vec::with_capacity(LINES),
            rows: 0,
            bytes: 0,
        };
        writer.append(MARK.as_bytes()).await?;
        writer
            .lines
            .push(columns.iter().map(|column| column.label.clone()).collect());
        Ok(writer)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// As above.
    pub async fn push<R>(&mut self, columns: &[&Column<R>], row: &R) -> Result<(), ExportError> {
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
    ///
    /// # Errors
    /// As above.
    pub async fn finish(mut self) -> Result<Spool, ExportError> {
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

/// The disk that holds the data, so that a full `/tmp` does not matter.
fn data_directory(db: &Db) -> PathBuf {
    match db.path().and_then(Path::parent) {
        Some(directory) if directory.as_os_str().is_empty() => PathBuf::from("."),
        Some(directory) => directory.to_owned(),
        None => std::env::temp_dir(),
    }
}
