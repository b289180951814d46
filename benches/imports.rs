//! A list of 100,000 registrations, 1,000 of them bad, is put in by the browser's own steps: how long each takes, and what
//! registrations keep meanwhile of the rate that they have before and after.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::time::{Duration, Instant};

use commonground::imports::{Mapping, OurColumn};
use commonground::values::PublicId;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteSynchronous;

mod common;

use common::crowd::{self, open};
use common::people::{self, HEADINGS, row};
use common::server::House;
use common::{Until, http, line, load, measured, organizer, rate, register};

const ROWS: usize = 100_000;
/// One in so many has an address that is none.
const BAD: usize = 100;
const CONNECTIONS: usize = 32;
/// Who is there already while visitors register: what they do takes longer the more there are, with an import or without.
const THERE: i64 = 300_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("a list of {ROWS} registrations is imported, on SQLite");
    for beside in [false, true] {
        import(beside).await;
    }
}

async fn import(beside: bool) {
    let house = House::on_sqlite();
    if beside {
        drop(house.start().await);
        crowd::fill(&house, THERE).await;
    }
    let _server = house.start().await;
    let cookie = organizer::sign_in(&house).await;
    let mut database = open(&house.database(), SqliteSynchronous::Full).await;
    let form = load::find_form(house.address).await;
    let visitors = async |first, until| register(house.address, &form, CONNECTIONS, first, until).await;
    let before = if beside {
        Some(visitors(0, Until::Elapsed(measured())).await)
    } else {
        None
    };

    let began = Instant::now();
    let path = sent(&house, &cookie, &mut database).await;
    let fields = chosen(&mut database).await;
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // The first answer leads back to the columns: the session's form may have questions.
    for _ in 0..2 {
        asked(&house, &http::post(&path, &fields), &cookie, 303).await;
    }
    let page = asked(&house, &http::get(&format!("{path}/preview")), &cookie, 200).await;
    assert!(page.text().contains("New: 99,000 people."), "{}", page.text());
    let previewed = began.elapsed();

    let began = Instant::now();
    asked(&house, &http::post(&format!("{path}/start"), &[]), &cookie, 303).await;
    let (mut count, mut took, mut longest) = (0, Duration::ZERO, Duration::ZERO);
    while state(&mut database).await != "done" {
        if let Some(before) = &before {
            let some = visitors(before.count + count, Until::Elapsed(Duration::from_secs(1))).await;
            count += some.count;
            took += some.took;
            longest = longest.max(some.longest());
        } else {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(began.elapsed() < Duration::from_mins(5), "it does not end");
    }
    let put = began.elapsed();
    let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM contacts WHERE email_key LIKE 'ada.lovelace.%'")
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(there, 99_000);

    match before {
        None => {
            line("sent, its columns chosen, looked at", &format!("{previewed:.1?}"), "");
            line("put in", &format!("{put:.1?}"), "goal 20 s");
        }
        Some(before) => {
            let after = visitors(before.count + count, Until::Elapsed(measured())).await;
            let without = f64::midpoint(before.per_second(), after.per_second());
            line("put in while visitors register", &format!("{put:.1?}"), "");
            let meanwhile = common::per_second(count, took);
            line("registrations before", &rate(before.per_second()), &before.times());
            line("registrations after", &rate(after.per_second()), &after.times());
            line(
                "registrations meanwhile",
                &rate(meanwhile),
                &format!(
                    "{:.2} of the mean of both, the longest {longest:.0?}; goal 0.7",
                    meanwhile / without
                ),
            );
        }
    }
}

/// Sends the file; gives where that leads.
async fn sent(house: &House, cookie: &str, database: &mut SqliteConnection) -> String {
    let rows: Vec<[String; 12]> = (0..ROWS)
        .map(|n| {
            let mut row = row(n);
            if n % BAD == 0 {
                row[0] = format!("ada.lovelace.{n} at example.org");
            }
            row
        })
        .collect();
    let mut body = b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\n".to_vec();
    body.extend(people::csv(&rows));
    body.extend(b"\r\n--edge--\r\n");
    let request = http::post_bytes("/organizer/people/import", "multipart/form-data; boundary=edge", &body);
    asked(house, &request, cookie, 303).await;
    let id: Vec<u8> = sqlx::query_scalar("SELECT public_id FROM imports")
        .fetch_one(database)
        .await
        .unwrap();
    format!("/organizer/people/import/{}", PublicId::from_slice(&id).unwrap())
}

/// Which of its columns is which of ours, and the session.
async fn chosen(database: &mut SqliteConnection) -> Vec<(String, String)> {
    let id: Vec<u8> = sqlx::query_scalar("SELECT public_id FROM sessions ORDER BY starts_at DESC LIMIT 1")
        .fetch_one(database)
        .await
        .unwrap();
    let mapping = Mapping::of_header(&csv::StringRecord::from(HEADINGS.to_vec())).unwrap();
    let mut fields = vec![
        ("kind".to_owned(), "registrations".to_owned()),
        ("session".to_owned(), PublicId::from_slice(&id).unwrap().to_string()),
    ];
    for column in OurColumn::FIXED {
        if let Some(index) = mapping.index_of(&column) {
            fields.push((format!("our_{}", column.key()), index.to_string()));
        }
    }
    fields
}

async fn state(database: &mut SqliteConnection) -> String {
    sqlx::query_scalar("SELECT state FROM imports")
        .fetch_one(database)
        .await
        .unwrap()
}

async fn asked(house: &House, request: &[u8], cookie: &str, expected: u16) -> http::Reply {
    let request = organizer::with_header(request, &format!("Cookie: {cookie}"));
    let request = organizer::with_header(&request, "Sec-Fetch-Site: same-origin");
    let reply = http::once(house.address, &request).await.unwrap();
    assert_eq!(reply.status, expected, "{}", reply.text());
    reply
}
