//! Lists with 1,000,000 registrations of one webcast and five questions: eight pages at 16 connections; and files of all of
//! them in every kind, beside what `sqlite3 -csv` takes for the same rows, and what a registration takes meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use commonground::values::PublicId;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteSynchronous;

mod common;

use common::crowd::{fill, open, run};
use common::server::House;
use common::{Until, line, load, measured, organizer, rate, read_as, register};

const MANY: i64 = 1_000_000;
const CONNECTIONS: usize = 16;
const REGISTERING: usize = 32;
const LIST: &str = "/organizer/webcasts/partnering-for-growth/people";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("lists on SQLite with {MANY} registrations of one webcast and five questions");
    let house = House::on_sqlite();
    drop(house.start().await);
    fill(&house, MANY).await;
    let mut database = open(&house.database(), SqliteSynchronous::Off).await;
    vary(&mut database).await;
    let _server = house.start().await;
    let cookie = organizer::sign_in(&house).await;
    for (what, path) in pages(&mut database).await {
        let request = organizer::get(&path, &cookie);
        let reached = read_as(house.address, &request, CONNECTIONS, Until::Elapsed(measured())).await;
        let beside = format!("{}; goal p99 under 100 ms", reached.times());
        line(
            &format!("{what}, {CONNECTIONS} at once"),
            &rate(reached.per_second()),
            &beside,
        );
    }
    drop(database);
    if !std::env::args().any(|word| word == "pages") {
        files(&house).await;
    }
}

/// Tags, answers, attendance, and a second session.
async fn vary(database: &mut SqliteConnection) {
    for statement in [
        "UPDATE registrations SET session_id = (SELECT MIN(id) FROM sessions) WHERE id % 10 = 0",
        "UPDATE registrations SET attendance = 'attended', first_join = created_at, minutes = 40 WHERE id % 3 = 0",
        "INSERT INTO tags (name, name_key) VALUES ('hot', 'hot'), ('rare', 'rare')",
        "INSERT INTO contact_tags (contact_id, tag_id, created_at)
         SELECT c.id, t.id, 1 FROM contacts c JOIN tags t ON c.id % CASE t.name WHEN 'hot' THEN 20 ELSE 2000 END = 1",
    ] {
        run(database, statement).await;
    }
    for (key, kind) in [
        ("team", "text"),
        ("role", "one_of"),
        ("partnered", "yes_no"),
        ("partners", "number"),
        ("hopes", "long_text"),
    ] {
        let options = r#"{"live":[{"key":"chief","label":"Chief"},{"key":"sales","label":"Sales"}],"retired":[]}"#;
        let question = format!(
            "INSERT INTO questions (public_id, webcast_id, key, position, kind, label, options)
             SELECT randomblob(16), id, '{key}', 1, '{kind}', '{key}', '{options}' FROM webcasts LIMIT 1"
        );
        run(database, &question).await;
    }
    run(
        database,
        "INSERT INTO answers (question_id, registration_id, position, value, value_key)
         SELECT q.id, r.id, 0,
                CASE q.kind WHEN 'one_of' THEN CASE r.id % 4 WHEN 0 THEN 'Chief' ELSE 'Sales' END WHEN 'yes_no' THEN 'yes'
                            ELSE 'Something that was written' END,
                CASE q.kind WHEN 'one_of' THEN CASE r.id % 4 WHEN 0 THEN 'chief' ELSE 'sales' END WHEN 'yes_no' THEN 'yes'
                            ELSE '' END
           FROM registrations r, questions q",
    )
    .await;
    // The program reads no statistics: an installation has none until somebody makes them.
    run(database, "DELETE FROM sqlite_stat1").await;
    run(database, "PRAGMA wal_checkpoint(TRUNCATE)").await;
}

async fn pages(database: &mut SqliteConnection) -> Vec<(&'static str, String)> {
    let middle: Vec<u8> = sqlx::query_scalar(
        "SELECT public_id FROM registrations WHERE id = (SELECT MAX(id) - 50000 FROM registrations)",
    )
    .fetch_one(&mut *database)
    .await
    .unwrap();
    let session: Vec<u8> = sqlx::query_scalar("SELECT public_id FROM sessions ORDER BY id LIMIT 1")
        .fetch_one(&mut *database)
        .await
        .unwrap();
    let address: String = sqlx::query_scalar("SELECT email_key FROM contacts WHERE id = 123456")
        .fetch_one(&mut *database)
        .await
        .unwrap();
    let id = |bytes: &[u8]| PublicId::from_slice(bytes).unwrap();
    vec![
        ("the first page", LIST.to_owned()),
        ("page 1,000", format!("{LIST}?after={}", id(&middle))),
        ("by session", format!("{LIST}?session={}", id(&session))),
        (
            "by status and attendance",
            format!("{LIST}?state=registered&attendance=attended"),
        ),
        ("by a tag of 50,000", format!("{LIST}?tag=hot")),
        ("by a tag of 500", format!("{LIST}?tag=rare")),
        ("by one answer", format!("{LIST}?a_role=chief")),
        ("the beginning of an address", format!("{LIST}?q={}", &address[..8])),
        ("the beginning of a word, \u{201c}jen\u{201d}", format!("{LIST}?q=jen")),
        ("the beginning of most words, \u{201c}f\u{201d}", format!("{LIST}?q=f")),
        ("by name", format!("{LIST}?sort=name")),
        (
            "by name, those who were there",
            format!("{LIST}?sort=name&attendance=attended"),
        ),
    ]
}

