//! Asking whether a page is still true: a browser that kept it gets 304 and draws what it has (RFC 9110, 13.1.2).
//!
//! A page's tag is made of its bytes, so it says all at once: version of the program, content, address, who asks.
//! Each coding of the bytes has a tag of its own; what they have in common is compared.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue, IfNoneMatch, TryIntoHeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::recent::Recent;
use super::{AppState, public};
use crate::values::in_hex;

/// A browser may keep the page, and asks each time whether it is still true.
pub(super) const ASK_AGAIN: &str = "private, no-cache";
/// What else a page depends on.
pub(super) const VARY: &str = "accept-encoding, accept-language, referer";

/// Bytes of the digest in a tag.
const TAG_BYTES: usize = 12;

/// The tag of what is answered, without the quotes around it.
#[must_use]
pub(crate) fn tag(content: &[u8]) -> String {
    in_hex(Sha256::digest(content).iter().take(TAG_BYTES))
}

/// The header's value; `None` for a tag that is not ours.
#[must_use]
pub(crate) fn entity_tag(tag: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{tag}\"")).ok()
}

/// Tags of pages that were asked for last: while nothing was written, a page need not be drawn to know that it is the
/// same. Time alone changes pages too, and so do other copies of the program: so a tag is believed for a moment only.
pub struct RecentTags(Recent<String, KnownTag>);

/// Most tags in memory.
const MOST_TAGS: usize = 256;
/// How long one is believed.
const BELIEVED: SignedDuration = SignedDuration::from_secs(10);

#[derive(Clone)]
struct KnownTag {
    tag: HeaderValue,
    changes: u64,
    drawn_at: Timestamp,
}

impl Default for RecentTags {
    fn default() -> Self {
        Self(Recent::new(MOST_TAGS, |_| 1))
    }
}

impl RecentTags {
    fn find(&self, key: &String, state: &AppState) -> Option<HeaderValue> {
        let now = state.clock.now();
        let known = self.0.find(key)?;
        let is_true = known.changes == state.db.changes() && (known.drawn_at..known.drawn_at + BELIEVED).contains(&now);
        is_true.then_some(known.tag)
    }
}

/// Everything that a public page depends on besides the database and the time. `None`: somebody may be signed in.
fn key(request: &ServiceRequest) -> Option<String> {
    let headers = request.headers();
    if headers.contains_key(header::COOKIE) {
        return None;
    }
    let mut key = request.uri().to_string();
    for name in [header::REFERER, header::ACCEPT_LANGUAGE] {
        key.push('\n');
        if let Some(value) = headers.get(name) {
            key.push_str(value.to_str().ok()?);
        }
    }
    Some(key)
}

/// The middleware around the handlers, within compression.
///
/// # Errors
/// Carries on what the layers beneath answer with.
pub async fn revalidate<B: MessageBody + 'static>(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody + 'static>, Error> {
    let Some(asked) = request.get_header::<IfNoneMatch>() else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let key = key(&request);
    if let Some(key) = &key
        && let Some(tag) = state.recent_tags.find(key, &state)
        && let Some(kept) = kept(&asked, &tag)
    {
        let answer = HttpResponse::NotModified()
            .insert_header((header::CACHE_CONTROL, ASK_AGAIN))
            .insert_header((header::VARY, VARY))
            .insert_header((header::ETAG, kept))
            .finish();
        return Ok(request.into_response(public(answer)).map_into_right_body());
    }
    let (changes, drawn_at) = (state.db.changes(), state.clock.now());
    let answer = next.call(request).await?;
    let ours = answer.headers().get(header::ETAG).cloned();
    let Some(tag) = ours.filter(|_| answer.status() == StatusCode::OK) else {
        return Ok(answer.map_into_left_body());
    };
    if let Some(key) = key.filter(|_| is_page(answer.headers())) {
        let tag = tag.clone();
        state.recent_tags.0.keep(key, KnownTag { tag, changes, drawn_at });
    }
    let Some(kept) = kept(&asked, &tag) else {
        return Ok(answer.map_into_left_body());
    };
    let (request, answer) = answer.into_parts();
    let mut not_modified = answer.set_body(BoxBody::new(()));
    *not_modified.status_mut() = StatusCode::NOT_MODIFIED;
    let headers = not_modified.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    headers.insert(header::ETAG, kept);
    Ok(ServiceResponse::new(request, not_modified).map_into_right_body())
}

fn is_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|policy| policy == ASK_AGAIN)
}

/// The tag that the browser has, where it is one of this answer's.
fn kept(known: &IfNoneMatch, ours: &HeaderValue) -> Option<HeaderValue> {
    let plain = ours.to_str().ok()?.trim_matches('"');
    match known {
        IfNoneMatch::Any => Some(ours.clone()),
        IfNoneMatch::Items(tags) => tags
            .iter()
            .find(|tag| without_coding(tag.tag()) == plain)
            .and_then(|tag| tag.clone().try_into_value().ok()),
    }
}

/// Our tags are hexadecimal; the coding follows after a hyphen.
fn without_coding(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(plain, _)| plain)
}

/// Names the coding in the tag of an answer that was packed on its way. That one was not to be packed is no client's
/// business (RFC 9110, 8.4.1).
pub(super) fn name_coding(headers: &mut HeaderMap) {
    let Some(coding) = headers
        .get(header::CONTENT_ENCODING)
        .and_then(|coding| coding.to_str().ok())
    else {
        return;
    };
    if coding == "identity" {
        headers.remove(header::CONTENT_ENCODING);
        return;
    }
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let named = tag.and_then(|tag| entity_tag(&format!("{}-{coding}", tag.trim_matches('"'))));
    if let Some(named) = named {
        headers.insert(header::ETAG, named);
    }
}
