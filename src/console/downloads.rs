//! Exports as downloads.

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use serde::Deserialize;

use crate::export::{CsvStyle, ExportError, Options, Separator, Spool};
use crate::web::{Answer, WebError};

/// What an export may be asked with.
#[derive(Deserialize)]
pub(crate) struct ExportQuery {
    cancelled: Option<String>,
    held: Option<String>,
    raw: Option<String>,
    separator: Option<String>,
    /// Keys with commas between them.
    columns: Option<String>,
}

impl ExportQuery {
    /// Whether what was cancelled is wanted too.
    #[must_use]
    pub(crate) fn with_cancelled(&self) -> bool {
        self.cancelled.is_some()
    }

    /// Whether what is held back is wanted too.
    #[must_use]
    pub(crate) fn with_held(&self) -> bool {
        self.held.is_some()
    }

    /// Columns and look of the file.
    #[must_use]
    pub(crate) fn options(&self) -> Options {
        let columns = self.columns.as_deref().unwrap_or_default();
        Options {
            columns: columns
                .split(',')
                .filter(|key| !key.is_empty())
                .map(str::to_owned)
                .collect(),
            style: CsvStyle {
                separator: match self.separator.as_deref() {
                    Some("semicolon") => Separator::Semicolon,
                    _ => Separator::Comma,
                },
                raw: self.raw.is_some(),
            },
        }
    }
}

/// Sends a finished file; `name` is a slug and what is in it.
///
/// # Errors
/// What was wrong with the export, in words for the one who asked.
pub(crate) fn send(spool: Result<Spool, ExportError>, name: &str, now: Timestamp) -> Answer {
    let spool = spool.map_err(explain)?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, disposition(name, now)))
        .body(body(spool)))
}

/// A slug, a date and an ending need no quoting.
fn disposition(name: &str, now: Timestamp) -> String {
    format!("attachment; filename=\"{name}-{}.csv\"", now.strftime("%Y-%m-%d"))
}

fn explain(error: ExportError) -> WebError {
    match error {
        ExportError::Db(error) => WebError::Db(error),
        error @ (ExportError::UnknownColumn { .. } | ExportError::NoSpace { .. }) => {
            WebError::Unprocessable(error.to_string())
        }
        error @ ExportError::File { .. } => WebError::internal(error),
    }
}

/// Piece by piece, as fast as the receiver takes it.
fn body(spool: Spool) -> impl actix_web::body::MessageBody {
    let size = spool.bytes();
    let pieces = stream::try_unfold(spool, |mut spool| async move {
        let piece = spool.next().await?;
        if piece.is_empty() {
            return Ok::<_, std::io::Error>(None);
        }
        Ok(Some((Bytes::from(piece), spool)))
    });
    SizedStream::new(size, Box::pin(pieces))
}
