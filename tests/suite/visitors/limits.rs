//! What strangers may cause: posts by network, mail by address. And that every post is counted.

use std::collections::BTreeSet;
use std::path::Path;

use commonground::app::RULES;
use futures_util::future::join_all;
use reqwest::StatusCode;

use super::*;
use crate::on_both_databases;

const TO_ADA: &str = "SELECT COUNT(*) FROM outbox WHERE kind = 'registration-again' AND recipient = 'ada@example.net'";
const TO_BOB: &str = "SELECT COUNT(*) FROM outbox WHERE kind = 'registration-again' AND recipient = 'bob@example.net'";

on_both_databases! {
    async fn a_storm_at_one_moment_gets_no_more_than_the_limit(test: TestDb) {
        let visit = Visit::start_with(&test, &[("rate_limit_ip", "5/h")]).await;
        let storm = (0..200).map(|n| {
            let visit = &visit;
            async move {
                let email = format!("ada-{n}@example.net");
                visit.post(&format!("{PAPER}/request"), &[("name", "Ada"), ("email", &email)]).await.status()
            }
        });
        let answers = join_all(storm).await;
        assert_eq!(answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 5);
        assert_eq!(visit.count("SELECT COUNT(*) FROM requests").await, 5);
        assert_eq!(answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count(), 195);
        visit.end().await;
    }

    async fn a_confirmed_address_is_limited_like_any_other_and_the_limit_tells_nothing(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        for email in ["ada@example.net", "bob@example.net"] {
            visit.register("Ada", email, &session).await;
        }
        let mails = visit.mails(2).await;
        let of_ada = mails.iter().find(|mail| mail.envelope_to == ["ada@example.net"]).unwrap();
        visit.post(&format!("{}/edit", link(of_ada, "/registrations/")), &[("name", "Ada")]).await;
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts WHERE confirmed_at IS NOT NULL").await, 1);
        for round in 0..40 {
            visit.clock.advance(SignedDuration::from_mins(11));
            for email in ["ada@example.net", "bob@example.net"] {
                visit.register(&format!("Call 0800 {round}"), email, &session).await;
            }
        }
        let (ada, bob) = (visit.count(TO_ADA).await, visit.count(TO_BOB).await);
        assert_eq!(ada, bob, "whether an address is confirmed makes no difference");
        assert!((5..=6).contains(&ada), "five a day, and one that waits for tomorrow: {ada}");
        for mail in visit.relay.caught().list() {
            assert!(!mail.text.contains("0800") && !mail.subject.contains("0800"), "{}", mail.text);
        }
        visit.end().await;
    }

    async fn every_post_of_a_network_counts_whoever_it_is_for(test: TestDb) {
        for confirmed in [false, true] {
            let visit = Visit::start_with(&test, &[("rate_limit_ip", "2/h"), ("rate_limit_recipient", "off")]).await;
            if confirmed {
                visit.sql("UPDATE contacts SET confirmed_at = 1").await;
                visit.clock.advance(SignedDuration::from_hours(2));
            }
            let mut answers = Vec::new();
            for _ in 0..3 {
                visit.clock.advance(SignedDuration::from_secs(61));
                let fields = [("name", "Ada"), ("email", "ada@example.net")];
                answers.push(visit.post_from("192.0.2.1", &format!("{PAPER}/request"), &fields).await.status().as_u16());
            }
            assert_eq!(answers, [303, 303, 429], "confirmed: {confirmed}");
            assert_eq!(visit.post_from("192.0.2.2", &format!("{PAPER}/request"), &[("name", "Ada"), ("email", "x@example.net")]).await.status(), StatusCode::SEE_OTHER);
            visit.end().await;
        }
    }

    async fn a_company_behind_one_address_gets_in(test: TestDb) {
        let visit = Visit::start_with(&test, &[]).await;
        let session = visit.session_id().await;
        let all = (0..100).map(|n| {
            let (visit, session) = (&visit, session.as_str());
            async move { visit.register("Ada", &format!("ada-{n}@example.net"), session).await }
        });
        join_all(all).await;
        // From here on it goes slowly, and still in.
        let slow = (100..120).map(|n| {
            let (visit, session) = (&visit, session.as_str());
            async move { visit.register("Ada", &format!("ada-{n}@example.net"), session).await }
        });
        let started = std::time::Instant::now();
        join_all(slow).await;
        assert!(started.elapsed() >= std::time::Duration::from_millis(1_500));
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations").await, 120);
        visit.end().await;
    }

    async fn mistakes_do_not_count(test: TestDb) {
        let visit = Visit::start_with(&test, &[("rate_limit_ip", "1/h")]).await;
        for _ in 0..20 {
            let wrong = visit.post(&format!("{PAPER}/request"), &[("name", ""), ("email", "ada")]).await;
            assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        }
        visit.request("Ada", "ada@example.net").await;
        visit.end().await;
    }

    async fn a_clock_that_is_set_back_keeps_nobody_out_for_days(test: TestDb) {
        let visit = Visit::start_with(&test, &[("rate_limit_ip", "1/h")]).await;
        visit.request("Ada", "ada@example.net").await;
        visit.clock.advance(SignedDuration::from_hours(-72));
        let refused = visit.post(&format!("{PAPER}/request"), &[("name", "Bo"), ("email", "bo@example.net")]).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        let seconds: u32 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(seconds <= 3_600, "{seconds}");
        visit.end().await;
    }

    async fn other_spellings_of_an_address_are_the_same_address(test: TestDb) {
        let visit = Visit::start_with(&test, &[]).await;
        let session = visit.session_id().await;
        visit.sql("UPDATE webcasts SET network_limit = 1").await;
        visit.running.state.own_limits.replace([("partnering-for-growth".to_owned(), 1)].into());
        visit.register("Ada", "ada@example.net", &session).await;
        for path in [
            "/webcasts/partnering-for-growth/register", "/webcasts/%70artnering-for-growth/register",
            "/webcasts/partnering%2Dfor-growth/register", "/webcasts/partnering-for-growth/%72egister", "/%77ebcasts/partnering-for-growth/registe%72",
        ] {
            let fields = [("name", "Bo"), ("email", "bo@example.net"), ("session", session.as_str())];
            assert_eq!(visit.post(path, &fields).await.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        }
        // And the origin rule looks at the route, however it is spelt.
        for path in ["/organizer/sign-out", "/%6frganizer/sign-out", "/organizer/%73ign-out"] {
            let answer = visit.post(path, &[]).await;
            assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status()), "{path}: {}", answer.status());
        }
        visit.end().await;
    }
}

