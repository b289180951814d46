//! What a courier and the outbox exchange at the write door: results for mails.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::delivery::Delivery;
use super::kind::Lane;
use super::outbox::{self, Claim, Claimed, Settlement};
use super::suppressions::{self, Suppression};
use crate::db::{DbError, Tx};

/// What the next exchange records.
#[derive(Clone, Default)]
pub(super) struct Results {
    pub(super) settlements: Vec<Settlement>,
    pub(super) bounced: Vec<Suppression>,
}

impl Results {
    async fn record(&self, tx: &mut Tx, lease: i64, now: Timestamp) -> Result<(), DbError> {
        outbox::settle(tx, lease, &self.settlements).await?;
        for bounced in &self.bounced {
            suppressions::add(tx, bounced, now).await?;
        }
        Ok(())
    }
}

/// The write job between two batches.
pub(super) struct Exchange {
    pub(super) old: i64,
    pub(super) new: i64,
    pub(super) results: Results,
    pub(super) put_back: Vec<i64>,
    pub(super) put_back_at: i64,
    pub(super) too_old: i64,
    pub(super) lane: Lane,
    pub(super) most: usize,
    pub(super) hold: Duration,
    pub(super) message_domain: String,
    pub(super) now: Timestamp,
}

impl Exchange {
    pub(super) fn is_idle(&self) -> bool {
        self.most == 0 && self.results.settlements.is_empty() && self.put_back.is_empty()
    }

    pub(super) async fn run(&self, tx: &mut Tx) -> Result<(Vec<Claimed>, Vec<i64>), DbError> {
        self.results.record(tx, self.old, self.now).await?;
        let found = outbox::put_back(tx, &self.put_back, self.put_back_at, self.too_old).await?;
        suppressions::lift_for_mails(tx, &found).await?;
        if self.most == 0 {
            return Ok((Vec::new(), found));
        }
        let claim = Claim {
            lease: self.new,
            lane: self.lane,
            most: self.most,
            hold: self.hold,
            message_domain: &self.message_domain,
        };
        let mails = outbox::claim(tx, &claim, self.now).await?;
        Ok((mails, found))
    }
}

impl Delivery {
    /// Records results early and keeps the lease of what is left. Problems are not fatal: leases run out.
    pub(super) async fn give_back(&self, lease: i64, results: &mut Results) {
        if !results.settlements.is_empty() {
            let job = Arc::new(results.clone());
            let now = self.clock.now();
            let written = self.db.write(move |tx| {
                let job = Arc::clone(&job);
                Box::pin(async move { job.record(tx, lease, now).await })
            });
            match written.await {
                Ok(()) => *results = Results::default(),
                Err(error) => tracing::warn!(%error, "mails could not be given back"),
            }
            self.bell.ring();
        }
        self.renew(lease).await;
    }

    pub(super) async fn renew(&self, lease: i64) -> u64 {
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
