//! How long to wait, as people say it.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// "in about 5 minutes"
#[must_use]
pub fn in_words(wait: Duration) -> String {
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
