//! The mail worker: the couriers at work, and what nobody else does.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::courier::Courier;
use super::delivery::Delivery;
use super::kind::Lane;
use super::outbox;
use crate::db::{Db, DbError};

impl Delivery {
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
    delivery: Arc<Delivery>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Worker {
    /// Starts so many couriers. On SQLite nobody else can be sending (the caller holds the serve lock), so mails that
    /// an earlier run had claimed are free at once. What waits for another try is tried now: the settings may be others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(delivery: Delivery, connections: usize) -> Result<Self, DbError> {
        let is_alone = matches!(delivery.db, Db::Sqlite(_));
        let (within, now) = (delivery.policy.apart, delivery.clock.now());
        delivery
            .db
            .write(move |tx| {
                Box::pin(async move {
                    if is_alone {
                        outbox::clear_leases(tx).await?;
                    }
                    outbox::hurry_refused(tx, within, now).await
                })
            })
            .await?;
        let delivery = Arc::new(delivery);
        let (stop, stopping) = watch::channel(false);
        let mut tasks: Vec<JoinHandle<()>> = lanes(connections)
            .map(|lane| tokio::spawn(Courier::new(Arc::clone(&delivery), lane, stopping.clone()).run()))
            .collect();
        tasks.push(tokio::spawn(Arc::clone(&delivery).keep_house(stopping)));
        Ok(Self { delivery, stop, tasks })
    }

    /// What the couriers share.
    #[must_use]
    pub fn delivery(&self) -> &Arc<Delivery> {
        &self.delivery
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_connections_is_for_what_is_urgent() {
        let urgent = |connections| lanes(connections).filter(|lane| *lane == Lane::Urgent).count();
        assert_eq!([1, 2, 4, 8, 64].map(urgent), [0, 1, 1, 2, 16]);
        assert!(lanes(4).any(|lane| lane == Lane::All));
    }
}
