//! The bell that tells the couriers of new mail.

use std::sync::Arc;

use tokio::sync::Notify;

use super::kind::Lane;

/// Rung after a commit that put mail into the outbox. A ring that nobody hears is kept until somebody listens.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Ropes>);

#[derive(Debug, Default)]
struct Ropes {
    all: Notify,
    urgent: Notify,
}

impl Bell {
    /// Wakes one courier of each lane; one who finds a full batch wakes the next.
    pub fn ring(&self) {
        self.0.all.notify_one();
        self.0.urgent.notify_one();
    }

    /// Waits for a ring.
    pub(super) async fn heard(&self, lane: Lane) {
        match lane {
            Lane::All => self.0.all.notified().await,
            Lane::Urgent => self.0.urgent.notified().await,
        }
    }
}
