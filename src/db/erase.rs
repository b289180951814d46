//! Erasing for good.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{ConnectOptions, Connection};

use super::{Db, open};

/// How long readers of old pages are waited for; writers wait as long.
const PATIENCE: Duration = Duration::from_millis(200);

/// What was erased, and how much of that is out of the write-ahead log too.
#[derive(Debug)]
pub(super) struct Erasures {
    done: AtomicU64,
    forgotten: AtomicU64,
}

impl Erasures {
    /// A program that was killed may have left something in the log.
    pub(super) fn unknown() -> Self {
        Self {
            done: AtomicU64::new(1),
            forgotten: AtomicU64::new(0),
        }
    }
}

impl Db {
    /// After an erasure: what was deleted is not left in the write-ahead log. In the file itself SQLite overwrites it
    /// (`secure_delete`). On PostgreSQL it goes with the next VACUUM. Where a reader still uses the log, for an export
    /// for example, [`Db::forget_the_rest`] does it later.
    pub async fn forget_deleted(&self) {
        if let Self::Sqlite(db) = self {
            db.erasures.done.fetch_add(1, Ordering::Relaxed);
        }
        self.forget_the_rest().await;
    }

    /// Empties the write-ahead log where something was erased since it was empty. To be called now and then.
    pub async fn forget_the_rest(&self) {
        let Self::Sqlite(db) = self else { return };
        let done = db.erasures.done.load(Ordering::Relaxed);
        if db.erasures.forgotten.load(Ordering::Relaxed) == done {
            return;
        }
        match empty_the_log(&db.path).await {
            Ok(true) => {
                db.erasures.forgotten.fetch_max(done, Ordering::Relaxed);
            }
            Ok(false) => tracing::debug!("a reader uses the write-ahead log; it is emptied later"),
            Err(error) => tracing::warn!(%error, "the write-ahead log was not emptied after an erasure"),
        }
    }
}

/// False: somebody uses it. SQLite says so in a row, not by an error.
async fn empty_the_log(path: &Path) -> Result<bool, sqlx::Error> {
    let mut connection = open::sqlite_options(path).busy_timeout(PATIENCE).connect().await?;
    let (blocked, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(blocked == 0)
}
