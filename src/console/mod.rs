//! The kit of organizers' pages: their frame, lists, words and downloads. It knows no feature; each feature's `console`
//! is built from it.

pub(crate) mod busy;
pub(crate) mod conflict;
pub(crate) mod discretion;
pub(crate) mod downloads;
pub(crate) mod figures;
pub(crate) mod flash;
pub(crate) mod frame;
pub(crate) mod list;
pub(crate) mod preview;
pub(crate) mod review;
pub(crate) mod words;

use actix_web::HttpResponse;
use actix_web::http::header;

pub(crate) use frame::{Console, ConsoleFrame, MenuEntry};

/// Where a page is now; scripts and bookmarks follow, forms with what they hold.
#[must_use]
pub(crate) fn moved_to(path: &str) -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, path))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
