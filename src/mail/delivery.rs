//! The delivery: what all couriers share.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::clock::Clock;
use crate::db::{Db, micros, micros_in};
use crate::mail::bell::Bell;
use crate::mail::blame::Blame;
use crate::mail::compose::Composers;
use crate::mail::domains::Domains;
use crate::mail::outbox::{Claimed, Settlement};
use crate::mail::person::Person;
use crate::mail::policy::Policy;
use crate::mail::relay::{HelloName, Relay};
use crate::mail::route::Route;
use crate::mail::smtp::reply::Reply;
use crate::mail::smtp::{BadTls, Dialer, Outcome};
use crate::mail::suppressions::{Reason, Suppression};
use crate::mail::verdict::Judge;
use crate::values::{address_key, random_unit};

/// What the couriers share.
pub struct Delivery {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) bell: Bell,
    pub(super) composers: Composers,
    pub(super) from: Person,
    pub(super) reply_to: Option<Person>,
    pub(super) policy: Policy,
    pub(super) dialer: Dialer,
    pub(super) route: Arc<Route>,
    pub(super) domains: Domains,
    pub(super) pace: Pace,
}

impl Delivery {
    /// A delivery that hands mail to `relay`, from `from`.
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
            route: Arc::new(Route::new(&policy)),
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

    /// What is known of the way is shared with those who tell of it.
    #[must_use]
    pub fn on_route(mut self, route: Arc<Route>) -> Self {
        self.route = route;
        self
    }

    /// What is known of the way.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// Most mails a second, over all connections.
    #[must_use]
    pub fn rate(mut self, rate: Option<u32>) -> Self {
        self.pace = Pace::new(rate);
        self
    }

    /// The right side of our Message-IDs: who we say we are, or whom the mail is from.
    pub(super) fn message_domain(&self) -> &str {
        let hello = self.dialer.hello().map(HelloName::as_str);
        hello.unwrap_or_else(|| self.from.address.domain())
    }

    pub(super) fn judge(&self) -> Judge<'_> {
        Judge {
            policy: &self.policy,
            now: self.clock.now(),
            random: random_unit,
        }
    }

    /// What the outcome says about the route. What speaks of us, and the same words for everybody, are its fault and not the
    /// mail's.
    pub(super) fn learn(&self, mail: &Claimed, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Accepted(_) => self.route.accepted(mail.id),
            Outcome::Route(ref reply) => self.route.fault(reply),
            Outcome::Refused(_, ref reply) if Blame::of(reply) == Blame::Route => {
                self.route.refused_as_ours(reply, mail.id);
                return Outcome::Route(reply.clone());
            }
            Outcome::Refused(_, ref reply) if reply.is_permanent() && Blame::of(reply) == Blame::Mail => {
                if self.route.refused_for_good(reply, mail.id) {
                    self.route.fault(reply);
                    return Outcome::Route(reply.clone());
                }
                self.route.refused();
            }
            Outcome::Refused(..) | Outcome::TooLarge(_) | Outcome::Ambiguous(_) => self.route.refused(),
            // Nobody knows yet.
            Outcome::Closing(_) => {}
        }
        outcome
    }

    /// The route was at fault, not the mail. One that is refused as everybody is, and has been owed for too long, fails;
    /// that says nothing of its address.
    pub(super) fn by_the_route(&self, mail: &Claimed, reply: &Reply, was_refused: bool) -> Settlement {
        let judge = self.judge();
        if was_refused && mail.created_at <= self.too_old(judge.now) {
            return judge.failed(mail, reply);
        }
        let pause = match self.route.shut() {
            _ if self.route.is_apart(mail.id) => self.policy.apart,
            // The next to be tried is another one: if this mail brings it about, it stops only itself.
            Some((_, pause)) => pause.mul_f64(1.2),
            None => Duration::ZERO,
        };
        judge.later(mail, pause, reply)
    }

    /// What was put in until then is not kept for a relay that refuses everybody.
    pub(super) fn too_old(&self, now: Timestamp) -> i64 {
        micros(now).saturating_sub(micros_in(self.policy.route_fault_longest))
    }

    pub(super) fn bounce(&self, mail: &Claimed, settlement: &Settlement) -> Suppression {
        let until = SignedDuration::try_from(self.policy.bounce_suppression).unwrap_or(SignedDuration::MAX);
        Suppression {
            address_key: address_key(&mail.recipient),
            reason: Reason::Bounced,
            scope: String::new(),
            until: self.clock.now().checked_add(until).ok(),
            detail: settlement.reply.clone().unwrap_or_default(),
            mail_id: Some(mail.id),
        }
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

    /// Whether nobody has to wait.
    pub(super) fn is_free(&self) -> bool {
        self.step.is_none()
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
