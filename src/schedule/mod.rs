//! Due work: what the program does by itself, in one table. It knows no feature; features bring their kinds, as they
//! bring what composes mail.
//!
//! A row says what is due and when. It is claimed under a lease, like mail, so that of several copies of the program one
//! does it, and another takes over where that one was killed. Work that comes again stays in the table with its next
//! time; other work goes when it is done. Work may be done twice (a lease that ran out), so it must bear that.

mod runner;
pub mod store;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::db::DbError;

pub use runner::Schedule;

/// One claimed piece of due work.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Due {
    /// The row.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// What it is about; empty where there is one of its kind.
    pub subject: String,
    /// Tries that failed.
    pub attempts: i64,
}

/// A kind of due work, and how it is done.
#[derive(Clone)]
pub struct Work {
    /// Stored; never renamed.
    pub kind: &'static str,
    /// How long after one run the next is due; `None`: each row is done once.
    pub every: Option<Duration>,
    run: Arc<dyn Fn(Due) -> BoxFuture<'static, Result<(), DbError>> + Send + Sync>,
}

impl Work {
    /// Work that is put in by a job ([`store::put`]) and done once.
    pub fn once<F>(kind: &'static str, run: F) -> Self
    where
        F: Fn(Due) -> BoxFuture<'static, Result<(), DbError>> + Send + Sync + 'static,
    {
        Self {
            kind,
            every: None,
            run: Arc::new(run),
        }
    }

    /// Work that comes again.
    pub fn every<F>(kind: &'static str, every: Duration, run: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, Result<(), DbError>> + Send + Sync + 'static,
    {
        Self {
            kind,
            every: Some(every),
            run: Arc::new(move |_| run()),
        }
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("kind", &self.kind).finish_non_exhaustive()
    }
}
