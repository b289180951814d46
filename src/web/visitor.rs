//! Who looks at a page, as far as the HTTP request says without asking.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::trail::Trail;
use super::{AppState, WebError};
use crate::values::HourCycle;

/// An argument of handlers that draw a visitor's page.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// Where they came from.
    pub trail: Trail,
    /// How they read a clock.
    pub hours: HourCycle,
    /// Whether they are an organizer who is signed in.
    pub is_organizer: bool,
}

/// Marks an HTTP request of an organizer who is signed in.
pub(crate) struct SignedInHere;

impl Visitor {
    /// Reads the request.
    ///
    /// # Errors
    /// When the app was built without its state.
    pub fn of(request: &HttpRequest) -> Result<Self, WebError> {
        let state = AppState::of(request)?;
        Ok(Self {
            trail: Trail::of(request, &state.config.public_url),
            hours: HourCycle::of(locale(request).as_deref()),
            is_organizer: request.extensions().contains::<SignedInHere>(),
        })
    }
}

impl FromRequest for Visitor {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// The language that the browser asks for first (BCP 47).
#[must_use]
pub(crate) fn locale(request: &HttpRequest) -> Option<String> {
    let languages = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = languages.split([',', ';']).next()?.trim();
    let well_formed = (2..=35).contains(&first.len()) && first.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    well_formed.then(|| first.to_owned())
}
