//! What visitors do, through HTTP and by mail, on both databases.

mod mails;
mod postfix;
mod registering;
mod requesting;
mod seats;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use commonground::app::{Running, Start};
use commonground::clock::Clock;
use commonground::config::{Settings, Source};
use commonground::mail::catcher::{Catcher, CaughtMail};
use commonground::on_db;
use commonground::values::{PublicId, Slug};
use commonground::webcasts::store as webcasts;
use commonground::webcasts::store::SessionUpdate;
use commonground::webcasts::{Session, SessionState};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Response, StatusCode, header, redirect};

use crate::support::db::TestDb;

/// A Monday; the sample's upcoming session is on December 4, 19:00 UTC.
const NOW: Timestamp = Timestamp::constant(1_795_435_200, 0);
const WEBCAST: &str = "/webcasts/partnering-for-growth";
const PAPER: &str = "/whitepapers/creating-effective-strategic-partnerships";

/// The program on a port of its own, with a relay that catches its mail and a clock that stands still.
struct Visit {
    running: Running,
    clock: Clock,
    client: Client,
    base: String,
    relay: Catcher,
}

impl Visit {
    async fn start(test: &TestDb) -> Self {
        Self::start_with(test, &[("rate_limit_ip", "off")]).await
    }

    async fn start_with(test: &TestDb, more: &[(&str, &str)]) -> Self {
        test.db.close().await;
        let clock = Clock::fixed(NOW);
        let relay = Catcher::start(clock.clone()).await.unwrap();
        let mut settings =
            Settings::gather(Some(Path::new("/dev/null")), std::iter::empty(), &BTreeMap::new()).unwrap();
        let smtp_url = relay.url();
        let usual = [
            ("database_url", test.url.as_str()),
            ("listen", "127.0.0.1:0"),
            ("smtp_url", &smtp_url),
            ("mail_from", "Common Ground <events@example.org>"),
        ];
        for (key, value) in usual.iter().chain(more) {
            settings.set(key, (*value).to_owned(), Source::Flag);
        }
        let start = Start {
            clock: clock.clone(),
            ..Start::new(settings.parse().unwrap())
        };
        let running = start.run().await.unwrap();
        Self {
            base: format!("http://{}", running.addresses[0]),
            client: Client::builder().redirect(redirect::Policy::none()).build().unwrap(),
            running,
            clock,
            relay,
        }
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    /// A page that is there.
    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.post_body(path, body.into_bytes()).await
    }

    async fn post_body(&self, path: &str, body: Vec<u8>) -> Response {
        self.client
            .post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// Registers, and expects the page of thanks.
    async fn register(&self, name: &str, email: &str, session: &str) {
        let answer = self
            .post(
                &format!("{WEBCAST}/register"),
                &[("name", name), ("email", email), ("session", session)],
            )
            .await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(location(&answer), format!("{WEBCAST}/thanks"));
    }

    /// Asks for the paper, and expects the page of thanks.
    async fn request(&self, name: &str, email: &str) {
        let answer = self
            .post(&format!("{PAPER}/request"), &[("name", name), ("email", email)])
            .await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(location(&answer), format!("{PAPER}/thanks"));
    }

    /// Waits for the relay to have caught so many mails; gives them, the oldest first.
    async fn mails(&self, count: usize) -> Vec<Arc<CaughtMail>> {
        let started = Instant::now();
        loop {
            let mut mails = self.relay.caught().list();
            if mails.len() >= count {
                mails.reverse();
                assert_eq!(mails.len(), count, "more mails than expected");
                return mails;
            }
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "{} of {count} mails",
                mails.len()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many rows a query counts.
    async fn count(&self, query: &'static str) -> i64 {
        let mut conn = self.running.state.db.read().await.unwrap();
        on_db!(conn, c => sqlx::query_scalar(query).fetch_one(c).await).unwrap()
    }

    /// The sample's upcoming session.
    async fn upcoming(&self) -> Session {
        let mut conn = self.running.state.db.read().await.unwrap();
        webcasts::all_sessions(&mut conn).await.unwrap().pop().unwrap()
    }

    async fn session_id(&self) -> String {
        self.upcoming().await.public_id.to_string()
    }

    /// Changes the upcoming session, as an organizer would, without telling anybody.
    async fn change(&self, change: impl Fn(&mut SessionUpdate)) {
        let session = self.upcoming().await;
        let mut update = SessionUpdate {
            starts_at: session.starts_at,
            ends_at: session.ends_at,
            zone: session.zone.clone(),
            join_url: session.join_url.clone(),
            replay_url: session.replay_url.clone(),
            capacity: session.capacity,
            state: session.state,
        };
        change(&mut update);
        let write = self.running.state.db.write(move |tx| {
            let update = update.clone();
            Box::pin(async move { webcasts::update_session(tx, session.id, &update, false, NOW).await })
        });
        write.await.unwrap();
    }

    /// A second session of the sample webcast, a week after the first.
    async fn add_session(&self, capacity: Option<i64>) -> PublicId {
        let first = self.upcoming().await;
        let write = self.running.state.db.write(move |tx| {
            let first = first.clone();
            Box::pin(async move {
                let new = webcasts::NewSession {
                    webcast_id: first.webcast_id,
                    starts_at: first.starts_at + SignedDuration::from_hours(7 * 24),
                    ends_at: first.ends_at + SignedDuration::from_hours(7 * 24),
                    zone: &first.zone,
                    capacity,
                };
                webcasts::insert_session(tx, &new, NOW).await
            })
        });
        write.await.unwrap()
    }

    /// A session of another webcast.
    async fn foreign_session(&self) -> PublicId {
        let first = self.upcoming().await;
        let write = self.running.state.db.write(move |tx| {
            let first = first.clone();
            Box::pin(async move {
                let slug = Slug::parse("another").unwrap();
                let webcast = webcasts::NewWebcast {
                    slug: &slug,
                    title: "Another",
                    summary: "",
                    description: "",
                };
                let new = webcasts::NewSession {
                    webcast_id: webcasts::insert_webcast(tx, &webcast, NOW).await?,
                    starts_at: first.starts_at,
                    ends_at: first.ends_at,
                    zone: &first.zone,
                    capacity: None,
                };
                webcasts::insert_session(tx, &new, NOW).await
            })
        });
        write.await.unwrap()
    }

    async fn end(self) {
        self.running.stop().await;
    }
}

fn location(answer: &Response) -> String {
    answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// The path of a personal link in a mail.
fn link(mail: &CaughtMail, below: &str) -> String {
    let at = mail
        .text
        .find(below)
        .unwrap_or_else(|| panic!("no {below} in\n{}", mail.text));
    mail.text[at..].split_whitespace().next().unwrap().to_owned()
}

fn closed(update: &mut SessionUpdate) {
    update.state = SessionState::Closed;
}
