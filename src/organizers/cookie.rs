//! The cookie of a sign-in. Over https its name binds it to this host and path; plain http on this machine
//! has another name, because browsers refuse that one there.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use super::ABSOLUTE_LIMIT;
use crate::values::SecretToken;
use crate::web::AppState;

fn name(state: &AppState) -> &'static str {
    if state.config.public_url.is_secure() {
        "__Host-sign-in"
    } else {
        "sign-in"
    }
}

/// The token that a browser brings, if it looks like one.
pub(in crate::organizers) fn token(state: &AppState, request: &HttpRequest) -> Option<SecretToken> {
    SecretToken::parse(request.cookie(name(state))?.value())
}

/// Keeps a token in the browser.
pub(in crate::organizers) fn keep(state: &AppState, token: &SecretToken) -> Cookie<'static> {
    build(state, token.reveal(), Duration::seconds(ABSOLUTE_LIMIT.as_secs()))
}

/// Makes the browser forget.
pub(in crate::organizers) fn forget(state: &AppState) -> Cookie<'static> {
    build(state, String::new(), Duration::ZERO)
}

fn build(state: &AppState, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build(name(state), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.config.public_url.is_secure())
        .max_age(age)
        .finish()
}
