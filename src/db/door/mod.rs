//! The write door of SQLite: group commit.
//!
//! Jobs come through a bounded channel to one writer connection on a thread of its own. It takes all that
//! wait, runs them one after another in one `BEGIN IMMEDIATE ... COMMIT`, and answers each only after the
//! commit: one fsync serves everybody who waited.
//!
//! If a job of the batch fails, the batch is rolled back and run again with a savepoint per job, so that
//! it fails alone. Whatever may have left the connection in doubt (any error but a constraint, a panic, a
//! cut-off job, a failed rollback) throws the connection away; the jobs that were not answered run again
//! on a new one.

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::FutureExt;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::job::Job;
use super::{DbError, Engine, Held, Tx};

mod job;
mod spin;

use job::Waiting;

/// How the door behaves; tests and benches change it.
#[derive(Debug, Clone)]
pub struct DoorOptions {
    /// Most jobs in one transaction. 1: a transaction for each, to measure against.
    pub batch: usize,
    /// Jobs that may wait; the next one is held up.
    pub waiting: usize,
    /// How long a caller is held up, at a full channel or until a connection to a server is free, before it is refused.
    pub patience: Duration,
    /// How long one job may run.
    pub job_limit: Duration,
    /// How long on a server. Well above its `deadlock_timeout` (1 s unless it was changed): a deadlock must be told to
    /// us, and the job run again, before we give it up.
    pub server_job_limit: Duration,
    /// Most connections to a server.
    pub server_connections: u32,
}

impl Default for DoorOptions {
    fn default() -> Self {
        Self {
            batch: 256,
            waiting: 1024,
            patience: Duration::from_secs(5),
            job_limit: Duration::from_secs(2),
            server_job_limit: Duration::from_secs(5),
            server_connections: 24,
        }
    }
}

/// The sending side, shared by all who write.
pub(super) struct Door {
    jobs: mpsc::Sender<Waiting>,
    patience: Duration,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    closing: tokio::sync::watch::Sender<bool>,
}

impl Door {
    /// Starts the writer's thread; the current runtime drives the timers that cut off jobs.
    pub(super) fn open(
        connect: SqliteConnectOptions,
        first: SqliteConnection,
        options: &DoorOptions,
    ) -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::channel(options.waiting);
        let (closing, closed) = tokio::sync::watch::channel(false);
        let runtime = tokio::runtime::Handle::current();
        let mut writer = Writer {
            connect,
            tx: Some(own(first)),
            options: options.clone(),
        };
        let thread = std::thread::Builder::new().name("db-writer".into()).spawn(move || {
            let _timers = runtime.enter();
            spin::block_on(writer.serve(waiting, closed));
        })?;
        Ok(Self {
            jobs,
            patience: options.patience,
            writer: Mutex::new(Some(thread)),
            closing,
        })
    }

    pub(super) async fn write(&self, job: Job) -> Result<(), DbError> {
        let (reply, outcome) = oneshot::channel();
        self.enter(Waiting { job, reply }).await?;
        outcome.await.map_err(|_| DbError::Closed)?
    }

    async fn enter(&self, job: Waiting) -> Result<(), DbError> {
        match self.jobs.try_send(job) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(DbError::Closed),
            Err(mpsc::error::TrySendError::Full(job)) => match self.jobs.send_timeout(job, self.patience).await {
                Ok(()) => Ok(()),
                Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(DbError::Busy),
                Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(DbError::Closed),
            },
        }
    }

    /// Lets the waiting jobs run, then stops the writer.
    pub(super) async fn close(&self) {
        self.closing.send_replace(true);
        let thread = self
            .writer
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("the database writer ended in a panic");
            }
        }
    }
}

/// The receiving side: one connection, one thread.
struct Writer {
    connect: SqliteConnectOptions,
    /// None after the connection was thrown away, until the next batch.
    tx: Option<Tx>,
    options: DoorOptions,
}

type Jobs = Vec<Waiting>;

impl Writer {
    async fn serve(&mut self, mut jobs: mpsc::Receiver<Waiting>, mut closed: tokio::sync::watch::Receiver<bool>) {
        loop {
            let first = tokio::select! {
                biased;
                job = jobs.recv() => job,
                _ = closed.wait_for(|closed| *closed) => { jobs.close(); jobs.recv().await }
            };
            let Some(first) = first else { break };
            let mut batch: Jobs = Vec::with_capacity(16);
            batch.push(first);
            while batch.len() < self.options.batch {
                let Ok(job) = jobs.try_recv() else { break };
                batch.push(job);
            }
            batch.retain(|job| !job.is_abandoned());
            if !batch.is_empty() {
                self.run(batch).await;
            }
        }
        self.empty_the_log().await;
        self.close().await;
    }

    /// So that whoever copies or checks the file after a clean stop finds everything in it. Where another
    /// process uses it too, the log is left to that one.
    async fn empty_the_log(&mut self) {
        if let Err(error) = self
            .execute("PRAGMA busy_timeout = 2000; PRAGMA wal_checkpoint(TRUNCATE)")
            .await
        {
            tracing::warn!(%error, "the write-ahead log was left for the next start");
        }
    }

    async fn run(&mut self, mut batch: Jobs) {
        match self.run_together(&mut batch).await {
            Ok(()) => batch.into_iter().for_each(Waiting::succeed),
            Err(BatchFailure::OfAJob) => self.run_apart(batch).await,
            Err(BatchFailure::OfTheBatch(error)) => fail_all(batch, error),
        }
    }

