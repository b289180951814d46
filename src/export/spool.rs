//! The file that an export is written to before anybody is sent a byte.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::csv::CsvEncoder;
use super::json::JsonEncoder;
use super::xlsx::{XlsxEncoder, XlsxFile};
use super::{Column, ExportError, FileFormat, FileProgress};
use crate::db::Db;
use crate::db::inspect::free_space;
use crate::values::Zone;

/// Bytes that are written at once.
const TOGETHER: usize = 256 * 1024;
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

/// How a file is to be.
#[derive(Debug, Clone)]
pub struct FileShape<'a> {
    /// Its kind.
    pub format: FileFormat,
    /// What is in it; the sheets of a workbook are called so.
    pub name: &'a str,
    /// The zone of all its date-times; `None`: each row's own.
    pub zone: Option<Zone>,
}

/// A file that is being written.
pub struct SpoolWriter<'c, R> {
    columns: Vec<&'c Column<R>>,
    zone: Option<Zone>,
    encoder: FileEncoder,
    sink: FileSink,
    directory: PathBuf,
    /// Encoded, not yet written.
    pending: Vec<u8>,
    rows: u64,
    /// About how many there will be, and who is told how far it is.
    expected: u64,
    progress: Option<FileProgress>,
}

enum FileEncoder {
    Csv(Box<CsvEncoder>),
    Json(JsonEncoder),
    Xlsx(XlsxEncoder),
}

enum FileSink {
    Plain(File),
    /// Packing is work, and done beside the requests; `None` while it is.
    Workbook(Option<Box<XlsxFile>>),
}

impl<'c, R> SpoolWriter<'c, R> {
    /// Makes sure of room for about `rows` rows, opens the file and writes the headings.
    ///
    /// # Errors
    /// [`ExportError::NoSpace`], or what the system says of the file; so with the others.
    pub fn open(db: &Db, rows: i64, columns: Vec<&'c Column<R>>, shape: &FileShape<'_>) -> Result<Self, ExportError> {
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
        let file = tempfile::tempfile_in(&directory).map_err(failed)?;
        let keys: Vec<&str> = columns.iter().map(|column| column.key.as_str()).collect();
        let headings: Vec<&str> = columns.iter().map(|column| column.label.as_str()).collect();
        let mut pending = Vec::with_capacity(TOGETHER);
        let encoder = match shape.format {
            FileFormat::Csv(style) => FileEncoder::Csv(Box::new(CsvEncoder::new(&headings, style))),
            FileFormat::Json => FileEncoder::Json(JsonEncoder::new(&keys, true, &mut pending)),
            FileFormat::JsonLines => FileEncoder::Json(JsonEncoder::new(&keys, false, &mut pending)),
            FileFormat::Xlsx => FileEncoder::Xlsx(XlsxEncoder::new(&headings, &mut pending)),
        };
        let sink = match shape.format {
            FileFormat::Xlsx => FileSink::Workbook(Some(Box::new(XlsxFile::create(file, shape.name).map_err(failed)?))),
            _ => FileSink::Plain(File::from_std(file)),
        };
        Ok(Self {
            columns,
            zone: shape.zone.clone(),
            encoder,
            sink,
            directory,
            pending,
            rows: 0,
            expected: u64::try_from(rows).unwrap_or(0),
            progress: None,
        })
    }

