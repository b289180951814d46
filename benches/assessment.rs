//! The self-assessment: scoring one, writing a PDF (one core), showing a result, finished assessments a second through
//! the form, and counting the benchmark anew over 1,000,000 results.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::hint::black_box;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use commonground::assessment::jobs::benchmark;
use commonground::assessment::model::answers::{Answers, FactorAnswers};
use commonground::assessment::report::{About, Paper, joint_pdf, result_pdf};
use commonground::assessment::scoring::paired::compare;
use commonground::assessment::scoring::score;
use commonground::assessment::words::bank::Bank;
use commonground::assessment::words::reading::{self, read_joint};
use commonground::assessment::{Parties, Relationship};
use commonground::config::DatabaseUrl;
use commonground::db::Db;
use commonground::typesetting::Fonts;
use jiff::Timestamp;
use sqlx::{Connection as _, SqliteConnection};
use tokio::task::LocalSet;

mod common;

use common::http::{self, Connection};
use common::server::House;
use common::{Until, line, measured, per_second, rate, read};

/// Runs this very program to count the benchmark anew, so that its memory is its own.
const REBUILD: &str = "rebuild";
const CONNECTIONS: usize = 32;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    if let Some(at) = arguments.iter().position(|argument| argument == REBUILD) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(rebuild(&arguments[at + 1]));
    } else if !common::is_only_listed() {
        println!("assessment");
        on_one_core();
        runtime.block_on(over_http());
        runtime.block_on(benchmark());
    }
}

fn on_one_core() {
    let bank = Bank::load().unwrap();
    let parties = Parties {
        relationship: Relationship::Partner,
        side: None,
        us: "Contoso Manufacturing".to_owned(),
        partner: "Northwind Trading".to_owned(),
    };
    let about = About {
        organization: "Common Ground".to_owned(),
        headline: None,
        nameless: false,
        relationship: Relationship::Partner.in_words(),
        date: jiff::civil::date(2026, 11, 24),
        home_url: "https://commonground.example".to_owned(),
        kept_until: "November 24, 2028".to_owned(),
    };
    let (a, b) = (answers("44332121"), answers("34333333"));
    let started = Instant::now();
    let fonts = Fonts::load().unwrap();
    line("to load the fonts, once", &milliseconds(started.elapsed()), "");

    let scored = mean(|| score(black_box(&a)));
    let figure = format!("{:.2} µs", scored.as_secs_f64() * 1e6);
    line("to score one assessment", &figure, "goal < 20 µs");

    let result = reading::read(&bank, &parties, &score(&a));
    let joint = read_joint(&bank, &parties, &compare(&a, &b));
    let purposes = Some(("Sell the pumps in the north.", "Learn the market before we build."));
    for (paper, name) in [(Paper::A4, "A4"), (Paper::Letter, "Letter")] {
        let took = mean(|| result_pdf(&fonts, paper, &about, &result).unwrap());
        line(
            &format!("PDF of a result, {name}"),
            &milliseconds(took),
            "goal < 150 ms",
        );
        let took = mean(|| joint_pdf(&fonts, paper, &about, &joint, purposes).unwrap());
        line(
            &format!("PDF of two views, {name}"),
            &milliseconds(took),
            "goal < 150 ms",
        );
    }
    let bytes = result_pdf(&fonts, Paper::A4, &about, &result).unwrap().len();
    line("size of a result's PDF", &format!("{} kB", bytes / 1000), "");
}

/// One lopsided factor, the others even.
fn answers(risk: &str) -> Answers {
    let read = |letters| FactorAnswers::parse(letters).unwrap();
    Answers {
        risk: read(risk),
        ..Answers::from_fn(|_| read("33333332"))
    }
}

