//! PostgreSQL servers as they are rented out: few connections, few rights, another encoding.

use std::process::Output;
use std::time::Duration;

use commonground::config::DatabaseUrl;
use commonground::db::{Db, DbError, DoorOptions, OpenError, settings};
use futures_util::future::join_all;
use sqlx::{Connection, PgConnection};
use tokio::time::timeout;

use crate::support::db::fresh_postgres;
use crate::support::http::{get, once};
use crate::support::load;
use crate::support::server::House;

/// Runs statements as the server's administrator, in the database of this address.
async fn administer(url: &str, statements: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// An empty database, and the name of it.
async fn database() -> (String, String) {
    let url = fresh_postgres().await;
    let name = url.rsplit_once('/').unwrap().1.to_owned();
    (url, name)
}

/// The same address for a role that has the database's name.
fn as_role(url: &str, role: &str) -> String {
    let (_, server) = url.rsplit_once('@').unwrap();
    format!("postgres://{role}:pa55@{server}")
}

/// A role that owns its database and may open so many connections.
async fn with_limit(connections: u32) -> String {
    let (url, name) = database().await;
    let role = format!("CREATE ROLE {name} LOGIN PASSWORD 'pa55' CONNECTION LIMIT {connections}");
    administer(&url, &format!("{role}; ALTER DATABASE {name} OWNER TO {name}")).await;
    as_role(&url, &name)
}

async fn open(url: &str, most: u32) -> Result<Db, OpenError> {
    let options = DoorOptions {
        server_connections: most,
        patience: Duration::from_mins(1),
        server_job_limit: Duration::from_mins(1),
        ..DoorOptions::default()
    };
    Db::open_with(&DatabaseUrl::parse(url).unwrap(), &options).await
}

async fn read_and_write(db: &Db, n: usize) -> Result<(), DbError> {
    let key = format!("key-{n}");
    db.write(move |tx| {
        let key = key.clone();
        Box::pin(async move { settings::put(tx, &key, "kept").await })
    })
    .await?;
    settings::find(&mut db.read().await?, &format!("key-{n}")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gets_no_connection_waits_for_one_that_is_lent() {
    for limit in [1, 2, 4, 20] {
        let db = open(&with_limit(limit).await, 24).await.unwrap();
        for _ in 0..2 {
            let done = join_all((0..100).map(|n| read_and_write(&db, n))).await;
            assert!(done.iter().all(Result::is_ok), "{limit}: {done:?}");
        }
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_program_gives_back_is_used() {
    let url = with_limit(6).await;
    let db = open(&url, 24).await.unwrap();
    // Other programs take all that is left, and all that is lent is in use.
    let mut others = Vec::new();
    while let Ok(other) = PgConnection::connect(&url).await {
        others.push(other);
    }
    let mut lent = Vec::new();
    while let Ok(conn) = timeout(Duration::from_millis(500), db.read()).await {
        lent.push(conn.unwrap());
    }
    assert!(!others.is_empty() && others.len() + lent.len() == 6);
    let waiting = tokio::spawn({
        let db = db.clone();
        async move { db.ping().await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished(), "there is none");
    for other in others {
        other.close().await.unwrap();
    }
    waiting.await.unwrap().unwrap();
    drop(lent);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_site_serves_everybody_on_a_small_server() {
    let house = House::on_postgres(&with_limit(4).await);
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let visits = join_all((0..60).map(async |n| {
        let page = once(house.address, &get("/webcasts")).await.unwrap().status;
        let post = load::registration(&form, &format!("ada-{n}@example.net"));
        (page, once(house.address, &post).await.unwrap().status)
    }));
    for visit in visits.await {
        assert_eq!(visit, (200, 303), "{}", house.log());
    }
}

/// The command fails, and says this.
fn refused(output: &Output, words: &[&str]) {
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains("pa55"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoding_that_lacks_letters_is_refused_at_the_start() {
    for (encoding, locale) in [("LATIN1", "C"), ("SQL_ASCII", "C"), ("WIN1252", "C")] {
        let (url, name) = database().await;
        let other = format!("{name}_{}", encoding.to_lowercase());
        administer(
            &url,
            &format!("CREATE DATABASE {other} ENCODING '{encoding}' LC_COLLATE '{locale}' LC_CTYPE '{locale}' TEMPLATE template0"),
        )
        .await;
        let house = House::on_postgres(&url.replace(&name, &other));
        for command in ["serve", "migrate", "doctor"] {
            refused(
                &house.run(&[command]).await,
                &[encoding, "ENCODING 'UTF8'", "TEMPLATE template0"],
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_make_no_tables_is_told_what_to_grant() {
    for (set_up, schema) in [
        // As PostgreSQL 15 makes roles and databases.
        ("", "public"),
        ("REVOKE ALL ON SCHEMA public FROM PUBLIC;", "public"),
        (
            "CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO {role}; ALTER ROLE {role} SET search_path = app;",
            "app",
        ),
    ] {
        let (url, name) = database().await;
        // A name that needs its quotes.
        let role = format!("Role \"{name}\"");
        let quoted = format!("\"{}\"", role.replace('"', "\"\""));
        let make = format!(
            "CREATE ROLE {quoted} LOGIN PASSWORD 'pa55'; {}",
            set_up.replace("{role}", &quoted)
        );
        administer(&url, &make).await;
        let house = House::on_postgres(&as_role(&url, &role.replace('"', "%22").replace(' ', "%20")));
        let statement = format!("GRANT USAGE, CREATE ON SCHEMA \"{schema}\" TO {quoted};");
        for command in ["serve", "migrate", "doctor"] {
            refused(&house.run(&[command]).await, &[&statement]);
        }
        administer(&url, &statement).await;
        let _server = house.start().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_another_role_are_told() {
    let (url, name) = database().await;
    House::on_postgres(&url).run(&["migrate"]).await;
    let role = format!("CREATE ROLE {name} LOGIN PASSWORD 'pa55'");
    administer(&url, &format!("{role}; GRANT CREATE ON SCHEMA public TO {name}")).await;
    let house = House::on_postgres(&as_role(&url, &name));
    for command in ["serve", "doctor"] {
        refused(
            &house.run(&[command]).await,
            &["permission denied", "the role that made the tables"],
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_fails_leaves_nothing_of_the_others() {
    let (url, _) = database().await;
    administer(&url, "CREATE TABLE webcasts (id INT)").await;
    refused(&House::on_postgres(&url).run(&["migrate"]).await, &["webcasts"]);
    administer(&url, "DROP TABLE webcasts").await;
    let output = House::on_postgres(&url).run(&["migrate"]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
