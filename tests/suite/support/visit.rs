//! The program within the test, with a relay that catches its mail and a clock that stands still: what most tests of
//! pages and mails use.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use commonground::app::{Running, Start};
use commonground::clock::Clock;
use commonground::config::{Settings, Source};
use commonground::mail::catcher::{Catcher, CaughtMail};
use commonground::on_db;
use jiff::Timestamp;
use reqwest::{Client, Response, StatusCode, header, redirect};

use super::db::{TestDb, patient_door};

/// A Monday; the sample's upcoming session is on December 4, 19:00 UTC.
pub const NOW: Timestamp = Timestamp::constant(1_795_435_200, 0);
/// The program on a port of its own, with a relay that catches its mail and a clock that stands still.
pub struct Visit {
    pub running: Running,
    pub clock: Clock,
    pub client: Client,
    pub base: String,
    pub relay: Catcher,
}

impl Visit {
    pub async fn start(test: &TestDb) -> Self {
        Self::start_with(test, &[("rate_limit_ip", "off")]).await
    }

    pub async fn start_with(test: &TestDb, more: &[(&str, &str)]) -> Self {
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
            ("trusted_proxies", "127.0.0.0/8"),
        ];
        for (key, value) in usual.iter().chain(more) {
            settings.set(key, (*value).to_owned(), Source::Flag);
        }
        let start = Start {
            clock: clock.clone(),
            door: patient_door(),
            with_chores: false,
            ..Start::new(settings.parse().unwrap())
        };
        let running = start.run().await.unwrap();
        Self {
            base: format!("http://{}", running.addresses[0]),
            client: Client::builder()
                .no_proxy()
                .redirect(redirect::Policy::none())
                .build()
                .unwrap(),
            running,
            clock,
            relay,
        }
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    /// A page that is there.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.post_body(path, body.into_bytes()).await
    }

    /// Posts as somebody at another address does.
    pub async fn post_from(&self, ip: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.client
            .post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-forwarded-for", ip)
            .body(body)
            .send()
            .await
            .unwrap()
    }

    pub async fn post_body(&self, path: &str, body: Vec<u8>) -> Response {
        self.client
            .post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// Waits for the relay to have caught so many mails, and for no courier to have one in hand; gives them, the oldest
    /// first.
    pub async fn mails(&self, count: usize) -> Vec<Arc<CaughtMail>> {
        const IN_HAND: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'sending'";
        let started = Instant::now();
        while self.relay.caught().list().len() < count || self.count(IN_HAND).await > 0 {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "{} of {count} mails",
                self.relay.caught().list().len()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut mails = self.relay.caught().list();
        mails.reverse();
        assert_eq!(mails.len(), count, "more mails than expected");
        mails
    }

    /// How many rows a query counts.
    pub async fn count(&self, query: &'static str) -> i64 {
        let mut conn = self.running.state.db.read().await.unwrap();
        on_db!(conn, c => sqlx::query_scalar(query).fetch_one(c).await).unwrap()
    }

    /// Changes the database behind the program's back.
    pub async fn sql(&self, text: &'static str) {
        let change = self.running.state.db.write(move |tx| {
            Box::pin(async move {
                on_db!(tx, c => sqlx::query(text).execute(c).await.map(drop))?;
                Ok(())
            })
        });
        change.await.unwrap();
    }

    /// Waits until a query counts so many rows: what is noted beside a request comes after its answer.
    pub async fn until(&self, query: &'static str, count: i64) {
        let started = Instant::now();
        loop {
            let found = self.count(query).await;
            if found == count {
                return;
            }
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "{query}: {found} instead of {count}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops the program.
    pub async fn end(self) {
        self.running.stop().await;
    }
}

/// Where a redirect leads.
pub fn location(answer: &Response) -> String {
    answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// The path of a personal link in a mail.
pub fn link(mail: &CaughtMail, below: &str) -> String {
    let at = mail
        .text
        .find(below)
        .unwrap_or_else(|| panic!("no {below} in\n{}", mail.text));
    mail.text[at..].split_whitespace().next().unwrap().to_owned()
}
