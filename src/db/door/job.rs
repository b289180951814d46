//! A job at the door, and the one who waits for it.

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::db::job::Job;
use crate::db::{DbError, Tx};

/// A job, and where the one who waits for it hears that it is durable.
pub(super) struct Waiting {
    pub(super) job: Job,
    pub(super) reply: oneshot::Sender<Result<(), DbError>>,
}

impl Waiting {
    pub(super) fn run<'t>(&self, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), DbError>> {
        (self.job)(tx)
    }

    pub(super) fn succeed(self) {
        self.answer(Ok(()));
    }

    pub(super) fn fail(self, error: DbError) {
        self.answer(Err(error));
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    /// Whoever asked may have gone meanwhile; what was committed stays committed.
    fn answer(self, outcome: Result<(), DbError>) {
        if self.reply.send(outcome).is_err() {
            tracing::trace!("nobody waits for this job any more");
        }
    }
}
