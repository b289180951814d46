//! Organizers' pages with 1,000,000 people and registrations: Home, the list of people at its beginning and far behind, by
//! what they have, and by the beginning of a word; at one connection and at 16. Beside it what a registration costs with
//! the indexes and words that these pages need, and without them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteSynchronous;
use tokio::time::sleep;

mod common;

use common::crowd::{fill, open, run};
use common::server::House;
use common::{Until, http, line, load, measured, organizer, rate, read_as, register};

const MANY: i64 = 1_000_000;
const CONNECTIONS: usize = 16;
/// For the comparison of registrations.
const REGISTERING: usize = 32;
/// Pairs of that comparison: with and without, one right after the other.
const PAIRS: usize = 9;

/// What the console alone needs of what a registration writes, at once and a moment later.
const NEEDS: [&str; 4] = [
    "DROP INDEX IF EXISTS contacts_public_id",
    "DROP INDEX IF EXISTS contacts_without_words",
    "DROP INDEX IF EXISTS outbox_recipient",
    "DROP TABLE IF EXISTS search_words",
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    if std::env::args().any(|word| word == "costs") {
        return costs().await;
    }
    println!("organizers' pages on SQLite with {MANY} people and registrations");
    let house = House::on_sqlite();
    drop(house.start().await);
    fill(&house, MANY).await;
    let _server = house.start().await;
    let began = Instant::now();
    let cookie = organizer::sign_in(&house).await;
    wait_for_work(&house).await;
    line(
        "words of all people kept, everybody added up",
        &format!("{:.0?}", began.elapsed()),
        "in the background",
    );
    let far = far_behind(&house, &cookie).await;
    let slug = load::find_form(house.address).await.slug().to_owned();
    for (what, path, goal) in [
        ("Home", "/organizer".to_owned(), "goal under 300 ms"),
        (
            "people, the newest",
            "/organizer/people".to_owned(),
            "goal p99 under 100 ms",
        ),
        ("people, far behind", far, "goal p99 under 100 ms"),
        (
            "people of a webcast",
            format!("/organizer/people?webcast={slug}"),
            "goal p99 under 100 ms",
        ),
        (
            "people who cancelled",
            "/organizer/people?state=cancelled".to_owned(),
            "goal p99 under 100 ms",
        ),
        (
            "people who are held back: nobody",
            "/organizer/people?state=held".to_owned(),
            "goal p99 under 100 ms",
        ),
        (
            "\u{201c}a\u{201d}, the beginning of many words",
            "/organizer/people?q=a".to_owned(),
            "goal p99 under 100 ms",
        ),
        (
            "\u{201c}jen\u{201d}",
            "/organizer/people?q=jen".to_owned(),
            "goal p99 under 100 ms",
        ),
        (
            "\u{201c}priya jen\u{201d}",
            "/organizer/people?q=priya+jen".to_owned(),
            "goal p99 under 100 ms",
        ),
        (
            "\u{201c}priya 99999\u{201d}, one of many",
            "/organizer/people?q=priya+99999".to_owned(),
            "goal p99 under 100 ms",
        ),
        (
            "\u{201c}jen\u{201d} of those who cancelled",
            "/organizer/people?q=jen&state=cancelled".to_owned(),
            "goal p99 under 100 ms",
        ),
        (
            "\u{201c}zz\u{201d}, nobody",
            "/organizer/people?q=zz".to_owned(),
            "goal p99 under 100 ms",
        ),
    ] {
        let request = organizer::get(&path, &cookie);
        for connections in [1, CONNECTIONS] {
            let reached = read_as(house.address, &request, connections, Until::Elapsed(measured())).await;
            line(
                &format!("{what}, {connections} at once"),
                &rate(reached.per_second()),
                &format!("{}; {goal}", reached.times()),
            );
        }
    }
    costs().await;
}

/// Until the words of all are kept and all are added up.
async fn wait_for_work(house: &House) {
    let mut database = open(&house.database(), SqliteSynchronous::Off).await;
    loop {
        let left: i64 = sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM contacts WHERE words_of IS NULL OR words_of <> name)
                  + (SELECT MAX(id) FROM registrations) - COALESCE((SELECT up_to FROM tallied WHERE what = 'registrations'), 0)",
        )
        .fetch_one(&mut database)
        .await
        .unwrap();
        if left == 0 {
            break;
        }
        sleep(Duration::from_millis(500)).await;
    }
    run(&mut database, "ANALYZE").await;
}

/// A page in the middle of the list.
async fn far_behind(house: &House, _: &str) -> String {
    let mut database = open(&house.database(), SqliteSynchronous::Off).await;
    let id: Vec<u8> = sqlx::query_scalar("SELECT public_id FROM contacts WHERE id = 500000")
        .fetch_one(&mut database)
        .await
        .unwrap();
    let id = commonground::values::PublicId::from_slice(&id).unwrap();
    format!("/organizer/people?after={id}")
}

/// Registrations a second with all of it, and without what only the console needs. The machine is not the same from one
/// minute to the next: what counts is the median of what neighbours differ by.
async fn costs() {
    let (mut rates, mut shares) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        // The second of two has it a little worse.
        let (with, without) = if pair % 2 == 0 {
            let with = registering(&[]).await;
            (with, registering(&NEEDS).await)
        } else {
            let without = registering(&NEEDS).await;
            (registering(&[]).await, without)
        };
        rates.push(with);
        shares.push((1.0 - with / without) * 100.0);
    }
    rates.sort_by(f64::total_cmp);
    shares.sort_by(f64::total_cmp);
    line(
        &format!("registrations, {REGISTERING} at once"),
        &rate(rates[PAIRS / 2]),
        "the median",
    );
    line(
        "what the console costs a registration",
        &format!("{:.1} %", shares[PAIRS / 2]),
        &format!(
            "from {:.1} to {:.1} % in {PAIRS} pairs; goal at most 10 %",
            shares[0],
            shares[PAIRS - 1]
        ),
    );
}

async fn registering(dropped: &[&str]) -> f64 {
    let house = House::on_sqlite();
    drop(house.start().await);
    let mut database = open(&house.database(), SqliteSynchronous::Full).await;
    for statement in dropped {
        run(&mut database, statement).await;
    }
    drop(database);
    let _server = house.start().await;
    assert_eq!(
        http::once(house.address, &http::get("/healthz")).await.unwrap().status,
        200
    );
    let form = load::find_form(house.address).await;
    let warm = register(
        house.address,
        &form,
        REGISTERING,
        0,
        Until::Elapsed(Duration::from_secs(1)),
    )
    .await;
    let reached = register(
        house.address,
        &form,
        REGISTERING,
        warm.count,
        Until::Elapsed(measured()),
    )
    .await;
    reached.per_second()
}
