//! Putting a backup into an empty database: all of it, or nothing.
//!
//! The backup is first copied to a file of our own, checked, brought to this version and made ready there.
//! On SQLite that file then takes the place of the empty one by a rename; on PostgreSQL its rows go in
//! within one transaction.

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};

use super::rows::{self, CopiedTable};
use super::{Copied, CopyError, PartialFile, directory_of, find_damage, vacuum_into};
use crate::config::DatabaseUrl;
use crate::db::postgres::connections::Connections;
use crate::db::{Db, DbError, ServeLock, migrate, settings};
use crate::on_db;

/// What the features say about their tables, which this module does not know.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'r> {
    /// Tables whose rows never count: facts about the installation.
    pub ignored: &'r [&'r str],
    /// The setting that says that sample content was put in.
    pub sample_marker: &'r str,
    /// Tables of the sample content: where the marker stands, their rows do not count.
    pub sample: &'r [&'r str],
    /// Statements for what must not go on as if nothing had happened (mail that is queued).
    pub finish: &'r [&'static str],
}

/// Puts the backup in `file` into the database at `url`, which must be empty.
///
/// # Errors
/// See [`CopyError`]; nothing was changed then.
pub async fn restore(url: &DatabaseUrl, file: &Path, rules: &Rules<'_>) -> Result<Copied, CopyError> {
    match url {
        DatabaseUrl::Sqlite(path) => into_file(url, path, file, rules).await,
        DatabaseUrl::Postgres(_) => into_server(url, file, rules).await,
    }
}

async fn into_file(url: &DatabaseUrl, path: &Path, file: &Path, rules: &Rules<'_>) -> Result<Copied, CopyError> {
    let existed = path.exists();
    let _lock = ServeLock::acquire(path)?;
    // A link stays one: what it leads to is replaced.
    let path = &path.canonicalize().map_err(|error| CopyError::File {
        path: path.to_owned(),
        error,
    })?;
    let db = Db::open(url).await?;
    let empty = require_empty(&db, rules).await;
    db.close().await;
    empty?;
    let outcome = replace_file(path, file, rules).await;
    if outcome.is_err() && !existed {
        remove_empty(path);
    }
    outcome
}

async fn replace_file(path: &Path, file: &Path, rules: &Rules<'_>) -> Result<Copied, CopyError> {
    let (partial, rows) = prepare(file, directory_of(path), rules).await?;
    let bytes = partial.make_durable()?;
    // A log that was left behind would be played into the new file.
    for ending in ["-wal", "-shm"] {
        remove_if_there(&beside(path, ending))?;
    }
    partial.replace(path)?;
    Ok(Copied { rows, bytes })
}

fn remove_empty(path: &Path) {
    if let Err(error) = remove_if_there(path) {
        tracing::warn!(%error, "the empty database that was made for the restore was left behind");
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn remove_if_there(path: &Path) -> Result<(), CopyError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(CopyError::File {
            path: path.to_owned(),
            error,
        }),
        _ => Ok(()),
    }
}

/// A copy of the backup at this version, ready to be used, and how many rows it has.
async fn prepare(file: &Path, directory: &Path, rules: &Rules<'_>) -> Result<(PartialFile, i64), CopyError> {
    check_backup(file).await?;
    let partial = PartialFile::in_directory(directory)?;
    vacuum_into(file, &partial).await?;
    let mut copy = partial.open().await?;
    let before = counts(&mut copy).await?;
    migrate::sqlite(&mut copy).await?;
    for statement in rules.finish {
        sqlx::raw_sql(*statement).execute(&mut copy).await?;
    }
    if let Some(problem) = find_damage(&mut copy).await? {
        return Err(not_a_backup(file, problem));
    }
    copy.close().await?;
    compare_with(file, &before).await?;
    Ok((partial, before.iter().map(|(_, count)| count).sum()))
}

fn not_a_backup(file: &Path, problem: impl std::fmt::Display) -> CopyError {
    CopyError::NotABackup {
        path: file.to_owned(),
        problem: format!("{problem}"),
    }
}

async fn open_backup(file: &Path) -> Result<SqliteConnection, CopyError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .disable_statement_logging();
    options.connect().await.map_err(|error| not_a_backup(file, error))
}

