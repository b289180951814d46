//! The write door of PostgreSQL: a pooled transaction, run again when the server asks for it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::PgPool;

use super::{Conn, DbError, Engine, Handle, Tx};

/// Serialization failure and deadlock: the server undid the transaction and asks for another try.
const RETRYABLE: [&str; 2] = ["40001", "40P01"];
const MAX_TRIES: u32 = 5;

/// A pool of connections to a server, and how long a job may run on it.
#[derive(Clone)]
pub struct PostgresDb {
    pub(super) pool: PgPool,
    pub(super) job_limit: Duration,
    pub(super) changes: Arc<AtomicU64>,
}

/// Runs the job in a task of its own, so that a caller who goes away never leaves a transaction half done.
pub(super) async fn write<T, F>(db: &PostgresDb, job: F) -> Result<T, DbError>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, DbError>> + Send + Sync + 'static,
{
    let db = db.clone();
    let job = Arc::new(job);
    let task = tokio::spawn(async move {
        let mut tries = 1;
        loop {
            match attempt(&db, job.as_ref()).await {
                Err(error) if tries < MAX_TRIES && is_retryable(&error) => tries += 1,
                done => return done,
            }
        }
    });
    task.await.map_err(|_| DbError::Panicked)?
}

async fn attempt<T, F>(db: &PostgresDb, job: &F) -> Result<T, DbError>
where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, DbError>>,
{
    let mut tx = Tx::new(Conn::Postgres(Handle::Pooled(db.pool.acquire().await?)));
    execute(&mut tx, "BEGIN").await?;
    let guarded = AssertUnwindSafe(job(&mut tx)).catch_unwind();
    let outcome = match tokio::time::timeout(db.job_limit, guarded).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(DbError::Panicked),
        Err(_elapsed) => Err(DbError::TooLong),
    };
    match outcome {
        Ok(value) => commit(tx).await.map(|()| value),
        Err(error) => {
            roll_back(tx, &error).await;
            Err(error)
        }
    }
}

/// A lost answer to COMMIT may mean that it was done: it is an error, and never run again.
async fn commit(mut tx: Tx) -> Result<(), DbError> {
    let committed = execute(&mut tx, "COMMIT").await;
    if committed.is_err() {
        abandon(tx);
    }
    committed.map_err(|error| match error {
        error if is_retryable(&error) => error,
        error => DbError::Commit(error.to_string()),
    })
}

async fn roll_back(mut tx: Tx, error: &DbError) {
    let in_doubt = matches!(error, DbError::Panicked | DbError::TooLong);
    if in_doubt || execute(&mut tx, "ROLLBACK").await.is_err() {
        abandon(tx);
    }
}

/// The connection is closed instead of going back to the pool.
fn abandon(tx: Tx) {
    if let Conn::Postgres(Handle::Pooled(mut connection)) = tx.conn {
        connection.close_on_drop();
    }
}

async fn execute(tx: &mut Tx, statement: &'static str) -> Result<(), DbError> {
    if let Engine::Postgres(connection) = tx.engine() {
        sqlx::raw_sql(statement).execute(connection).await?;
    }
    Ok(())
}

fn is_retryable(error: &DbError) -> bool {
    let DbError::Sql(sqlx::Error::Database(error)) = error else {
        return false;
    };
    error.code().is_some_and(|code| RETRYABLE.contains(&code.as_ref()))
}
