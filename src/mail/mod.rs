//! Mail: a stand-in until the outbox lands.

pub mod catcher;

use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes the worker.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Wakes one courier.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}
