//! The exports as downloads.

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path, Query};
use futures_util::stream;
use jiff::Timestamp;
use serde::Deserialize;

use super::exports::{self, ExportError, Options, Separator, Spool, Style, Subject};
use super::id;
use crate::organizers::audit::Actor;
use crate::organizers::{Editor, Organizer};
use crate::values::Slug;
use crate::web::{Answer, AppState, WebError};
use crate::webcasts::roster::{self, ExportFilter};

/// What an export may be asked with.
#[derive(Deserialize)]
pub(super) struct Wanted {
    cancelled: Option<String>,
    raw: Option<String>,
    separator: Option<String>,
    /// Keys with commas between them.
    columns: Option<String>,
    whitepaper: Option<String>,
}

impl Wanted {
    fn options(&self) -> Options {
        let columns = self.columns.as_deref().unwrap_or_default();
        Options {
            columns: columns
                .split(',')
                .filter(|key| !key.is_empty())
                .map(str::to_owned)
                .collect(),
            style: Style {
                separator: match self.separator.as_deref() {
                    Some("semicolon") => Separator::Semicolon,
                    _ => Separator::Comma,
                },
                raw: self.raw.is_some(),
            },
        }
    }
}

/// `GET /organizer/sessions/{id}/attendees.csv`
pub(super) async fn attendees(state: Data<AppState>, who: Editor, raw: Path<String>, wanted: Query<Wanted>) -> Answer {
    let id = id(&raw)?;
    let line = roster::sessions(&mut state.db.read().await?, Some(id), 1).await?.pop();
    let line = line.ok_or(WebError::NotFound)?;
    let filter = ExportFilter {
        webcast: Slug::parse(&line.slug).map_err(WebError::internal)?,
        session: Some(id),
        cancelled: wanted.cancelled.is_some(),
    };
    let name = format!("{}-attendees", line.slug);
    send(&state, &who.0, &Subject::Attendees(filter), &wanted.options(), &name).await
}

/// `GET /organizer/requests.csv`
pub(super) async fn requests(state: Data<AppState>, who: Editor, wanted: Query<Wanted>) -> Answer {
    let paper = wanted.whitepaper.as_deref().map(Slug::parse).transpose();
    let paper = paper.map_err(|_| WebError::NotFound)?;
    let name = paper
        .as_ref()
        .map_or("requests".to_owned(), |slug| format!("{slug}-requests"));
    send(&state, &who.0, &Subject::Requests(paper), &wanted.options(), &name).await
}

async fn send(state: &AppState, who: &Organizer, subject: &Subject, options: &Options, name: &str) -> Answer {
    let now = state.clock.now();
    let spool = exports::export(&state.db, subject, options, Actor::from(who), now).await;
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
