//! What strangers cost: memory of many sign-in posts, how much a flood from one network slows the others, memory of those
//! who ask for pictures and read nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

mod common;

use common::http::{self, Connection};
use common::load::{self, Form};
use common::server::House;
use common::{line, load::person};

/// Posts a second from one network.
const FLOOD: u32 = 10_000;
const FLOODERS: u32 = 50;
/// Visits of others while they are measured, each from a network of its own.
const VISITS: u32 = 2_000;
const NOT_READING: usize = 3_000;
const PIPELINED: usize = 16;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("strangers");
    LocalSet::new()
        .run_until(async {
            sign_ins().await;
            flood().await;
            not_reading().await;
        })
        .await;
}

fn house() -> House {
    House::on_sqlite()
        .with("trusted_proxies", "127.0.0.1")
        .with("rate_limit_ip", "30/h")
}

/// The same request as it comes from another address.
fn from(request: &[u8], ip: &str) -> Vec<u8> {
    let line_end = request.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let (line, rest) = request.split_at(line_end);
    let headers = format!("X-Forwarded-For: {ip}\r\nSec-Fetch-Site: same-origin\r\n");
    [line, headers.as_bytes(), rest].concat()
}

/// 1,000 posts from 200 networks, eight at a time.
async fn sign_ins() {
    let house = house();
    let server = house.start().await;
    sleep(Duration::from_secs(2)).await;
    let before = server.rss_mb();
    let tasks = (0..8_u32).map(|worker| {
        let address = house.address;
        tokio::task::spawn_local(async move {
            let mut connection = Connection::open(address).await.unwrap();
            for n in 0..125 {
                let number = worker * 125 + n;
                let email = format!("guess-{number}@example.org");
                let post = http::post("/organizer/sign-in", &[("email", &email), ("password", "a wrong one")]);
                let answer = connection
                    .exchange(&from(&post, &format!("10.0.{}.1", number % 200)))
                    .await;
                assert_eq!(answer.unwrap().status, 422);
            }
        })
    });
    futures_util::future::join_all(tasks).await;
    let figure = format!("{:.0} MB more", server.rss_mb() - before);
    line("memory after 1,000 sign-in posts", &figure, "goal at most 30 MB");
}

async fn flood() {
    let house = house();
    let server = house.start().await;
    let form = load::find_form(house.address).await;
    visits(&house, &form, 0).await;
    let alone = visits(&house, &form, 1).await;
    let (posted, stop) = (Rc::new(Cell::new(0_u32)), Rc::new(Cell::new(false)));
    let flooders: Vec<_> = (0..FLOODERS)
        .map(|n| {
            let request = from(&load::registration(&form, &person(u64::from(n))), "192.0.2.1");
            tokio::task::spawn_local(flooder(house.address, request, Rc::clone(&posted), Rc::clone(&stop)))
        })
        .collect();
    // The allowance is used up, slowly, before it is measured.
    sleep(Duration::from_secs(5)).await;
    let (before, started) = (posted.get(), Instant::now());
    let beside = visits(&house, &form, 2).await;
    let rate = f64::from(posted.get() - before) / started.elapsed().as_secs_f64();
    stop.set(true);
    futures_util::future::join_all(flooders).await;
    let figure = format!("p99 {beside:.1?}");
    let words = format!(
        "goal < 2x of {alone:.1?} alone; {rate:.0} posts/s; RSS {:.0} MB",
        server.peak_rss_mb()
    );
    line("others beside a flood from one network", &figure, &words);
}

/// Posts at an even pace, whatever is answered.
async fn flooder(address: std::net::SocketAddr, request: Vec<u8>, posted: Rc<Cell<u32>>, stop: Rc<Cell<bool>>) {
    let mut connection = Connection::open(address).await.unwrap();
    let mut pace = interval(Duration::from_secs(1) * FLOODERS / FLOOD);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stop.get() {
        pace.tick().await;
        if connection.exchange(&request).await.is_err() {
            connection = Connection::open(address).await.unwrap();
        }
        posted.set(posted.get() + 1);
    }
}

/// Half read, half register, one after another at an even pace; gives the 99th percentile.
async fn visits(house: &House, form: &Form, round: u32) -> Duration {
    let mut connection = Connection::open(house.address).await.unwrap();
    let mut pace = interval(Duration::from_millis(5));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut times = Vec::new();
    for n in 0..VISITS {
        let email = person(u64::from(1_000_000 + round * VISITS + n));
        let (request, expected) = if n % 2 == 0 {
            (http::get("/webcasts"), 200)
        } else {
            (load::registration(form, &email), 303)
        };
        let request = from(&request, &format!("10.{}.{}.1", 1 + n / 250, n % 250));
        pace.tick().await;
        let started = Instant::now();
        let answer = connection.exchange(&request).await.unwrap();
        times.push(started.elapsed());
        assert_eq!(answer.status, expected);
    }
    times.sort();
    times[times.len() * 99 / 100]
}

/// Each asks for a picture many times on one connection, and takes none.
async fn not_reading() {
    let house = house();
    let server = house.start().await;
    let mut connection = Connection::open(house.address).await.unwrap();
    let papers = connection.exchange(&http::get("/whitepapers")).await.unwrap().text();
    let picture = papers
        .split("src=\"")
        .find(|part| part.starts_with("/editions/"))
        .unwrap();
    let asked = http::get(picture.split('"').next().unwrap()).repeat(PIPELINED);
    let before = server.rss_mb();
    let mut waiting = Vec::new();
    for _ in 0..NOT_READING {
        let Ok(mut connection) = Connection::open(house.address).await else {
            break;
        };
        connection.send(&asked).await.unwrap();
        waiting.push(connection);
    }
    sleep(Duration::from_secs(3)).await;
    let figure = format!("{:.0} MB", server.rss_mb());
    let beside = format!(
        "{} of them, {PIPELINED} pictures each; {before:.0} MB before",
        waiting.len()
    );
    line("memory with those who do not read", &figure, &beside);
}
