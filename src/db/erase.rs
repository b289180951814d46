//! Erasing for good.

use std::time::Duration;

use sqlx::{ConnectOptions, Connection};

use super::{Db, open};

/// How long readers of old pages are waited for; writers wait as long.
const PATIENCE: Duration = Duration::from_millis(200);

impl Db {
    /// After an erasure: what was deleted is not left in the write-ahead log. In the file itself SQLite overwrites it
    /// (`secure_delete`). On PostgreSQL it goes with the next VACUUM. Where readers still use the log, the next
    /// checkpoint does it.
    pub async fn forget_deleted(&self) {
        let Self::Sqlite(db) = self else { return };
        let options = open::sqlite_options(&db.path).busy_timeout(PATIENCE);
        let truncated = async {
            let mut connection = options.connect().await?;
            sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&mut connection)
                .await?;
            connection.close().await
        };
        if let Err(error) = truncated.await {
            tracing::warn!(%error, "the write-ahead log was not emptied after an erasure");
        }
    }
}