async fn check_backup(file: &Path) -> Result<(), CopyError> {
    if !file.is_file() {
        return Err(CopyError::Missing(file.to_owned()));
    }
    let mut backup = open_backup(file).await?;
    let damage = find_damage(&mut backup)
        .await
        .map_err(|error| not_a_backup(file, error))?;
    if let Some(problem) = damage {
        return Err(not_a_backup(file, problem));
    }
    let ours: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name IN ('_sqlx_migrations', 'settings')")
            .fetch_one(&mut backup)
            .await?;
    backup.close().await?;
    if ours == 2 {
        Ok(())
    } else {
        Err(not_a_backup(file, "it was made by another program"))
    }
}

async fn counts(connection: &mut SqliteConnection) -> Result<Vec<(String, i64)>, CopyError> {
    let mut counts = Vec::new();
    for table in rows::sqlite_tables(connection).await? {
        let count = rows::count_sqlite(connection, &table.name).await?;
        counts.push((table.name, count));
    }
    Ok(counts)
}

async fn compare_with(file: &Path, copied: &[(String, i64)]) -> Result<(), CopyError> {
    let mut backup = open_backup(file).await?;
    for (table, copied) in copied {
        let expected = rows::count_sqlite(&mut backup, table).await?;
        if *copied != expected {
            return Err(CopyError::Differs {
                table: table.clone(),
                expected,
                copied: *copied,
            });
        }
    }
    backup.close().await?;
    Ok(())
}

async fn into_server(url: &DatabaseUrl, file: &Path, rules: &Rules<'_>) -> Result<Copied, CopyError> {
    let (partial, rows) = prepare(file, &std::env::temp_dir(), rules).await?;
    let bytes = partial.make_durable()?;
    let db = Db::open(url).await?;
    require_empty(&db, rules).await?;
    if let Db::Postgres(server) = &db {
        let mut source = partial.open().await?;
        fill(&server.connections, &mut source, &db, rules).await?;
        source.close().await?;
    }
    db.close().await;
    Ok(Copied { rows, bytes })
}

/// One transaction, with every table locked: whoever else writes waits, and what they wrote before shows.
async fn fill(
    connections: &Connections,
    source: &mut SqliteConnection,
    db: &Db,
    rules: &Rules<'_>,
) -> Result<(), CopyError> {
    let mut target = connections.lend().await?;
    // Whatever goes wrong ends it.
    target.abandon();
    target.begin("BEGIN").await?;
    let tables = rows::postgres_tables(&mut target).await?;
    rows::same_schema(&rows::sqlite_tables(source).await?, &tables)?;
    let names = tables.iter().map(CopiedTable::quoted).collect::<Vec<_>>().join(", ");
    run(&mut target, format!("LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")).await?;
    require_empty(db, rules).await?;
    let references = rows::drop_references(&mut target).await?;
    run(&mut target, format!("TRUNCATE {names}")).await?;
    for table in &tables {
        rows::to_postgres(source, &mut target, table).await?;
        let expected = rows::count_sqlite(source, &table.name).await?;
        let copied = rows::count_postgres(&mut target, &table.name).await?;
        if copied != expected {
            return Err(CopyError::Differs {
                table: table.name.clone(),
                expected,
                copied,
            });
        }
    }
    for reference in references {
        run(&mut target, reference).await?;
    }
    rows::move_sequences(&mut target, &tables).await?;
    target.commit().await?;
    Ok(())
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<(), CopyError> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

/// Nothing but what `serve` puts into a new database by itself.
async fn require_empty(db: &Db, rules: &Rules<'_>) -> Result<(), CopyError> {
    let mut conn = db.read().await?;
    let seeded = settings::find(&mut conn, rules.sample_marker).await?.is_some();
    let mut held = Vec::new();
    for table in rows::tables(&mut conn).await? {
        let name = table.name.as_str();
        let passes = rules.ignored.contains(&name) || (seeded && rules.sample.contains(&name));
        if !passes && has_rows(&mut conn, &table).await? {
            held.push(table.name);
        }
    }
    if held.is_empty() {
        Ok(())
    } else {
        Err(CopyError::NotEmpty(held.join(", ")))
    }
}

async fn has_rows(conn: &mut crate::db::Conn, table: &CopiedTable) -> Result<bool, DbError> {
    let statement = format!("SELECT CAST(1 AS BIGINT) FROM {} LIMIT 1", table.quoted());
    let row: Option<i64> = on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(statement)).fetch_optional(c).await)?;
    Ok(row.is_some())
}
