//! A courier: claims mails, has them prepared, carries them over its line, records what became of them.
//!
//! One exchange with the outbox settles the last batch and claims the next, so a courier never has more than one batch
//! whose results are not committed.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::kind::Lane;
use super::line::Line;
use super::message::Wire;
use super::office::Office;
use super::outbox::{self, Claimed, Settlement, State};
use super::preparation::{Ready, domain};
use super::reply::Reply;
use super::route::Pass;
use super::smtp::Outcome;
use super::suppressions::{self, Reason, Suppression};
use super::verdict::{Judge, Verdict};
use crate::db::{DbError, Tx, micros, micros_in};
use crate::values::{address_key, random_bytes, random_unit};

/// Mails put back in one exchange.
const PUT_BACK: usize = 100;

/// Carries mail until it is told to stop.
pub struct Courier {
    office: Arc<Office>,
    lane: Lane,
    line: Line,
    stop: watch::Receiver<bool>,
    lease: i64,
    claimed_at: Instant,
    /// What became of mails that are still held under the lease.
    results: Results,
    /// Mails that are still to be carried.
    rest: VecDeque<(Claimed, Ready)>,
}

/// What the next exchange records.
#[derive(Clone, Default)]
struct Results {
    settlements: Vec<Settlement>,
    bounced: Vec<Suppression>,
}

/// What came of carrying one mail.
enum Carried {
    /// An answer, or a reason not to ask.
    Settled(Verdict),
    /// The program stops and the mail is still in flight: it is left to its lease.
    Left,
}

impl Courier {
    pub fn new(office: Arc<Office>, lane: Lane, stop: watch::Receiver<bool>) -> Self {
        let to_relay = Line::new(office.dialer.clone());
        Self {
            office,
            lane,
            line: to_relay,
            stop,
            lease: 0,
            claimed_at: Instant::now(),
            results: Results::default(),
            rest: VecDeque::new(),
        }
    }

