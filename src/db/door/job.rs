//! A job at the door, with its result and the one who waits for it.

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::db::{DbError, Tx};

/// A job with its result and the one who waits for it, whatever the result's type.
pub(super) trait Job: Send {
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), DbError>>;
    fn succeed(self: Box<Self>);
    fn fail(self: Box<Self>, error: DbError);
    fn is_abandoned(&self) -> bool;
}

pub(super) struct Waiting<T, F> {
    pub(super) job: F,
    pub(super) result: Option<T>,
    pub(super) reply: oneshot::Sender<Result<T, DbError>>,
}

impl<T, F> Job for Waiting<T, F>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, DbError>> + Send + Sync + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), DbError>> {
        Box::pin(async move {
            self.result = Some((self.job)(tx).await?);
            Ok(())
        })
    }

    fn succeed(self: Box<Self>) {
        if let Some(value) = self.result {
            answer(self.reply, Ok(value));
        }
    }

    fn fail(self: Box<Self>, error: DbError) {
        answer(self.reply, Err(error));
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

/// Whoever asked may have gone meanwhile; what was committed stays committed.
fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    if reply.send(value).is_err() {
        tracing::trace!("nobody waits for this job any more");
    }
}
