//! Exports as downloads.

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use serde::Deserialize;

use crate::export::{CsvStyle, ExportError, FileFormat, Options, Preset, Separator, Spool};
use crate::values::Zone;
use crate::web::{Answer, WebError};

/// What an export may be asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ExportQuery {
    cancelled: Option<String>,
    held: Option<String>,
    raw: Option<String>,
    separator: Option<String>,
    /// Keys with commas between them.
    columns: Option<String>,
    /// A choice of columns by its name.
    preset: Option<String>,
    /// One zone for all date-times.
    zone: Option<String>,
}

impl ExportQuery {
    /// Whether what was cancelled is wanted too.
    #[must_use]
    pub(crate) fn with_cancelled(&self) -> bool {
        is_ticked(self.cancelled.as_ref())
    }

    /// Whether what is held back is wanted too.
    #[must_use]
    pub(crate) fn with_held(&self) -> bool {
        is_ticked(self.held.as_ref())
    }

    /// Columns and look of a file with this ending.
    ///
    /// # Errors
    /// A preset or a zone that there is not, or another ending.
    pub(crate) fn options(&self, ending: &str) -> Result<Options, WebError> {
        let style = CsvStyle {
            separator: match self.separator.as_deref() {
                Some("semicolon") => Separator::Semicolon,
                _ => Separator::Comma,
            },
            raw: is_ticked(self.raw.as_ref()),
        };
        let columns = self.columns.as_deref().unwrap_or_default();
        let words = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        Ok(Options {
            columns: columns
                .split(',')
                .filter(|key| !key.is_empty())
                .map(str::to_owned)
                .collect(),
            preset: words(&self.preset)
                .map(|name| Preset::parse(&name).ok_or_else(|| unknown("There is no such preset.")))
                .transpose()?,
            format: FileFormat::of_ending(ending, style).ok_or(WebError::NotFound)?,
            zone: words(&self.zone)
                .map(|name| Zone::parse(&name).map_err(|problem| unknown(problem.message())))
                .transpose()?,
            progress: None,
        })
    }
}

/// A box that a script names without a value is ticked too.
fn is_ticked(value: Option<&String>) -> bool {
    value.is_some_and(|value| value != "no")
}

fn unknown(sentence: &str) -> WebError {
    WebError::Unprocessable(sentence.to_owned())
}

/// Sends a finished file; `name` is a slug and what is in it.
///
/// # Errors
/// What was wrong with the export, in words for the one who asked.
pub(crate) fn send(spool: Result<Spool, ExportError>, name: &str, format: FileFormat, now: Timestamp) -> Answer {
    let spool = spool.map_err(explain)?;
    let name = format!(
        "attachment; filename=\"{name}-{}.{}\"",
        now.strftime("%Y-%m-%d"),
        format.ending()
    );
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // A slug, a date and an ending need no quoting.
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(body(spool)))
}

/// In words for the one who asked.
pub(crate) fn explain(error: ExportError) -> WebError {
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
