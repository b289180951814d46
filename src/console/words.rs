//! Counts, moments and states as organizers read them.

use crate::mail::outbox::MailState;
use crate::values::Problem;
use crate::web::layout::{Badge, Tone};

/// Counting ends here: nobody reads more digits.
pub(crate) const COUNTED: i64 = 10_000;

/// "1,204", or "more than 10,000".
#[must_use]
pub(crate) fn count(count: i64) -> String {
    if count > COUNTED {
        return format!("more than {}", grouped(COUNTED));
    }
    grouped(count)
}

/// "1,204,000"
#[must_use]
pub(crate) fn grouped(count: i64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// "12 kB", "31.4 MB"
#[must_use]
pub(crate) fn bytes(bytes: i64) -> String {
    match bytes {
        ..1_000_000 => format!("{} kB", (bytes + 999) / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// A mail's state as people read it.
#[must_use]
pub(crate) fn mail_state(state: MailState) -> &'static str {
    match state {
        MailState::Queued | MailState::Sending => "Waiting to go",
        MailState::Sent => "Sent",
        MailState::Failed => "Not delivered",
        MailState::Unknown => "Unclear",
        MailState::Skipped | MailState::Cancelled => "Stopped",
        MailState::Held => "Held",
    }
}

/// The same with its tone.
#[must_use]
pub(crate) fn mail_badge(state: MailState) -> Badge {
    let tone = match state {
        MailState::Sent => Tone::Good,
        MailState::Failed => Tone::Wrong,
        MailState::Unknown | MailState::Held => Tone::Warn,
        MailState::Queued | MailState::Sending | MailState::Skipped | MailState::Cancelled => Tone::Idle,
    };
    Badge {
        tone,
        word: mail_state(state).to_owned(),
    }
}

/// The stored state of a registration as people read it.
#[must_use]
pub(crate) fn seat_state(state: &str) -> Badge {
    let (tone, word) = match state {
        "registered" => (Tone::Good, "Registered"),
        "offered" => (Tone::Warn, "Offered a place"),
        "waitlisted" => (Tone::Warn, "Waiting"),
        "pending" => (Tone::Warn, "To be approved"),
        "held" => (Tone::Warn, "Held"),
        "rejected" => (Tone::Idle, "Not accepted"),
        _ => (Tone::Idle, "Cancelled"),
    };
    Badge {
        tone,
        word: word.to_owned(),
    }
}

/// The same of a request for a paper.
#[must_use]
pub(crate) fn request_state(state: &str) -> Badge {
    let (tone, word) = match state {
        "held" => (Tone::Warn, "Held"),
        _ => (Tone::Good, "Asked for"),
    };
    Badge {
        tone,
        word: word.to_owned(),
    }
}

/// What is wrong with a name, to somebody who types another's.
pub(crate) fn of_them(problem: &Problem) -> String {
    problem.to_string().replace("your name", "their name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_readable() {
        for (number, words) in [
            (0, "0"),
            (999, "999"),
            (1_204, "1,204"),
            (10_000, "10,000"),
            (10_001, "more than 10,000"),
        ] {
            assert_eq!(count(number), words);
        }
    }
}
