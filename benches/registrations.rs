//! Registrations: POST to 303, durable on the disk, with the physical limits beside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

mod common;

use common::server::House;
use common::{Reached, Until, line, load, measured, rate, read, register};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("registrations: POST to 303, SQLite with synchronous=FULL, load and server on the same machine");
    on_sqlite().await;
    limits().await;
}

async fn on_sqlite() {
    for connections in [1, 32, 256] {
        let house = House::on_sqlite();
        let _server = house.start().await;
        let reached = measure(&house, connections).await;
        let goal = if connections == 256 { "goal 10,000/s; " } else { "" };
        line(
            &format!("SQLite, {connections} connections"),
            &rate(reached.per_second()),
            &format!("{goal}{}", reached.times()),
        );
        if connections == 256 {
            let empty = read(house.address, "/healthz", connections, Until::Elapsed(measured())).await;
            line(
                "an empty handler, 256 connections",
                &rate(empty.per_second()),
                "the HTTP server alone",
            );
        }
    }
}

/// A second to warm up, then the measurement.
async fn measure(house: &House, connections: usize) -> Reached {
    let form = load::find_form(house.address).await;
    let warm = register(
        house.address,
        &form,
        connections,
        0,
        Until::Elapsed(Duration::from_secs(1)),
    )
    .await;
    register(
        house.address,
        &form,
        connections,
        warm.count,
        Until::Elapsed(measured()),
    )
    .await
}

/// What the disk and the database can do at most, one at a time.
async fn limits() {
    let directory = tempfile::TempDir::new().unwrap();
    let mut database = SqliteConnectOptions::new()
        .filename(directory.path().join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE bare (id INTEGER PRIMARY KEY, a TEXT) STRICT")
        .execute(&mut database)
        .await
        .unwrap();
    let commits = one_row_commits(&mut database).await;
    line(
        "one-row durable commits, one connection",
        &rate(commits),
        "SQLite by itself, through sqlx",
    );
    let synced = syncs(&directory.path().join("synced"));
    line(
        "4 kB written and synced, one after another",
        &rate(synced),
        "the disk by itself",
    );
}

async fn one_row_commits(database: &mut SqliteConnection) -> f64 {
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < measured() {
        sqlx::query("INSERT INTO bare (a) VALUES ('one row')")
            .execute(&mut *database)
            .await
            .unwrap();
        count += 1;
    }
    common::per_second(count, started.elapsed())
}

fn syncs(path: &std::path::Path) -> f64 {
    let mut file = File::create(path).unwrap();
    let block = [0x5A; 4096];
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < measured() {
        file.write_all(&block).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    common::per_second(count, started.elapsed())
}
