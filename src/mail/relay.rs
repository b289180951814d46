//! The server that takes our mail, and how long it may take over it.

use std::time::Duration;

pub use crate::config::relay::{BadRelay, Encryption, HelloName, Login, Relay, Secret};

/// How long each phase of a dialogue may take. A relay that says nothing holds up one connection, not the queue.
#[derive(Clone, Copy, Debug)]
pub struct Phases {
    /// TCP connect.
    pub connect: Duration,
    /// Greeting, TLS and each command.
    pub command: Duration,
    /// Each write of the text ...
    pub text: Duration,
    /// ... and this much more for each 100 kB of it.
    pub text_per_100_kb: Duration,
    /// The reply to the final dot (RFC 5321, 4.5.3.2.6). Given up earlier, the mail would go twice.
    pub text_longest: Duration,
}

impl Default for Phases {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_mins(1),
            text: Duration::from_mins(1),
            text_per_100_kb: Duration::from_secs(1),
            text_longest: Duration::from_mins(10),
        }
    }
}

impl Phases {
    /// Time to write a text of `len` octets.
    #[must_use]
    pub fn for_text(&self, len: usize) -> Duration {
        let hundreds = u32::try_from(len / 100_000).unwrap_or(u32::MAX);
        (self.text + self.text_per_100_kb.saturating_mul(hundreds)).min(self.text_longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_text_gets_more_time_but_not_for_ever() {
        let phases = Phases::default();
        assert_eq!(phases.for_text(10_000), Duration::from_mins(1));
        assert_eq!(phases.for_text(4_000_000), Duration::from_secs(100));
        assert_eq!(phases.for_text(usize::MAX), Duration::from_mins(10));
    }
}
