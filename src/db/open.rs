//! Opening a database by its URL.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::door::Door;
use super::postgres::connections::Connections;
use super::postgres::standing::{ServerStanding, is_pooled_by_transaction};
use super::{Db, DoorOptions, PostgresDb, SqliteDb};
use crate::config::{DatabaseUrl, PostgresAddress};

/// How long a writer of another process may hold us up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const SQLITE_READERS: u32 = 4;

/// Why a database could not be opened, in words for the one who starts the program.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory of the file cannot be made.
    #[error("the data directory {path} cannot be used: {error}. Make it writable, or set database_url")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file cannot be opened or is no database.
    #[error("the database {path} cannot be opened: {error}. {advice}")]
    File {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        error: sqlx::Error,
        /// What to do now.
        advice: &'static str,
    },
    /// The file has tables, and none of ours.
    #[error(
        "the database {0} was made by another program. Choose another file in database_url, or move it away and run `commonground restore FILE` with your last backup"
    )]
    Foreign(PathBuf),
    /// The server cannot be reached or refuses.
    #[error(
        "the PostgreSQL server of database_url cannot be used: {}. Check that it runs, and address, user, password and name of the database", said(.0)
    )]
    Server(sqlx::Error),
    /// The database cannot hold every name.
    #[error(
        "the database {database} has the encoding {encoding}, and names come in every language. Make another one with \
         `CREATE DATABASE commonground ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0 OWNER {role};`",
        database = .0.database, encoding = .0.encoding, role = .0.role
    )]
    Encoding(Box<ServerStanding>),
    /// The role may not make tables, or the tables are another's.
    #[error(
        "the role {role} may not do what is needed in the database {database}: {said}. As its owner run `{statement}`, or \
         connect as the role that made the tables",
        role = .0.role, database = .0.database, said = .1, statement = .0.grant()
    )]
    Rights(Box<ServerStanding>, String),
    /// Transactions on one connection are not served by one.
    #[error(
        "a pooler in front of the PostgreSQL server gives each transaction another connection (PgBouncer: pool_mode = \
         transaction). Add ?statement-cache-capacity=0 to database_url, or use pool_mode = session"
    )]
    Pooler,
    /// The database was made by a newer version.
    #[error(
        "the database was written by a newer version of commonground (step {0} is not known here). Install that version again, or restore a backup made before it"
    )]
    Newer(i64),
    /// A migration failed.
    #[error("bringing the database to this version failed: {0}")]
    Migration(sqlx::migrate::MigrateError),
    /// The writer's thread did not start.
    #[error("the database writer did not start: {0}")]
    Writer(std::io::Error),
}

impl OpenError {
    /// What the server refused to a role of this standing.
    pub(super) fn of(standing: &ServerStanding, error: sqlx::Error) -> Self {
        // Insufficient privilege, and a schema that may not even be used: then none of search_path is there.
        let is_denied = |code: &str| matches!(code, "42501" | "3F000");
        match error.as_database_error() {
            Some(refusal) if refusal.code().as_deref().is_some_and(is_denied) => {
                Self::Rights(Box::new(standing.clone()), refusal.message().to_owned())
            }
            _ => Self::Server(error),
        }
    }
}

impl Db {
    /// Opens the database and brings it to this version.
    ///
    /// # Errors
    /// See [`OpenError`]; each says what to do.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, OpenError> {
        Self::open_with(url, &DoorOptions::default()).await
    }

    /// The same with another door, for tests and benches.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_with(url: &DatabaseUrl, door: &DoorOptions) -> Result<Self, OpenError> {
        match url {
            DatabaseUrl::Sqlite(path) => open_sqlite(path, door).await,
            DatabaseUrl::Postgres(address) => open_postgres(address, door).await,
        }
    }
}

