//! Exports as downloads.

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::stream;

use crate::export::{CsvStyle, ExportError, FileFormat, Options, Preset, Separator, Spool};
use crate::values::Zone;
use crate::web::{Form, WebError};

/// Columns and look of a file with this ending, as its address says them.
///
/// # Errors
/// A preset or a zone that there is not, or another ending.
pub(crate) fn options(ending: &str, asked: &Form) -> Result<Options, WebError> {
    let style = CsvStyle {
        separator: match asked.text("separator") {
            "semicolon" => Separator::Semicolon,
            _ => Separator::Comma,
        },
        raw: is_ticked(asked, "raw"),
    };
    let words = |name: &str| Some(asked.text(name)).filter(|value| !value.is_empty());
    Ok(Options {
        columns: asked
            .text("columns")
            .split(',')
            .filter(|key| !key.is_empty())
            .map(str::to_owned)
            .collect(),
        preset: words("preset")
            .map(|name| Preset::parse(name).ok_or_else(|| unknown("There is no such preset.")))
            .transpose()?,
        format: FileFormat::of_ending(ending, style).ok_or(WebError::NotFound)?,
        zone: words("zone")
            .map(|name| Zone::parse(name).map_err(|problem| unknown(problem.message())))
            .transpose()?,
        leave_out_empty: is_ticked(asked, "compact"),
        progress: None,
    })
}

/// A box that a script names without a value is ticked too.
pub(crate) fn is_ticked(asked: &Form, name: &str) -> bool {
    asked.has(name) && asked.text(name) != "no"
}

fn unknown(sentence: &str) -> WebError {
    WebError::Unprocessable(sentence.to_owned())
}

/// Sends a finished file under this name: slugs, a date and an ending, which need no quoting.
pub(crate) fn send(spool: Spool, name: &str, format: FileFormat) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(body(spool))
}

/// Sends a small file that is made already.
pub(crate) fn send_whole(bytes: Vec<u8>, name: &str, media_type: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes)
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
