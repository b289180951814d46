//! Is the way to the relay open?
//!
//! A fault of the route costs no mail a try: everybody waits (1, 2, 4, then 5 minutes), then one courier tries with one
//! mail. The same permanent reply to five mails in a row, with none taken between, is such a fault too: the relay, not the
//! mails, is at odds with us. A mail that is refused in words about us while others are taken stands apart: some domain has
//! something against us, and only mail to it waits.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::Policy;
use super::smtp::reply::Reply;

/// Mails of one series that are remembered; more of them have failed by then than anybody would look through.
const REMEMBERED: usize = 1000;
/// Exchanges with the outbox after which a mail that is to be put back is no longer looked for.
const LOOKED_FOR: u32 = 50;

/// What is known of the way to the relay. Shared by all couriers, and by the pages that tell organizers of it.
pub struct Route {
    state: Mutex<RouteState>,
    changed: Notify,
    pauses: Vec<Duration>,
    same_reply_mails: usize,
}

#[derive(Default)]
struct RouteState {
    faults: usize,
    shut: Option<Shut>,
    series: Option<FailureSeries>,
    put_back: Vec<(i64, u32)>,
    /// Mails refused in words about us since one was taken ...
    suspects: HashSet<i64>,
    /// ... and those that were, while others passed.
    apart: HashSet<i64>,
}

struct Shut {
    until: Instant,
    why: Reply,
    probing: bool,
}

/// Permanent refusals with the same words, one after another.
struct FailureSeries {
    signature: String,
    count: usize,
    mails: Vec<i64>,
}

/// How a courier may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// As usual.
    Open,
    /// The pause is over: with one mail, to see.
    Probe,
}

