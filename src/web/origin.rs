//! The origin rule: posts come from our own pages.
//!
//! `Sec-Fetch-Site` decides where present; else `Origin` must be ours; with neither, nobody says where it came from: a
//! public form passes, and whatever needs a sign-in is refused ([`OurPage`], which whoever asks who is there asks too).
//! `Origin: null` alone is refused.

use std::future::{Ready, ready};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpRequest, web};

use super::{AppState, WebError};

/// Where a request says that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CameFrom {
    OurPage,
    /// It does not say: no browser of these days.
    Nowhere,
    AnotherSite,
}

impl CameFrom {
    fn read(headers: &HeaderMap, origin: &str) -> Self {
        let ours = match (headers.get("sec-fetch-site"), headers.get(header::ORIGIN)) {
            (Some(site), _) => site == "same-origin" || site == "none",
            (None, Some(from)) => from == origin,
            (None, None) => return Self::Nowhere,
        };
        if ours { Self::OurPage } else { Self::AnotherSite }
    }
}

/// The middleware that refuses posts from elsewhere.
///
/// # Errors
/// Carries on what the layers beneath answer with.
pub async fn same_origin<B: MessageBody + 'static>(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody + 'static>, Error> {
    let came_from = CameFrom::read(request.headers(), state.config.public_url.origin());
    if request.method().is_safe() || came_from != CameFrom::AnotherSite {
        Ok(next.call(request).await?.map_into_left_body())
    } else {
        Ok(request.error_response(WebError::ForeignForm).map_into_right_body())
    }
}

/// An argument of handlers that take posts from our own pages only, as everything does that needs a sign-in.
pub struct OurPage;

impl OurPage {
    /// Reads pass; so do posts that say they come from a page of ours.
    ///
    /// # Errors
    /// [`WebError::ForeignForm`].
    pub fn require(request: &HttpRequest) -> Result<Self, WebError> {
        let state = AppState::of(request)?;
        let came_from = CameFrom::read(request.headers(), state.config.public_url.origin());
        if request.method().is_safe() || came_from == CameFrom::OurPage {
            Ok(Self)
        } else {
            Err(WebError::ForeignForm)
        }
    }
}

impl FromRequest for OurPage {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::require(request))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn came_from(pairs: &[(&'static str, &'static str)]) -> CameFrom {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        CameFrom::read(&headers, "https://events.example.org")
    }

    #[test]
    fn only_our_own_pages_post() {
        for ours in [
            &[("sec-fetch-site", "same-origin"), ("origin", "null")][..],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://events.example.org")],
        ] {
            assert_eq!(came_from(ours), CameFrom::OurPage, "{ours:?}");
        }
        for foreign in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            assert_eq!(came_from(&[foreign]), CameFrom::AnotherSite, "{foreign:?}");
        }
        assert_eq!(came_from(&[]), CameFrom::Nowhere);
    }
}
