//! Erasing one person among a million, and what is old by a rule: how long it takes, and how long anybody waits meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::time::{Duration, Instant};

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteSynchronous;

mod common;

use common::crowd::{fill, open, run};
use common::server::House;
use common::{Until, line, load, measured, rate, register};

const MANY: i64 = 1_000_000;
const CONNECTIONS: usize = 4;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("forgetting, on SQLite with {MANY} people, registrations and mails");
    let house = House::on_sqlite();
    drop(house.start().await);
    fill(&house, MANY).await;
    let mut database = open(&house.database(), SqliteSynchronous::Full).await;
    end_their_session(&mut database).await;
    let server = house.start().await;
    erase_one(&house, &mut database).await;
    let form = load::find_form(house.address).await;
    let before = register(house.address, &form, CONNECTIONS, 0, Until::Elapsed(measured())).await;
    drop(server);

    run(
        &mut database,
        "INSERT INTO retention (kind, days, is_on, changed_at) VALUES ('registrations', 30, 1, 1)",
    )
    .await;
    run(&mut database, "UPDATE due_work SET due_at = 0 WHERE kind = 'retention'").await;
    let _server = house.start().await;
    let (began, goes) = (Instant::now(), old(&mut database).await);
    let (mut came, mut count, mut took, mut longest) = (before.count, 0, Duration::ZERO, Duration::ZERO);
    let mut left = goes;
    while left > 0 {
        let some = register(
            house.address,
            &form,
            CONNECTIONS,
            came,
            Until::Elapsed(Duration::from_secs(5)),
        )
        .await;
        came += some.count;
        count += some.count;
        took += some.took;
        longest = longest.max(some.longest());
        left = old(&mut database).await;
        assert!(began.elapsed() < Duration::from_hours(1), "it does not end");
    }
    line(
        &format!("{goes} old registrations go"),
        &format!("{:.0} s", began.elapsed().as_secs_f64()),
        "with what was mailed about them",
    );
    line(
        "registrations before",
        &rate(before.per_second()),
        &format!("{}, the longest {:.0?}", before.times(), before.longest()),
    );
    let meanwhile = common::per_second(count, took);
    line(
        "registrations meanwhile",
        &rate(meanwhile),
        &format!(
            "{:.2} of that, the longest {longest:.0?}; goal 100 ms",
            meanwhile / before.per_second()
        ),
    );
}

/// Puts them in a session that is over for a year.
async fn end_their_session(database: &mut SqliteConnection) {
    for statement in [
        "INSERT INTO sessions (public_id, webcast_id, starts_at, ends_at, time_zone, state, created_at, updated_at)
         SELECT randomblob(16), webcast_id, starts_at - 31536000000000, ends_at - 31536000000000, time_zone, state, 1, 1
           FROM sessions ORDER BY starts_at DESC LIMIT 1",
        "UPDATE registrations SET session_id = (SELECT MAX(id) FROM sessions)",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        run(database, statement).await;
    }
}

async fn old(database: &mut SqliteConnection) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM registrations WHERE session_id = (SELECT MAX(id) FROM sessions)")
        .fetch_one(database)
        .await
        .unwrap()
}

async fn erase_one(house: &House, database: &mut SqliteConnection) {
    let email: String = sqlx::query_scalar("SELECT email_key FROM contacts WHERE id = 500000")
        .fetch_one(&mut *database)
        .await
        .unwrap();
    let began = Instant::now();
    let done = house.command(&["erase", "--email", &email]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    line(
        "one person is erased",
        &format!("{:.0?}", began.elapsed()),
        "by command; goal 1 s",
    );
}
