//! What many want at the same moment, done as one job.
//!
//! A job pays for each of its statements: a hop to SQLite's thread, or a way to the server and back. Where many callers
//! wait with the same kind of job, one that takes them all together needs as many statements as one of them. While a
//! job runs, those who come wait and are the next one; a caller who comes alone is served at once.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::{Db, DbError, Tx};

/// Callers that may wait; the next one is held up,
const WAITING: usize = 1024;
/// for so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// A job for several inputs: it gives as many outputs, in the same order. It may run again, like every job.
type BatchJob<I, O> = Arc<dyn for<'t> Fn(&'t mut Tx, &'t [I]) -> BoxFuture<'t, Result<Vec<O>, DbError>> + Send + Sync>;

/// Where callers wait.
pub struct Batch<I, O> {
    callers: mpsc::Sender<Caller<I, O>>,
}

struct Caller<I, O> {
    input: I,
    reply: oneshot::Sender<Result<O, DbError>>,
}

impl<I, O> Batch<I, O>
where
    I: Clone + Send + Sync + 'static,
    O: Send + 'static,
{
    /// Starts to serve callers, at most so many together.
    #[must_use]
    pub fn open<F>(db: Db, most: usize, job: F) -> Self
    where
        F: for<'t> Fn(&'t mut Tx, &'t [I]) -> BoxFuture<'t, Result<Vec<O>, DbError>> + Send + Sync + 'static,
    {
        let job: BatchJob<I, O> = Arc::new(job);
        let (callers, mut waiting) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, most).await > 0 {
                serve(&db, std::mem::take(&mut batch), &job).await;
            }
        });
        Self { callers }
    }

    /// Has it done, alone or with others, and answers once it is durable.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn run(&self, input: I) -> Result<O, DbError> {
        let (reply, answer) = oneshot::channel();
        self.callers
            .send_timeout(Caller { input, reply }, PATIENCE)
            .await
            .map_err(|error| match error {
                mpsc::error::SendTimeoutError::Timeout(_) => DbError::Busy,
                mpsc::error::SendTimeoutError::Closed(_) => DbError::Closed,
            })?;
        answer.await.map_err(|_| DbError::Closed)?
    }
}

async fn serve<I, O>(db: &Db, mut callers: Vec<Caller<I, O>>, job: &BatchJob<I, O>)
where
    I: Clone + Send + Sync + 'static,
    O: Send + 'static,
{
    callers.retain(|caller| !caller.reply.is_closed());
    let inputs = callers.iter().map(|caller| caller.input.clone()).collect();
    match write(db, inputs, job).await {
        Ok(outputs) => {
            for (caller, output) in callers.into_iter().zip(outputs) {
                answer(caller.reply, Ok(output));
            }
        }
        // Nothing of it counts as stored, and the next one would fare no better.
        Err(error) if error.is_passing() && !matches!(error, DbError::TooLong) => {
            for caller in callers {
                answer(caller.reply, Err(error.again()));
            }
        }
        // One of them may be the reason: each by itself, so that it fails alone.
        Err(error) if callers.len() > 1 => {
            tracing::debug!(%error, "a job for several failed; each runs by itself");
            for caller in callers {
                let alone = write(db, vec![caller.input], job).await;
                answer(caller.reply, alone.and_then(only));
            }
        }
        Err(error) => {
            if let Some(caller) = callers.pop() {
                answer(caller.reply, Err(error));
            }
        }
    }
}

async fn write<I, O>(db: &Db, inputs: Vec<I>, job: &BatchJob<I, O>) -> Result<Vec<O>, DbError>
where
    I: Send + Sync + 'static,
    O: Send + 'static,
{
    let (inputs, job) = (Arc::new(inputs), Arc::clone(job));
    db.write(move |tx| {
        let (inputs, job) = (Arc::clone(&inputs), Arc::clone(&job));
        Box::pin(async move { job(tx, &inputs).await })
    })
    .await
}

fn only<O>(outputs: Vec<O>) -> Result<O, DbError> {
    let output = outputs.into_iter().next();
    output.ok_or_else(|| DbError::stored("a job gave no output"))
}

/// Whoever asked may have gone meanwhile; what was committed stays committed.
fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    if reply.send(value).is_err() {
        tracing::trace!("nobody waits for this any more");
    }
}