    /// Works until it is told to stop.
    pub async fn run(mut self) {
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
    pub async fn round(&mut self) -> Result<usize, DbError> {
        let pass = {
            let Self { office, stop, .. } = self;
            tokio::select! {
                pass = office.route.admit() => pass,
                () = told(stop) => return Ok(0),
            }
        };
        let most = match pass {
            Pass::Open => self.office.policy.batch,
            Pass::Probe => 1,
        };
        let claimed = self.exchange(most).await;
        let mails = match claimed {
            Ok(mails) if !mails.is_empty() => mails,
            other => {
                if pass == Pass::Probe {
                    self.office.route.not_tried();
                }
                return other.map(|_| 0);
            }
        };
        let count = mails.len();
        if count == self.office.policy.batch {
            self.office.bell.ring();
        }
        self.deliver(mails).await;
        if pass == Pass::Probe {
            // A mail that was not to be sent asked the relay nothing.
            self.office.route.not_tried();
        }
        Ok(count)
    }

    /// Records what is held and claims at most so many: one write job.
    pub async fn exchange(&mut self, most: usize) -> Result<Vec<Claimed>, DbError> {
        let policy = &self.office.policy;
        let now = self.office.clock.now();
        let exchange = Arc::new(Exchange {
            old: self.lease,
            new: i64::from_le_bytes(random_bytes()),
            results: self.results.clone(),
            put_back: self.office.route.to_put_back(PUT_BACK),
            put_back_at: later(now, policy.longest_pause()),
            too_old: self.office.too_old(now),
            lane: self.lane,
            most,
            hold: policy.lease,
            now,
        });
        if exchange.is_idle() {
            return Ok(Vec::new());
        }
        let job = Arc::clone(&exchange);
        let (mails, found) = self
            .office
            .db
            .write(move |tx| {
                let job = Arc::clone(&job);
                Box::pin(async move { job.run(tx).await })
            })
            .await?;
        self.office.route.put_back(&exchange.put_back, &found);
        self.results = Results::default();
        self.lease = exchange.new;
        self.claimed_at = Instant::now();
        Ok(mails)
    }

    async fn deliver(&mut self, mails: Vec<Claimed>) {
        let connected = {
            let Self { line, stop, .. } = self;
            tokio::select! {
                connected = line.ready() => Some(connected.map(drop)),
                // Nothing is in flight yet.
                () = told(stop) => None,
            }
        };
        match connected {
            Some(Ok(())) => {}
            Some(Err(reply)) => {
                self.office.route.fault(&reply);
                let told = mails.iter().map(|mail| Settlement::told(mail, &reply));
                self.results.settlements.extend(told);
                return;
            }
            None => {
                self.results.settlements.extend(mails.iter().map(Settlement::unchanged));
                return;
            }
        }
        self.rest = self.office.prepare(mails).await;
        while let Some((mail, ready)) = self.rest.pop_front() {
            let has_turn = !matches!(ready, Ready::Draft(..)) || self.turn().await;
            if !has_turn || self.is_stopping() || !self.still_holds().await {
                self.rest.push_front((mail, ready));
                break;
            }
            match self.carry(&mail, ready).await {
                Carried::Settled(verdict) => self.note(&mail, verdict),
                Carried::Left => break,
            }
        }
        // What was not carried goes back as it was.
        let rest = self.rest.drain(..).map(|(mail, _)| Settlement::unchanged(&mail));
        self.results.settlements.extend(rest);
    }

    async fn carry(&mut self, mail: &Claimed, ready: Ready) -> Carried {
        let judge = self.office.judge();
        let settled = |settlement| {
            Carried::Settled(Verdict {
                settlement,
                bad_address: false,
            })
        };
        let (kind, draft) = match ready {
            Ready::Draft(kind, draft) => (kind, draft),
            Ready::Ended(state, why) => return settled(judge.end(mail, state, &why)),
            Ready::Later(wait, why) => return settled(judge.later(mail, wait, &Reply::none(&why))),
        };
        let wire = match self.office.write(mail, draft) {
            Ok(wire) => wire,
            Err((state, why)) => return settled(judge.end(mail, state, &why)),
        };
        let Some(outcome) = self.send(mail, &wire).await else {
            return Carried::Left;
        };
        let was_refused = matches!(outcome, Outcome::Refused(..));
        match self.office.learn(mail, outcome) {
            Outcome::Route(reply) => settled(self.office.by_the_route(mail, &reply, was_refused)),
            outcome => Carried::Settled(self.office.judge().outcome(mail, &kind, &outcome)),
        }
    }

    /// Sends, and while that takes long, gives the other mails back and keeps the lease. `None`: cut off by a stop.
    async fn send(&mut self, mail: &Claimed, wire: &Wire) -> Option<Outcome> {
        let Self {
            office,
            line,
            stop,
            rest,
            results,
            lease,
            ..
        } = self;
        let policy = &office.policy;
        let from = office.from.address.as_str();
        let text_time = if mail.ambiguous >= policy.ambiguous_repeats {
            policy.phases.text_longest
        } else {
            policy.phases.for_text(wire.len())
        };
        let mut sending = pin!(line.send(from, &mail.recipient, wire, text_time));
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
                    office.give_back(*lease, results).await;
                    patience.as_mut().reset(Instant::now() + policy.renew);
                }
                () = &mut cut => return None,
            }
        }
    }

    /// Waits until a mail may be sent, and keeps the lease meanwhile: at a slow pace a turn is further away than a lease
    /// lasts. False: the program stops, or another copy has taken the mails.
    async fn turn(&mut self) -> bool {
        let office = Arc::clone(&self.office);
        let mut turn = pin!(office.pace.turn());
        loop {
            tokio::select! {
                biased;
                () = told(&mut self.stop) => return false,
                () = &mut turn => return true,
                () = sleep(office.policy.renew) => {}
            }
            if !self.still_holds().await {
                return false;
            }
        }
    }

    /// A batch that takes long renews its lease. False: another copy of the program has taken the mails.
    async fn still_holds(&mut self) -> bool {
        if self.claimed_at.elapsed() < self.office.policy.renew {
            return true;
        }
        self.claimed_at = Instant::now();
        self.office.renew(self.lease).await > 0
    }

    fn note(&mut self, mail: &Claimed, verdict: Verdict) {
        let settlement = verdict.settlement;
        if matches!(settlement.state, State::Failed | State::Unknown) {
            let code = settlement.code.unwrap_or_default();
            let reply = settlement.reply.as_deref().unwrap_or_default();
            tracing::warn!(kind = mail.kind, state = %settlement.state, code, reply, "a mail could not be delivered");
        }
        if verdict.bad_address {
            self.results.bounced.push(self.office.bounce(mail, &settlement));
        }
        self.results.settlements.push(settlement);
    }

    async fn idle(&mut self) {
        let Self { office, stop, lane, .. } = self;
        let quiet = tokio::select! {
            () = office.bell.heard(*lane) => false,
            () = sleep(office.policy.poll) => true,
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
        self.line = Line::new(self.office.dialer.clone());
        self.office.route.not_tried();
        self.wait(Duration::from_secs(1)).await;
    }

    async fn wait(&mut self, time: Duration) {
        tokio::select! {
            () = sleep(time) => {}
            () = told(&mut self.stop) => {}
        }
    }

    /// Closes the line.
    pub async fn hang_up(&mut self) {
        self.line.close().await;
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }
}

