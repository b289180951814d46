//! The gate before a public form: how often one network may post it.

use std::time::Duration;

use actix_web::HttpRequest;

use crate::web::limits::LimitKey;
use crate::web::{Allowance, AppState, RateLimit};

/// How often one network may post one form.
pub(crate) struct Gate<'s> {
    state: &'s AppState,
    limit: &'s RateLimit,
    key: LimitKey,
}

impl<'s> Gate<'s> {
    /// The gate before one form.
    #[must_use]
    pub(crate) fn new(state: &'s AppState, request: &HttpRequest, form: &'static str) -> Self {
        Self {
            state,
            limit: &state.form_limit,
            key: LimitKey::Form(form, state.network_of(request)),
        }
    }

    /// The gate before a form that many people in one room may post, and that sends no mail.
    #[must_use]
    pub(crate) fn wide(state: &'s AppState, request: &HttpRequest, form: &'static str) -> Self {
        Self {
            limit: &state.wide_form_limit,
            ..Self::new(state, request, form)
        }
    }

    /// Lets a post through, after a moment where there were many. `Err`: come back after this long.
    pub(crate) async fn pass(&self) -> Result<(), Duration> {
        match self.limit.check(&self.key, self.state.clock.now()) {
            Allowance::Pass => Ok(()),
            Allowance::Slow(moment) => {
                tokio::time::sleep(moment).await;
                Ok(())
            }
            Allowance::Refuse(wait) => Err(wait),
        }
    }

    /// Counts the post: only those for addresses that are not confirmed count.
    pub(crate) fn charge_if(&self, unconfirmed: bool) {
        if unconfirmed {
            self.limit.charge(self.key.clone(), self.state.clock.now());
        }
    }
}
