//! How often somebody may try to sign in: per network, and per account from one network.
//!
//! An account is not locked for everybody by one who guesses: their network is. Guessing from many
//! networks at one account meets a wider bound of its own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// The bounds, so that tests can tighten them.
#[derive(Debug, Clone, Copy)]
pub struct SignInLimits {
    /// Failures from one network.
    pub network: u32,
    /// Failures at one account from one network.
    pub account_from_network: u32,
    /// Failures at one account from everywhere.
    pub account: u32,
    /// In how long.
    pub window: SignedDuration,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            network: 30,
            account_from_network: 8,
            account: 100,
            window: SignedDuration::from_mins(15),
        }
    }
}

/// Counts failures. Clones share the counts.
#[derive(Clone, Default)]
pub struct Throttle {
    limits: SignInLimits,
    counts: Arc<Mutex<HashMap<Key, Count>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Network(IpAddr),
    AccountFromNetwork(String, IpAddr),
    Account(String),
}

#[derive(Clone, Copy)]
struct Count {
    since: Timestamp,
    tries: u32,
}

/// Counts of windows that are over are dropped when there are more than this.
const MANY: usize = 10_000;

impl Throttle {
    /// With other bounds.
    #[must_use]
    pub fn new(limits: SignInLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Counts a try before it is checked, so that many at once cannot slip through; a good sign-in takes
    /// its try back with [`Throttle::forgive`].
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn count(&self, account: &str, peer: IpAddr, now: Timestamp) -> Result<(), SignedDuration> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() > MANY {
            counts.retain(|_, count| !self.is_over(*count, now));
        }
        let keys = self.keys(account, peer);
        let wait = keys
            .iter()
            .filter_map(|(key, most)| self.wait(counts.get(key).copied(), *most, now))
            .max();
        if let Some(wait) = wait {
            return Err(wait);
        }
        for (key, _) in keys {
            let count = counts.entry(key).or_insert(Count { since: now, tries: 0 });
            if self.is_over(*count, now) {
                *count = Count { since: now, tries: 0 };
            }
            count.tries += 1;
        }
        Ok(())
    }

    /// The try was good: it is no failure.
    pub fn forgive(&self, account: &str, peer: IpAddr) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in self.keys(account, peer) {
            if let Some(count) = counts.get_mut(&key) {
                count.tries = count.tries.saturating_sub(1);
            }
        }
    }

    fn keys(&self, account: &str, peer: IpAddr) -> [(Key, u32); 3] {
        let network = network(peer);
        [
            (Key::Network(network), self.limits.network),
            (
                Key::AccountFromNetwork(account.to_owned(), network),
                self.limits.account_from_network,
            ),
            (Key::Account(account.to_owned()), self.limits.account),
        ]
    }

    fn wait(&self, count: Option<Count>, most: u32, now: Timestamp) -> Option<SignedDuration> {
        let count = count.filter(|count| count.tries >= most && !self.is_over(*count, now))?;
        let end = count.since.saturating_add(self.limits.window).unwrap_or(Timestamp::MAX);
        Some(end.duration_since(now))
    }

    fn is_over(&self, count: Count, now: Timestamp) -> bool {
        now.duration_since(count.since) >= self.limits.window
    }
}

/// IPv4 addresses one by one, IPv6 by the /64 that one customer has.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & (u128::MAX << 64)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn too_many_failures_wait_for_the_window() {
        let throttle = Throttle::default();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..8 {
            throttle.count("ada", PEER, now).unwrap();
        }
        let wait = throttle.count("ada", PEER, now).unwrap_err();
        assert_eq!(wait, SignedDuration::from_mins(15));
        throttle.count("ada", OTHER, now).unwrap();
        throttle.count("eve", PEER, now).unwrap();
        let later = now + wait;
        throttle.count("ada", PEER, later).unwrap();
    }

    #[test]
    fn good_sign_ins_do_not_count() {
        let throttle = Throttle::default();
        for _ in 0..100 {
            throttle.count("ada", PEER, Timestamp::UNIX_EPOCH).unwrap();
            throttle.forgive("ada", PEER);
        }
    }

    #[test]
    fn one_customer_of_ipv6_is_one_network() {
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let two: IpAddr = "2001:db8::ffff:2".parse().unwrap();
        assert_eq!(network(one), network(two));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), PEER);
    }
}