/// How long one run takes, over a fifth of the time each figure is measured.
fn mean<T>(mut run: impl FnMut() -> T) -> Duration {
    black_box(run());
    let (started, mut runs) = (Instant::now(), 0);
    while started.elapsed() < measured() / 5 {
        black_box(run());
        runs += 1;
    }
    started.elapsed() / runs
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// A real server: the result page, and the whole way from the start to the result.
async fn over_http() {
    let house = House::on_sqlite();
    let server = house.start().await;
    let (finished, took) = finish_many(house.address).await;
    let figure = rate(per_second(finished, took));
    let beside = format!("goal 200/s; {CONNECTIONS} connections, 8 HTTP requests each");
    line("finished assessments through the form, SQLite", &figure, &beside);
    let page = format!(
        "{}/mine",
        finish_one(&mut Connection::open(house.address).await.unwrap()).await
    );
    let reached = read(house.address, &page, 1, Until::Elapsed(measured())).await;
    let beside = format!("goal < 5 ms; {}", reached.times());
    line(
        "the result page, one connection",
        &milliseconds(reached.percentile(50)),
        &beside,
    );
    let peak = format!("{:.0} MB", server.peak_rss_mb());
    line("memory (RSS), most", &peak, "");
}

async fn finish_many(address: SocketAddr) -> (u64, Duration) {
    let (started, local) = (Instant::now(), LocalSet::new());
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            local.spawn_local(async move {
                let mut connection = Connection::open(address).await.unwrap();
                let mut finished = 0;
                while started.elapsed() < measured() {
                    finish_one(&mut connection).await;
                    finished += 1;
                }
                finished
            })
        })
        .collect();
    let mut finished = 0;
    local
        .run_until(async {
            for task in tasks {
                finished += task.await.unwrap();
            }
        })
        .await;
    (finished, started.elapsed())
}

/// Start, five pages of cards, the last page, the result; gives the private path.
async fn finish_one(connection: &mut Connection) -> String {
    let start = [("type", "partner"), ("us", "Contoso"), ("partner", "Northwind")];
    let path = post(connection, "/assessment", &start).await;
    for (page, letters) in (1..).zip(["VI", "RI", "RE", "RW", "VA"]) {
        let names: Vec<String> = ["u", "p"]
            .iter()
            .flat_map(|side| (1..=4).map(move |item| format!("{side}_{letters}{item}")))
            .collect();
        let fields: Vec<(&str, &str)> = names
            .iter()
            .zip("32343323".split("").skip(1))
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        post(connection, &format!("{path}?page={page}"), &fields).await;
    }
    let last = [("O1", "half"), ("O2", "probably"), ("O3", "")];
    let mine = post(connection, &format!("{path}?page=6"), &last).await;
    let shown = connection.exchange(&http::get(&mine)).await.unwrap();
    assert_eq!(shown.status, 200);
    path
}

async fn post(connection: &mut Connection, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = connection.exchange(&http::post(path, fields)).await.unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").unwrap().to_owned()
}

/// All of them opted in, and none counted yet: the first night is the longest.
async fn benchmark() {
    const FILL: &str = "
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
        INSERT INTO assessments (id, public_id, relationship, us, partner, in_benchmark, created_at, changed_at,
                                 finished_at, keep_until)
        SELECT i, randomblob(16), CASE i % 3 WHEN 0 THEN 'partner' WHEN 1 THEN 'internal' ELSE 'customer' END,
               'Our organisation', 'Our partner', 1, 1, 1, 1, 9000000000000000 FROM n;
        INSERT INTO assessment_results (assessment_id, item_bank_version, scoring_version, index_score, level_score,
                                        score_risk, score_resources, score_rewards, score_vision, score_values, weakest)
        SELECT id, 1, 1, abs(random() % 1000) / 10.0, 50, 50, 50, 50, 50, 50, 'risk' FROM assessments";
    let house = House::on_sqlite();
    drop(house.start().await);
    let url = format!("sqlite://{}", house.database().display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(FILL).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    for what in [
        "the benchmark over 1,000,000 results, first night",
        "the same, another night",
    ] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([REBUILD, &url])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut parts = text.split_whitespace();
        let mut number = || parts.next().unwrap().parse::<f64>().unwrap();
        let (counted, seconds, megabytes) = (number(), number(), number());
        assert!((counted - 1_000_000.0).abs() < 1.0, "{text}");
        let beside = format!("goal < 30 s in < 128 MB; most memory {megabytes:.0} MB");
        line(what, &format!("{seconds:.1} s"), &beside);
    }
}

/// Prints how many count, the seconds it took, and the most memory in MB.
async fn rebuild(url: &str) {
    let url = DatabaseUrl::parse(url).unwrap();
    let db = Db::open(&url).await.unwrap();
    let started = Instant::now();
    let counted = benchmark::rebuild(&db, Timestamp::UNIX_EPOCH).await.unwrap();
    let took = started.elapsed().as_secs_f64();
    db.close().await;
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: f64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    println!("{counted} {took} {}", kilobytes * 1.024 / 1000.0);
}
