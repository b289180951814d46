//! Too often: what is said, and when to try again.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};

use super::Answer;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// "in about 5 minutes"
#[must_use]
pub(crate) fn in_words(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let days = seconds.div_ceil(24 * HOUR);
    if seconds <= 90 {
        "in a minute".to_owned()
    } else if seconds <= 90 * MINUTE {
        format!("in about {} minutes", seconds.div_ceil(MINUTE))
    } else if seconds <= 18 * HOUR {
        format!("in about {} hours", seconds.div_ceil(HOUR))
    } else if days <= 1 {
        "tomorrow".to_owned()
    } else {
        format!("in about {days} days")
    }
}

/// What a form says that was posted too often: that nothing was sent, and when to try again.
#[must_use]
pub(crate) fn sentence(wait: Duration) -> String {
    format!(
        "Nothing was sent: this form was used too often in a short time. Try again {}.",
        in_words(wait)
    )
}

/// Answers a form that was posted too often: it comes back as it was filled in.
///
/// # Errors
/// Those of the form's page.
pub(crate) fn answer(form: Answer, wait: Duration) -> Answer {
    Ok(retry_after(form?, wait.as_secs().max(1)))
}

/// Says when to try again.
#[must_use]
pub(crate) fn retry_after(mut answer: HttpResponse, seconds: u64) -> HttpResponse {
    answer
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_as_people_say_it() {
        for (seconds, words) in [
            (0, "in a minute"),
            (90, "in a minute"),
            (300, "in about 5 minutes"),
            (17_900, "in about 5 hours"),
            (86_400, "tomorrow"),
            (100_000, "in about 2 days"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words, "{seconds}");
        }
    }
}
