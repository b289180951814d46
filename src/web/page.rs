//! Answering with a page.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;

use super::WebError;

/// What every handler gives.
pub type Answer = Result<HttpResponse, WebError>;

/// A page with a status.
///
/// # Errors
/// When the template fails.
pub fn page(status: StatusCode, template: &impl Template) -> Answer {
    let html = template.render().map_err(WebError::internal)?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(html))
}

/// A page that is as it should be.
///
/// # Errors
/// When the template fails.
pub fn ok(template: &impl Template) -> Answer {
    page(StatusCode::OK, template)
}

/// Leads on with GET after a good post, so that the page can be reloaded.
#[must_use]
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
