//! A fresh database for each test, on SQLite and on PostgreSQL.

use std::time::Duration;

use commonground::config::DatabaseUrl;
use commonground::db::{Db, DoorOptions};
use sqlx::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// A database of its own, with where it is.
pub struct TestDb {
    pub db: Db,
    pub url: String,
    pub _directory: TempDir,
}

/// A job gets more time than in the product: a machine that stands still for seconds is no fault of the program's.
pub fn patient_door() -> DoorOptions {
    DoorOptions {
        patience: Duration::from_mins(1),
        job_limit: Duration::from_secs(30),
        server_job_limit: Duration::from_mins(1),
        ..DoorOptions::default()
    }
}

impl TestDb {
    pub async fn sqlite() -> Self {
        Self::sqlite_with(&patient_door()).await
    }

    pub async fn sqlite_with(options: &DoorOptions) -> Self {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite://{}", directory.path().join("test.db").display());
        let db = Db::open_with(&DatabaseUrl::parse(&url).unwrap(), options)
            .await
            .unwrap();
        Self {
            db,
            url,
            _directory: directory,
        }
    }

    pub async fn postgres() -> Self {
        Self::postgres_with(&patient_door()).await
    }

    pub async fn postgres_with(options: &DoorOptions) -> Self {
        let url = fresh_postgres().await;
        let db = Db::open_with(&DatabaseUrl::parse(&url).unwrap(), options)
            .await
            .unwrap();
        Self {
            db,
            url,
            _directory: TempDir::new().unwrap(),
        }
    }
}

impl TestDb {
    /// Runs a statement beside the program, however long it takes: its own jobs have a few seconds.
    pub async fn run_alone(&self, statement: &str) {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        if self.url.starts_with("postgres") {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        }
    }
}

/// Makes an empty database on the server that `tests/run` started, and gives its address.
pub async fn fresh_postgres() -> String {
    let server = std::env::var("COMMONGROUND_TEST_POSTGRES")
        .expect("COMMONGROUND_TEST_POSTGRES is not set: start the tests with tests/run");
    let name = format!("t_{}", hex(&commonground::values::random_bytes::<8>()));
    let mut connection = PgConnection::connect(&server).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Makes two tests of one: `name::on_sqlite` and `name::on_postgres`.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident: TestDb) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($db: $crate::support::db::TestDb) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                test($crate::support::db::TestDb::sqlite().await).await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                test($crate::support::db::TestDb::postgres().await).await;
            }
        }
    )+};
}
