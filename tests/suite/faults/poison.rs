//! R22: a row of the outbox that nobody can make a mail of. It fails alone, and an organizer sees it.

use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};
use tokio::time::sleep;

use crate::support::http::once;
use crate::support::load::{self, Form};
use crate::support::relay::FakeRelay;
use crate::support::server::House;

/// What is wrong with each, beside a good row: the column and its value.
const POISONS: [(&str, &str); 4] = [
    ("kind", "'no-such-kind'"),
    ("subject_id", "999999999"),
    ("recipient", "'no address at all'"),
    ("message_id", "'a' || char(13) || char(10) || 'Bcc: b'"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poison_row_fails_alone_and_visibly() {
    let relay = FakeRelay::well().await;
    let house = House::on_sqlite();
    let mut server = house.start().await;
    let form = load::find_form(house.address).await;
    for number in 0..3 {
        register(&house, &form, &load::person(number)).await;
    }
    server.signal("TERM");
    assert!(server.ended(Duration::from_secs(10)).await.is_some());
    poison(&house).await;

    let house = house.with("smtp_url", &relay.url());
    let _server = house.start().await;
    for number in 3..6 {
        register(&house, &form, &load::person(number)).await;
    }
    let started = Instant::now();
    while !(0..6).all(|number| is_mailed(&relay, number)) {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "others wait:\n{}",
            house.log()
        );
        sleep(Duration::from_millis(50)).await;
    }
    loop {
        let tried = unfinished(&house).await;
        if tried.is_empty() {
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "tried for ever: {tried:?}\n{}",
            house.log()
        );
        sleep(Duration::from_millis(100)).await;
    }
    let listed = house.run(&["outbox", "list"]).await;
    let listed = String::from_utf8_lossy(&listed.stdout);
    for (column, _) in POISONS {
        assert!(
            listed.contains(&format!("poison-{column}")),
            "an organizer sees {column}:\n{listed}"
        );
    }
    for mail in relay.taken() {
        let text = String::from_utf8_lossy(&mail.data).into_owned();
        assert!(!text.contains("\nBcc:"), "a row put in a header of its own:\n{text}");
    }
    assert!(!house.log().contains("panicked"), "{}", house.log());
}

async fn poison(house: &House) {
    const COLUMNS: &str = "kind, priority, dedupe_key, recipient, subject_id, params, message_id, created_at, next_at";
    let mut database = open(house).await;
    for (column, value) in POISONS {
        let values = COLUMNS
            .replace(column, value)
            .replace("dedupe_key", &format!("'poison-{column}'"));
        let copy = format!("INSERT INTO outbox ({COLUMNS}) SELECT {values} FROM outbox ORDER BY id LIMIT 1");
        sqlx::raw_sql(sqlx::AssertSqlSafe(copy))
            .execute(&mut database)
            .await
            .unwrap();
    }
    database.close().await.unwrap();
}

/// Rows that are tried, and nobody is told why they do not go. A kind that only a newer version knows waits for it.
async fn unfinished(house: &House) -> Vec<(String, String)> {
    const QUERY: &str = "SELECT dedupe_key, state FROM outbox
        WHERE dedupe_key LIKE 'poison-%' AND state IN ('queued', 'sending') AND last_reply IS NULL";
    sqlx::query_as(QUERY).fetch_all(&mut open(house).await).await.unwrap()
}

async fn open(house: &House) -> SqliteConnection {
    let url = format!("sqlite://{}", house.database().display());
    SqliteConnection::connect(&url).await.unwrap()
}

fn is_mailed(relay: &FakeRelay, number: u64) -> bool {
    let address = load::person(number);
    relay.taken().iter().any(|mail| mail.to == address)
}

async fn register(house: &House, form: &Form, email: &str) {
    let reply = once(house.address, &load::registration(form, email)).await.unwrap();
    assert_eq!(reply.status, 303, "{}", reply.text());
}
