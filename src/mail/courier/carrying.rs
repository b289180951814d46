//! Carrying a batch: one mail after another, and what each answer means.

use std::pin::pin;
use std::sync::Arc;

use tokio::time::{Instant, sleep};

use super::{Courier, Outgoing, told};
use crate::mail::kind::Kind;
use crate::mail::message::Wire;
use crate::mail::outbox::{Claimed, MailState, Settlement};
use crate::mail::preparation::Ready;
use crate::mail::smtp::reply::Reply;
use crate::mail::smtp::{Announced, Outcome};
use crate::mail::verdict::Verdict;

/// What came of carrying one mail.
enum Carried {
    /// The relay's answer, for this mail's own sake.
    Answered(Verdict),
    /// The route was at fault, not this mail.
    Settled(Settlement),
    /// The relay went away over it: what follows tells whether for everybody.
    Closed(Reply),
    /// The program stops and the mail is still in flight: it is left to its lease.
    Left,
}

impl Courier {
    pub(super) async fn deliver(&mut self, mails: Vec<Claimed>) {
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
        self.carry_all().await;
        // What was not carried goes back as it was; a connection that was told of it waits in vain.
        let next = self.next.take().map(|outgoing| outgoing.mail);
        if next.is_some() {
            self.connection.close().await;
        }
        let rest = self.rest.drain(..).map(|(mail, _)| mail);
        let rest = next.into_iter().chain(rest).map(|mail| Settlement::unchanged(&mail));
        self.results.settlements.extend(rest);
    }

    async fn carry_all(&mut self) {
        let mut suspect = None;
        self.write_next();
        while self.next.is_some() && self.turn().await && !self.is_stopping() && self.still_holds().await {
            let Some(outgoing) = self.next.take() else { break };
            if self.delivery.pace.is_free() {
                // Its envelope goes with this text.
                self.write_next();
            }
            match self.carry(&outgoing).await {
                Carried::Answered(verdict) => {
                    self.note(&outgoing.mail, verdict);
                    self.blame(suspect.take());
                }
                Carried::Settled(settlement) => self.note(&outgoing.mail, Verdict::of(settlement)),
                Carried::Closed(reply) => match suspect.take() {
                    None => suspect = Some((outgoing.mail, outgoing.kind, reply)),
                    Some((before, _, _)) => {
                        // Twice in a row, on two connections: it goes away for everybody.
                        self.delivery.route.fault(&reply);
                        let told = [before, outgoing.mail].map(|mail| Settlement::told(&mail, &reply));
                        self.results.settlements.extend(told);
                        break;
                    }
                },
                Carried::Left => break,
            }
            self.write_next();
        }
        self.blame(suspect);
    }

    /// Has the next mail that is to be sent written; what became of those before it is noted.
    fn write_next(&mut self) {
        while self.next.is_none() {
            let Some((mail, ready)) = self.rest.pop_front() else {
                return;
            };
            match self.write(&mail, ready) {
                Ok((kind, wire)) => self.next = Some(Outgoing { mail, kind, wire }),
                Err(settlement) => self.note(&mail, Verdict::of(settlement)),
            }
        }
    }

    fn write(&self, mail: &Claimed, ready: Ready) -> Result<(Kind, Wire), Settlement> {
        let judge = self.delivery.judge();
        match ready {
            Ready::Composition(kind, composition) => match self.delivery.write(mail, composition) {
                Ok(wire) => Ok((kind, wire)),
                Err((state, why)) => Err(judge.end(mail, state, &why)),
            },
            Ready::Ended(state, why) => Err(judge.end(mail, state, &why)),
            Ready::Later(wait, why) => Err(judge.later(mail, wait, &Reply::none(&why))),
        }
    }

    /// The relay went away over this mail, and over no other: it costs the mail a try.
    fn blame(&mut self, suspect: Option<(Claimed, Kind, Reply)>) {
        if let Some((mail, kind, reply)) = suspect {
            let verdict = self.delivery.judge().outcome(&mail, &kind, &Outcome::Closing(reply));
            self.note(&mail, verdict);
        }
    }

    async fn carry(&mut self, outgoing: &Outgoing) -> Carried {
        let Outgoing { mail, kind, wire } = outgoing;
        let Some(outcome) = self.send(mail, wire).await else {
            return Carried::Left;
        };
        let was_refused = matches!(outcome, Outcome::Refused(..));
        match self.delivery.learn(mail, outcome) {
            Outcome::Route(reply) => Carried::Settled(self.delivery.by_the_route(mail, &reply, was_refused)),
            Outcome::Closing(reply) => Carried::Closed(reply),
            outcome => Carried::Answered(self.delivery.judge().outcome(mail, kind, &outcome)),
        }
    }

    /// Sends, and while that takes long, gives the other mails back and keeps the lease. `None`: cut off by a stop.
    async fn send(&mut self, mail: &Claimed, wire: &Wire) -> Option<Outcome> {
        let Self {
            delivery,
            connection,
            stop,
            rest,
            next,
            results,
            lease,
            ..
        } = self;
        let policy = &delivery.policy;
        let from = delivery.from.address.as_str();
        let announced = next.as_ref().map(|next| Announced {
            to: next.mail.recipient.clone(),
            size: next.wire.len(),
        });
        let mut sending = pin!(connection.send(from, &mail.recipient, wire, announced.as_ref()));
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
                    let next = next.take().map(|outgoing| outgoing.mail);
                    let waiting = next.into_iter().chain(rest.drain(..).map(|(mail, _)| mail));
                    results.settlements.extend(waiting.map(|mail| Settlement::unchanged(&mail)));
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
}
