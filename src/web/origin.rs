//! The origin rule: posts come from our own pages.
//!
//! `Sec-Fetch-Site` decides where present; else `Origin` must be ours; with neither, a form that needs no
//! sign-in passes and one that needs it is refused. `Origin: null` alone is refused.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::{AppState, WebError};

/// Mail providers post here for their users, from their own servers (RFC 8058).
const ONE_CLICK: &str = "/unsubscribe/";
const SIGNED_IN: &str = "/organizer";

/// The middleware that refuses posts from elsewhere.
///
/// # Errors
/// Carries on what the layers beneath answer with.
pub async fn same_origin<B: MessageBody + 'static>(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody + 'static>, Error> {
    let safe = request.method().is_safe() || request.path().starts_with(ONE_CLICK);
    let signed_in = request.path().starts_with(SIGNED_IN);
    if safe || is_ours(request.headers(), state.config.public_url.origin(), signed_in) {
        Ok(next.call(request).await?.map_into_left_body())
    } else {
        Ok(request.error_response(WebError::ForeignForm).map_into_right_body())
    }
}

fn is_ours(headers: &HeaderMap, origin: &str, signed_in: bool) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match headers.get(header::ORIGIN) {
        Some(from) => from == origin,
        None => !signed_in,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn passes(pairs: &[(&'static str, &'static str)], signed_in: bool) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        is_ours(&headers, "https://events.example.org", signed_in)
    }

    #[test]
    fn only_our_own_pages_post() {
        assert!(passes(&[("sec-fetch-site", "same-origin"), ("origin", "null")], true));
        assert!(passes(&[("sec-fetch-site", "none")], true));
        assert!(!passes(&[("sec-fetch-site", "cross-site")], false));
        assert!(!passes(&[("sec-fetch-site", "same-site")], false));
        assert!(passes(&[("origin", "https://events.example.org")], true));
        assert!(!passes(&[("origin", "https://evil.example")], false));
        assert!(!passes(&[("origin", "null")], false));
        assert!(passes(&[], false));
        assert!(!passes(&[], true));
    }
}