/// Every route that takes posts has a rule, and no rule is for nothing.
#[test]
fn every_post_has_its_rule() {
    let posts = posts_of(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    let ruled: BTreeSet<String> = RULES.iter().map(|rule| rule.route.to_owned()).collect();
    assert_eq!(posts, ruled);
}

/// Another spelling of the same address: the last letter that is no placeholder's.
fn with_an_encoded_letter(path: &str) -> String {
    let at = path.rfind(|c: char| c.is_ascii_lowercase()).unwrap();
    format!("{}%{:02x}{}", &path[..at], path.as_bytes()[at], &path[at + 1..])
}

/// No other site can post anything, whoever is signed in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_other_site_posts_for_anybody() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    for rule in &RULES {
        let path = rule
            .route
            .replace("/webcasts/{slug}", WEBCAST)
            .replace("/whitepapers/{slug}", PAPER)
            .replace(['{', '}'], "");
        for (header, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://localhost:8080.evil.example"),
        ] {
            let post = visit.client.post(format!("{}{path}", visit.base)).header(header, value);
            let answer = post.header("cookie", "sign-in=x").send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path} {value}");
        }
    }
    visit.end().await;
}

/// `docs/security.md` names the limit of every post, and tests that exist.
#[test]
fn the_page_on_security_says_what_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let (_, table) = page.split_once("| how often | for |").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    for rule in &RULES {
        assert!(table.contains(&format!("`{}`", rule.route)), "{}", rule.route);
    }
    let sources = [all_text(&root.join("src")), all_text(&root.join("tests/suite"))].concat();
    let named = page
        .split('`')
        .filter(|word| word.contains("::") && !word.contains(' '));
    let mut count = 0;
    for name in named {
        let last = name.rsplit("::").next().unwrap();
        let is_there = ["fn ", "mod ", "struct "]
            .iter()
            .any(|kind| sources.contains(&format!("{kind}{last}")));
        assert!(is_there, "{name}");
        count += 1;
    }
    assert!(count > 40, "{count}");
}

fn all_text(directory: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&all_text(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    text
}

/// The routes that the sources register for posts: `at("/x")….post(…)`.
fn posts_of(directory: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(posts_of(&path));
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for part in source.split("at(\"").skip(1) {
            let (route, rest) = part.split_once('"').unwrap();
            if rest.split(".service(").next().unwrap().contains(".post(") {
                found.insert(route.to_owned());
            }
        }
    }
    found
}

/// Whatever is posted from one network, with links that are forged too: each route refuses in the end, and says when to
/// come back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_post_is_refused_when_there_were_too_many() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start_with(&test, &[("rate_limit_ip", "1/day")]).await;
    let session = visit.session_id().await;
    let until_refused = |number: usize, route: &'static str, is_encoded: bool| {
        let (visit, session) = (&visit, session.as_str());
        let path = route
            .replace("/webcasts/{slug}", WEBCAST)
            .replace("/whitepapers/{slug}", PAPER)
            .replace("{token}", "forged")
            .replace("{id}", "AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{name}", "none");
        let path = if is_encoded {
            with_an_encoded_letter(&path)
        } else {
            path
        };
        async move {
            let ip = format!("192.0.{number}.1");
            for n in 0..=300 {
                let email = format!("ada-{number}-{n}@example.net");
                let fields = [
                    ("name", "Ada"),
                    ("email", email.as_str()),
                    ("session", session),
                    ("type", "partner"),
                    ("us", "Contoso"),
                    ("partner", "Northwind"),
                    ("password", "wrong"),
                ];
                let answer = visit.post_from(&ip, &path, &fields).await;
                if answer.status() == StatusCode::TOO_MANY_REQUESTS {
                    assert!(answer.headers().contains_key("retry-after"), "{route}");
                    return;
                }
            }
            panic!("{route} never refuses");
        }
    };
    let as_it_is = RULES
        .iter()
        .enumerate()
        .map(|(number, rule)| until_refused(number, rule.route, false));
    join_all(as_it_is).await;
    let encoded = RULES
        .iter()
        .enumerate()
        .map(|(number, rule)| until_refused(100 + number, rule.route, true));
    join_all(encoded).await;
    visit.end().await;
}