impl Route {
    /// An open one.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            pauses: policy.pauses.clone(),
            same_reply_mails: policy.same_reply_mails,
        }
    }

    /// Waits until the way is open, or until it is this courier's turn to see whether it is.
    pub(super) async fn admit(&self) -> Pass {
        loop {
            let changed = self.changed.notified();
            let until = {
                let mut state = self.lock();
                match &mut state.shut {
                    None => return Pass::Open,
                    Some(shut) if shut.probing => None,
                    Some(shut) if Instant::now() < shut.until => Some(shut.until),
                    Some(shut) => {
                        shut.probing = true;
                        return Pass::Probe;
                    }
                }
            };
            match until {
                None => changed.await,
                Some(until) => tokio::select! {
                    () = changed => {}
                    () = sleep_until(until) => {}
                },
            }
        }
    }

    /// The courier that was to see is done. Where it sent nothing the way is as unknown as before, and the next one may
    /// see; otherwise this changes nothing.
    pub(super) fn not_tried(&self) {
        if let Some(shut) = &mut self.lock().shut {
            shut.probing = false;
        }
        self.changed.notify_waiters();
    }

    /// Why everybody waits, and for how long still.
    #[must_use]
    pub fn shut(&self) -> Option<(Reply, Duration)> {
        let state = self.lock();
        let shut = state.shut.as_ref()?;
        Some((shut.why.clone(), shut.until.saturating_duration_since(Instant::now())))
    }

    /// Somebody has mended something: the pause is over.
    pub fn try_now(&self) {
        if let Some(shut) = &mut self.lock().shut {
            shut.until = Instant::now();
        }
        self.changed.notify_waiters();
    }

    /// The route failed. Of several couriers that find out at the same time, the first counts.
    pub(super) fn fault(&self, reply: &Reply) {
        let mut state = self.lock();
        if state.shut.as_ref().is_some_and(|shut| !shut.probing) {
            return;
        }
        let last = self.pauses.len().saturating_sub(1);
        let pause = self.pauses.get(state.faults.min(last)).copied().unwrap_or_default();
        state.faults += 1;
        state.shut = Some(Shut {
            until: Instant::now() + pause,
            why: reply.clone(),
            probing: false,
        });
        tracing::warn!(%reply, pause_s = pause.as_secs(), "the mail relay cannot be used; mail waits");
        drop(state);
        self.changed.notify_waiters();
    }

    /// The relay took a mail.
    pub(super) fn accepted(&self, mail: i64) {
        {
            let mut state = self.lock();
            state.series = None;
            let suspects = std::mem::take(&mut state.suspects);
            if state.apart.len() + suspects.len() > REMEMBERED {
                state.apart.clear();
            }
            state.apart.extend(suspects);
            state.apart.remove(&mail);
        }
        self.answered();
    }

    /// The relay refused a mail in words about us. Nobody passes then, unless this mail stands apart.
    pub(super) fn refused_as_ours(&self, reply: &Reply, mail: i64) {
        {
            let mut state = self.lock();
            if state.apart.contains(&mail) {
                return;
            }
            if state.suspects.len() < REMEMBERED {
                state.suspects.insert(mail);
            }
        }
        self.fault(reply);
    }

    /// Whether the relay has something against us with this mail, and with no other.
    pub(super) fn is_apart(&self, mail: i64) -> bool {
        self.lock().apart.contains(&mail)
    }

    /// The relay refused a mail for the mail's own sake: the way itself is open.
    pub(super) fn refused(&self) {
        self.answered();
    }

    fn answered(&self) {
        let mut state = self.lock();
        if state.shut.take().is_some() {
            state.faults = 0;
            tracing::info!("the mail relay can be used again");
            drop(state);
            self.changed.notify_waiters();
        }
    }

    /// The relay refused a mail for good. True: it says the same to everybody, so the route is at fault; the earlier
    /// mails of the series are to be put back.
    pub(super) fn refused_for_good(&self, reply: &Reply, mail: i64) -> bool {
        let mut state = self.lock();
        let signature = reply.signature();
        if state.series.as_ref().is_none_or(|series| series.signature != signature) {
            state.series = Some(FailureSeries {
                signature,
                count: 0,
                mails: Vec::new(),
            });
        }
        let Some(series) = &mut state.series else { return false };
        series.count += 1;
        if series.count < self.same_reply_mails {
            if series.mails.len() < REMEMBERED {
                series.mails.push(mail);
            }
            return false;
        }
        let earlier: Vec<(i64, u32)> = series.mails.drain(..).map(|mail| (mail, 0)).collect();
        state.put_back.extend(earlier);
        true
    }

    /// Mails to be put back, at most so many.
    pub(super) fn to_put_back(&self, most: usize) -> Vec<i64> {
        self.lock().put_back.iter().take(most).map(|(mail, _)| *mail).collect()
    }

    /// These were looked for; those that another courier had not recorded yet are looked for again.
    pub(super) fn put_back(&self, looked_for: &[i64], found: &[i64]) {
        self.lock().put_back.retain_mut(|(mail, times)| {
            *times += u32::from(looked_for.contains(mail));
            !found.contains(mail) && *times < LOOKED_FOR
        });
    }

    fn lock(&self) -> MutexGuard<'_, RouteState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route() -> Route {
        Route::new(&Policy::default())
    }

    fn minutes(route: &Route) -> Option<u64> {
        route.shut().map(|(_, left)| left.as_secs().div_ceil(60))
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_five_minutes_and_one_courier_tries() {
        let route = route();
        assert_eq!(route.admit().await, Pass::Open);
        for expected in [1, 2, 4, 5, 5] {
            route.fault(&Reply::none("refused"));
            route.fault(&Reply::none("a second courier says the same"));
            assert_eq!(minutes(&route), Some(expected));
            assert_eq!(route.admit().await, Pass::Probe);
            let other = tokio::time::timeout(Duration::from_hours(1), route.admit()).await;
            assert!(other.is_err(), "everybody else waits for the probe");
        }
        route.accepted(1);
        assert_eq!(route.admit().await, Pass::Open);
        route.fault(&Reply::none("refused"));
        assert_eq!(minutes(&route), Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_without_mail_leaves_the_turn_to_the_next() {
        let route = route();
        route.fault(&Reply::none("refused"));
        assert_eq!(route.admit().await, Pass::Probe);
        route.not_tried();
        assert_eq!(route.admit().await, Pass::Probe);
    }

    #[tokio::test(start_paused = true)]
    async fn who_mended_something_need_not_wait() {
        let route = route();
        route.fault(&Reply::none("refused"));
        route.try_now();
        let pass = tokio::time::timeout(Duration::from_secs(1), route.admit()).await;
        assert_eq!(pass, Ok(Pass::Probe));
    }

    #[test]
    fn a_mail_that_is_refused_while_others_pass_stands_apart() {
        let route = route();
        let ours = Reply::new(550, "5.7.1 Client host blocked using a list");
        route.refused_as_ours(&ours, 1);
        assert!(
            route.shut().is_some() && !route.is_apart(1),
            "it may be so for everybody"
        );
        route.accepted(2);
        assert!(route.shut().is_none() && route.is_apart(1));
        route.refused_as_ours(&ours, 1);
        assert!(route.shut().is_none(), "only this mail waits");
        route.refused_as_ours(&ours, 3);
        assert!(route.shut().is_some(), "another mail tells anew");
        route.accepted(1);
        assert!(!route.is_apart(1) && route.is_apart(3));
    }

    #[test]
    fn the_same_words_to_five_mails_in_a_row_are_the_routes_fault() {
        let route = route();
        let reply = |n: i64| Reply::new(554, &format!("5.7.1 <x{n}@d.example>: Rejected"));
        for n in 1..=4 {
            assert!(!route.refused_for_good(&reply(n), n));
        }
        assert!(route.refused_for_good(&reply(5), 5));
        assert_eq!(route.to_put_back(10), [1, 2, 3, 4]);
        assert!(
            route.refused_for_good(&reply(6), 6),
            "it stays so until a mail is taken"
        );
        route.put_back(&[1, 2, 3, 4], &[1, 2]);
        assert_eq!(route.to_put_back(10), [3, 4]);
    }

    #[test]
    fn a_mail_that_is_taken_or_other_words_end_the_series() {
        let route = route();
        for n in 0..20 {
            if n % 4 == 0 {
                route.accepted(n);
            }
            assert!(!route.refused_for_good(&Reply::new(554, "5.7.1 Rejected"), n));
        }
        for n in 0..20 {
            let words = if n % 4 == 0 { "other" } else { "Rejected" };
            assert!(!route.refused_for_good(&Reply::new(554, words), n));
        }
        assert!(route.to_put_back(10).is_empty());
    }
}
