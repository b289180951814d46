//! Answering with a page. Every answer is private (see [`frame`](super::frame())) unless it says that it is public.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;

use super::WebError;
use super::layout::{Keeping, Layout};
use super::revalidate::{ASK_AGAIN, VARY, entity_tag, tag};

/// What every handler gives.
pub type Answer = Result<HttpResponse, WebError>;

/// A page: a template with a frame around it. [`framed!`](crate::framed) says so of its struct.
pub trait Page: Template {
    /// The frame; it says whose page this is.
    fn layout(&self) -> &Layout;
}

/// Makes a [`Page`] of a template's struct with a field `layout`.
#[macro_export]
macro_rules! framed {
    ($page:ident) => {
        impl $crate::web::Page for $page {
            fn layout(&self) -> &$crate::web::layout::Layout {
                &self.layout
            }
        }
    };
}

/// Marks an answer that belongs to nobody in particular: search engines may keep it.
struct Public;

/// Says that an answer belongs to nobody in particular.
#[must_use]
pub fn public(mut answer: HttpResponse) -> HttpResponse {
    answer.extensions_mut().insert(Public);
    answer
}

/// Whether an answer was said to be [`public`].
pub(super) fn is_public<B>(answer: &HttpResponse<B>) -> bool {
    answer.extensions().contains::<Public>()
}

/// A page with a status.
///
/// # Errors
/// When the template fails.
pub fn page(status: StatusCode, page: &impl Page) -> Answer {
    let html = page.render().map_err(WebError::internal)?;
    let layout = page.layout();
    let mut answer = HttpResponse::build(status);
    answer.content_type("text/html; charset=utf-8");
    if layout.keeping == Keeping::Asked {
        // A form that was sent back is kept too, or Firefox shows an error in its place on the way back.
        answer
            .insert_header((header::CACHE_CONTROL, ASK_AGAIN))
            .insert_header((header::VARY, VARY));
        if let Some(tag) = (status == StatusCode::OK)
            .then(|| entity_tag(&tag(html.as_bytes())))
            .flatten()
        {
            answer.insert_header((header::ETAG, tag));
        }
    } else {
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
    }
    let answer = answer.body(html);
    Ok(if layout.is_personal() { answer } else { public(answer) })
}

/// A page that is as it should be.
///
/// # Errors
/// When the template fails.
pub fn ok(template: &impl Page) -> Answer {
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
