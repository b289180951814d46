//! How small the program is: start to the first answered request, memory idle and under load, size on disk.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::time::Duration;

use tokio::time::sleep;

mod common;

use common::server::House;
use common::{Until, line, load, rate, register};

const STARTS: usize = 9;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("footprint");
    let house = House::on_sqlite();
    drop(house.start().await);
    starts(&house).await;
    memory(&house).await;
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_commonground")).unwrap().len();
    line(
        "size of the binary",
        &format!("{:.1} MB", megabytes(size)),
        "goal < 30 MB",
    );
}

/// From the start of the process to the first good answer of `/readyz`, on a database that is there.
async fn starts(house: &House) {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(house.start().await.ready_after);
    }
    times.sort();
    let figure = format!("{:.0?}", times[STARTS / 2]);
    let beside = format!("goal < 150 ms; slowest of {STARTS}: {:.0?}", times[STARTS - 1]);
    line("start to first answered HTTP request", &figure, &beside);
}

async fn memory(house: &House) {
    let server = house.start().await;
    sleep(Duration::from_secs(2)).await;
    line(
        "memory (RSS), idle",
        &format!("{:.0} MB", server.rss_mb()),
        "goal < 48 MB",
    );
    let form = load::find_form(house.address).await;
    let reached = register(house.address, &form, 256, 0, Until::Elapsed(common::measured())).await;
    let figure = format!("{:.0} MB", server.peak_rss_mb());
    let beside = format!("goal < 150 MB; at {} over 256 connections", rate(reached.per_second()));
    line("memory (RSS), most under load", &figure, &beside);
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
