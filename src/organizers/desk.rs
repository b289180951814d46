//! What the doors share beside the state.

use std::sync::Arc;

use super::kept_sign_ins::KeptSignIns;
use super::password::Hasher;
use super::sign_in_limit::SignInLimit;
use super::sign_on::Provider;
use crate::config::Config;
use crate::web::WebError;

/// One for all workers.
#[derive(Default)]
pub(crate) struct SignInDesk {
    /// Hashing takes memory, so there is one piece of it.
    pub(crate) hasher: Hasher,
    pub(in crate::organizers) limit: SignInLimit,
    pub(in crate::organizers) kept: KeptSignIns,
    /// Where organizers may sign in besides.
    sign_on: Option<Arc<Provider>>,
}

impl SignInDesk {
    /// With the provider of the settings.
    pub(crate) fn new(config: &Config) -> Self {
        let provider = |sign_on| Provider::new(sign_on, config.public_url.link("/organizer/oidc/callback"));
        Self {
            sign_on: config.sign_on.clone().map(provider).map(Arc::new),
            ..Self::default()
        }
    }

    /// The provider, where there is one.
    ///
    /// # Errors
    /// Where there is none, there is no page either.
    pub(in crate::organizers) fn provider(&self) -> Result<&Arc<Provider>, WebError> {
        self.sign_on.as_ref().ok_or(WebError::NotFound)
    }

    /// Ends those of an account that the database does not know of.
    pub(crate) fn forget_sign_ins(&self, organizer: i64) {
        self.kept.forget_all(organizer);
    }
}
