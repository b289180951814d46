//! The write door of PostgreSQL: a transaction on a lent connection, run again when the server asks for it.

pub(super) mod connections;
pub(super) mod standing;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use connections::{Connections, Lease};
use futures_util::FutureExt;

use super::job::Job;
use super::{DbError, Held, Tx};

/// Serialization failure and deadlock: the server undid the transaction and asks for another try.
const RETRYABLE: [&str; 2] = ["40001", "40P01"];
const MAX_TRIES: u32 = 5;

/// Connections to a server, and how long a job may run on one.
#[derive(Clone)]
pub struct PostgresDb {
    pub(super) connections: Connections,
    pub(super) job_limit: Duration,
    pub(super) changes: Arc<AtomicU64>,
}

/// Runs the job in a task of its own, so that a caller who goes away never leaves a transaction half done.
pub(super) async fn write(db: &PostgresDb, job: Job) -> Result<(), DbError> {
    let db = db.clone();
    let task = tokio::spawn(async move {
        let mut tries = 1;
        loop {
            match attempt(&db, &job).await {
                Err(error) if tries < MAX_TRIES && is_retryable(&error) => tries += 1,
                done => return done,
            }
        }
    });
    task.await.map_err(|_| DbError::Panicked)?
}

async fn attempt(db: &PostgresDb, job: &Job) -> Result<(), DbError> {
    let mut lease = db.connections.lend().await?;
    lease.begin("BEGIN").await?;
    let mut tx = Tx::new(Held::Server(lease));
    let guarded = AssertUnwindSafe(job(&mut tx)).catch_unwind();
    let outcome = match tokio::time::timeout(db.job_limit, guarded).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(DbError::Panicked),
        Err(_elapsed) => Err(DbError::TooLong),
    };
    let Held::Server(lease) = tx.conn.0 else {
        return Err(DbError::Closed);
    };
    match outcome {
        Ok(()) => commit(lease).await,
        Err(error) => {
            roll_back(lease, &error).await;
            Err(error)
        }
    }
}

/// A lost answer to COMMIT may mean that it was done: it is an error, and never run again.
async fn commit(mut lease: Lease) -> Result<(), DbError> {
    let committed = lease.commit().await.map_err(DbError::Sql);
    if committed.is_err() {
        lease.abandon();
    }
    committed.map_err(|error| match error {
        error if is_retryable(&error) => error,
        error => DbError::Commit(error.to_string()),
    })
}

async fn roll_back(mut lease: Lease, error: &DbError) {
    let in_doubt = matches!(error, DbError::Panicked | DbError::TooLong);
    if in_doubt || lease.roll_back().await.is_err() {
        lease.abandon();
    }
}

fn is_retryable(error: &DbError) -> bool {
    let DbError::Sql(sqlx::Error::Database(error)) = error else {
        return false;
    };
    error.code().is_some_and(|code| RETRYABLE.contains(&code.as_ref()))
}