async fn open_sqlite(path: &Path, door: &DoorOptions) -> Result<Db, OpenError> {
    make_directory(path)?;
    make_private(path);
    let options = sqlite_options(path);
    let refuse = |error: sqlx::Error| refuse_file(path, error);
    if looks_foreign(path).await.map_err(refuse)? {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let mut writer = options.connect().await.map_err(refuse)?;
    super::migrate::sqlite(&mut writer).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .test_before_acquire(false)
        .connect_lazy_with(options.clone().pragma("query_only", "ON"));
    let door = Door::open(options, writer, door).map_err(OpenError::Writer)?;
    Ok(Db::Sqlite(Arc::new(SqliteDb::new(path.to_owned(), readers, door))))
}

/// `synchronous=FULL`: with NORMAL a power cut loses what was acknowledged. `secure_delete`: erasing
/// overwrites.
pub(super) fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-16000")
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864")
        .statement_cache_capacity(256)
        .disable_statement_logging()
}

/// Looks before the writer opens the file, because that one switches its journal.
async fn looks_foreign(path: &Path) -> Result<bool, sqlx::Error> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
        .connect()
        .await?;
    let foreign = is_foreign(&mut connection).await?;
    connection.close().await?;
    Ok(foreign)
}

/// Whether the file has tables, but not the one that all of ours have. It reads the shape of the file, not every row:
/// what is truncated or no database at all is an error.
pub(super) async fn is_foreign(connection: &mut sqlx::SqliteConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT COUNT(*) > 0 AND COUNT(*) FILTER (WHERE name = '_sqlx_migrations') = 0
           FROM sqlite_master WHERE type = 'table'",
    )
    .fetch_one(connection)
    .await
}

pub(super) fn make_directory(path: &Path) -> Result<(), OpenError> {
    let Some(directory) = path.parent().filter(|p| !p.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(directory).map_err(|error| OpenError::Directory {
        path: directory.to_owned(),
        error,
    })
}

pub(super) fn refuse_file(path: &Path, error: sqlx::Error) -> OpenError {
    let code = error
        .as_database_error()
        .and_then(|e| e.code().map(std::borrow::Cow::into_owned))
        .and_then(|code| code.parse::<u32>().ok())
        .map_or(0, |code| code & 0xff);
    let advice = match code {
        5 | 6 => "Another program holds it; stop that program first.",
        8 | 14 => "Make the file and its directory writable for this user.",
        11 | 26 => {
            "It is damaged or no database; move it away and run `commonground restore FILE` with your last backup."
        }
        13 => "The disk is full; free some space.",
        _ => "Check the path in database_url.",
    };
    OpenError::File {
        path: path.to_owned(),
        error,
        advice,
    }
}

/// The file holds the secret key and people's data: it is made for its owner's eyes only, and SQLite gives
/// the files beside it the same rights. What goes wrong here is told by the opening that follows.
pub(super) fn make_private(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    if let Err(error) = made {
        tracing::trace!(%error, "the database file was not made here");
    }
}

/// What the server says, without where in its source it says so.
fn said(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

async fn open_postgres(address: &PostgresAddress, door: &DoorOptions) -> Result<Db, OpenError> {
    let options = address.options.clone().application_name("commonground");
    let (most, by_transaction) = (door.server_connections, address.by_transaction);
    let connections = Connections::new(options, by_transaction, most, door.patience);
    let mut lease = connections.lend().await.map_err(OpenError::Server)?;
    let standing = ServerStanding::look(&mut lease).await.map_err(OpenError::Server)?;
    if !standing.is_utf8() {
        return Err(OpenError::Encoding(Box::new(standing)));
    }
    if !by_transaction
        && is_pooled_by_transaction(&connections, lease)
            .await
            .map_err(OpenError::Server)?
    {
        return Err(OpenError::Pooler);
    }
    super::migrate::postgres(&connections, &standing).await?;
    Ok(Db::Postgres(PostgresDb {
        connections,
        job_limit: door.server_job_limit,
        changes: Arc::default(),
    }))
}
