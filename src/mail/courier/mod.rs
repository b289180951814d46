//! A courier: claims mails, has them prepared, carries them over its connection, records what became of them.
//!
//! One exchange with the outbox settles the last batch and claims the next, so a courier never has more than one batch
//! whose results are not committed.

mod carrying;

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::delivery::Delivery;
use super::exchange::{Exchange, Results};
use super::kind::{Kind, Lane};
use super::message::Wire;
use super::outbox::Claimed;
use super::preparation::Ready;
use super::route::Pass;
use super::smtp::KeptConnection;
use crate::db::{DbError, micros, micros_in};
use crate::values::random_bytes;

/// Mails put back in one exchange.
const PUT_BACK: usize = 100;

/// Carries mail until it is told to stop.
pub(super) struct Courier {
    delivery: Arc<Delivery>,
    lane: Lane,
    connection: KeptConnection,
    stop: watch::Receiver<bool>,
    lease: i64,
    claimed_at: Instant,
    /// What became of mails that are still held under the lease.
    results: Results,
    /// The mail that goes next.
    next: Option<Outgoing>,
    /// Mails that are still to be carried after it.
    rest: VecDeque<(Claimed, Ready)>,
}

/// A mail in its form on the wire.
struct Outgoing {
    mail: Claimed,
    kind: Kind,
    wire: Wire,
}

impl Courier {
    pub(super) fn new(delivery: Arc<Delivery>, lane: Lane, stop: watch::Receiver<bool>) -> Self {
        Self {
            connection: KeptConnection::new(delivery.dialer.clone()),
            delivery,
            lane,
            stop,
            lease: 0,
            claimed_at: Instant::now(),
            results: Results::default(),
            next: None,
            rest: VecDeque::new(),
        }
    }

    /// Works until it is told to stop.
    pub(super) async fn run(mut self) {
        while !self.is_stopping() {
            match AssertUnwindSafe(self.round()).catch_unwind().await {
                Ok(Ok(0)) => self.idle().await,
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the outbox cannot be reached; a courier waits");
                    self.wait(Duration::from_secs(1)).await;
                }
                Err(_) => self.recover().await,
            }
        }
        if let Err(error) = self.exchange(0).await {
            tracing::warn!(%error, "results of mails were not recorded; their leases will run out");
        }
        self.hang_up().await;
    }

    /// One exchange and one batch. Gives how many mails were claimed.
    pub(super) async fn round(&mut self) -> Result<usize, DbError> {
        let pass = {
            let Self { delivery, stop, .. } = self;
            tokio::select! {
                pass = delivery.route.admit() => pass,
                () = told(stop) => return Ok(0),
            }
        };
        let most = match pass {
            Pass::Open => self.delivery.policy.batch,
            Pass::Probe => 1,
        };
        let claimed = self.exchange(most).await;
        let mails = match claimed {
            Ok(mails) if !mails.is_empty() => mails,
            other => {
                if pass == Pass::Probe {
                    self.delivery.route.not_tried();
                }
                return other.map(|_| 0);
            }
        };
        let count = mails.len();
        if count == self.delivery.policy.batch {
            self.delivery.bell.ring();
        }
        self.deliver(mails).await;
        if pass == Pass::Probe {
            // A mail that was not to be sent asked the relay nothing.
            self.delivery.route.not_tried();
        }
        if self.delivery.route.shut().is_some() {
            // Everybody waits now, longer than a lease may last: what was taken must be recorded first.
            self.exchange(0).await?;
        }
        Ok(count)
    }

    /// Records what is held and claims at most so many: one write job.
    pub(super) async fn exchange(&mut self, most: usize) -> Result<Vec<Claimed>, DbError> {
        let policy = &self.delivery.policy;
        let now = self.delivery.clock.now();
        let exchange = Arc::new(Exchange {
            old: self.lease,
            new: i64::from_le_bytes(random_bytes()),
            results: self.results.clone(),
            put_back: self.delivery.route.to_put_back(PUT_BACK),
            put_back_at: micros(now).saturating_add(micros_in(policy.longest_pause())),
            too_old: self.delivery.too_old(now),
            lane: self.lane,
            most,
            hold: policy.lease,
            message_domain: self.delivery.message_domain().to_owned(),
            now,
        });
        if exchange.is_idle() {
            return Ok(Vec::new());
        }
        let job = Arc::clone(&exchange);
        let (mails, found) = self
            .delivery
            .db
            .write(move |tx| {
                let job = Arc::clone(&job);
                Box::pin(async move { job.run(tx).await })
            })
            .await?;
        self.delivery.route.put_back(&exchange.put_back, &found);
        self.results = Results::default();
        self.lease = exchange.new;
        self.claimed_at = Instant::now();
        Ok(mails)
    }

    async fn idle(&mut self) {
        let Self {
            delivery, stop, lane, ..
        } = self;
        let quiet = tokio::select! {
            () = delivery.bell.heard(*lane) => false,
            () = sleep(delivery.policy.poll) => true,
            () = told(stop) => false,
        };
        if quiet {
            self.hang_up().await;
        }
    }

    /// After a panic, which would be a mistake of ours: the mails in hand are left to their lease.
    async fn recover(&mut self) {
        tracing::error!("a mail courier panicked; it goes on with a new connection");
        self.next = None;
        self.rest.clear();
        self.connection = KeptConnection::new(self.delivery.dialer.clone());
        self.delivery.route.not_tried();
        self.wait(Duration::from_secs(1)).await;
    }

    async fn wait(&mut self, time: Duration) {
        tokio::select! {
            () = sleep(time) => {}
            () = told(&mut self.stop) => {}
        }
    }

    /// Closes the connection.
    pub(super) async fn hang_up(&mut self) {
        self.connection.close().await;
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }
}

/// Told to stop, or left alone: the one who tells lives as long as the worker.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _told = stop.wait_for(|stop| *stop).await.is_ok();
}
