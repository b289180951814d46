//! Looking at a database without changing it, for those who check an installation.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, Row};

use super::postgres::connections::Connections;
use super::postgres::standing::{ServerStanding, is_pooled_by_transaction};
use super::{OpenError, migrate, open};
use crate::config::{DatabaseUrl, PostgresAddress};

/// How long to wait for a connection to the server.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inspected {
    /// As this version wants it.
    Current,
    /// So many migrations behind.
    Behind(usize),
    /// Nothing of ours in it.
    Empty,
    /// No such file.
    Missing(PathBuf),
}

/// Whether others on this machine may read the database's file: it holds the secret key and people's data.
#[must_use]
pub(crate) fn is_open_to_others(url: &DatabaseUrl) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let DatabaseUrl::Sqlite(path) = url else { return false };
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

/// Opens the database for reading only and compares its version with ours.
///
/// # Errors
/// As when it is opened to serve.
pub(crate) async fn inspect(url: &DatabaseUrl) -> Result<Inspected, OpenError> {
    match url {
        DatabaseUrl::Sqlite(path) => inspect_file(path).await,
        DatabaseUrl::Postgres(address) => inspect_server(address).await,
    }
}

/// By simple queries alone: they leave nothing behind at a pooler.
async fn inspect_server(address: &PostgresAddress) -> Result<Inspected, OpenError> {
    let refuse = |error: sqlx::Error| OpenError::Server(error);
    let connections = Connections::new(address.options.clone(), address.by_transaction, 2, PATIENCE);
    let mut connection = connections.lend().await.map_err(refuse)?;
    let standing = ServerStanding::look(&mut connection).await.map_err(refuse)?;
    if !standing.is_utf8() {
        return Err(OpenError::Encoding(Box::new(standing)));
    }
    let there: bool = sqlx::raw_sql("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(refuse)?;
    let found = if there {
        let applied = applied_steps(&mut connection).await;
        compare(
            &applied.map_err(|error| OpenError::of(&standing, error))?,
            &migrate::postgres_versions(),
        )?
    } else {
        Inspected::Empty
    };
    let is_named = address.by_transaction;
    if !is_named
        && is_pooled_by_transaction(&connections, connection)
            .await
            .map_err(refuse)?
    {
        return Err(OpenError::Pooler);
    }
    connections.close().await;
    if found != Inspected::Current && !standing.may_create {
        let said = "it may make no tables".to_owned();
        return Err(OpenError::Rights(Box::new(standing), said));
    }
    Ok(found)
}

async fn applied_steps(connection: &mut PgConnection) -> Result<Vec<i64>, sqlx::Error> {
    let rows = sqlx::raw_sql("SELECT version FROM _sqlx_migrations WHERE success")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

async fn inspect_file(path: &Path) -> Result<Inspected, OpenError> {
    if !path.exists() {
        return Ok(Inspected::Missing(path.to_owned()));
    }
    let refuse = |error: sqlx::Error| open::refuse_file(path, error);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .disable_statement_logging();
    let mut connection = options.connect().await.map_err(refuse)?;
    let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .fetch_one(&mut connection)
        .await
        .map_err(refuse)?;
    if open::is_foreign(&mut connection).await.map_err(refuse)? {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    if there == 0 {
        return Ok(Inspected::Empty);
    }
    let applied: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
        .fetch_all(&mut connection)
        .await
        .map_err(refuse)?;
    connection.close().await.map_err(refuse)?;
    compare(&applied, &migrate::sqlite_versions())
}

fn compare(applied: &[i64], known: &[i64]) -> Result<Inspected, OpenError> {
    let known: HashSet<i64> = known.iter().copied().collect();
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Err(OpenError::Newer(*newer));
    }
    Ok(match known.len() - applied.len() {
        0 => Inspected::Current,
        behind => Inspected::Behind(behind),
    })
}

/// Bytes that this user may still write on the disk of a directory.
///
/// # Errors
/// When the system does not say.
pub(crate) fn free_space(directory: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(directory)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
