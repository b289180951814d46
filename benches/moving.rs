//! A session with 100,000 registrations is moved: how long its organizer waits, how soon everybody's mail is in the outbox,
//! and what registrations keep of their rate meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::time::{Duration, Instant};

use commonground::values::PublicId;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteSynchronous;

mod common;

use common::crowd::{fill, open};
use common::server::House;
use common::{Until, http, line, load, measured, organizer, rate, register};

const SEATS: i64 = 100_000;
/// One in thirty of the crowd has cancelled.
const TOLD: i64 = SEATS - SEATS / 30;
const CONNECTIONS: usize = 32;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("a session with {SEATS} registrations is moved, on SQLite; {CONNECTIONS} visitors register meanwhile");
    let house = House::on_sqlite();
    drop(house.start().await);
    fill(&house, SEATS).await;
    let _server = house.start().await;
    let cookie = organizer::sign_in(&house).await;
    let mut database = open(&house.database(), SqliteSynchronous::Full).await;
    let form = load::find_form(house.address).await;
    let visitors = async |first, until| register(house.address, &form, CONNECTIONS, first, until).await;
    let warm = visitors(0, Until::Elapsed(Duration::from_secs(1))).await;
    let before = visitors(warm.count, Until::Elapsed(measured())).await;

    let path = format!(
        "/organizer/webcasts/{}/sessions/{}/send",
        form.slug(),
        session(&mut database).await
    );
    let asked = Instant::now();
    let answer = http::once(house.address, &moved(&path, &cookie)).await.unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    line(
        "the organizer waits",
        &format!("{:.0?}", asked.elapsed()),
        "at once is the goal",
    );

    let mut came = warm.count + before.count;
    let (mut count, mut took) = (0, Duration::ZERO);
    while mails(&mut database).await < TOLD {
        let some = visitors(came, Until::Elapsed(Duration::from_secs(1))).await;
        came += some.count;
        count += some.count;
        took += some.took;
        assert!(asked.elapsed() < Duration::from_mins(2), "the mails are not put in");
    }
    line(
        "all mails are in the outbox",
        &format!("{:.0?}", asked.elapsed()),
        "goal within 60 s",
    );
    let meanwhile = common::per_second(count, took);
    line("registrations before", &rate(before.per_second()), &before.times());
    line(
        "registrations meanwhile",
        &rate(meanwhile),
        &format!("{:.2} of that; goal 0.7", meanwhile / before.per_second()),
    );
}

/// The session that everybody is registered for.
async fn session(database: &mut SqliteConnection) -> PublicId {
    let id: Vec<u8> = sqlx::query_scalar("SELECT public_id FROM sessions ORDER BY starts_at DESC LIMIT 1")
        .fetch_one(database)
        .await
        .unwrap();
    PublicId::from_slice(&id).unwrap()
}

/// To an hour on a day that is ahead, from a page of ours.
fn moved(path: &str, cookie: &str) -> Vec<u8> {
    let fields = [
        ("date", "2099-12-04"),
        ("time", "15:00"),
        ("time_zone", "Europe/Berlin"),
        ("duration", "60"),
        ("join_url", ""),
        ("replay_url", ""),
        ("capacity", ""),
        ("state", "open"),
    ];
    let request = organizer::with_header(&http::post(path, &fields), &format!("Cookie: {cookie}"));
    organizer::with_header(&request, "Sec-Fetch-Site: same-origin")
}

async fn mails(database: &mut SqliteConnection) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE kind = 'session-update'")
        .fetch_one(database)
        .await
        .unwrap()
}
