//! How often one network may post a public form.
//!
//! The generic cell rate algorithm: one instant per key says when its allowance is used up again. Ours and
//! not a library's because a post is charged only after it is known whom it was for (posts for confirmed
//! addresses are free), and because the clock is the app's.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::client::Network;
use crate::config::Rate;

/// Forget keys whose allowance is whole again once there are this many.
const SWEEP_AT: usize = 10_000;

/// From this share of the allowance on, answers slow down before they are refused.
const SLOW_FROM: f64 = 0.7;
const SLOWED_BY: Duration = Duration::from_millis(1_500);

/// Counts per key. `None` as rate: no limit.
pub struct RateLimit {
    rate: Option<Rate>,
    used_until: Mutex<HashMap<Key, i64>>,
}

/// What is counted: which form or purpose, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// One form, posted from one network.
    Form(&'static str, Network),
    /// One account, whoever tries it.
    Account(String),
    /// Mail to one address or domain that strangers ask for, by its keyed hash or name.
    Recipient(Vec<u8>),
    /// One account, tried from one network.
    AccountFrom(String, Network),
}

/// What may happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// Go on.
    Pass,
    /// Go on after a moment.
    Slow(Duration),
    /// Come back after this long.
    Refuse(Duration),
}

impl RateLimit {
    /// A limit of so many per so much time.
    #[must_use]
    pub fn new(rate: Option<Rate>) -> Self {
        Self {
            rate,
            used_until: Mutex::default(),
        }
    }

    /// What one more would meet; charges nothing.
    pub fn check(&self, key: &Key, now: Timestamp) -> Allowance {
        let Some(rate) = self.rate else { return Allowance::Pass };
        let window = i64::from(rate.seconds) * 1_000_000;
        let used = self.used(key, now);
        let after = used + window / i64::from(rate.count);
        if after > window {
            return Allowance::Refuse(Duration::from_micros(u64::try_from(after - window).unwrap_or(0)));
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share of a window needs no exact microseconds"
        )]
        let share = used as f64 / window as f64;
        if share >= SLOW_FROM {
            Allowance::Slow(SLOWED_BY)
        } else {
            Allowance::Pass
        }
    }

    /// Counts one.
    pub fn charge(&self, key: Key, now: Timestamp) {
        let Some(rate) = self.rate else { return };
        let step = i64::from(rate.seconds) * 1_000_000 / i64::from(rate.count);
        let now = now.as_microsecond();
        let mut used_until = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        if used_until.len() >= SWEEP_AT {
            used_until.retain(|_, until| *until > now);
        }
        let until = used_until.entry(key).or_insert(now);
        *until = (*until).max(now) + step;
    }

    /// Microseconds of the window that are used up.
    fn used(&self, key: &Key, now: Timestamp) -> i64 {
        let used_until = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        let until = used_until.get(key).copied().unwrap_or(0);
        (until - now.as_microsecond()).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slows_then_refuses_then_recovers() {
        let limit = RateLimit::new(Some(Rate {
            count: 10,
            seconds: 3_600,
        }));
        let key = Key::Account("ada".to_owned());
        let mut now = Timestamp::UNIX_EPOCH;
        let mut seen = Vec::new();
        for _ in 0..11 {
            seen.push(limit.check(&key, now));
            limit.charge(key.clone(), now);
        }
        assert_eq!(seen[0], Allowance::Pass);
        assert!(matches!(seen[8], Allowance::Slow(_)));
        assert_eq!(seen[10], Allowance::Refuse(Duration::from_mins(6)));
        now += jiff::SignedDuration::from_secs(720);
        assert!(!matches!(limit.check(&key, now), Allowance::Refuse(_)));
        assert_eq!(limit.check(&Key::Account("bob".to_owned()), now), Allowance::Pass);
        assert_eq!(RateLimit::new(None).check(&key, now), Allowance::Pass);
    }
}
