//! How often a password may be guessed.
//!
//! Per account and network, so that a stranger elsewhere keeps nobody out. What comes from many networks at once meets
//! a cap for the account; the networks that have signed in to it are free of that.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::config::Rate;
use crate::web::RateLimit;
use crate::web::client::Network;
use crate::web::limits::{Allowance, LimitKey};

const ONE_ACCOUNT_FROM_ONE_NETWORK: Rate = Rate {
    count: 10,
    seconds: 900,
};
/// An office behind one address has many accounts.
const ALL_ACCOUNTS_FROM_ONE_NETWORK: Rate = Rate {
    count: 30,
    seconds: 900,
};
const ONE_ACCOUNT_FROM_EVERYWHERE: Rate = Rate {
    count: 60,
    seconds: 3_600,
};
const LONGEST_ADDRESS: usize = 254;

/// The counts, and where each account was signed in to since the start.
pub(crate) struct SignInLimit {
    account_here: RateLimit,
    network: RateLimit,
    account: RateLimit,
    proven: Mutex<HashSet<(String, Network)>>,
}

impl Default for SignInLimit {
    fn default() -> Self {
        Self {
            account_here: RateLimit::new(Some(ONE_ACCOUNT_FROM_ONE_NETWORK)),
            network: RateLimit::new(Some(ALL_ACCOUNTS_FROM_ONE_NETWORK)),
            account: RateLimit::new(Some(ONE_ACCOUNT_FROM_EVERYWHERE)),
            proven: Mutex::default(),
        }
    }
}

impl SignInLimit {
    /// Counts a try and says how long it is held up.
    ///
    /// # Errors
    /// How long to stay away, where there were too many.
    pub(crate) fn count(&self, typed: &str, network: Network, now: Timestamp) -> Result<Duration, Duration> {
        let account = account(typed);
        // Held to the end, so that no two tries count the same room.
        let proven = self.proven();
        let is_proven = proven.contains(&(account.clone(), network));
        let near = [
            (&self.network, LimitKey::Form("sign-in", network)),
            (&self.account_here, LimitKey::AccountFrom(account.clone(), network)),
        ];
        let far = (!is_proven).then_some((&self.account, LimitKey::Account(account)));
        let limits: Vec<_> = near.into_iter().chain(far).collect();
        let mut pause = Duration::ZERO;
        for (limit, key) in &limits {
            match limit.check(key, now) {
                Allowance::Pass => {}
                Allowance::Slow(by) => pause = pause.max(by),
                Allowance::Refuse(wait) => return Err(wait),
            }
        }
        // What is refused is kept nowhere: a stranger who types ever new addresses must not fill the memory.
        for (limit, key) in limits {
            limit.charge(key, now);
        }
        Ok(pause)
    }

    /// The password was right.
    pub(crate) fn prove(&self, typed: &str, network: Network) {
        self.proven().insert((account(typed), network));
    }

    fn proven(&self) -> MutexGuard<'_, HashSet<(String, Network)>> {
        self.proven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was typed, whether there is such an account or not.
fn account(typed: &str) -> String {
    typed.trim().to_lowercase().chars().take(LONGEST_ADDRESS).collect()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn network(last: u8) -> Network {
        Network::new([192, 0, 2, last].into())
    }

    #[test]
    fn guesses_from_one_network_hold_up_that_network_alone() {
        let sign_in_limit = SignInLimit::default();
        let refused = (0..30).filter(|_| sign_in_limit.count("olga@example.org", network(1), NOW).is_err());
        assert_eq!(refused.count(), 20);
        assert_eq!(
            sign_in_limit.count(" Olga@Example.org", network(2), NOW),
            Ok(Duration::ZERO)
        );
        assert_eq!(
            sign_in_limit.count("eve@example.org", network(1), NOW),
            Ok(Duration::ZERO)
        );
        let later = NOW + SignedDuration::from_mins(15);
        assert_eq!(
            sign_in_limit.count("olga@example.org", network(1), later),
            Ok(Duration::ZERO)
        );
    }

    #[test]
    fn a_try_that_one_limit_refuses_counts_at_no_other() {
        let sign_in_limit = SignInLimit::default();
        for n in 0..30 {
            assert!(
                sign_in_limit
                    .count(&format!("{n}@example.org"), network(1), NOW)
                    .is_ok()
            );
        }
        let refused = (0..60).filter(|_| sign_in_limit.count("olga@example.org", network(1), NOW).is_err());
        assert_eq!(refused.count(), 60, "by the limit of the network");
        let soon = NOW + SignedDuration::from_secs(30);
        assert!(sign_in_limit.count("olga@example.org", network(1), soon).is_ok());
        assert!(sign_in_limit.count("olga@example.org", network(2), soon).is_ok());
    }

    #[test]
    fn guesses_from_many_networks_meet_a_cap_and_a_network_that_signed_in_does_not() {
        let sign_in_limit = SignInLimit::default();
        assert!(sign_in_limit.count("olga@example.org", network(250), NOW).is_ok());
        sign_in_limit.prove("olga@example.org", network(250));
        let passed = (0..200).filter(|n| sign_in_limit.count("olga@example.org", network(*n), NOW).is_ok());
        assert_eq!(passed.count(), 59, "and the one before");
        assert!(sign_in_limit.count("olga@example.org", network(251), NOW).is_err());
        assert!(sign_in_limit.count("olga@example.org", network(250), NOW).is_ok());
        let later = NOW + SignedDuration::from_mins(1);
        assert!(
            sign_in_limit.count("olga@example.org", network(252), later).is_ok(),
            "it refills slowly"
        );
    }
}
