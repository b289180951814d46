//! A database of the first version is brought to this one.

use std::fmt::Write as _;
use std::str::FromStr as _;

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::*;
use crate::support::db::fresh_postgres;

/// The last step of the version before organizers wrote webcasts in a browser.
const LAST_BEFORE: i64 = 13;

/// The steps of that version.
async fn steps(database: &str) -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut migrator = Migrator::new(folder).await.unwrap();
    let before: Vec<_> = migrator
        .migrations
        .iter()
        .filter(|step| step.version <= LAST_BEFORE)
        .cloned()
        .collect();
    assert_eq!(before.len(), 13);
    migrator.migrations = before.into();
    migrator
}

/// What that version kept of the webcast that this page is of, and of one registration.
fn content(blob: &str, sample: &Sample) -> String {
    let quoted = |text: &str| text.replace('\'', "''");
    let mut text = format!(
        "INSERT INTO settings (key, value) VALUES ('seeded', '2026-11-01T00:00:00Z');
         INSERT INTO webcasts (id, public_id, slug, title, summary, description, created_at)
         VALUES (1, {blob}, '{SLUG}', '{}', '{}', '{}', 1);",
        quoted(&sample.title),
        quoted(&sample.summary),
        quoted(&sample.description)
    );
    for (position, (name, role)) in (1..).zip([
        ("Francine Allaire", "Speaker"),
        ("Daniel Stevenson", "Speaker"),
        ("The host", "Host"),
    ]) {
        write!(
            text,
            "INSERT INTO speakers (webcast_id, position, name, role, bio) VALUES (1, {position}, '{name}', '{role}', '');"
        )
        .unwrap();
    }
    for (id, (start, end, zone)) in (1..).zip(&sample.sessions) {
        write!(
            text,
            "INSERT INTO sessions (id, public_id, webcast_id, starts_at, ends_at, time_zone, state, created_at, updated_at)
             VALUES ({id}, {blob}, 1, {start}, {end}, '{zone}', 'open', 1, 1);"
        )
        .unwrap();
    }
    write!(
        text,
        "INSERT INTO contacts (id, email, email_key, name, created_at) VALUES (1, 'Ada@example.org', 'ada@example.org', 'Ada', 1);
         INSERT INTO registrations (public_id, contact_id, webcast_id, session_id, name, state, calendar_uid, channel, created_at)
         VALUES ({blob}, 1, 1, 2, 'Ada', 'registered', 'a@commonground', 'form', 1);"
    )
    .unwrap();
    text
}

/// The sample webcast as a new database has it.
struct Sample {
    title: String,
    summary: String,
    description: String,
    sessions: Vec<(i64, i64, String)>,
    page: String,
}

impl Sample {
    async fn of_today() -> Self {
        let test = TestDb::sqlite().await;
        let site = Site::start(&test).await;
        let (title, summary, description): (String, String, String) = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_as("SELECT title, summary, description FROM webcasts").fetch_one(c).await)
                .unwrap()
        };
        let sessions = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_as("SELECT starts_at, ends_at, time_zone FROM sessions ORDER BY id").fetch_all(c).await).unwrap()
        };
        let page = page_of(&site).await;
        site.running.stop().await;
        Self {
            title,
            summary,
            description,
            sessions,
            page,
        }
    }
}

/// The public page, whatever its session is called by.
async fn page_of(site: &Site) -> String {
    let page = Browser::new(site).page(&format!("/webcasts/{SLUG}")).await;
    page.replace(&site.upcoming().await.to_string(), "SESSION")
}

async fn stays_the_same(url: &str, sample: &Sample) {
    let site = Site::at(url, &[]).await;
    assert_eq!(page_of(&site).await, sample.page);
    site.add("olga@example.org", Role::Owner).await;
    let browser = Browser::signed_in(&site, "olga@example.org").await;
    assert!(
        browser
            .page(&format!("/organizer/webcasts/{SLUG}"))
            .await
            .contains(">Published<")
    );
    assert!(browser.page("/organizer/people").await.contains("Ada@example.org"));
    assert!(
        !browser.page("/organizer").await.contains("First steps"),
        "whoever had registrations needs none"
    );
    site.keep_words().await;
    assert!(
        browser
            .page("/organizer/people?q=ada")
            .await
            .contains("Ada@example.org")
    );
    site.running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webcast_of_before_is_published_and_its_page_the_same() {
    let sample = Sample::of_today().await;
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", directory.path().join("old.db").display());
    let mut sqlite = SqliteConnectOptions::from_str(&url)
        .unwrap()
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    steps("sqlite").await.run(&mut sqlite).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(content("randomblob(16)", &sample)))
        .execute(&mut sqlite)
        .await
        .unwrap();
    sqlite.close().await.unwrap();
    stays_the_same(&url, &sample).await;

    let url = fresh_postgres().await;
    let mut postgres = PgConnection::connect(&url).await.unwrap();
    steps("postgres").await.run(&mut postgres).await.unwrap();
    let content = content("uuid_send(gen_random_uuid())", &sample);
    sqlx::raw_sql(sqlx::AssertSqlSafe(content))
        .execute(&mut postgres)
        .await
        .unwrap();
    postgres.close().await.unwrap();
    stays_the_same(&url, &sample).await;
}
