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
use common::server::{House, Server};
use common::{Until, http, line, load, measured, organizer, rate, read_as, register};

const MANY: i64 = 1_000_000;
const CONNECTIONS: usize = 16;
/// For the comparison of registrations.
const REGISTERING: usize = 32;
/// Who is known before, in that comparison.
const KNOWN: i64 = 200_000;
/// The words of so many of them are still to be kept: that work goes on beside it.
const WORDLESS: i64 = 20_000;
/// Pairs of it: with and without, one right after the other.
const PAIRS: usize = 31;

/// What the console alone needs of what a registration writes, at once and a moment later.
const NEEDS: [&str; 3] = [
    "DROP INDEX IF EXISTS contacts_public_id",
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
        "everybody added up",
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

/// Until all are added up.
async fn wait_for_work(house: &House) {
    let mut database = open(&house.database(), SqliteSynchronous::Off).await;
    loop {
        let left: i64 = sqlx::query_scalar(
            "SELECT (SELECT MAX(id) FROM registrations)
                  - COALESCE((SELECT up_to FROM watermarks WHERE work = 'registrations'), 0)",
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

/// Registrations with all of it, and without what only the console needs. The machine is not the same from one minute to
/// the next: what counts is the median of what neighbours differ by, and processor time tells more than the rate, which
/// waits for the disk.
async fn costs() {
    let (whole, bare) = (known(&[]).await, known(&NEEDS).await);
    let (mut with, mut less, mut longer) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        // The second of two has it a little worse.
        let (all, without) = if pair % 2 == 0 {
            let all = registering(&whole).await;
            (all, registering(&bare).await)
        } else {
            let without = registering(&bare).await;
            (registering(&whole).await, without)
        };
        less.push((1.0 - all.per_second / without.per_second) * 100.0);
        longer.push((all.micros / without.micros - 1.0) * 100.0);
        with.push(all);
    }
    with.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    let median = with[PAIRS / 2];
    line(
        &format!("registrations, {REGISTERING} at once"),
        &rate(median.per_second),
        &format!("{:.0} us of processor time each", median.micros),
    );
    for (what, mut shares) in [
        ("processor time that the console costs", longer),
        ("rate that the console costs", less),
    ] {
        shares.sort_by(f64::total_cmp);
        line(
            what,
            &format!("{:.1} %", shares[PAIRS / 2]),
            &format!(
                "half of {PAIRS} pairs from {:.1} to {:.1} %; goal at most 10 %",
                shares[PAIRS / 4],
                shares[PAIRS * 3 / 4]
            ),
        );
    }
}

/// How registrations went.
#[derive(Clone, Copy)]
struct Pace {
    per_second: f64,
    /// Processor time of the program for each.
    micros: f64,
}

/// A database with people in it, and without these.
async fn known(dropped: &[&str]) -> House {
    let house = House::on_sqlite();
    drop(house.start().await);
    fill(&house, KNOWN).await;
    let mut database = open(&house.database(), SqliteSynchronous::Full).await;
    let wordless = format!("UPDATE watermarks SET up_to = up_to - {WORDLESS} WHERE work = 'search_words'");
    let tallied = "INSERT INTO watermarks (work, up_to) SELECT 'registrations', MAX(id) FROM registrations";
    for statement in [&wordless, tallied].into_iter().chain(dropped.iter().copied()) {
        run(&mut database, statement).await;
    }
    run(&mut database, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    house
}

async fn registering(known: &House) -> Pace {
    let house = House::on_sqlite();
    std::fs::create_dir_all(house.database().parent().unwrap()).unwrap();
    std::fs::copy(known.database(), house.database()).unwrap();
    let server = house.start().await;
    assert_eq!(
        http::once(house.address, &http::get("/healthz")).await.unwrap().status,
        200
    );
    let form = load::find_form(house.address).await;
    let warm = register(house.address, &form, REGISTERING, 0, Until::Elapsed(measured() / 8)).await;
    let before = processor_seconds(&server);
    let reached = register(
        house.address,
        &form,
        REGISTERING,
        warm.count,
        Until::Elapsed(measured() / 3),
    )
    .await;
    Pace {
        per_second: reached.per_second(),
        micros: (processor_seconds(&server) - before) / (reached.per_second() * reached.took.as_secs_f64()) * 1e6,
    }
}

/// Processor time of a program so far, in seconds; counted in hundredths.
fn processor_seconds(server: &Server) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    // The name in brackets may hold anything; utime and stime are the 12th and 13th field after it (proc(5)).
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}
