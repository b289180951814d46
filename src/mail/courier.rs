//! A courier: claims mails, has them prepared, carries them over its connection, records what became of them.
//!
//! One exchange with the outbox settles the last batch and claims the next, so a courier never has more than one batch
//! whose results are not committed.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::delivery::Delivery;
use super::exchange::{Exchange, Results};
use super::kind::{Kind, Lane};
use super::message::Wire;
use super::outbox::{Claimed, MailState, Settlement};
use super::preparation::Ready;
use super::route::Pass;
use super::smtp::reply::Reply;
use super::smtp::{KeptConnection, Outcome};
use super::verdict::Verdict;
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
    /// Mails that are still to be carried.
    rest: VecDeque<(Claimed, Ready)>,
}

/// What came of carrying one mail.
enum Carried {
    /// The relay's answer, for this mail's own sake.
    Answered(Verdict),
    /// A reason not to ask, or the route was at fault.
    Settled(Verdict),
    /// The relay went away over it: what follows tells whether for everybody.
    Closed(Kind, Reply),
    /// The program stops and the mail is still in flight: it is left to its lease.
    Left,
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

    async fn deliver(&mut self, mails: Vec<Claimed>) {
        let connected = {
            let Self { connection, stop, .. } = self;
            tokio::select! {
                connected = connection.ready() => Some(connected.map(drop)),
                // Nothing is in flight yet.
                () = told(stop) => None,
            }
        };
        match connected {
            Some(Ok(())) => {}
            Some(Err(reply)) => {
                self.delivery.route.fault(&reply);
                let told = mails.iter().map(|mail| Settlement::told(mail, &reply));
                self.results.settlements.extend(told);
                return;
            }
            None => {
                self.results.settlements.extend(mails.iter().map(Settlement::unchanged));
                return;
            }
        }
        self.rest = self.delivery.prepare(mails).await;
        let mut suspect = None;
        while let Some((mail, ready)) = self.rest.pop_front() {
            let has_turn = !matches!(ready, Ready::Composition(..)) || self.turn().await;
            if !has_turn || self.is_stopping() || !self.still_holds().await {
                self.rest.push_front((mail, ready));
                break;
            }
            match self.carry(&mail, ready).await {
                Carried::Answered(verdict) => {
                    self.note(&mail, verdict);
                    self.blame(suspect.take());
                }
                Carried::Settled(verdict) => self.note(&mail, verdict),
                Carried::Closed(kind, reply) => match suspect.take() {
                    None => suspect = Some((mail, kind, reply)),
                    Some((before, _, _)) => {
                        // Twice in a row, on two connections: it goes away for everybody.
                        self.delivery.route.fault(&reply);
                        let told = [before, mail].map(|mail| Settlement::told(&mail, &reply));
                        self.results.settlements.extend(told);
                        break;
                    }
                },
                Carried::Left => break,
            }
        }
        self.blame(suspect);
        // What was not carried goes back as it was.
        let rest = self.rest.drain(..).map(|(mail, _)| Settlement::unchanged(&mail));
        self.results.settlements.extend(rest);
    }

    /// The relay went away over this mail, and over no other: it costs the mail a try.
    fn blame(&mut self, suspect: Option<(Claimed, Kind, Reply)>) {
        if let Some((mail, kind, reply)) = suspect {
            let verdict = self.delivery.judge().outcome(&mail, &kind, &Outcome::Closing(reply));
            self.note(&mail, verdict);
        }
    }

    async fn carry(&mut self, mail: &Claimed, ready: Ready) -> Carried {
        let judge = self.delivery.judge();
        let settled = |settlement| {
            Carried::Settled(Verdict {
                settlement,
                bad_address: false,
            })
        };
        let (kind, composition) = match ready {
            Ready::Composition(kind, composition) => (kind, composition),
            Ready::Ended(state, why) => return settled(judge.end(mail, state, &why)),
            Ready::Later(wait, why) => return settled(judge.later(mail, wait, &Reply::none(&why))),
        };
        let wire = match self.delivery.write(mail, composition) {
            Ok(wire) => wire,
            Err((state, why)) => return settled(judge.end(mail, state, &why)),
        };
        let Some(outcome) = self.send(mail, &wire).await else {
            return Carried::Left;
        };
        let was_refused = matches!(outcome, Outcome::Refused(..));
        match self.delivery.learn(mail, outcome) {
            Outcome::Route(reply) => settled(self.delivery.by_the_route(mail, &reply, was_refused)),
            Outcome::Closing(reply) => Carried::Closed(kind, reply),
            outcome => Carried::Answered(self.delivery.judge().outcome(mail, &kind, &outcome)),
        }
    }

    /// Sends, and while that takes long, gives the other mails back and keeps the lease. `None`: cut off by a stop.
    async fn send(&mut self, mail: &Claimed, wire: &Wire) -> Option<Outcome> {
        let Self {
            delivery,
            connection,
            stop,
            rest,
            results,
            lease,
            ..
        } = self;
        let policy = &delivery.policy;
        let from = delivery.from.address.as_str();
        let mut sending = pin!(connection.send(from, &mail.recipient, wire));
        let mut patience = pin!(sleep(policy.patience));
        let mut cut = pin!(async {
            told(stop).await;
            sleep(policy.stop).await;
        });
        loop {
            tokio::select! {
                biased;
                outcome = &mut sending => return Some(outcome),
                () = &mut patience => {
                    let waiting: Vec<Settlement> =
                        rest.drain(..).map(|(mail, _)| Settlement::unchanged(&mail)).collect();
                    results.settlements.extend(waiting);
                    delivery.give_back(*lease, results).await;
                    patience.as_mut().reset(Instant::now() + policy.renew);
                }
                () = &mut cut => return None,
            }
        }
    }

    /// Waits until a mail may be sent, and keeps the lease meanwhile: at a slow pace a turn is further away than a lease
    /// lasts. False: the program stops, or another copy has taken the mails.
    async fn turn(&mut self) -> bool {
        let delivery = Arc::clone(&self.delivery);
        let mut turn = pin!(delivery.pace.turn());
        loop {
            tokio::select! {
                biased;
                () = told(&mut self.stop) => return false,
                () = &mut turn => return true,
                () = sleep(delivery.policy.renew) => {}
            }
            if !self.still_holds().await {
                return false;
            }
        }
    }

    /// A batch that takes long renews its lease. False: another copy of the program has taken the mails.
    async fn still_holds(&mut self) -> bool {
        if self.claimed_at.elapsed() < self.delivery.policy.renew {
            return true;
        }
        self.claimed_at = Instant::now();
        self.delivery.renew(self.lease).await > 0
    }

    fn note(&mut self, mail: &Claimed, verdict: Verdict) {
        let settlement = verdict.settlement;
        if matches!(settlement.state, MailState::Failed | MailState::Unknown) {
            let code = settlement.code.unwrap_or_default();
            let reply = settlement.reply.as_deref().unwrap_or_default();
            tracing::warn!(kind = mail.kind, state = %settlement.state, code, reply, "a mail could not be delivered");
        }
        if verdict.bad_address {
            self.results.bounced.push(self.delivery.bounce(mail, &settlement));
        }
        self.results.settlements.push(settlement);
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
