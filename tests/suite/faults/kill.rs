//! R1: kill -9 at random points under load. Nothing acknowledged is lost, nothing is stored twice, and what
//! is stored is mailed.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::support::db::fresh_postgres;
use crate::support::load::{self, Load};
use crate::support::oracle::{self, judge};
use crate::support::random;
use crate::support::server::House;
use crate::support::sink::{Delivery, Sink};

const CONNECTIONS: usize = 4;
/// A connection to the relay has at most so many mails taken whose result is not committed yet.
const IN_FLIGHT: usize = 16;
const SERVING_AGAIN: Duration = Duration::from_secs(2);
const MAIL_RESUMES: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_kills_on_sqlite_lose_nothing() {
    kill_again_and_again(House::on_sqlite(), 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_kills_on_postgres_lose_nothing() {
    kill_again_and_again(House::on_postgres(&fresh_postgres().await), 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn fifty_kills_on_sqlite_lose_nothing() {
    kill_again_and_again(House::on_sqlite(), 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn fifty_kills_on_postgres_lose_nothing() {
    kill_again_and_again(House::on_postgres(&fresh_postgres().await), 50).await;
}

async fn kill_again_and_again(house: House, kills: usize) {
    let sink = Sink::start(Duration::from_millis(2)).await;
    let house = house
        .with("smtp_url", &sink.url())
        .with("smtp_connections", &CONNECTIONS);
    let mut server = house.start().await;
    let form = load::find_form(house.address).await;
    let load = Load::start(house.address, &form, 16);

    let mut slowest_start = Duration::ZERO;
    for _ in 0..kills {
        sleep(Duration::from_millis(random(300..900))).await;
        server.kill();
        server = house.start().await;
        slowest_start = slowest_start.max(server.ready_after);
    }
    sleep(Duration::from_millis(300)).await;
    let journal = load.stop().await;
    let acknowledged = journal.acknowledged();

    let stored = oracle::stored(&house, &form).await;
    let delivered = drained(&sink, &stored).await;
    let silence = longest_silence(&delivered);
    let verdict = judge(&acknowledged, &stored, &delivered);
    println!(
        "{kills} kills: {} acknowledged, {} requests broken, {} stored, {} mails, {verdict:?}, \
         slowest start {slowest_start:?}, longest time without a mail {silence:?}",
        acknowledged.len(),
        journal.broken(),
        stored.len(),
        delivered.len(),
    );

    assert!(
        acknowledged.len() > kills * 10,
        "there was hardly any load: {}",
        house.log()
    );
    assert!(
        journal.refused().is_empty(),
        "answers nobody promised: {:?}",
        journal.refused()
    );
    assert!(verdict.is_clean(), "{verdict:?}");
    assert!(verdict.dup_mail <= kills * CONNECTIONS * IN_FLIGHT, "{verdict:?}");
    assert!(slowest_start <= SERVING_AGAIN, "{slowest_start:?}");
    assert!(silence <= MAIL_RESUMES, "{silence:?}");
    assert!(!house.log().contains("panicked"), "{}", house.log());
    the_harness_can_fail(&acknowledged, &stored, &delivered);
}

/// Waits until everybody who is stored has a mail, or so long that the verdict is clear.
async fn drained(sink: &Sink, stored: &[String]) -> Vec<Delivery> {
    let deadline = Instant::now() + MAIL_RESUMES + Duration::from_mins(1);
    loop {
        let delivered = sink.deliveries();
        let done = judge(&[], stored, &delivered).mail_missing == 0;
        if done || Instant::now() > deadline {
            return delivered;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// From one mail to the next: after a kill the mail must go on.
fn longest_silence(delivered: &[Delivery]) -> Duration {
    let gaps = delivered.windows(2).map(|pair| pair[1].at - pair[0].at);
    gaps.max().unwrap_or_default()
}

/// The negative control: each kind of loss, put into this very run, is found.
fn the_harness_can_fail(acknowledged: &[String], stored: &[String], delivered: &[Delivery]) {
    let never_stored = "nobody@visitors.example".to_owned();
    let lie = [acknowledged, std::slice::from_ref(&never_stored)].concat();
    assert_eq!(judge(&lie, stored, delivered).acked_lost, 1);

    let twice = [stored, &stored[..1]].concat();
    assert_eq!(judge(acknowledged, &twice, delivered).dup_rows, 1);

    let silent: Vec<Delivery> = delivered.iter().filter(|mail| mail.to != stored[0]).cloned().collect();
    assert_eq!(judge(acknowledged, stored, &silent).mail_missing, 1);

    let mut invented = delivered.to_vec();
    invented.push(Delivery {
        message_id: "<invented@sink.example>".to_owned(),
        to: never_stored,
        at: Instant::now(),
    });
    assert_eq!(judge(acknowledged, stored, &invented).ghost, 1);
}
