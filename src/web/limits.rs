//! How often something may be done.
//!
//! The generic cell rate algorithm: one instant per key says when its allowance is used up again. Charging is one step, so
//! that many at once cannot slip through; what should not have counted is given back. Ours and not a library's because of
//! that, and because the clock is the app's.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;

use super::client::Network;
use crate::config::Rate;
use crate::values::Slug;

/// Forget keys whose allowance is whole again once there are this many, and then whenever their number has doubled:
/// a sweep at every charge would cost more than what it forgets.
const SWEEP_AT: usize = 10_000;
const SLOWED_BY: Duration = Duration::from_millis(1_500);

/// So many in so much time, and from how many on it goes slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub rate: Rate,
    /// From this many on, what passes waits for a moment.
    pub slow_from: u32,
}

impl Limit {
    /// One that slows down from seven tenths on.
    #[must_use]
    pub const fn of(rate: Rate) -> Self {
        Self {
            rate,
            slow_from: if rate.count > 1 {
                rate.count.saturating_mul(7) / 10
            } else {
                1
            },
        }
    }

    /// The same without slowing down.
    #[must_use]
    pub const fn at_once(rate: Rate) -> Self {
        Self {
            rate,
            slow_from: u32::MAX,
        }
    }

    /// In microseconds.
    fn window(self) -> i64 {
        i64::from(self.rate.seconds) * 1_000_000
    }

    /// What one costs of the window.
    fn step(self) -> i64 {
        (self.window() / i64::from(self.rate.count.max(1))).max(1)
    }
}

