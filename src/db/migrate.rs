//! Bringing a database to this version. Migrations go forward only and are never edited once released.

use std::sync::LazyLock;

use sqlx::SqliteConnection;
use sqlx::migrate::{MigrateError, Migration, Migrator};

use super::OpenError;
use super::postgres::connections::{Connections, Lease};
use super::postgres::standing::ServerStanding;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

pub(super) async fn sqlite(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    SQLITE.run_direct(None, connection, false).await.map_err(explain)
}

/// Several copies may start at once: each takes the lock for as long as its transaction lasts, so that it ends with it
/// also where a pooler is in between. All steps are one transaction: a step that fails leaves nothing of the others.
pub(super) async fn postgres(connections: &Connections, standing: &ServerStanding) -> Result<(), OpenError> {
    let mut lease = connections.lend().await.map_err(OpenError::Server)?;
    let done = locked(&mut lease).await;
    let ended = match &done {
        Ok(()) => lease.commit().await.map_err(OpenError::Server),
        Err(_) => lease.roll_back().await.map_err(OpenError::Server),
    };
    if ended.is_err() {
        lease.abandon();
    }
    done.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => OpenError::of(standing, error),
        other => explain(other),
    })?;
    ended
}

async fn locked(lease: &mut Lease) -> Result<(), MigrateError> {
    lease.begin("BEGIN").await?;
    sqlx::raw_sql(LOCK).execute(&mut **lease).await?;
    POSTGRES_IN_ONE.run_direct(None, &mut **lease, false).await
}

/// The same steps, all of them within the transaction that holds the lock.
static POSTGRES_IN_ONE: LazyLock<Migrator> = LazyLock::new(|| Migrator {
    migrations: POSTGRES
        .iter()
        .map(|step| Migration {
            no_tx: true,
            ..step.clone()
        })
        .collect(),
    locking: false,
    ..Migrator::DEFAULT
});

/// The number is the program's own.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7163384651936427)";

fn explain(error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(version) | MigrateError::VersionTooNew(version, _) => OpenError::Newer(version),
        other => OpenError::Migration(other),
    }
}

/// The steps that this version knows, for SQLite.
pub(super) fn sqlite_versions() -> Vec<i64> {
    SQLITE.iter().map(|step| step.version).collect()
}

/// The steps that this version knows, for PostgreSQL.
pub(super) fn postgres_versions() -> Vec<i64> {
    POSTGRES.iter().map(|step| step.version).collect()
}
