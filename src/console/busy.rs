//! A form that cannot be saved now comes back as it was filled in.

use actix_web::http::StatusCode;

use super::ConsoleFrame;
use crate::db::DbError;
use crate::web::{Answer, Page, page, too_many};

/// What is asked of whoever waits.
const AGAIN: &str = "This could not be saved just now. Nothing of what you typed is lost: save again in a moment.";

impl ConsoleFrame {
    /// With the word that it could not be saved now.
    pub(crate) fn not_saved(self) -> Self {
        self.with(Some(AGAIN))
    }
}

/// The form again, where the database cannot write now and may in a moment.
///
/// # Errors
/// Any other fault of the database.
pub(crate) fn form_again(error: DbError, shown: &impl Page) -> Answer {
    if !error.is_passing() {
        return Err(error.into());
    }
    tracing::warn!(%error, "an organizer's form could not be saved");
    Ok(too_many::retry_after(page(StatusCode::SERVICE_UNAVAILABLE, shown)?, 5))
}
