//! From queued row to row marked sent, into Postfix's `smtp-sink`: small mails, 3 MB papers, and memory as
//! the queue grows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};
use tokio::time::sleep;

mod common;

use common::server::{House, Server, free_address};
use common::{Until, line, load, per_second, rate, register, thousands};

const CONNECTIONS: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("mail: queued row to row marked sent, {CONNECTIONS} connections to smtp-sink");
    let mut peaks = Vec::new();
    for queued in [10_000, 100_000] {
        let sent = small_mails(queued).await;
        let what = format!("confirmations, {} queued", thousands(queued));
        let beside = format!("goal 8,000/s; most memory {:.0} MB", sent.peak_mb);
        line(&what, &rate(sent.per_second), &beside);
        peaks.push(sent.peak_mb);
    }
    let growth = format!("{:+.0} MB", peaks[1] - peaks[0]);
    line(
        "memory, ten times the queue",
        &growth,
        "goal: it does not grow with the queue",
    );
    let papers = large_papers(2_000).await;
    let beside = format!("goal 150/s; most memory {:.0} MB", papers.peak_mb);
    line("papers of 3 MB, 2,000 queued", &rate(papers.per_second), &beside);
}

struct Sent {
    per_second: f64,
    peak_mb: f64,
}

/// Registers people while no relay is set, then sets one.
async fn small_mails(count: u64) -> Sent {
    let house = House::on_sqlite();
    {
        let _server = house.start().await;
        let form = load::find_form(house.address).await;
        register(house.address, &form, 128, 0, Until::Count(count)).await;
    }
    drain(house, count).await
}

/// Requests by confirmed addresses for an edition of 3 MB, which goes as an attachment.
async fn large_papers(count: u64) -> Sent {
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
    drain(house, count).await
}

async fn drain(house: House, count: u64) -> Sent {
    let sink = SmtpSink::start();
    let house = house
        .with("smtp_url", &format!("smtp://{}?tls=none", sink.address))
        .with("smtp_connections", &CONNECTIONS);
    let server = house.start().await;
    let took = until_sent(&house, &server).await;
    Sent {
        per_second: per_second(count, took),
        peak_mb: server.peak_rss_mb(),
    }
}

async fn until_sent(house: &House, server: &Server) -> Duration {
    const LEFT: &str = "SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'sending')";
    let mut database = open(house).await;
    let started = Instant::now();
    loop {
        let left: i64 = sqlx::query_scalar(LEFT).fetch_one(&mut database).await.unwrap();
        if left == 0 {
            // The server was answering a little before we began to look.
            return started.elapsed() + server.ready_after / 2;
        }
        assert!(
            started.elapsed() < Duration::from_mins(10),
            "{left} left:\n{}",
            house.log()
        );
        sleep(Duration::from_millis(50)).await;
    }
}

async fn open(house: &House) -> SqliteConnection {
    let url = format!("sqlite://{}", house.database().display());
    SqliteConnection::connect(&url).await.unwrap()
}

/// Postfix's sink, as a child that ends with us.
struct SmtpSink {
    child: Child,
    address: SocketAddr,
}

impl SmtpSink {
    fn start() -> Self {
        let address = free_address();
        let mut command = Command::new("/usr/sbin/smtp-sink");
        // As root it wants another user; as anybody else it must not be told one.
        if Command::new("id").arg("-u").output().unwrap().stdout == b"0\n" {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .args([&address.to_string(), "1024"])
            .stdout(Stdio::null())
            .spawn()
            .expect("smtp-sink is missing: it comes with Debian's package postfix");
        Self { child, address }
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
