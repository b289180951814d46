//! The office: what all couriers share.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::bell::Bell;
use super::compose::Composers;
use super::domains::Domains;
use super::person::Person;
use super::policy::Policy;
use super::relay::Relay;
use super::reply::Reply;
use super::route::Route;
use super::smtp::{BadTls, Dialer};
use crate::clock::Clock;
use crate::db::Db;

/// What the couriers share.
pub struct Office {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) bell: Bell,
    pub(super) composers: Composers,
    pub(super) from: Person,
    pub(super) reply_to: Option<Person>,
    pub(super) policy: Policy,
    pub(super) dialer: Dialer,
    pub(super) route: Route,
    pub(super) domains: Domains,
    pub(super) pace: Pace,
}

impl Office {
    /// An office that hands mail to `relay`, from `from`.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(
        db: Db,
        clock: Clock,
        bell: Bell,
        composers: Composers,
        relay: Relay,
        from: Person,
        policy: Policy,
    ) -> Result<Self, BadTls> {
        let domains = if relay.loopback {
            Domains::unasked()
        } else {
            Domains::asked(policy.dns)
        };
        Ok(Self {
            db,
            clock,
            bell,
            composers,
            from,
            reply_to: None,
            dialer: Dialer::new(relay, policy.phases)?,
            route: Route::new(policy.pauses.clone(), policy.same_reply_domains),
            domains,
            pace: Pace::new(None),
            policy,
        })
    }

    /// Where answers go, if not to the sender.
    #[must_use]
    pub fn reply_to(mut self, reply_to: Option<Person>) -> Self {
        self.reply_to = reply_to;
        self
    }

    /// Most mails a second, over all connections.
    #[must_use]
    pub fn rate(mut self, rate: Option<u32>) -> Self {
        self.pace = Pace::new(rate);
        self
    }

    /// Why mail waits and for how long still, where the relay cannot be used.
    #[must_use]
    pub fn paused(&self) -> Option<(Reply, Duration)> {
        self.route.shut()
    }
}

/// Keeps to a number of mails a second.
pub(super) struct Pace {
    step: Option<Duration>,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    fn new(rate: Option<u32>) -> Self {
        Self {
            step: rate.filter(|rate| *rate > 0).map(|rate| Duration::from_secs(1) / rate),
            next: Mutex::default(),
        }
    }

    /// Waits for its turn. One that is not waited for to the end is lost, so that the pace is kept in any case.
    pub(super) async fn turn(&self) {
        let Some(step) = self.step else { return };
        let turn = {
            let mut next = self.next.lock().await;
            let turn = next.map_or_else(Instant::now, |next| next.max(Instant::now()));
            *next = Some(turn + step);
            turn
        };
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_pace_is_kept() {
        let pace = Pace::new(Some(10));
        let start = Instant::now();
        for _ in 0..21 {
            pace.turn().await;
        }
        assert_eq!(start.elapsed(), Duration::from_secs(2));
    }
}
