//! How often one network may post a public form.
//!
//! The generic cell rate algorithm: one instant per key says when its allowance is used up again. Ours and
//! not a library's because a post is charged only after it is known whom it was for (posts for confirmed
//! addresses are free), and because the clock is the app's.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::client::Network;
use crate::config::Rate;

/// Forget keys whose allowance is whole again once there are this many, and then whenever their number has doubled:
/// a sweep at every charge would cost more than what it forgets.
const SWEEP_AT: usize = 10_000;

/// From this share of the allowance on, answers slow down before they are refused.
const SLOW_FROM: f64 = 0.7;
const SLOWED_BY: Duration = Duration::from_millis(1_500);

/// Charges per key. `None` as rate: no limit.
pub struct RateLimit {
    rate: Option<Rate>,
    counts: Mutex<Charges>,
}

struct Charges {
    used_until: HashMap<LimitKey, i64>,
    sweep_at: usize,
}

/// What is counted: which form or purpose, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LimitKey {
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
            counts: Mutex::new(Charges {
                used_until: HashMap::new(),
                sweep_at: SWEEP_AT,
            }),
        }
    }

    /// What one more would meet; charges nothing.
    pub fn check(&self, key: &LimitKey, now: Timestamp) -> Allowance {
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

    /// Charges one.
    pub fn charge(&self, key: LimitKey, now: Timestamp) {
        let Some(rate) = self.rate else { return };
        let step = i64::from(rate.seconds) * 1_000_000 / i64::from(rate.count);
        let now = now.as_microsecond();
        let mut counts = self.counts();
        counts.sweep(now);
        let until = counts.used_until.entry(key).or_insert(now);
        *until = (*until).max(now) + step;
    }

    /// Microseconds of the window that are used up.
    fn used(&self, key: &LimitKey, now: Timestamp) -> i64 {
        let until = self.counts().used_until.get(key).copied().unwrap_or(0);
        (until - now.as_microsecond()).max(0)
    }

    fn counts(&self) -> MutexGuard<'_, Charges> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Charges {
    fn sweep(&mut self, now: i64) {
        if self.used_until.len() < self.sweep_at {
            return;
        }
        self.used_until.retain(|_, until| *until > now);
        self.sweep_at = SWEEP_AT.max(2 * self.used_until.len());
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
        let key = LimitKey::Account("ada".to_owned());
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
        assert_eq!(limit.check(&LimitKey::Account("bob".to_owned()), now), Allowance::Pass);
        assert_eq!(RateLimit::new(None).check(&key, now), Allowance::Pass);
    }

    #[test]
    fn sweeps_when_the_keys_have_doubled() {
        let limit = RateLimit::new(Some(Rate { count: 1, seconds: 60 }));
        let charge = |range: std::ops::Range<u64>, now| {
            for n in range {
                limit.charge(LimitKey::Recipient(n.to_be_bytes().to_vec()), now);
            }
            limit.counts().used_until.len()
        };
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(charge(0..15_000, now), 15_000, "all still count");
        assert_eq!(limit.counts().sweep_at, 20_000);
        let later = now + jiff::SignedDuration::from_mins(2);
        assert_eq!(charge(15_000..20_000, later), 20_000);
        assert_eq!(charge(20_000..20_001, later), 5_001, "what is over is forgotten");
        assert_eq!(limit.counts().sweep_at, SWEEP_AT);
    }
}
