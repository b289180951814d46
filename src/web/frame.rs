//! What happens around every request: a panic becomes a page, faults get their page, every answer its
//! security headers, and the log one line without anything of the client's.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Version};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use askama::Template;
use futures_util::FutureExt;

use super::AppState;
use super::error::{ErrorPage, Fault};
use super::layout::Section;
use super::page::is_public;
use super::revalidate::name_coding;
use super::slices::Slices;

/// Pages run nothing and load nothing that is not ours.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Marks an HTTP request that was a HEAD: it is answered as a GET, and nobody reads what is answered.
pub struct HeadOnly;

/// The middleware around everything.
///
/// # Errors
/// Carries on what the layers beneath answer with.
pub async fn frame<B: MessageBody + 'static>(
    state: web::Data<AppState>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Slices>, Error> {
    let started = Instant::now();
    let method = request.method().clone();
    if request.version() < Version::HTTP_11 {
        // What is packed on its way has no known length, and these clients cannot read it in chunks (RFC 9112, 6.1).
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    if method == Method::HEAD {
        // Answered as GET; the server leaves the body out.
        request.head_mut().method = Method::GET;
        // Parts are for GET alone (RFC 9110, 14.2).
        request.headers_mut().remove(header::RANGE);
        request.extensions_mut().insert(HeadOnly);
    }
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let Ok(called) = outcome else {
        let fault = Fault::internal("a handler panicked");
        let mut response = draw(&state, StatusCode::INTERNAL_SERVER_ERROR, fault);
        protect(response.headers_mut(), &state, false);
        return Err(InternalError::from_response("panic", response).into());
    };
    let mut response = with_page(&state, called?);
    let public = is_public(response.response());
    protect(response.headers_mut(), &state, public);
    name_coding(response.headers_mut());
    log(&method, &response, started);
    Ok(response.map_body(|_, body| Slices::of(body)))
}

/// Puts the page of its fault into an answer that has none.
fn with_page<B: MessageBody + 'static>(
    state: &AppState,
    response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response.map_into_left_body();
    }
    let carried = response.response().extensions().get::<Fault>().cloned();
    let has_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    let Some(fault) = carried.or_else(|| (!has_page).then(|| Fault::of_status(status)).flatten()) else {
        return response.map_into_left_body();
    };
    let page = draw(state, status, fault);
    response.map_body(|head, _| {
        head.headers_mut().insert(header::CONTENT_TYPE, HTML);
        EitherBody::right(page.into_body())
    })
}

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

fn draw(state: &AppState, status: StatusCode, fault: Fault) -> HttpResponse {
    let page = ErrorPage {
        layout: state.personal_layout(Section::None, fault.title()),
        fault,
    };
    // The one template that has nothing to fall back on.
    let html = page.render().unwrap_or_else(|_| page.fault.title().to_owned());
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, HTML))
        .body(html)
}

/// Private unless the answer says otherwise: no search engine keeps it, whatever leads to it.
fn protect(headers: &mut HeaderMap, state: &AppState, public: bool) {
    let mut default = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    default(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "same-origin");
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    );
    if !public {
        default(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    }
    if let Some(policy) = state
        .config
        .hsts
        .policy()
        .filter(|_| state.config.public_url.is_secure())
    {
        default(header::STRICT_TRANSPORT_SECURITY, policy);
    }
}

/// The route's pattern, never its path: paths carry personal links.
fn log<B>(method: &Method, response: &ServiceResponse<B>, started: Instant) {
    if !tracing::enabled!(target: "commonground::request", tracing::Level::INFO) {
        return;
    }
    let route = response.request().match_pattern();
    tracing::info!(
        target: "commonground::request",
        method = %method,
        route = route.as_deref().unwrap_or("none"),
        status = response.status().as_u16(),
        ms = started.elapsed().as_secs_f64() * 1_000.0,
    );
}
