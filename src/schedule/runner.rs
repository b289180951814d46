//! The runner: looks for what is due, claims it, does it, and holds on to its lease meanwhile.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::SignedDuration;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{Due, Work, store};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::values::random_bytes;

/// How often it is looked for what is due.
const POLL: Duration = Duration::from_secs(2);
/// How long a claim holds without being renewed, and how often it is.
const LEASE: Duration = Duration::from_mins(1);
const RENEW: Duration = Duration::from_secs(20);
/// Pieces that one copy does at the same time: what takes long must not hold up what somebody waits for.
const AT_ONCE: usize = 3;
/// The waits after work that failed: a minute, twice as long each time, an hour at most.
const FIRST_WAIT: Duration = Duration::from_mins(1);
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Does the kinds of work that it was given, and leaves all others to a copy that knows them.
#[derive(Clone)]
pub struct Schedule {
    db: Db,
    clock: Clock,
    works: Arc<[Work]>,
}

/// A piece of work in hand.
struct InHand {
    due: Due,
    lease: i64,
    work: Work,
}

impl Schedule {
    /// Puts in what comes again. On SQLite nobody else can be at work (the caller holds the serve lock), so what an
    /// earlier run had claimed is free at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(db: Db, clock: Clock, works: Vec<Work>) -> Result<Self, DbError> {
        let schedule = Self {
            db,
            clock,
            works: works.into(),
        };
        let (works, now) = (Arc::clone(&schedule.works), schedule.clock.now());
        schedule
            .db
            .write(move |tx| {
                let works = Arc::clone(&works);
                Box::pin(async move {
                    if tx.is_sqlite() {
                        store::clear_leases(tx).await?;
                    }
                    for (kind, every) in works.iter().filter_map(|work| Some((work.kind, work.every?))) {
                        store::keep(tx, kind, every, now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(schedule)
    }

    /// Works until it is dropped.
    pub async fn run(self) {
        let mut at_work = JoinSet::new();
        loop {
            match self.claim().await {
                Ok(Some(claimed)) => {
                    let schedule = self.clone();
                    at_work.spawn(async move { schedule.finish(claimed).await });
                    if at_work.len() >= AT_ONCE {
                        at_work.join_next().await;
                    }
                }
                Ok(None) => sleep(POLL).await,
                Err(error) => {
                    tracing::warn!(%error, "due work could not be looked for");
                    sleep(POLL).await;
                }
            }
            while at_work.try_join_next().is_some() {}
        }
    }

    /// Does one piece of what is due. False: nothing is. For tests and commands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_once(&self) -> Result<bool, DbError> {
        let Some(claimed) = self.claim().await? else {
            return Ok(false);
        };
        self.finish(claimed).await;
        Ok(true)
    }

    async fn claim(&self) -> Result<Option<InHand>, DbError> {
        let kinds: Arc<[&'static str]> = self.works.iter().map(|work| work.kind).collect();
        let now = self.clock.now();
        if !store::is_due(&mut self.db.read().await?, &kinds, now).await? {
            return Ok(None);
        }
        let lease = i64::from_le_bytes(random_bytes());
        let due = self
            .db
            .write(move |tx| {
                let kinds = Arc::clone(&kinds);
                Box::pin(async move { store::claim(tx, &kinds, lease, LEASE, now).await })
            })
            .await?;
        Ok(due.and_then(|due| {
            let work = self.works.iter().find(|work| work.kind == due.kind)?.clone();
            Some(InHand { due, lease, work })
        }))
    }

    /// Does it, and writes down how it went. Where that cannot be written, the lease runs out.
    async fn finish(&self, claimed: InHand) {
        let InHand { due, lease, work } = claimed;
        let Some(outcome) = self.carry_out(&due, lease, &work).await else {
            return;
        };
        let (now, done) = (self.clock.now(), due.clone());
        let written = match outcome {
            Ok(()) => {
                self.db
                    .write(move |tx| {
                        let due = done.clone();
                        Box::pin(async move { store::finish(tx, &due, lease, now).await })
                    })
                    .await
            }
            Err(error) => {
                tracing::warn!(kind = due.kind, %error, "due work failed; it is tried again");
                let again_at = now.saturating_add(wait_after(due.attempts)).unwrap_or(now);
                let words = error.to_string();
                self.db
                    .write(move |tx| {
                        let (due, words) = (done.clone(), words.clone());
                        Box::pin(async move { store::fail(tx, &due, lease, &words, again_at).await })
                    })
                    .await
            }
        };
        if let Err(error) = written {
            tracing::warn!(kind = due.kind, %error, "how due work went could not be stored");
        }
    }

    /// `None`: another copy has taken it meanwhile.
    async fn carry_out(&self, due: &Due, lease: i64, work: &Work) -> Option<Result<(), DbError>> {
        let running = AssertUnwindSafe((work.run)(due.clone())).catch_unwind();
        let mut running = pin!(running);
        loop {
            tokio::select! {
                outcome = &mut running => return Some(outcome.unwrap_or(Err(DbError::Panicked))),
                () = sleep(RENEW) => {}
            }
            let (id, now) = (due.id, self.clock.now());
            let renewed = self
                .db
                .write(move |tx| Box::pin(store::renew(tx, id, lease, LEASE, now)))
                .await;
            if matches!(renewed, Ok(false)) {
                return None;
            }
        }
    }
}

/// The wait before the next try, after so many that failed.
fn wait_after(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts).unwrap_or(u32::MAX).min(16);
    let wait = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let minutes: Vec<i64> = [0, 1, 2, 5, 6, 400].map(|n| wait_after(n).as_mins()).into();
        assert_eq!(minutes, [1, 2, 4, 32, 60, 60]);
    }
}
