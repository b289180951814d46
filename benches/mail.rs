//! From queued row to row marked sent: small mails, 3 MB papers, and memory as the queue grows. Into Postfix's
//! `smtp-sink`, and into a sink that hardly reads, because `smtp-sink` itself is soon the slower one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};
use tokio::time::sleep;

mod common;

use common::server::{House, Server};
use common::sink::{LeanSink, SmtpSink, smtp_source};
use common::{Until, line, load, per_second, rate, register, thousands};

const CONNECTIONS: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("mail: queued row to row marked sent, {CONNECTIONS} connections");
    confirmations().await;
    papers().await;
}

async fn confirmations() {
    let mut peaks = Vec::new();
    for queued in [100_000, 300_000] {
        let sink = SmtpSink::start();
        let sent = drain(with_confirmations(queued).await, queued, sink.address).await;
        let what = format!("confirmations to smtp-sink, {} queued", thousands(queued));
        let beside = format!("goal 8,000/s; most memory {:.0} MB", sent.peak_mb);
        line(&what, &rate(sent.per_second), &beside);
        peaks.push(sent.peak_mb);
    }
    let growth = format!("{:+.0} MB", peaks[1] - peaks[0]);
    let beside = "goal: it does not grow with the queue";
    line("memory, three times the queue", &growth, beside);
    let sink = LeanSink::start();
    let sent = drain(with_confirmations(30_000).await, 30_000, sink.address).await;
    line("confirmations to a sink that hardly reads", &rate(sent.per_second), "");
    let source = smtp_source(CONNECTIONS, 30_000, sink.average());
    let what = format!("smtp-source to smtp-sink, {} bytes each", thousands(sink.average()));
    line(&what, &rate(source), "Postfix's own client, with no database");
}

async fn papers() {
    let count = 1_000;
    let sink = SmtpSink::start();
    let sent = drain(with_papers(count).await, count, sink.address).await;
    let beside = format!("goal 150/s; most memory {:.0} MB", sent.peak_mb);
    line("papers of 3 MB to smtp-sink", &rate(sent.per_second), &beside);
    let sink = LeanSink::start();
    let sent = drain(with_papers(count).await, count, sink.address).await;
    let beside = format!("most memory {:.0} MB", sent.peak_mb);
    line(
        "papers of 3 MB to a sink that hardly reads",
        &rate(sent.per_second),
        &beside,
    );
    let source = smtp_source(CONNECTIONS, 500, sink.average());
    let what = format!("smtp-source to smtp-sink, {} bytes each", thousands(sink.average()));
    line(&what, &rate(source), "Postfix's own client: what smtp-sink can take");
}

struct Sent {
    per_second: f64,
    peak_mb: f64,
}

/// Registers people while no relay is set, then sets one.
async fn with_confirmations(count: u64) -> House {
    let house = House::on_sqlite();
    {
        let _server = house.start().await;
        let form = load::find_form(house.address).await;
        register(house.address, &form, 128, 0, Until::Count(count)).await;
    }
    house
}

/// Requests by confirmed addresses for an edition of 3 MB, which goes as an attachment.
async fn with_papers(count: u64) -> House {
    const ENLARGE: &str = "
        DELETE FROM edition_chunks;
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 11)
        INSERT INTO edition_chunks (edition_id, position, data) SELECT e.id, i, randomblob(250000) FROM editions e, n;
        UPDATE editions SET size = 3000000;
        UPDATE contacts SET confirmed_at = 1";
    let house = House::on_sqlite();
    {
        let _server = house.start().await;
        let form = load::find(house.address, "/whitepapers", "/request").await;
        register(house.address, &form, 128, 0, Until::Count(count)).await;
    }
    let mut database = open(&house).await;
    sqlx::raw_sql(ENLARGE).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    house
}

async fn drain(house: House, count: u64, relay: SocketAddr) -> Sent {
    let house = house
        .with("smtp_url", &format!("smtp://{relay}?tls=none"))
        .with("smtp_connections", &CONNECTIONS);
    let server = house.start().await;
    let took = until_sent(&house, &server).await;
    Sent {
        per_second: per_second(count, took),
        peak_mb: server.peak_rss_mb(),
    }
}

/// Only whether anything is left is asked: to count the rows of a long queue would take a core from the program.
async fn until_sent(house: &House, server: &Server) -> Duration {
    const IS_LEFT: &str = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'queued')
                               OR EXISTS (SELECT 1 FROM outbox WHERE state = 'sending')";
    let mut database = open(house).await;
    let started = Instant::now();
    while sqlx::query_scalar(IS_LEFT).fetch_one(&mut database).await.unwrap() {
        assert!(
            started.elapsed() < Duration::from_mins(10),
            "mail is left:\n{}",
            house.log()
        );
        sleep(Duration::from_millis(50)).await;
    }
    // The server was answering a little before we began to look.
    started.elapsed() + server.ready_after / 2
}

async fn open(house: &House) -> SqliteConnection {
    let url = format!("sqlite://{}", house.database().display());
    SqliteConnection::connect(&url).await.unwrap()
}