    /// The same, and somebody is told now and then how far it is.
    #[must_use]
    pub fn telling(self, progress: Option<FileProgress>) -> Self {
        Self { progress, ..self }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// As above.
    pub async fn push(&mut self, row: &R) -> Result<(), ExportError> {
        let zone = self.zone.as_ref();
        let cells = self.columns.iter().map(|column| column.cell(row, zone));
        self.rows += 1;
        let mut full = None;
        match &mut self.encoder {
            FileEncoder::Csv(encoder) => encoder.row(cells),
            FileEncoder::Json(encoder) => encoder.row(cells, &mut self.pending),
            FileEncoder::Xlsx(encoder) => full = encoder.row(cells, &mut self.pending),
        }
        if let Some(sheet) = full {
            self.write(sheet).await?;
            self.begin_sheet()?;
        }
        if self.encoded() >= TOGETHER {
            self.flush().await?;
        }
        Ok(())
    }

    fn encoded(&self) -> usize {
        match &self.encoder {
            FileEncoder::Csv(encoder) => encoder.encoded(),
            _ => self.pending.len(),
        }
    }

    async fn flush(&mut self) -> Result<(), ExportError> {
        if let Some(FileProgress(progress)) = &self.progress {
            progress(self.rows, self.expected);
        }
        let bytes = match &mut self.encoder {
            FileEncoder::Csv(encoder) => encoder.take(),
            _ => std::mem::replace(&mut self.pending, Vec::with_capacity(TOGETHER)),
        };
        self.write(bytes).await
    }

    fn begin_sheet(&mut self) -> Result<(), ExportError> {
        let begun = match &mut self.sink {
            FileSink::Workbook(Some(workbook)) => workbook.begin_sheet(),
            _ => Ok(()),
        };
        begun.map_err(|error| self.failed(error))
    }

    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ExportError> {
        let written = match &mut self.sink {
            FileSink::Plain(file) => file.write_all(&bytes).await,
            FileSink::Workbook(place) => match place.take() {
                None => Ok(()),
                Some(mut workbook) => {
                    let packed = tokio::task::spawn_blocking(move || {
                        let written = workbook.write(&bytes);
                        (workbook, written)
                    });
                    match packed.await {
                        Ok((workbook, written)) => {
                            *place = Some(workbook);
                            written
                        }
                        Err(error) => Err(std::io::Error::other(error)),
                    }
                }
            },
        };
        written.map_err(|error| self.failed(error))
    }

    /// Ends the file and goes back to its start.
    ///
    /// # Errors
    /// As above.
    pub async fn finish(mut self) -> Result<Spool, ExportError> {
        self.flush().await?;
        let mut end = Vec::new();
        match &self.encoder {
            FileEncoder::Csv(_) => {}
            FileEncoder::Json(encoder) => encoder.end(&mut end),
            FileEncoder::Xlsx(encoder) => encoder.end(&mut end),
        }
        self.write(end).await?;
        let (directory, rows) = (self.directory, self.rows);
        let ready = async {
            let mut file = match self.sink {
                FileSink::Plain(file) => file,
                FileSink::Workbook(None) => return Err(std::io::Error::other("a workbook that failed")),
                FileSink::Workbook(Some(workbook)) => {
                    let finished = tokio::task::spawn_blocking(move || workbook.finish()).await;
                    File::from_std(finished.map_err(std::io::Error::other)??)
                }
            };
            file.flush().await?;
            let bytes = file.metadata().await?.len();
            file.rewind().await?;
            Ok(Spool { file, rows, bytes })
        };
        ready.await.map_err(|error| ExportError::File { directory, error })
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

    /// Keeps it under a name in a directory, which is made where there is none; both are nobody else's.
    ///
    /// # Errors
    /// What the system says.
    pub async fn keep(mut self, directory: &Path, name: &str) -> std::io::Result<()> {
        tokio::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .await?;
        let mut whole = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(directory.join(name))
            .await?;
        tokio::io::copy(&mut self.file, &mut whole).await?;
        whole.sync_all().await
    }

    /// One that was kept, to be sent.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub async fn kept(path: &Path, rows: u64) -> std::io::Result<Self> {
        let file = File::open(path).await?;
        let bytes = file.metadata().await?.len();
        Ok(Self { file, rows, bytes })
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
#[must_use]
pub fn data_directory(db: &Db) -> PathBuf {
    match db.path().and_then(Path::parent) {
        Some(directory) if directory.as_os_str().is_empty() => PathBuf::from("."),
        Some(directory) => directory.to_owned(),
        None => std::env::temp_dir(),
    }
}