/// What is counted, and for whom. No key holds what somebody typed, but a network, a keyed hash, or the slug of a page that
/// is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LimitKey {
    /// Posts of one kind from one network.
    Post(&'static str, Network),
    /// The same about one thing with a page of its own, such as a webcast.
    PostAbout(&'static str, String, Network),
    /// Mail of one form to one address, by its keyed hash.
    Recipient(&'static str, Vec<u8>),
    /// Mail that strangers ask for to one domain, by its keyed hash.
    Domain(Vec<u8>),
    /// Guesses at one account, by its address's keyed hash, from anywhere.
    Account(Vec<u8>),
    /// The same from one network.
    AccountFrom(Vec<u8>, Network),
    /// The same from what stands around a network.
    AccountAround(Vec<u8>, Network),
    /// Right passwords of one account.
    SignedIn(Vec<u8>),
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

/// Everything that is counted.
#[derive(Default)]
pub struct Limits {
    charges: Mutex<Charges>,
}

struct Charges {
    used_until: HashMap<LimitKey, i64>,
    sweep_at: usize,
}

impl Default for Charges {
    fn default() -> Self {
        Self {
            used_until: HashMap::new(),
            sweep_at: SWEEP_AT,
        }
    }
}

impl Limits {
    /// Charges one and says what may happen now; what is refused is not charged. `None`: no limit.
    pub fn charge(&self, key: LimitKey, limit: Option<Limit>, now: Timestamp) -> Allowance {
        let Some(limit) = limit else { return Allowance::Pass };
        let (now, window, step) = (now.as_microsecond(), limit.window(), limit.step());
        let mut charges = self.charges();
        charges.sweep(now);
        // A clock that was set back must not make anybody wait longer than the window.
        let used = charges
            .used_until
            .get(&key)
            .map_or(0, |until| (until - now).clamp(0, window));
        if used + step > window {
            return Allowance::Refuse(Duration::from_micros((used + step - window).unsigned_abs()));
        }
        charges.used_until.insert(key, now + used + step);
        if used >= step.saturating_mul(i64::from(limit.slow_from)) {
            Allowance::Slow(SLOWED_BY)
        } else {
            Allowance::Pass
        }
    }

    /// Takes one charge back: it should not have counted.
    pub fn give_back(&self, key: &LimitKey, limit: Option<Limit>, now: Timestamp) {
        let Some(limit) = limit else { return };
        let mut charges = self.charges();
        let Some(until) = charges.used_until.get_mut(key) else {
            return;
        };
        *until -= limit.step();
        if *until <= now.as_microsecond() {
            charges.used_until.remove(key);
        }
    }

    /// Forgets all guesses at one account.
    pub fn forget_account(&self, account: &[u8]) {
        self.charges().used_until.retain(|key, _| match key {
            LimitKey::Account(of) | LimitKey::AccountFrom(of, _) | LimitKey::AccountAround(of, _) => of != account,
            _ => true,
        });
    }

    fn charges(&self) -> MutexGuard<'_, Charges> {
        self.charges.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Numbers that organizers set for single subjects, by slug, as they were read last.
#[derive(Debug, Default)]
pub struct OwnLimits(RwLock<HashMap<String, u32>>);

impl OwnLimits {
    /// The number for one, where there is one.
    pub fn of(&self, slug: &Slug) -> Option<u32> {
        let limits = self.0.read().unwrap_or_else(PoisonError::into_inner);
        limits.get(slug.as_str()).copied()
    }

    /// What was read now.
    pub fn replace(&self, limits: HashMap<String, u32>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = limits;
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const TEN_AN_HOUR: Option<Limit> = Some(Limit::of(Rate {
        count: 10,
        seconds: 3_600,
    }));

    fn key(name: &str) -> LimitKey {
        LimitKey::Account(name.as_bytes().to_vec())
    }

    #[test]
    fn slows_then_refuses_then_recovers() {
        let limits = Limits::default();
        let mut now = Timestamp::UNIX_EPOCH;
        let seen: Vec<Allowance> = (0..11).map(|_| limits.charge(key("ada"), TEN_AN_HOUR, now)).collect();
        assert_eq!(seen[6], Allowance::Pass);
        assert_eq!(seen[7], Allowance::Slow(SLOWED_BY));
        assert_eq!(seen[9], Allowance::Slow(SLOWED_BY));
        assert_eq!(seen[10], Allowance::Refuse(Duration::from_mins(6)));
        assert_eq!(limits.charge(key("bob"), TEN_AN_HOUR, now), Allowance::Pass);
        now += SignedDuration::from_mins(12);
        assert_eq!(limits.charge(key("ada"), TEN_AN_HOUR, now), Allowance::Slow(SLOWED_BY));
        assert_eq!(limits.charge(key("ada"), None, now), Allowance::Pass);
    }

    #[test]
    fn what_is_given_back_did_not_count() {
        let limits = Limits::default();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..100 {
            assert_eq!(limits.charge(key("ada"), TEN_AN_HOUR, now), Allowance::Pass);
            limits.give_back(&key("ada"), TEN_AN_HOUR, now);
        }
        assert!(limits.charges().used_until.is_empty(), "and is kept nowhere");
        limits.give_back(&key("nobody"), TEN_AN_HOUR, now);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_longer_than_the_window() {
        let limits = Limits::default();
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        for _ in 0..10 {
            limits.charge(key("ada"), TEN_AN_HOUR, now);
        }
        for hours in [1, 72, 24 * 365] {
            let before = now - SignedDuration::from_hours(hours);
            let Allowance::Refuse(wait) = limits.charge(key("ada"), TEN_AN_HOUR, before) else {
                panic!("the allowance is used up");
            };
            assert!(wait <= Duration::from_hours(1), "{wait:?}");
        }
    }

    #[test]
    fn many_at_once_get_no_more_than_the_limit() {
        let limits = Limits::default();
        let passed = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let allowed = limits.charge(key("ada"), TEN_AN_HOUR, Timestamp::UNIX_EPOCH);
                        if !matches!(allowed, Allowance::Refuse(_)) {
                            passed.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(passed.into_inner(), 10);
    }

    #[test]
    fn sweeps_when_the_keys_have_doubled() {
        let limits = Limits::default();
        let limit = Some(Limit::of(Rate { count: 1, seconds: 60 }));
        let charge = |range: std::ops::Range<u64>, now| {
            for n in range {
                limits.charge(LimitKey::Account(n.to_be_bytes().to_vec()), limit, now);
            }
            limits.charges().used_until.len()
        };
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(charge(0..15_000, now), 15_000, "all still count");
        assert_eq!(limits.charges().sweep_at, 20_000);
        let later = now + SignedDuration::from_mins(2);
        assert_eq!(charge(15_000..20_000, later), 20_000);
        assert_eq!(charge(20_000..20_001, later), 5_001, "what is over is forgotten");
        assert_eq!(limits.charges().sweep_at, SWEEP_AT);
    }
}