async fn files(house: &House) {
    let database = house.database();
    let bare = sqlite3(&database);
    for (kind, goal) in [
        ("csv", "goal under 10 s"),
        ("jsonl", "goal under 15 s"),
        ("xlsx", "goal under 90 s"),
    ] {
        let output = database.with_extension(kind);
        let took = export(&database, kind, &output);
        let mut beside = format!(
            "{:.1} s of processor time, {} MB of memory, file {} MB; {goal}, growth under 64 MB",
            took.processor,
            took.memory / 1_000,
            std::fs::metadata(&output).unwrap().len() / 1_000_000
        );
        if let (Some(bare), "csv") = (bare, kind) {
            beside = format!("{beside}; sqlite3 -csv takes {bare:.1} s of it, goal at most twice");
        }
        line(
            &format!("a file, {kind}"),
            &format!("{:.1} s", took.wall.as_secs_f64()),
            &beside,
        );
        std::fs::remove_file(&output).unwrap();
    }
    let form = load::find_form(house.address).await;
    let registering = || register(house.address, &form, REGISTERING, 0, Until::Elapsed(measured()));
    let alone = registering().await;
    let output = database.with_extension("meanwhile");
    let mut exporting = start(&database, "csv", &output);
    let meanwhile = register(
        house.address,
        &form,
        REGISTERING,
        10_000_000,
        Until::Elapsed(measured()),
    )
    .await;
    assert!(
        exporting.try_wait().unwrap().is_none(),
        "it took longer than the registrations were measured"
    );
    exporting.wait().unwrap();
    line(
        "registrations beside a file, p99",
        &format!("{:.1?}", meanwhile.percentile(99)),
        &format!("without it {:.1?}; goal at most twice", alone.percentile(99)),
    );
}

struct Took {
    wall: Duration,
    /// Seconds.
    processor: f64,
    /// The most at a time, in kB.
    memory: u64,
}

fn start(database: &Path, kind: &str, output: &Path) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_commonground"))
        .args([
            "export",
            "attendees",
            "--webcast",
            "partnering-for-growth",
            "--format",
            kind,
        ])
        .arg("--database-url")
        .arg(format!("sqlite:{}", database.display()))
        .arg("--output")
        .arg(output)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn export(database: &Path, kind: &str, output: &Path) -> Took {
    watch(start(database, kind, output))
}

/// What a program takes, as the system counts it until just before its end.
fn watch(mut child: std::process::Child) -> Took {
    let began = Instant::now();
    let mut took = Took {
        wall: Duration::ZERO,
        processor: 0.0,
        memory: 0,
    };
    while child.try_wait().unwrap().is_none() {
        if let Some((processor, memory)) = standing(child.id()) {
            (took.processor, took.memory) = (processor, memory.max(took.memory));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(child.wait().unwrap().success());
    took.wall = began.elapsed();
    took
}

/// Processor time and the most memory so far (proc(5)).
fn standing(process: u32) -> Option<(f64, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum();
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some((ticks / 100.0, most.trim().trim_end_matches(" kB").parse().ok()?))
}

/// Processor time of SQLite's own program for the same rows; `None` where it is not installed.
fn sqlite3(database: &Path) -> Option<f64> {
    let query = "SELECT r.first_name, r.last_name, r.name, c.email, COALESCE(r.company, c.company),
                        COALESCE(r.job_title, c.job_title), COALESCE(r.phone, c.phone), COALESCE(r.country, c.country),
                        w.title, datetime(s.starts_at / 1000000, 'unixepoch'), s.time_zone, r.state, r.attendance,
                        datetime(r.created_at / 1000000, 'unixepoch'), c.confirmed_at, r.first_join, r.last_leave,
                        r.minutes, r.replay_at, r.utm_source, r.utm_medium, r.utm_campaign, r.utm_term, r.utm_content,
                        r.referrer, r.channel, r.consent_at, r.consent_version, r.locale, r.time_zone,
                        (SELECT u.reason FROM suppressions u WHERE u.address_key = c.email_key LIMIT 1),
                        (SELECT group_concat(a.question_id || a.value || a.value_key, ';') FROM answers a
                          WHERE a.registration_id = r.id),
                        (SELECT group_concat(t.name, '; ') FROM contact_tags p JOIN tags t ON t.id = p.tag_id
                          WHERE p.contact_id = c.id),
                        r.cancelled_at, r.cancel_reason, hex(r.public_id)
                   FROM registrations r JOIN contacts c ON c.id = r.contact_id JOIN webcasts w ON w.id = r.webcast_id
                   JOIN sessions s ON s.id = r.session_id ORDER BY r.id";
    let child = Command::new("sqlite3")
        .args(["-readonly", "-csv", "-header"])
        .arg(database)
        .arg(query)
        .stdout(Stdio::null())
        .spawn()
        .ok()?;
    Some(watch(child).processor)
}
