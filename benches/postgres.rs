//! Registrations on PostgreSQL at 32 connections, beside `pgbench` running the same statements, and how many
//! statements one registration takes. Needs the server that `tests/run --bench` starts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::process::Command;

use commonground::clock::Clock;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

mod common;

use common::server::House;
use common::{Until, line, load, measured, rate, register};

const CONNECTIONS: usize = 32;

/// What one registration does that comes alone, as `webcasts/register.rs` and `mail/outbox` have it: a transaction for
/// each, as 32 clients of the database would do it. The program puts those that wait into one transaction
/// (`webcasts/registrations.rs`); the printed list shows what it really ran.
const REGISTRATION: &str = "
\\set n random(1, 1000000000000)
BEGIN;
INSERT INTO contacts (email, email_key, name, created_at)
SELECT 'p' || :n || '@visitors.example', 'p' || :n || '@visitors.example', 'A Visitor', :now
 WHERE EXISTS (SELECT 1 FROM sessions s JOIN webcasts w ON w.id = s.webcast_id
                WHERE w.slug = ':slug' AND s.public_id = decode(':session', 'hex') AND s.state = 'open'
                  AND s.ends_at > :now AND (s.capacity IS NULL OR s.seats_taken < s.capacity))
ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key
RETURNING id AS contact, confirmed_at, repeats, repeats_since,
          (SELECT capacity IS NOT NULL FROM sessions WHERE public_id = decode(':session', 'hex')) AS counted,
          (SELECT ends_at FROM sessions WHERE public_id = decode(':session', 'hex')) AS ends_at
\\gset
INSERT INTO registrations (public_id, contact_id, webcast_id, session_id, name, state, calendar_uid, channel, created_at)
SELECT decode(md5(:n || 'r'), 'hex'), :contact, s.webcast_id, s.id, 'A Visitor', 'registered',
       md5(:n || 'c') || '@commonground', 'form', :now
  FROM sessions s WHERE s.public_id = decode(':session', 'hex')
ON CONFLICT (contact_id, webcast_id) DO NOTHING
RETURNING id AS registration
\\gset
INSERT INTO outbox (kind, priority, dedupe_key, recipient, subject_id, params, message_id, created_at, next_at, deadline)
VALUES ('confirmation', 10, 'confirmation:' || md5(:n || 'k') || ':0', 'p' || :n || '@visitors.example',
        :registration, '{}', md5(:n || 'm'), :now, :now, :ends_at)
ON CONFLICT (dedupe_key) DO NOTHING;
COMMIT;
";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("registrations: POST to 303, PostgreSQL with fsync, {CONNECTIONS} connections");
    let Ok(server) = std::env::var("COMMONGROUND_TEST_POSTGRES") else {
        println!("  skipped: COMMONGROUND_TEST_POSTGRES is not set (tests/run --bench sets it)");
        return;
    };
    let url = fresh_database(&server).await;
    let house = House::on_postgres(&url);
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let mut database = PgConnection::connect(&url).await.unwrap();
    let warm = register(house.address, &form, CONNECTIONS, 0, Until::Count(2000)).await;
    run(&mut database, "SELECT pg_stat_statements_reset()").await;
    let reached = register(
        house.address,
        &form,
        CONNECTIONS,
        warm.count,
        Until::Elapsed(measured()),
    )
    .await;
    let (all, statements) = statements(&mut database, reached.count).await;
    let bare = pgbench(&url, &mut database, form.slug()).await;

    let share = reached.per_second() / bare;
    line("the program", &rate(reached.per_second()), &reached.times());
    line("pgbench, the same statements", &rate(bare), "the database alone");
    line("share of pgbench", &format!("{share:.2}"), "goal 0.8");
    line(
        "statements a registration, BEGIN and COMMIT among them",
        &format!("{all:.2}"),
        "alone it takes 5",
    );
    for (each, text) in statements {
        println!("    {each:>5.2}  {text}");
    }
}

async fn fresh_database(server: &str) -> String {
    let mut connection = PgConnection::connect(server).await.unwrap();
    let name = format!("bench_{}", std::process::id());
    run(&mut connection, &format!("CREATE DATABASE {name}")).await;
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let mut fresh = PgConnection::connect(&url).await.unwrap();
    run(&mut fresh, "CREATE EXTENSION pg_stat_statements").await;
    url
}

async fn run(connection: &mut PgConnection, statement: &str) {
    let statement = AssertSqlSafe(statement.to_owned());
    sqlx::raw_sql(statement).execute(connection).await.unwrap();
}

/// How often the server was asked for each registration, and what; the rare ones are left out of the list.
async fn statements(database: &mut PgConnection, registrations: u64) -> (f64, Vec<(f64, String)>) {
    const ASKED: &str = "SELECT calls::float8 AS calls, regexp_replace(query, '\\s+', ' ', 'g') AS text
        FROM pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY calls DESC";
    let rows = sqlx::query(ASKED).fetch_all(database).await.unwrap();
    let each = |row: &sqlx::postgres::PgRow| {
        let calls: f64 = row.get("calls");
        let text: String = row.get("text");
        (calls / count(registrations), text.chars().take(110).collect())
    };
    let asked: Vec<(f64, String)> = rows.iter().map(each).collect();
    let all = asked.iter().map(|(each, _)| each).sum();
    (all, asked.into_iter().filter(|(each, _)| *each > 0.005).collect())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn count(registrations: u64) -> f64 {
    registrations as f64
}

/// Transactions a second.
async fn pgbench(url: &str, database: &mut PgConnection, slug: &str) -> f64 {
    let session: String = sqlx::query_scalar(
        "SELECT encode(s.public_id, 'hex') FROM sessions s JOIN webcasts w ON w.id = s.webcast_id
         WHERE w.slug = $1 AND s.state = 'open' ORDER BY s.starts_at DESC LIMIT 1",
    )
    .bind(slug)
    .fetch_one(database)
    .await
    .unwrap();
    let directory = tempfile::TempDir::new().unwrap();
    let script = directory.path().join("registration.sql");
    // In prepared mode a variable within quotes is left alone, so what is fixed is put in here.
    let now = Clock::system().now().as_microsecond().to_string();
    let text = REGISTRATION
        .replace(":slug", slug)
        .replace(":session", &session)
        .replace(":now", &now);
    std::fs::write(&script, text).unwrap();
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-c", "32", "-j", "2"])
        .args(["-T", &measured().as_secs().to_string()])
        .arg("-f")
        .arg(&script)
        .arg(url)
        .output()
        .expect("pgbench is missing: it comes with Debian's package postgresql");
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}
