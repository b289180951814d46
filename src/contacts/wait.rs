//! What a form says that was posted too often.

use std::time::Duration;

use crate::web::wait::in_words;

/// That nothing was sent, and when to try again.
#[must_use]
pub fn too_many(wait: Duration) -> String {
    format!(
        "Nothing was sent: this form was used too often in a short time. Try again {}.",
        in_words(wait)
    )
}
