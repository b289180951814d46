//! Making a backup while everything goes on.

use std::path::Path;
use std::time::Duration;

use sqlx::{Connection, PgConnection, SqliteConnection};

use super::{Copied, CopyError, PartialFile, directory_of, find_damage, rows, vacuum_into};
use crate::config::{DatabaseUrl, PostgresAddress};
use crate::db::inspect::{Inspected, inspect};
use crate::db::postgres::connections::Connections;
use crate::db::{OpenError, migrate};

/// How long to wait for a connection to the server.
const PATIENCE: Duration = Duration::from_secs(30);

/// Writes a backup to `file`, which must not exist. It holds one moment of the database, which is only read: another
/// version of the program may be serving it.
///
/// # Errors
/// See [`CopyError`]; nothing bears the name then.
pub async fn backup(url: &DatabaseUrl, file: &Path) -> Result<Copied, CopyError> {
    if file.try_exists().unwrap_or(false) {
        return Err(CopyError::Exists(file.to_owned()));
    }
    let behind = steps_behind(url).await?;
    let partial = PartialFile::in_directory(directory_of(file))?;
    match url {
        // The file is copied as it is; `restore` brings an older one to its version.
        DatabaseUrl::Sqlite(path) => vacuum_into(path, &partial).await?,
        DatabaseUrl::Postgres(_) if behind > 0 => return Err(CopyError::Older(behind)),
        DatabaseUrl::Postgres(server) => copy_server(server, &partial).await?,
    }
    let rows = check(&partial, file).await?;
    let bytes = partial.make_durable()?;
    partial.name(file)?;
    Ok(Copied { rows, bytes })
}

/// How many migrations the database is behind this version.
async fn steps_behind(url: &DatabaseUrl) -> Result<usize, CopyError> {
    match inspect(url).await? {
        Inspected::Current => Ok(0),
        Inspected::Behind(steps) => Ok(steps),
        Inspected::Empty | Inspected::Missing(_) => Err(CopyError::Nothing),
    }
}

async fn check(partial: &PartialFile, file: &Path) -> Result<i64, CopyError> {
    let mut connection = partial.open().await?;
    if let Some(problem) = find_damage(&mut connection).await? {
        return Err(CopyError::NotABackup {
            path: file.to_owned(),
            problem,
        });
    }
    let mut sum = 0;
    for table in rows::sqlite_tables(&mut connection).await? {
        sum += rows::count_sqlite(&mut connection, &table.name).await?;
    }
    connection.close().await?;
    Ok(sum)
}

/// Copies a server's rows, as one moment saw them, into a file of the same schema.
async fn copy_server(server: &PostgresAddress, partial: &PartialFile) -> Result<(), CopyError> {
    let mut target = partial.open().await?;
    migrate::sqlite(&mut target).await?;
    let options = server.options.clone().application_name("commonground backup");
    let connections = Connections::new(options, server.by_transaction, 1, PATIENCE);
    let mut source = connections.lend().await.map_err(OpenError::Server)?;
    source.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    copy_tables(&mut source, &mut target).await?;
    source.commit().await?;
    drop(source);
    connections.close().await;
    target.close().await?;
    Ok(())
}

async fn copy_tables(source: &mut PgConnection, target: &mut SqliteConnection) -> Result<(), CopyError> {
    let ours = rows::sqlite_tables(target).await?;
    let theirs = rows::postgres_tables(source).await?;
    rows::same_schema(&ours, &theirs)?;
    sqlx::raw_sql("BEGIN").execute(&mut *target).await?;
    for table in &theirs {
        rows::to_sqlite(source, target, table).await?;
        let expected = rows::count_postgres(source, &table.name).await?;
        let copied = rows::count_sqlite(target, &table.name).await?;
        if copied != expected {
            return Err(CopyError::Differs {
                table: table.name.clone(),
                expected,
                copied,
            });
        }
    }
    sqlx::raw_sql("COMMIT").execute(&mut *target).await?;
    Ok(())
}
