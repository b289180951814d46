//! Registrations: POST to 303, durable on the disk, with the physical limits beside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use commonground::app::Start;
use commonground::config::Settings;
use commonground::db::DoorOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

mod common;

use common::crowd::open;
use common::server::House;
use common::{Reached, Until, line, load, measured, rate, read, register, register_answering};

/// Runs this very program as a server whose write door commits each job by itself.
const ONE_EACH: &str = "one-transaction-each";

fn main() {
    if std::env::args().any(|argument| argument == ONE_EACH) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.unwrap().block_on(serve_one_each());
    } else if !common::is_only_listed() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(measure_all());
    }
}

async fn serve_one_each() {
    let settings = Settings::gather(None, std::env::vars(), &BTreeMap::new()).unwrap();
    let door = DoorOptions {
        batch: 1,
        ..DoorOptions::default()
    };
    let start = Start {
        door,
        ..Start::new(settings.parse().unwrap())
    };
    let _running = start.run().await.unwrap();
    std::future::pending::<()>().await;
}

async fn measure_all() {
    println!("registrations: POST to 303, SQLite with synchronous=FULL, load and server on the same machine");
    on_sqlite().await;
    with_answers().await;
    limits().await;
}

async fn on_sqlite() {
    let mut grouped = 0.0;
    for connections in [1, 32, 256] {
        let house = House::on_sqlite();
        let _server = house.start().await;
        let reached = measure(&house, connections).await;
        grouped = reached.per_second();
        let goal = if connections == 256 { "goal 10,000/s; " } else { "" };
        line(
            &format!("group commit, {connections} connections"),
            &rate(grouped),
            &format!("{goal}{}", reached.times()),
        );
    }
    for connections in [1, 32, 256] {
        let each = one_each(connections).await;
        let beside = if connections == 256 {
            format!("group commit is {:.1} times that; goal 3", grouped / each.per_second())
        } else {
            each.times()
        };
        let what = format!("one transaction each, {connections} connections");
        line(&what, &rate(each.per_second()), &beside);
    }
    let house = House::on_sqlite();
    let _server = house.start().await;
    let empty = read(house.address, "/healthz", 256, Until::Elapsed(measured())).await;
    line(
        "an empty handler, 256 connections",
        &rate(empty.per_second()),
        "the web server by itself",
    );
}

/// The same with five answers, beside those without: by turns, since what else goes on changes from second to second.
async fn with_answers() {
    const CONNECTIONS: usize = 32;
    const TURNS: u64 = 5;
    const ANSWERS: [(&str, &str); 5] = [
        ("q_team", "Partner management"),
        ("q_role", "chief"),
        ("q_partnered", "yes"),
        ("q_partners", "12"),
        (
            "q_hopes",
            "To hear how others share risk and reward.\r\nAnd what they would do otherwise.",
        ),
    ];
    let (plain, asking) = (House::on_sqlite(), House::on_sqlite());
    drop(asking.start().await);
    ask(&asking).await;
    let _servers = (plain.start().await, asking.start().await);
    let (mut counts, mut took) = ([0, 0], [Duration::ZERO; 2]);
    for turn in 0..=TURNS {
        for (at, (house, answers)) in [(&plain, [].as_slice()), (&asking, ANSWERS.as_slice())]
            .into_iter()
            .enumerate()
        {
            let form = load::find_form(house.address).await;
            let until = Until::Elapsed(measured() / 2);
            let first = turn * 1_000_000;
            let reached = register_answering(house.address, &form, answers, CONNECTIONS, first, until).await;
            // The first turn warms up.
            if turn > 0 {
                counts[at] += reached.count;
                took[at] += reached.took;
            }
        }
    }
    let [without, with] = [0, 1].map(|at| common::per_second(counts[at], took[at]));
    line("without questions, 32 connections", &rate(without), "");
    line(
        "with five answers, 32 connections",
        &rate(with),
        &format!("takes {:.2} times as long; goal at most 1.3", without / with),
    );
}

/// Five questions of different kinds.
async fn ask(house: &House) {
    let mut database = open(&house.database(), SqliteSynchronous::Full).await;
    let questions = "INSERT INTO questions (public_id, webcast_id, key, position, kind, label, required, options)
        SELECT randomblob(16), w.id, q.column1, 1, q.column2, q.column1, 1, q.column3
          FROM webcasts w, (VALUES ('team', 'text', '{\"live\":[],\"retired\":[]}'), ('partnered', 'yes_no', '{\"live\":[],\"retired\":[]}'), ('partners', 'number', '{\"live\":[],\"retired\":[]}'),
                                   ('hopes', 'long_text', '{\"live\":[],\"retired\":[]}'),
                                   ('role', 'one_of', '{\"live\":[{\"key\":\"chief\",\"label\":\"Chief\"}],\"retired\":[]}')) AS q";
    for text in [questions, "UPDATE webcasts SET form_version = 1"] {
        sqlx::query(text).execute(&mut database).await.unwrap();
    }
}

/// The same code with another door.
async fn one_each(connections: usize) -> Reached {
    let house = House::on_sqlite();
    let program = std::env::current_exe().unwrap();
    let command = house.under(program.to_str().unwrap(), &[ONE_EACH]);
    let _server = house.start_command(command).await;
    measure(&house, connections).await
}

/// A second to warm up, then the measurement.
async fn measure(house: &House, connections: usize) -> Reached {
    let form = load::find_form(house.address).await;
    let warm = register(
        house.address,
        &form,
        connections,
        0,
        Until::Elapsed(Duration::from_secs(1)),
    )
    .await;
    register(
        house.address,
        &form,
        connections,
        warm.count,
        Until::Elapsed(measured()),
    )
    .await
}

/// What the disk and the database can do at most, one at a time.
async fn limits() {
    let directory = tempfile::TempDir::new().unwrap();
    let mut database = SqliteConnectOptions::new()
        .filename(directory.path().join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE bare (id INTEGER PRIMARY KEY, a TEXT) STRICT")
        .execute(&mut database)
        .await
        .unwrap();
    let commits = one_row_commits(&mut database).await;
    line(
        "one-row durable commits, one connection",
        &rate(commits),
        "SQLite by itself, through sqlx",
    );
    let synced = syncs(&directory.path().join("synced"));
    line(
        "4 kB written and synced, one after another",
        &rate(synced),
        "the disk by itself",
    );
}

async fn one_row_commits(database: &mut SqliteConnection) -> f64 {
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < measured() {
        sqlx::query("INSERT INTO bare (a) VALUES ('one row')")
            .execute(&mut *database)
            .await
            .unwrap();
        count += 1;
    }
    common::per_second(count, started.elapsed())
}

fn syncs(path: &std::path::Path) -> f64 {
    let mut file = File::create(path).unwrap();
    let block = [0x5A; 4096];
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < measured() {
        file.write_all(&block).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    common::per_second(count, started.elapsed())
}
