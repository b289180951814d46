//! `GET /downloads/{token}`: the PDF by its personal link, whole or in ranges, read piece by piece. And the
//! pictures of an edition's pages.

use std::ops::RangeInclusive;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ByteRangeSpec, ContentEncoding, Header, Range};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use futures_util::stream;

use super::paper::RequestForm;
use crate::db::Db;
use crate::framed;
use crate::questions::FormOwner;
use crate::questions::store::design_of;
use crate::values::{Link, LinkPurpose, PublicId};
use crate::web::layout::{Layout, Section};
use crate::web::recent::Recent;
use crate::web::{Answer, AppState, HeadOnly, Visitor, WebError, page, public};
use crate::whitepapers::{Edition, Request, Whitepaper, store};

/// Pictures in memory, in bytes.
const MAX_CACHED: usize = 8 * 1024 * 1024;
/// Bytes of a PDF that one download has in memory.
const PIECE: u64 = 32 * 1024;

/// Where the link has run out.
#[derive(Template)]
#[template(path = "whitepapers/expired.html")]
struct DownloadExpiredPage {
    layout: Layout,
    slug: String,
    title: String,
    /// To ask again.
    form: Option<RequestForm>,
}

framed!(DownloadExpiredPage);

/// `GET /downloads/{token}`
pub(super) async fn file(state: web::Data<AppState>, http: HttpRequest, token: web::Path<String>) -> Answer {
    let link = state
        .links
        .read(LinkPurpose::Download, &token)
        .ok_or(WebError::LinkExpired)?;
    let (request, paper) = load(&state, link).await?;
    match paper.as_ref().and_then(|paper| paper.edition.as_ref()) {
        Some(edition) if state.clock.now() < request.link_until => Ok(send(&state, &http, &request, edition)),
        Some(_) => expired(&state, &Visitor::of(&http)?, &request, paper).await,
        None => expired(&state, &Visitor::of(&http)?, &request, None).await,
    }
}

async fn load(state: &AppState, link: Link) -> Result<(Request, Option<Whitepaper>), WebError> {
    let conn = &mut state.db.read().await?;
    let request = store::request_of_link(conn, link).await?.ok_or(WebError::LinkExpired)?;
    let paper = store::whitepaper_by_slug(conn, &request.slug).await?;
    Ok((request, paper))
}

fn send(state: &AppState, http: &HttpRequest, request: &Request, edition: &Edition) -> HttpResponse {
    let whole = 0..=edition.size.saturating_sub(1);
    // An edition never changes.
    let tag = format!("\"{}\"", edition.public_id);
    let (range, status) = match asked_range(http, &tag, edition.size) {
        AskedRange::Whole => (whole.clone(), StatusCode::OK),
        AskedRange::Part(range) => (range, StatusCode::PARTIAL_CONTENT),
        AskedRange::Nothing => return not_satisfiable(edition.size),
    };
    // Not the probes of mail scanners and viewers.
    if range == whole && !http.extensions().contains::<HeadOnly>() {
        count(state, request.id);
    }
    let mut answer = HttpResponse::build(status);
    answer
        .content_type("application/pdf")
        // Compressed on the way, ranges would mean something else.
        .insert_header(ContentEncoding::Identity)
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", edition.file_name),
        ));
    if status == StatusCode::PARTIAL_CONTENT {
        answer.insert_header((
            header::CONTENT_RANGE,
            format!("bytes {}-{}/{}", range.start(), range.end(), edition.size),
        ));
    }
    answer.body(body(state.db.clone(), edition.id, range))
}

enum AskedRange {
    Whole,
    Part(RangeInclusive<u64>),
    /// A range that the file does not have.
    Nothing,
}

/// One range is served; several at once, or what is no range, get the whole file, as RFC 9110 allows. So does who has a
/// part of something else (13.1.5).
fn asked_range(http: &HttpRequest, tag: &str, size: u64) -> AskedRange {
    if http.headers().get(header::IF_RANGE).is_some_and(|known| known != tag) {
        return AskedRange::Whole;
    }
    let Ok(Range::Bytes(ranges)) = Range::parse(http) else {
        return AskedRange::Whole;
    };
    let [range]: &[ByteRangeSpec] = ranges.as_slice() else {
        return AskedRange::Whole;
    };
    match range.to_satisfiable_range(size) {
        Some((from, to)) => AskedRange::Part(from..=to),
        None => AskedRange::Nothing,
    }
}

