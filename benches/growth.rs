//! What a registration costs with 1,000,000 already there, against one with 1,000, at 32 connections. Beside
//! it what bare SQLite pays for three unique indexes of that size.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::time::{Duration, Instant};

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteSynchronous;

mod common;

use common::crowd::{fill, open, run};
use common::server::House;
use common::{Reached, Until, line, load, measured, rate, register};

const CONNECTIONS: usize = 32;
const FEW: i64 = 1_000;
const MANY: i64 = 1_000_000;
/// Rows in one commit of the bare comparison: as many as visitors wait at a time.
const BATCH: i64 = 32;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("registrations on SQLite at {CONNECTIONS} connections, as the tables grow");
    let few = with_rows(FEW).await;
    let many = with_rows(MANY).await;
    line("with 1,000 there", &rate(few.per_second()), &few.times());
    line("with 1,000,000 there", &rate(many.per_second()), &many.times());
    let costs = few.per_second() / many.per_second();
    let bare = bare_sqlite(FEW).await / bare_sqlite(MANY).await;
    let beside = format!("goal at most 2; bare SQLite with three unique indexes pays {bare:.2}");
    line(
        "a registration costs so many times as much",
        &format!("{costs:.2}"),
        &beside,
    );
}

async fn with_rows(rows: i64) -> Reached {
    let house = House::on_sqlite();
    drop(house.start().await);
    fill(&house, rows).await;
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let warm = register(
        house.address,
        &form,
        CONNECTIONS,
        0,
        Until::Elapsed(Duration::from_secs(1)),
    )
    .await;
    register(
        house.address,
        &form,
        CONNECTIONS,
        warm.count,
        Until::Elapsed(measured()),
    )
    .await
}

/// Rows a second into a table with three unique indexes of random keys, so many in each durable commit.
async fn bare_sqlite(rows: i64) -> f64 {
    let directory = tempfile::TempDir::new().unwrap();
    let mut database = open(&directory.path().join("bare.db"), SqliteSynchronous::Full).await;
    run(
        &mut database,
        "CREATE TABLE bare (id INTEGER PRIMARY KEY, a BLOB UNIQUE, b TEXT UNIQUE, c TEXT UNIQUE) STRICT",
    )
    .await;
    insert(&mut database, rows).await;
    run(&mut database, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < measured() {
        insert(&mut database, BATCH).await;
        count += BATCH;
    }
    common::per_second(count.unsigned_abs(), started.elapsed())
}

async fn insert(database: &mut SqliteConnection, rows: i64) {
    let statement = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO bare (a, b, c) SELECT randomblob(16), hex(randomblob(16)), hex(randomblob(16)) FROM n"
    );
    run(database, &statement).await;
}
