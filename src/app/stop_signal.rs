//! SIGINT, SIGTERM and SIGHUP: a closed terminal ends the program in order too.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What the system tells the program when it shall stop. Made before anything else starts: a signal that comes while
/// the program still starts is heard too, and ends it in order.
pub(super) struct StopSignal {
    interrupted: Signal,
    terminated: Signal,
    hung_up: Signal,
}

impl StopSignal {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupted: signal(SignalKind::interrupt())?,
            terminated: signal(SignalKind::terminate())?,
            hung_up: signal(SignalKind::hangup())?,
        })
    }

    pub(super) async fn heard(mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
            _ = self.hung_up.recv() => {}
        }
    }
}
