//! From the link to the provider and back: what a browser carries meanwhile, sealed, for ten minutes.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::values::SecretToken;
use crate::web::AppState;

/// For so long.
const LASTS: SignedDuration = SignedDuration::from_mins(10);
/// What it is sealed for.
const SEALED_FOR: &str = "sign-on";

/// What it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::organizers) enum SignOnPurpose {
    /// Signing in; then to this page.
    SignIn { next: String },
    /// Binding it to the account of a row, whose owner is signed in.
    Connect { organizer: i64 },
}

/// One that was begun.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::organizers) struct Begun {
    /// Comes back with the code (RFC 6749, 10.12).
    pub state: String,
    /// Comes back in the token.
    pub nonce: String,
    /// Shows that whoever has the code began it (RFC 7636).
    pub verifier: String,
    pub purpose: SignOnPurpose,
    /// Microseconds.
    until: i64,
}

impl Begun {
    pub(in crate::organizers) fn new(purpose: SignOnPurpose, now: Timestamp) -> Self {
        let random = || SecretToken::random().reveal();
        Self {
            state: random(),
            nonce: random(),
            verifier: random(),
            purpose,
            until: (now + LASTS).as_microsecond(),
        }
    }

    /// What the provider is told of the verifier.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }

    /// Keeps it in the browser. Lax: the provider leads back by a link.
    pub(in crate::organizers) fn cookie(&self, state: &AppState) -> Cookie<'static> {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        let sealed = URL_SAFE_NO_PAD.encode(state.links.seal(SEALED_FOR, &plain));
        build(state, sealed, Duration::seconds(LASTS.as_secs()))
    }

    /// Makes the browser forget it: it is used once.
    pub(in crate::organizers) fn forget(state: &AppState) -> Cookie<'static> {
        build(state, String::new(), Duration::ZERO)
    }

    /// The one that a browser brings back with this state.
    pub(in crate::organizers) fn brought(state: &AppState, request: &HttpRequest, said: &str) -> Option<Self> {
        let cookie = request.cookie(name(state))?;
        let plain = state
            .links
            .unseal(SEALED_FOR, &URL_SAFE_NO_PAD.decode(cookie.value()).ok()?)?;
        let begun: Self = serde_json::from_slice(&plain).ok()?;
        let is_same: bool = begun.state.as_bytes().ct_eq(said.as_bytes()).into();
        let lasts = begun.until > state.clock.now().as_microsecond();
        (is_same && lasts).then_some(begun)
    }
}

/// Over https its name binds it to this host.
fn name(state: &AppState) -> &'static str {
    if state.config.public_url.is_secure() {
        "__Host-sign-on"
    } else {
        "sign-on"
    }
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