    /// The usual way: no savepoints, one commit.
    async fn run_together(&mut self, batch: &mut Jobs) -> Result<(), BatchFailure> {
        self.begin().await?;
        for job in batch.iter() {
            if let Err(error) = self.run_one(job).await {
                tracing::debug!(%error, "a job failed; its batch runs again");
                if !(error.is_constraint() && self.execute("ROLLBACK").await.is_ok()) {
                    self.discard().await;
                }
                return Err(BatchFailure::OfAJob);
            }
        }
        self.commit().await
    }

    /// After a job failed: a savepoint for each, so that it fails alone.
    async fn run_apart(&mut self, mut batch: Jobs) {
        while !batch.is_empty() {
            match self.try_apart(&mut batch).await {
                Ok(failed) => {
                    settle(batch, failed);
                    return;
                }
                Err(BatchFailure::OfTheBatch(error)) => {
                    fail_all(batch, error);
                    return;
                }
                // The offender was answered and taken out; the others go again.
                Err(BatchFailure::OfAJob) => {}
            }
        }
    }

    async fn try_apart(&mut self, batch: &mut Jobs) -> Result<Vec<Option<DbError>>, BatchFailure> {
        self.begin().await?;
        let mut failed = Vec::with_capacity(batch.len());
        for index in 0..batch.len() {
            let Some(job) = batch.get(index) else { break };
            match self.run_in_savepoint(job).await {
                Ok(outcome) => failed.push(outcome),
                Err(error) => {
                    self.discard().await;
                    batch.remove(index).fail(error);
                    return Err(BatchFailure::OfAJob);
                }
            }
        }
        self.commit().await?;
        Ok(failed)
    }

    /// `Ok(Some(error))`: the job failed and was undone, the transaction goes on.
    async fn run_in_savepoint(&mut self, job: &Waiting) -> Result<Option<DbError>, DbError> {
        self.execute("SAVEPOINT job").await?;
        match self.run_one(job).await {
            Ok(()) => {
                self.execute("RELEASE job").await?;
                Ok(None)
            }
            Err(error) if error.is_constraint() => {
                self.execute("ROLLBACK TO job; RELEASE job").await?;
                Ok(Some(error))
            }
            Err(error) => Err(error),
        }
    }

    async fn run_one(&mut self, job: &Waiting) -> Result<(), DbError> {
        let limit = self.options.job_limit;
        let tx = self.tx.as_mut().ok_or(DbError::Closed)?;
        let guarded = AssertUnwindSafe(job.run(tx)).catch_unwind();
        match tokio::time::timeout(limit, guarded).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(DbError::Panicked),
            Err(_elapsed) => Err(DbError::TooLong),
        }
    }

    async fn begin(&mut self) -> Result<(), BatchFailure> {
        if self.tx.is_none() {
            let connection = self
                .connect
                .connect()
                .await
                .map_err(|e| BatchFailure::OfTheBatch(e.into()))?;
            self.tx = Some(own(connection));
        }
        match self.execute("BEGIN IMMEDIATE").await {
            Ok(()) => Ok(()),
            Err(DbError::Busy) => Err(BatchFailure::OfTheBatch(DbError::Busy)),
            Err(error) => {
                self.discard().await;
                Err(BatchFailure::OfTheBatch(error))
            }
        }
    }

    async fn commit(&mut self) -> Result<(), BatchFailure> {
        if let Err(error) = self.execute("COMMIT").await {
            self.discard().await;
            return Err(BatchFailure::OfTheBatch(DbError::Commit(error.to_string())));
        }
        Ok(())
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), DbError> {
        let tx = self.tx.as_mut().ok_or(DbError::Closed)?;
        if let Engine::Sqlite(connection) = tx.engine() {
            sqlx::raw_sql(statement)
                .execute(connection)
                .await
                .map_err(DbError::busy_or)?;
        }
        Ok(())
    }

    /// Lets go of a connection that is in doubt. It may be in the middle of a statement, so nobody waits for it.
    async fn discard(&mut self) {
        if let Some(connection) = self.take_connection()
            && let Err(error) = connection.close_hard().await
        {
            tracing::warn!(%error, "closing the writer's connection failed");
        }
    }

    /// Waits until the file is let go of: closing later would delete the log beside a file that has taken its place.
    async fn close(&mut self) {
        if let Some(connection) = self.take_connection()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the writer's connection failed");
        }
    }

    fn take_connection(&mut self) -> Option<SqliteConnection> {
        match self.tx.take()?.conn.0 {
            Held::Writer(connection) => Some(*connection),
            _ => None,
        }
    }
}

enum BatchFailure {
    /// One job failed; the others deserve another run.
    OfAJob,
    /// Begin or commit failed: an error for every job.
    OfTheBatch(DbError),
}

fn own(connection: SqliteConnection) -> Tx {
    Tx::new(Held::Writer(Box::new(connection)))
}

fn settle(batch: Jobs, failed: Vec<Option<DbError>>) {
    for (job, error) in batch.into_iter().zip(failed) {
        match error {
            None => job.succeed(),
            Some(error) => job.fail(error),
        }
    }
}

/// Everybody of the batch hears the same.
fn fail_all(batch: Jobs, error: DbError) {
    let error = match error {
        error @ (DbError::Busy | DbError::Commit(_)) => error,
        other => DbError::Commit(other.to_string()),
    };
    for job in batch {
        job.fail(error.again());
    }
}
