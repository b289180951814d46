//! Bringing a database to this version. Migrations go forward only and are never edited once released.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{PgPool, SqliteConnection};

use super::OpenError;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

pub(super) async fn sqlite(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    SQLITE.run_direct(None, connection, false).await.map_err(explain)
}

/// Takes the migrator's advisory lock, so that several copies may start at once.
pub(super) async fn postgres(pool: &PgPool) -> Result<(), OpenError> {
    POSTGRES.run(pool).await.map_err(explain)
}

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
