//! What the benches share: the program as a child process, a lean load, and how a figure is printed.

#![allow(dead_code, reason = "each bench uses a part of it")]

pub mod crowd;
#[path = "../../tests/suite/support/http.rs"]
pub mod http;
#[path = "../../tests/suite/support/load.rs"]
pub mod load;
#[path = "../../tests/suite/support/organizer.rs"]
pub mod organizer;
pub mod people;
#[path = "../../tests/suite/support/server.rs"]
pub mod server;
pub mod sink;

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http::Connection;
use load::Form;
use tokio::task::LocalSet;

/// What a load reached.
#[derive(Debug, Clone)]
pub struct Reached {
    pub count: u64,
    pub took: Duration,
    /// Microseconds, sorted.
    times: Vec<u32>,
}

impl Reached {
    pub fn per_second(&self) -> f64 {
        per_second(self.count, self.took)
    }

    /// The time within which so many of a hundred were answered.
    pub fn percentile(&self, hundredths: usize) -> Duration {
        let at = (self.times.len() * hundredths / 100).min(self.times.len().saturating_sub(1));
        Duration::from_micros(self.times.get(at).copied().unwrap_or_default().into())
    }

    /// The longest that anybody waited.
    pub fn longest(&self) -> Duration {
        self.percentile(100)
    }

    pub fn times(&self) -> String {
        format!("p50 {:.1?}, p99 {:.1?}", self.percentile(50), self.percentile(99))
    }
}

/// A request with a running number in it, built once and patched in place.
pub struct Numbered {
    bytes: Vec<u8>,
    at: usize,
}

impl Numbered {
    /// The registration of a person whose address holds the number.
    pub fn registration(form: &Form) -> Self {
        Self::answering(form, &[])
    }

    /// The same with answers to questions.
    pub fn answering(form: &Form, answers: &[(&str, &str)]) -> Self {
        Self::of(load::registration_with(form, &load::person(0), answers))
    }

    /// Finds the nine noughts that stand for the number.
    fn of(bytes: Vec<u8>) -> Self {
        let at = bytes.windows(9).position(|window| window == b"000000000").unwrap();
        Self { bytes, at }
    }

    fn set(&mut self, mut number: u64) -> &[u8] {
        for digit in self.bytes[self.at..self.at + 9].iter_mut().rev() {
            *digit = b'0' + u8::try_from(number % 10).unwrap();
            number /= 10;
        }
        &self.bytes
    }
}

/// When a load ends.
#[derive(Clone, Copy)]
pub enum Until {
    Elapsed(Duration),
    Count(u64),
}

/// Registers new people over so many connections, as fast as they are answered. Numbers start at `first`.
pub async fn register(address: SocketAddr, form: &Form, connections: usize, first: u64, until: Until) -> Reached {
    register_answering(address, form, &[], connections, first, until).await
}

/// The same, answering questions.
pub async fn register_answering(
    address: SocketAddr,
    form: &Form,
    answers: &[(&str, &str)],
    connections: usize,
    first: u64,
    until: Until,
) -> Reached {
    let make = || Numbered::answering(form, answers);
    drive(address, connections, first, until, make, Numbered::set, 303).await
}

/// Asks for one page, as fast as it is answered.
pub async fn read(address: SocketAddr, path: &str, connections: usize, until: Until) -> Reached {
    read_as(address, &http::get(path), connections, until).await
}

/// Sends one HTTP request that reads, again and again.
pub async fn read_as(address: SocketAddr, request: &[u8], connections: usize, until: Until) -> Reached {
    let make = || request.to_vec();
    drive(
        address,
        connections,
        0,
        until,
        make,
        |request, _| request.as_slice(),
        200,
    )
    .await
}

/// One task for each connection, all on this thread: the server shares the machine with us.
async fn drive<R: 'static>(
    address: SocketAddr,
    connections: usize,
    first: u64,
    until: Until,
    make: impl Fn() -> R,
    bytes: fn(&mut R, u64) -> &[u8],
    expected: u16,
) -> Reached {
    let next = Rc::new(Cell::new(first));
    let started = Instant::now();
    let local = LocalSet::new();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(address).await.unwrap();
        let mut request = make();
        let next = Rc::clone(&next);
        tasks.push(local.spawn_local(async move {
            let mut times = Vec::new();
            loop {
                let number = next.get();
                let over = match until {
                    Until::Elapsed(time) => started.elapsed() >= time,
                    Until::Count(count) => number - first >= count,
                };
                if over {
                    return times;
                }
                next.set(number + 1);
                let asked = Instant::now();
                let answer = connection.exchange(bytes(&mut request, number)).await.unwrap();
                assert_eq!(answer.status, expected, "{}", answer.text());
                times.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
        }));
    }
    let mut times = Vec::new();
    local
        .run_until(async {
            for task in tasks {
                times.extend(task.await.unwrap());
            }
        })
        .await;
    let took = started.elapsed();
    times.sort_unstable();
    Reached {
        count: times.len() as u64,
        took,
        times,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub fn per_second(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// How long each figure is measured; `COMMONGROUND_BENCH_SECONDS` changes it.
pub fn measured() -> Duration {
    let seconds = std::env::var("COMMONGROUND_BENCH_SECONDS");
    Duration::from_secs(seconds.ok().and_then(|text| text.parse().ok()).unwrap_or(5))
}

/// One line: what, how much, and what it is held against.
pub fn line(what: &str, figure: &str, beside: &str) {
    println!("  {what:<58} {figure:>14}   {beside}");
}

/// A number with thousands set apart.
pub fn thousands(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A rate, as it is printed.
pub fn rate(figure: f64) -> String {
    format!("{}/s", thousands(format!("{figure:.0}")))
}

/// True where `cargo test --benches` or a listing only wants to know that it is there.
pub fn is_only_listed() -> bool {
    let listed = |argument: String| argument == "--list" || argument == "--test";
    std::env::args().any(listed)
}
