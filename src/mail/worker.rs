//! The mail worker: its office, where everything the couriers share stands, and the couriers themselves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::bell::Bell;
use super::compose::Composers;
use super::courier::Courier;
use super::domains::Domains;
use super::kind::Lane;
use super::outbox;
use super::person::Person;
use super::policy::Policy;
use super::relay::Relay;
use super::reply::Reply;
use super::route::Route;
use super::smtp::{BadTls, Dialer};
use crate::clock::Clock;
use crate::db::{Db, DbError};

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

    /// Carries one batch and records what became of it; gives how many mails that were. For tests and commands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drain_once(self: &Arc<Self>) -> Result<usize, DbError> {
        let (_running, stop) = watch::channel(false);
        let mut courier = Courier::new(Arc::clone(self), Lane::All, stop);
        let carried = courier.round().await?;
        courier.exchange(0).await?;
        courier.hang_up().await;
        Ok(carried)
    }

    /// Why mail waits and for how long still, where the relay cannot be used.
    #[must_use]
    pub fn paused(&self) -> Option<(Reply, Duration)> {
        self.route.shut()
    }

    /// Takes back what couriers have left behind.
    async fn expire(&self) {
        let now = self.clock.now();
        match self.db.write(move |tx| Box::pin(outbox::expire_leases(tx, now))).await {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(count, "mails whose courier was lost wait again");
                self.bell.ring();
            }
            Err(error) => tracing::warn!(%error, "lost mails could not be looked for"),
        }
    }

    /// Looks after what nobody else does, until it is told to stop.
    async fn keep_house(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        loop {
            self.expire().await;
            tokio::select! {
                () = sleep(self.policy.poll) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }
}

/// The couriers at work.
pub struct Worker {
    office: Arc<Office>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Worker {
    /// Starts so many couriers. On SQLite nobody else can be sending (the caller holds the serve lock), so mails that
    /// an earlier run had claimed are free at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(office: Office, connections: usize) -> Result<Self, DbError> {
        if matches!(office.db, Db::Sqlite(_)) {
            office.db.write(|tx| Box::pin(outbox::clear_leases(tx))).await?;
        }
        let office = Arc::new(office);
        let (stop, stopping) = watch::channel(false);
        let mut tasks: Vec<JoinHandle<()>> = lanes(connections)
            .map(|lane| tokio::spawn(Courier::new(Arc::clone(&office), lane, stopping.clone()).run()))
            .collect();
        tasks.push(tokio::spawn(Arc::clone(&office).keep_house(stopping)));
        Ok(Self { office, stop, tasks })
    }

    /// What the couriers share.
    #[must_use]
    pub fn office(&self) -> &Arc<Office> {
        &self.office
    }

    /// Lets the mails in flight come to their end, records the results and stops. A mail that takes too long is left
    /// to its lease.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a courier ended badly");
            }
        }
    }
}

/// A quarter of the connections is kept for what somebody waits for; a single one carries everything.
fn lanes(connections: usize) -> impl Iterator<Item = Lane> {
    let urgent = if connections < 2 { 0 } else { (connections / 4).max(1) };
    (0..connections).map(move |number| if number < urgent { Lane::Urgent } else { Lane::All })
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

    /// Waits for its turn.
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

    #[test]
    fn a_quarter_of_the_connections_is_for_what_is_urgent() {
        let urgent = |connections| lanes(connections).filter(|lane| *lane == Lane::Urgent).count();
        assert_eq!([1, 2, 4, 8, 64].map(urgent), [0, 1, 1, 2, 16]);
        assert!(lanes(4).any(|lane| lane == Lane::All));
    }

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
