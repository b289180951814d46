//! The one table of timeouts, retries and give-up times. Tests shorten them by injection.

use std::time::Duration;

use super::kind::Kind;
use super::relay::Phases;

/// Every time and limit of the mail worker. Give-up times belong to a [`Kind`].
#[derive(Clone, Debug)]
pub struct Policy {
    /// How long each phase of an SMTP dialogue may take.
    pub phases: Phases,
    /// Rows a connection claims at once, and so the most that can go twice after a kill.
    pub batch: usize,
    /// How long a claim holds without being renewed.
    pub lease: Duration,
    /// A send that takes longer gives back the other mails of its batch ...
    pub patience: Duration,
    /// ... and renews its lease this often.
    pub renew: Duration,
    /// How often the outbox is looked at without a ring of the bell.
    pub poll: Duration,
    /// Waits between tries.
    pub retries: Retries,
    /// Pauses after faults of the route; the last one repeats.
    pub pauses: Vec<Duration>,
    /// A mail that is refused for our sake while others are taken is tried this often.
    pub apart: Duration,
    /// How often a mail that may have been taken is sent again.
    pub ambiguous_repeats: i64,
    /// The same permanent reply to so many mails in a row is a fault of the route.
    pub same_reply_mails: usize,
    /// After this age a mail with such a reply fails for good. Whatever else is at fault on the route, mail waits.
    pub route_fault_longest: Duration,
    /// How long a hard bounce keeps an address from getting mail.
    pub bounce_suppression: Duration,
    /// How long the mail in flight may take when the program stops; then it is left to its lease.
    pub stop: Duration,
    /// How long DNS may take to say whether a domain takes mail.
    pub dns: Duration,
}

impl Policy {
    /// The pause while a fault of the route goes on.
    pub(super) fn longest_pause(&self) -> Duration {
        self.pauses.last().copied().unwrap_or_default()
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            phases: Phases::default(),
            batch: 16,
            lease: Duration::from_secs(45),
            patience: Duration::from_secs(3),
            renew: Duration::from_secs(15),
            poll: Duration::from_secs(5),
            retries: Retries::default(),
            pauses: [1, 2, 4, 5].map(Duration::from_mins).to_vec(),
            apart: Duration::from_hours(1),
            ambiguous_repeats: 2,
            same_reply_mails: 5,
            route_fault_longest: Duration::from_hours(14 * 24),
            bounce_suppression: Duration::from_hours(30 * 24),
            stop: Duration::from_secs(6),
            dns: Duration::from_secs(3),
        }
    }
}

/// Waits after a refusal that may pass.
#[derive(Clone, Debug)]
pub struct Retries {
    /// After the first, second ... try.
    pub first: Vec<Duration>,
    /// After every later one.
    pub then: Duration,
    /// Each wait is up to this share longer or shorter.
    pub spread: f64,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            first: [5, 10, 20, 40, 80, 160].map(Duration::from_mins).to_vec(),
            then: Duration::from_hours(4),
            spread: 0.2,
        }
    }
}

impl Retries {
    /// The wait after so many tries (the first is 1), without the spread.
    fn plain(&self, tries: i64) -> Duration {
        let index = usize::try_from(tries - 1).unwrap_or(0);
        self.first.get(index).copied().unwrap_or(self.then)
    }

    /// The wait before the next try, or `None` where it is time to give up.
    ///
    /// The clock that counts is the mail's own waits: hours in which the relay could not be reached are not among
    /// them, so an outage costs nobody their mail. `random` is from 0 to 1.
    pub(super) fn next(&self, kind: &Kind, tries: i64, random: f64) -> Option<Duration> {
        let waited: Duration = (1..=tries.clamp(1, 1000)).map(|tries| self.plain(tries)).sum();
        (waited <= kind.give_up).then(|| self.plain(tries).mul_f64(1.0 + self.spread * (random * 2.0 - 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Priority;

    #[test]
    fn waits_grow_to_four_hours_and_are_spread() {
        let retries = Retries::default();
        let kind = Kind::new("paper", Priority::Paper);
        let minutes = |tries, random| retries.next(&kind, tries, random).map(|wait| wait.as_secs() / 60);
        assert_eq!(minutes(1, 0.5), Some(5));
        assert_eq!(minutes(1, 0.0), Some(4));
        assert_eq!(minutes(1, 1.0), Some(6));
        assert_eq!(minutes(6, 0.5), Some(160));
        assert_eq!(minutes(7, 0.5), Some(240));
    }

    #[test]
    fn each_kind_is_given_up_in_its_time() {
        let retries = Retries::default();
        let last_try = |priority| {
            let kind = Kind::new("kind", priority);
            (1..1000)
                .find(|tries| retries.next(&kind, *tries, 0.5).is_none())
                .unwrap()
        };
        assert_eq!(last_try(Priority::SignIn), 3, "at 0, 5 and 15 minutes");
        assert_eq!(
            last_try(Priority::Confirmation),
            17,
            "315 minutes and ten times four hours"
        );
        assert_eq!(last_try(Priority::Paper), 29);
    }
}
