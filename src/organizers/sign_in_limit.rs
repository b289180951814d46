//! How often a password may be guessed.
//!
//! Per account and network, so that a stranger elsewhere keeps nobody out; per account and what stands around that
//! network, so that one who has many addresses cannot use up what is for everybody. What comes from many networks at once
//! meets a cap for the account; the networks that have signed in to it are free of that. A right password is no guess.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::store::Account;
use crate::config::Rate;
use crate::values::EmailAddress;
use crate::web::AppState;
use crate::web::client::Network;
use crate::web::limits::{Allowance, Limit, LimitKey, Limits};

const FROM_ONE_NETWORK: Limit = Limit::of(Rate {
    count: 10,
    seconds: 900,
});
const FROM_AROUND_IT: Limit = Limit::of(Rate {
    count: 20,
    seconds: 3_600,
});
const FROM_EVERYWHERE: Limit = Limit::of(Rate {
    count: 60,
    seconds: 3_600,
});

/// Right passwords: nobody signs in more often, but a script may.
const RIGHT: Limit = Limit::at_once(Rate {
    count: 100,
    seconds: 3_600,
});

/// Which accounts were unlocked, as far as it is known here.
#[derive(Default)]
pub(in crate::organizers) struct SignInLimit {
    unlocked: Mutex<HashMap<i64, i64>>,
}

/// A try that was charged. It is given back where the password is right.
#[derive(Debug)]
pub(in crate::organizers) struct Guess {
    charged: Vec<(LimitKey, Limit)>,
    /// How long it is held up.
    pub(in crate::organizers) pause: Duration,
}

impl SignInLimit {
    /// Charges a try at an address, whether it has an account or not. `is_known_here`: the account was signed in to from
    /// this network before.
    ///
    /// # Errors
    /// How long to stay away, where there were too many; then nothing was charged.
    pub(in crate::organizers) fn charge(
        &self,
        state: &AppState,
        email: &EmailAddress,
        network: Network,
        account: Option<&Account>,
        is_known_here: bool,
    ) -> Result<Guess, Duration> {
        let account_key = state.links.fingerprint(email);
        self.forget_if_unlocked(&state.limits, &account_key, account);
        let near = (LimitKey::AccountFrom(account_key.clone(), network), FROM_ONE_NETWORK);
        let around = (
            LimitKey::AccountAround(account_key.clone(), network.around()),
            FROM_AROUND_IT,
        );
        let far = (!is_known_here).then_some((LimitKey::Account(account_key), FROM_EVERYWHERE));
        Guess::charge(&state.limits, [near, around].into_iter().chain(far), state.clock.now())
    }

    /// Charges a right password.
    ///
    /// # Errors
    /// How long to stay away, where there were too many.
    pub(in crate::organizers) fn charge_right(state: &AppState, email: &EmailAddress) -> Result<(), Duration> {
        let key = LimitKey::SignedIn(state.links.fingerprint(email));
        match state.limits.charge(key, Some(RIGHT), state.clock.now()) {
            Allowance::Refuse(wait) => Err(wait),
            Allowance::Pass | Allowance::Slow(_) => Ok(()),
        }
    }

    /// Somebody who runs this server has let the account be tried again.
    fn forget_if_unlocked(&self, limits: &Limits, account_key: &[u8], account: Option<&Account>) {
        let Some((id, at)) = account.and_then(|account| Some((account.organizer.id, account.unlocked_at?))) else {
            return;
        };
        let mut unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        if unlocked.insert(id, at) != Some(at) {
            limits.forget_account(account_key);
        }
    }
}

impl Guess {
    fn charge(
        limits: &Limits,
        wanted: impl Iterator<Item = (LimitKey, Limit)>,
        now: Timestamp,
    ) -> Result<Self, Duration> {
        let mut guess = Self {
            charged: Vec::new(),
            pause: Duration::ZERO,
        };
        for (key, limit) in wanted {
            match limits.charge(key.clone(), Some(limit), now) {
                Allowance::Pass => {}
                Allowance::Slow(by) => guess.pause = by,
                Allowance::Refuse(wait) => {
                    guess.give_back(limits, now);
                    return Err(wait);
                }
            }
            guess.charged.push((key, limit));
        }
        Ok(guess)
    }

    /// The password was right, or the try counts no more.
    pub(in crate::organizers) fn give_back(&self, limits: &Limits, now: Timestamp) {
        for (key, limit) in &self.charged {
            limits.give_back(key, Some(*limit), now);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    /// Tries at one account from 192.0.`third`.`last`.
    fn guess(limits: &Limits, third: u8, last: u8, is_known: bool, now: Timestamp) -> Result<Guess, Duration> {
        let network = Network::new([192, 0, third, last].into());
        let account = b"olga".to_vec();
        let near = (LimitKey::AccountFrom(account.clone(), network), FROM_ONE_NETWORK);
        let around = (
            LimitKey::AccountAround(account.clone(), network.around()),
            FROM_AROUND_IT,
        );
        let far = (!is_known).then_some((LimitKey::Account(account), FROM_EVERYWHERE));
        Guess::charge(limits, [near, around].into_iter().chain(far), now)
    }

    fn passed(limits: &Limits, tries: impl Iterator<Item = (u8, u8)>) -> usize {
        tries
            .filter(|(third, last)| guess(limits, *third, *last, false, NOW).is_ok())
            .count()
    }

    #[test]
    fn guesses_from_one_network_hold_up_that_network_alone() {
        let limits = Limits::default();
        assert_eq!(passed(&limits, (0..30).map(|_| (2, 1))), 10);
        assert!(guess(&limits, 2, 2, false, NOW).is_ok());
        let later = NOW + SignedDuration::from_mins(15);
        assert!(guess(&limits, 2, 1, false, later).is_ok());
    }

    #[test]
    fn one_who_has_many_addresses_locks_nobody_out() {
        let limits = Limits::default();
        assert_eq!(passed(&limits, (0..200).map(|last| (2, last))), 20);
        assert!(guess(&limits, 3, 1, false, NOW).is_ok(), "from elsewhere");
    }

    #[test]
    fn guesses_from_everywhere_meet_a_cap_that_grows_again_and_known_networks_do_not() {
        let limits = Limits::default();
        assert_eq!(passed(&limits, (0..200).map(|third| (third, 1))), 60);
        assert!(guess(&limits, 250, 1, false, NOW).is_err());
        assert!(guess(&limits, 250, 1, true, NOW).is_ok());
        let later = NOW + SignedDuration::from_mins(1);
        assert!(guess(&limits, 251, 1, false, later).is_ok());
    }

    #[test]
    fn a_right_password_is_no_guess() {
        let limits = Limits::default();
        for _ in 0..200 {
            guess(&limits, 2, 1, false, NOW).unwrap().give_back(&limits, NOW);
        }
        assert_eq!(passed(&limits, (0..30).map(|_| (2, 1))), 10);
    }

    #[test]
    fn a_try_that_one_limit_refuses_counts_at_no_other() {
        let limits = Limits::default();
        assert_eq!(passed(&limits, (0..100).map(|_| (2, 1))), 10);
        assert_eq!(
            passed(&limits, (0..100).map(|n| (2, 2 + n % 50))),
            10,
            "twenty around it"
        );
        assert_eq!(passed(&limits, (10..250).map(|third| (third, 1))), 40, "sixty in all");
    }
}
