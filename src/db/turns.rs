//! Much work in small jobs, beside others who write: between two of them the others have their turn.

use std::time::Instant;

use super::Db;

/// Whoever works so.
pub(crate) struct Turns<'d> {
    db: &'d Db,
    /// What was written by anybody until the last job.
    seen: u64,
    began: Instant,
}

impl<'d> Turns<'d> {
    /// Before the first job.
    #[must_use]
    pub(crate) fn new(db: &'d Db) -> Self {
        Self {
            db,
            seen: db.changes(),
            began: Instant::now(),
        }
    }

    /// After a job: where others wrote since the one before, they have so many times as long as the job took. Where nobody did,
    /// it goes on at once.
    pub(crate) async fn give(&mut self, times: u32) {
        let changes = self.db.changes();
        if changes.saturating_sub(self.seen) > 1 {
            tokio::time::sleep(self.began.elapsed().saturating_mul(times)).await;
        }
        self.seen = changes;
        self.began = Instant::now();
    }
}
