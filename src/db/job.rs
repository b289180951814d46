//! A job of whatever result as one type: both write doors are built once, not once for each job of the program.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;

use super::{DbError, Tx};

/// A job at a write door. It may run more than once.
pub(super) type Job = Box<dyn for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<(), DbError>> + Send + Sync>;

/// Where the last run of a job leaves its result.
pub(super) struct JobResult<T>(Arc<Mutex<Option<T>>>);

impl<T> JobResult<T> {
    /// What it left; `None` before it ran.
    pub(super) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }
}

impl<T> Clone for JobResult<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The job, and where its result will be.
pub(super) fn erase<T, F>(job: F) -> (Job, JobResult<T>)
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, DbError>> + Send + Sync + 'static,
{
    let result = JobResult(Arc::default());
    let (job, left) = (Arc::new(job), result.clone());
    let erased = boxed(move |tx| {
        let (job, left) = (Arc::clone(&job), left.clone());
        Box::pin(async move {
            left.put(job(tx).await?);
            Ok(())
        })
    });
    (erased, result)
}

/// Says of what kind the closure is: the compiler does not find it out through a box.
fn boxed<F>(job: F) -> Job
where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<(), DbError>> + Send + Sync + 'static,
{
    Box::new(job)
}