fn not_satisfiable(size: u64) -> HttpResponse {
    HttpResponse::RangeNotSatisfiable()
        .insert_header((header::CONTENT_RANGE, format!("bytes */{size}")))
        .insert_header((header::CONTENT_TYPE, "application/pdf"))
        .finish()
}

/// One piece in memory at a time, read when the client takes it.
fn body(
    db: Db,
    edition_id: i64,
    range: RangeInclusive<u64>,
) -> SizedStream<impl stream::Stream<Item = Result<web::Bytes, WebError>>> {
    let length = range.end() - range.start() + 1;
    let pieces = stream::unfold(*range.start(), move |at| {
        let (db, end) = (db.clone(), *range.end());
        async move {
            if at > end {
                return None;
            }
            let piece = piece(&db, edition_id, at, end).await;
            let next = at + piece.as_ref().map_or(u64::MAX - at, |piece| piece.len() as u64);
            Some((piece, next))
        }
    });
    SizedStream::new(length, Box::pin(pieces))
}

async fn piece(db: &Db, edition_id: i64, at: u64, end: u64) -> Result<web::Bytes, WebError> {
    let chunk_size = store::CHUNK as u64;
    let whole = |number: u64| i64::try_from(number).map_err(WebError::internal);
    let (position, from) = (whole(at / chunk_size)?, whole(at % chunk_size)?);
    let most = whole(PIECE.min(end - at + 1))?;
    let part = store::part(&mut db.read().await?, edition_id, position, from, most).await?;
    match part {
        Some(part) if !part.is_empty() => Ok(web::Bytes::from(part)),
        _ => Err(WebError::internal("a piece of the edition is missing")),
    }
}

fn count(state: &AppState, request_id: i64) {
    let now = state.clock.now();
    state.note("a download", move |tx| {
        Box::pin(async move { store::count_download(tx, request_id, now).await })
    });
}

/// `paper`: the one that can be asked for again.
async fn expired(state: &AppState, visitor: &Visitor, request: &Request, paper: Option<Whitepaper>) -> Answer {
    let form = match paper {
        Some(paper) => {
            let owner = FormOwner::Whitepaper(paper.id);
            let design = design_of(&mut state.db.read().await?, owner, paper.form_version).await?;
            Some(RequestForm::new(state, &design, &visitor.trail))
        }
        None => None,
    };
    let layout = state
        .personal_layout(Section::Whitepapers, "This download link has run out")
        .seen_by(visitor);
    page(
        StatusCode::GONE,
        &DownloadExpiredPage {
            layout,
            slug: request.slug.to_string(),
            title: request.title.clone(),
            form,
        },
    )
}

/// Pictures that were asked for last: all who look at one share its bytes.
pub(super) struct RecentPictures(Recent<(PublicId, i64), (String, web::Bytes)>);

impl RecentPictures {
    /// Media type and bytes.
    async fn picture(&self, db: &Db, edition: PublicId, position: i64) -> Result<(String, web::Bytes), WebError> {
        if let Some(picture) = self.0.find(&(edition, position)) {
            return Ok(picture);
        }
        let found = store::picture(&mut db.read().await?, edition, position).await?;
        let (media_type, bytes) = found.ok_or(WebError::NotFound)?;
        let picture = (media_type, web::Bytes::from(bytes));
        self.0.keep((edition, position), picture.clone());
        Ok(picture)
    }
}

impl Default for RecentPictures {
    fn default() -> Self {
        Self(Recent::new(MAX_CACHED, |(_, bytes)| bytes.len()))
    }
}

/// `GET /editions/{edition}/pictures/{position}`: an edition never changes, so its pictures may be kept.
pub(super) async fn picture(
    state: web::Data<AppState>,
    recent: web::Data<RecentPictures>,
    path: web::Path<(String, i64)>,
) -> Answer {
    let (edition, position) = path.into_inner();
    let edition = PublicId::parse(&edition).ok_or(WebError::NotFound)?;
    let (media_type, bytes) = recent.picture(&state.db, edition, position).await?;
    let answer = HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(bytes);
    Ok(public(answer))
}
