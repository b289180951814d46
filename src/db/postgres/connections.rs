//! Connections to the server: kept, lent, and never more than it grants.
//!
//! A server, a role and a database may each have a limit, and others take their share of it. Where the server refuses
//! another connection, whoever asked waits for one that is lent, instead of failing: the pool of `sqlx` goes on asking
//! the server until its patience ends, and does not look at what comes back meanwhile.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// A refused connection is asked for again after so long.
const REST: Duration = Duration::from_secs(2);
/// A server that starts or is gone is asked again after so long, then twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Firewalls forget connections that say nothing; those idle for longer are not lent again.
const IDLE_FOR: Duration = Duration::from_mins(10);
/// A connection that comes back has so long to show that it can be used.
const CHECK: Duration = Duration::from_secs(5);
/// How long a stop waits for those that are lent.
const CLOSING: Duration = Duration::from_secs(10);

/// What is lent and kept; clones share it.
#[derive(Clone)]
pub(in crate::db) struct Connections(Arc<Inner>);

struct Inner {
    options: PgConnectOptions,
    /// A pooler gives each transaction another connection of the server.
    by_transaction: bool,
    /// One for each connection that may be open.
    turns: Arc<Semaphore>,
    most: u32,
    patience: Duration,
    idle: Mutex<Vec<(PgConnection, Instant)>>,
}

/// A connection that goes back when it is dropped.
pub(in crate::db) struct Lease {
    /// `None` only while it is dropped.
    connection: Option<PgConnection>,
    turn: Option<OwnedSemaphorePermit>,
    home: Connections,
    in_doubt: bool,
    in_transaction: bool,
}

impl Connections {
    /// At most `most` at a time. Who asks for one waits up to `patience`.
    pub(in crate::db) fn new(options: PgConnectOptions, by_transaction: bool, most: u32, patience: Duration) -> Self {
        Self(Arc::new(Inner {
            options,
            by_transaction,
            turns: Arc::new(Semaphore::new(most as usize)),
            most,
            patience,
            idle: Mutex::default(),
        }))
    }

    /// Lends a connection.
    ///
    /// # Errors
    /// What the server said last, when none is to be had in time.
    pub(in crate::db) async fn lend(&self) -> Result<Lease, sqlx::Error> {
        let deadline = Instant::now() + self.0.patience;
        let mut pause = FIRST_PAUSE;
        let mut last = sqlx::Error::PoolTimedOut;
        loop {
            let turn = Arc::clone(&self.0.turns).acquire_owned();
            let Ok(turn) = timeout_at(deadline, turn).await else {
                return Err(last);
            };
            let turn = turn.map_err(|_| sqlx::Error::PoolClosed)?;
            if let Some(connection) = self.take_idle() {
                return Ok(self.lease(connection, turn));
            }
            let Ok(connected) = timeout_at(deadline, self.0.options.connect()).await else {
                return Err(last);
            };
            last = match connected {
                Ok(connection) => return Ok(self.lease(connection, turn)),
                Err(error) if is_full(&error) => {
                    // The next one takes what is lent now, once it comes back.
                    tokio::spawn(async move {
                        sleep(REST).await;
                        drop(turn);
                    });
                    error
                }
                Err(error) if is_away(&error) => {
                    drop(turn);
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    error
                }
                Err(error) => return Err(error),
            };
            if Instant::now() >= deadline {
                return Err(last);
            }
        }
    }

    /// Lends one to read with.
    ///
    /// # Errors
    /// As [`Connections::lend`].
    pub(in crate::db) async fn lend_to_read(&self) -> Result<Lease, sqlx::Error> {
        let mut lease = self.lend().await?;
        if self.0.by_transaction {
            lease.begin("BEGIN READ ONLY").await?;
        }
        Ok(lease)
    }

    /// Waits for what is lent and closes everything.
    pub(in crate::db) async fn close(&self) {
        let all = timeout(CLOSING, self.0.turns.acquire_many(self.0.most)).await;
        self.0.turns.close();
        drop(all);
        let idle = std::mem::take(&mut *self.0.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for (connection, _) in idle {
            // The server notices in any case.
            let _closed = timeout(CHECK, connection.close()).await;
        }
    }

    fn lease(&self, connection: PgConnection, turn: OwnedSemaphorePermit) -> Lease {
        Lease {
            connection: Some(connection),
            turn: Some(turn),
            home: self.clone(),
            in_doubt: false,
            in_transaction: false,
        }
    }

    /// The one that was used last; what is too old is forgotten.
    fn take_idle(&self) -> Option<PgConnection> {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < IDLE_FOR);
        idle.pop().map(|(connection, _)| connection)
    }

    /// Whoever held it may have gone away in the middle of an answer: it is lent again once the server has answered.
    async fn take_back(self, mut connection: PgConnection, in_transaction: bool, turn: Option<OwnedSemaphorePermit>) {
        let fit = timeout(CHECK, async {
            if in_transaction {
                execute(&mut connection, ROLL_BACK_BY_TRANSACTION).await
            } else {
                connection.ping().await
            }
        });
        if matches!(fit.await, Ok(Ok(()))) && !self.0.turns.is_closed() {
            let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push((connection, Instant::now()));
        }
        drop(turn);
    }
}

/// Where each transaction may be given another connection of the server, no prepared statement may stay behind on it:
/// they are dropped in the same message, before the pooler takes it away.
const COMMIT_BY_TRANSACTION: &str = "COMMIT; DEALLOCATE ALL";
const ROLL_BACK_BY_TRANSACTION: &str = "ROLLBACK; DEALLOCATE ALL";

impl Lease {
    pub(in crate::db) async fn begin(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        self.in_transaction = self.home.0.by_transaction;
        execute(self, statement).await
    }

    pub(in crate::db) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        let statement = if self.home.0.by_transaction {
            COMMIT_BY_TRANSACTION
        } else {
            "COMMIT"
        };
        execute(self, statement).await?;
        self.in_transaction = false;
        Ok(())
    }

    pub(in crate::db) async fn roll_back(&mut self) -> Result<(), sqlx::Error> {
        let statement = if self.home.0.by_transaction {
            ROLL_BACK_BY_TRANSACTION
        } else {
            "ROLLBACK"
        };
        execute(self, statement).await?;
        self.in_transaction = false;
        Ok(())
    }

    /// It is closed instead of going back.
    pub(in crate::db) fn abandon(&mut self) {
        self.in_doubt = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (Some(connection), turn) = (self.connection.take(), self.turn.take()) else {
            return;
        };
        // Without a runtime there is nobody to check it, and nobody to lend it to.
        if let (false, Ok(runtime)) = (self.in_doubt, tokio::runtime::Handle::try_current()) {
            runtime.spawn(self.home.clone().take_back(connection, self.in_transaction, turn));
        }
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("a lease holds its connection until it is dropped"),
        }
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("a lease holds its connection until it is dropped"),
        }
    }
}

async fn execute(connection: &mut PgConnection, statement: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(statement).execute(connection).await.map(drop)
}

/// Too many connections: of the server, of the role or the database (53300), or of `PgBouncer`, which has no code for it.
fn is_full(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code().is_some_and(|code| code == "53300") || error.message().contains("no more connections allowed")
    })
}

/// Starting, stopping or not there.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => matches!(
            error.kind(),
            std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionReset
        ),
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code == "57P03"),
        _ => false,
    }
}
