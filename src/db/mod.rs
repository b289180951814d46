//! The two databases, and the only place that knows there are two.
//!
//! One SQL text with `$1` placeholders serves both: [`on_db!`](crate::on_db) expands it for SQLite and for
//! PostgreSQL. Functions that read take `&mut Conn`; functions that write take `&mut Tx`, and the only
//! way to a `Tx` is the write door, [`Db::write`].

mod batch;
pub mod copy;
mod door;
mod erase;
mod error;
pub(crate) mod inspect;
mod job;
pub(crate) mod listing;
mod lock;
mod migrate;
mod open;
pub(crate) mod piece;
mod postgres;
pub mod settings;
pub mod size;
pub(crate) mod sql;
mod turns;
pub(crate) mod watermark;

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Sqlite, SqliteConnection, SqlitePool};

pub use batch::Batch;
pub use door::DoorOptions;
pub use error::DbError;
pub use lock::{LockError, ServeLock};
pub use open::OpenError;
pub use postgres::PostgresDb;
use postgres::connections::Lease;
pub use postgres::standing::ServerStanding;
pub(crate) use turns::Turns;

/// A database that is open. Clones share it.
#[derive(Clone)]
pub enum Db {
    /// The embedded default: many readers, one writer behind the door.
    Sqlite(Arc<SqliteDb>),
    /// A server, for where one machine is not enough.
    Postgres(PostgresDb),
}

/// An open SQLite file.
pub struct SqliteDb {
    path: PathBuf,
    readers: SqlitePool,
    door: door::Door,
    erasures: erase::Erasures,
    changes: AtomicU64,
}

impl SqliteDb {
    fn new(path: PathBuf, readers: SqlitePool, door: door::Door) -> Self {
        Self {
            path,
            readers,
            door,
            erasures: erase::Erasures::unknown(),
            changes: AtomicU64::new(0),
        }
    }
}

/// A connection to read with.
pub struct Conn(Held);

/// How a [`Conn`] holds its connection.
enum Held {
    /// SQLite, for reading.
    Reader(PoolConnection<Sqlite>),
    /// SQLite, the writer's own.
    Writer(Box<SqliteConnection>),
    /// PostgreSQL.
    Server(Lease),
}

/// A transaction under way: a connection that may write. Only the write door makes one.
pub struct Tx {
    conn: Conn,
}

/// The connection beneath, for [`on_db!`](crate::on_db).
pub enum Engine<'c> {
    /// SQLite.
    Sqlite(&'c mut SqliteConnection),
    /// PostgreSQL.
    Postgres(&'c mut PgConnection),
}

/// Runs one query text on whichever database is open.
///
/// `on_db!(conn, c => sqlx::query("...").bind(x).execute(c).await)`
#[macro_export]
macro_rules! on_db {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn.engine() {
            $crate::db::Engine::Sqlite($c) => $body,
            $crate::db::Engine::Postgres($c) => $body,
        }
    };
}

impl Db {
    /// A connection to read with.
    ///
    /// # Errors
    /// When none is free in time or the database cannot be reached.
    pub async fn read(&self) -> Result<Conn, DbError> {
        Ok(Conn(match self {
            Self::Sqlite(db) => Held::Reader(db.readers.acquire().await?),
            Self::Postgres(db) => Held::Server(db.connections.lend_to_read().await?),
        }))
    }

    /// The write door: runs a job in a transaction and answers once it is durable.
    ///
    /// The job may run more than once, so it changes nothing but through its `Tx`, awaits nothing else,
    /// and has two seconds on SQLite, five on PostgreSQL. It does not catch database errors; what can be
    /// expected comes back as a value.
    ///
    /// # Errors
    /// [`DbError::Busy`] when too many wait; what the job or the commit failed with otherwise.
    pub async fn write<T, F>(&self, job: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, DbError>> + Send + Sync + 'static,
    {
        let (job, result) = job::erase(job);
        let (done, changes) = match self {
            Self::Sqlite(db) => (db.door.write(job).await, &db.changes),
            Self::Postgres(db) => (postgres::write(db, job).await, &*db.changes),
        };
        changes.fetch_add(1, Ordering::Release);
        done?;
        result.take().ok_or(DbError::Closed)
    }

    /// How often this copy of the program has written. As long as it stays the same, so does what was read here, but for
    /// what other copies write.
    #[must_use]
    pub fn changes(&self) -> u64 {
        match self {
            Self::Sqlite(db) => db.changes.load(Ordering::Acquire),
            Self::Postgres(db) => db.changes.load(Ordering::Acquire),
        }
    }

    /// Asks the database for an answer, whatever it is.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<(), DbError> {
        let mut conn = self.read().await?;
        on_db!(conn, c => sqlx::query("SELECT 1").execute(c).await.map(drop))?;
        Ok(())
    }

    /// The file of an embedded database.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(db) => Some(&db.path),
            Self::Postgres(_) => None,
        }
    }

    /// Closes all connections, after the jobs that wait have run. On SQLite everything is then in the one file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(db) => {
                db.readers.close().await;
                db.door.close().await;
            }
            Self::Postgres(db) => db.connections.close().await,
        }
    }
}

impl Conn {
    /// The connection beneath.
    pub fn engine(&mut self) -> Engine<'_> {
        match &mut self.0 {
            Held::Reader(connection) => Engine::Sqlite(connection),
            Held::Writer(connection) => Engine::Sqlite(connection),
            Held::Server(lease) => Engine::Postgres(lease),
        }
    }

    /// True on SQLite, for the few texts in [`sql`] that must differ.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Held::Reader(_) | Held::Writer(_))
    }
}

impl Tx {
    fn new(held: Held) -> Self {
        Self { conn: Conn(held) }
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// A duration as it is stored: microseconds.
#[must_use]
pub fn micros_in(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// An instant as it is stored: microseconds since 1970.
#[must_use]
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A stored instant.
///
/// # Errors
/// When the number lies outside what a timestamp can hold.
pub fn instant(micros: i64) -> Result<Timestamp, DbError> {
    Timestamp::from_microsecond(micros).map_err(DbError::stored)
}