/// Told to stop, or left alone: the one who tells lives as long as the worker.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _told = stop.wait_for(|stop| *stop).await.is_ok();
}

/// The write job between two batches.
struct Exchange {
    old: i64,
    new: i64,
    results: Results,
    put_back: Vec<i64>,
    put_back_at: i64,
    too_old: i64,
    lane: Lane,
    most: usize,
    hold: Duration,
    now: Timestamp,
}

impl Exchange {
    fn is_idle(&self) -> bool {
        self.most == 0 && self.results.settlements.is_empty() && self.put_back.is_empty()
    }

    async fn run(&self, tx: &mut Tx) -> Result<(Vec<Claimed>, Vec<i64>), DbError> {
        outbox::settle(tx, self.old, &self.results.settlements).await?;
        for bounced in &self.results.bounced {
            suppressions::add(tx, bounced, self.now).await?;
        }
        let found = outbox::put_back(tx, &self.put_back, self.put_back_at, self.too_old).await?;
        suppressions::lift_for_mails(tx, &found).await?;
        if self.most == 0 {
            return Ok((Vec::new(), found));
        }
        let mails = outbox::claim(tx, self.new, self.lane, self.most, self.hold, self.now).await?;
        Ok((mails, found))
    }
}

impl Office {
    fn judge(&self) -> Judge<'_> {
        Judge {
            policy: &self.policy,
            now: self.clock.now(),
            random: random_unit,
        }
    }

    /// What the outcome says about the route. The same words for everybody are its fault, not the mail's.
    fn learn(&self, mail: &Claimed, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Accepted(_) => self.route.accepted(),
            Outcome::Route(ref reply) => self.route.fault(reply),
            Outcome::Refused(_, ref reply) if reply.is_permanent() && !reply.is_full_mailbox() => {
                if self.route.refused_for_good(reply, mail.id, domain(&mail.recipient)) {
                    self.route.fault(reply);
                    return Outcome::Route(reply.clone());
                }
                self.route.refused();
            }
            Outcome::Refused(..) | Outcome::TooLarge(_) | Outcome::Ambiguous(_) => self.route.refused(),
        }
        outcome
    }

    /// The route was at fault, not the mail. One that is refused as everybody is, and has been owed for too long, fails;
    /// that says nothing of its address.
    fn by_the_route(&self, mail: &Claimed, reply: &Reply, was_refused: bool) -> Settlement {
        let judge = self.judge();
        if was_refused && mail.created_at <= self.too_old(judge.now) {
            return judge.failed(mail, reply);
        }
        // The next to be tried is another one: if this mail brings it about, it stops only itself.
        judge.later(mail, self.policy.longest_pause().mul_f64(1.2), reply)
    }

    /// What was put in until then is not kept for a relay that refuses everybody.
    fn too_old(&self, now: Timestamp) -> i64 {
        micros(now).saturating_sub(micros_in(self.policy.route_fault_longest))
    }

    fn bounce(&self, mail: &Claimed, settlement: &Settlement) -> Suppression {
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

    /// Records results early and keeps the lease of what is left. Problems are not fatal: leases run out.
    async fn give_back(&self, lease: i64, results: &mut Results) {
        if !results.settlements.is_empty() {
            let job = Arc::new(results.clone());
            let now = self.clock.now();
            let written = self.db.write(move |tx| {
                let job = Arc::clone(&job);
                Box::pin(async move {
                    outbox::settle(tx, lease, &job.settlements).await?;
                    for bounced in &job.bounced {
                        suppressions::add(tx, bounced, now).await?;
                    }
                    Ok(())
                })
            });
            match written.await {
                Ok(()) => *results = Results::default(),
                Err(error) => tracing::warn!(%error, "mails could not be given back"),
            }
            self.bell.ring();
        }
        self.renew(lease).await;
    }

    async fn renew(&self, lease: i64) -> u64 {
        let (hold, now) = (self.policy.lease, self.clock.now());
        let renewed = self
            .db
            .write(move |tx| Box::pin(outbox::renew(tx, lease, hold, now)))
            .await;
        renewed.unwrap_or_else(|error| {
            tracing::warn!(%error, "a lease could not be renewed");
            0
        })
    }
}

fn later(now: Timestamp, wait: Duration) -> i64 {
    micros(now).saturating_add(micros_in(wait))
}
