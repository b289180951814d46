//! The organizers' pages and exports, through HTTP, on both databases.

mod accounts;
mod acting;
mod attendance;
mod audit;
mod bulk;
mod covers;
mod day;
mod deciding;
mod erasing_meanwhile;
mod files;
mod first_run;
mod forms;
mod guests;
mod home;
mod imports;
mod interrupted;
mod lists;
mod million;
mod organization;
mod overview;
mod payloads;
mod people;
mod previews;
mod privacy;
mod programmes;
mod series;
mod sign_in;
mod sign_on;
mod speakers;
mod states;
mod system;
mod upgrade;

use std::collections::BTreeMap;
use std::path::Path;

use commonground::app::{ACTS, Running, Start};
use commonground::clock::Clock;
use commonground::config::{Settings, Source};
use commonground::contacts::{Origin, search};
use commonground::on_db;
use commonground::organizers::password::{Hasher, Password};
use commonground::organizers::store::{self, NewOrganizer};
use commonground::organizers::{Role, setup};
use commonground::values::{EmailAddress, Label, PersonName, PublicId, Slug};
use commonground::webcasts::register::register;
use commonground::webcasts::store::{self as webcasts, NewSeat};
use commonground::whitepapers::store as papers;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Response, StatusCode, header, redirect};

use crate::on_both_databases;
use crate::support::db::{TestDb, patient_door};
use crate::support::relay::{Act, At, FakeRelay};
use crate::support::server::free_address;
use crate::support::snapshot::{self, assert_kept};

/// A Monday; the sample's upcoming session is on December 4.
const NOW: Timestamp = Timestamp::constant(1_795_435_200, 0);
const ORIGIN: &str = "http://localhost:8080";
const PASSWORD: &str = "winter harbour lamp";
const SLUG: &str = "partnering-for-growth";

/// The program on a port of its own.
pub struct Site {
    pub running: Running,
    clock: Clock,
    base: String,
}

impl Site {
    pub async fn start(test: &TestDb) -> Self {
        Self::start_with(test, &[]).await
    }

    pub async fn start_with(test: &TestDb, more: &[(&str, &str)]) -> Self {
        // SQLite's writer lock is shared with the test's own connection only while that one writes.
        test.db.close().await;
        Self::at(&test.url, more).await
    }

    /// On whatever is at this address.
    async fn at(url: &str, more: &[(&str, &str)]) -> Self {
        let clock = Clock::fixed(NOW);
        let mut settings =
            Settings::gather(Some(Path::new("/dev/null")), std::iter::empty(), &BTreeMap::new()).unwrap();
        for (key, value) in [
            ("database_url", url),
            ("listen", "127.0.0.1:0"),
            ("rate_limit_ip", "off"),
        ]
        .iter()
        .chain(more)
        {
            settings.set(key, (*value).to_owned(), Source::Flag);
        }
        let start = Start {
            clock: clock.clone(),
            door: patient_door(),
            program: env!("CARGO_BIN_EXE_commonground").into(),
            with_chores: false,
            ..Start::new(settings.parse().unwrap())
        };
        let running = start.run().await.unwrap();
        let base = format!("http://{}", running.addresses[0]);
        Self { running, clock, base }
    }

    async fn add(&self, email: &str, role: Role) {
        let hash = Hasher::default()
            .hash(Password::parse(PASSWORD, &[]).unwrap())
            .await
            .unwrap();
        let new = NewOrganizer {
            email: EmailAddress::parse(email).unwrap(),
            name: Label::parse("Olga <b>Owner</b>").unwrap(),
            role,
            password_hash: hash,
        };
        // From this machine they have signed in before.
        let network = self.running.state.links.hidden("network", &[127, 0, 0, 0]);
        let made = self.running.state.db.write(move |tx| {
            let (new, network) = (new.clone(), network.clone());
            Box::pin(async move {
                let made = store::create(tx, &new, NOW).await?.unwrap();
                store::know_network(tx, made.id, &network, NOW).await
            })
        });
        made.await.unwrap();
    }

    pub async fn seat(&self, session: PublicId, name: &str, email: &str) {
        let seat = NewSeat {
            slug: Slug::parse(SLUG).unwrap(),
            session,
            name: PersonName::parse(name).unwrap(),
            email: EmailAddress::parse(email).unwrap(),
            filled: commonground::questions::Filled::default(),
            consent: true,
            agreed_to: commonground::contacts::AgreedTo::default(),
            origin: Origin {
                utm_source: Some("=spring".to_owned()),
                locale: Some("de-CH".to_owned()),
                ..Origin::default()
            },
            network: email.as_bytes().to_vec(),
            code: String::new(),
            suspicious: false,
        };
        let taken = self.running.state.db.write(move |tx| {
            let seat = seat.clone();
            Box::pin(async move { register(tx, &seat, None, &commonground::app::traces(), NOW).await })
        });
        taken.await.unwrap();
    }

    /// So many more people, registered for the session that starts last.
    pub async fn crowd(&self, test: &TestDb, many: usize) {
        let is_server = test.url.starts_with("postgres");
        let id = |of: &str| {
            if is_server {
                format!("decode(md5({of}), 'hex')")
            } else {
                "randomblob(16)".to_owned()
            }
        };
        let people = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
             INSERT INTO contacts (public_id, email, email_key, name, created_at)
             SELECT {}, 'p' || i || '@example.net', 'p' || i || '@example.net', 'Person ' || i, i FROM n",
            id("i || 'c'")
        );
        let seats = format!(
            "INSERT INTO registrations (public_id, contact_id, webcast_id, session_id, name, state, calendar_uid, channel, created_at)
             SELECT {}, c.id, s.webcast_id, s.id, c.name, 'registered', 'u' || c.id, 'form', c.created_at
               FROM contacts c, (SELECT id, webcast_id FROM sessions ORDER BY starts_at DESC LIMIT 1) s WHERE c.name LIKE 'Person %'",
            id("c.id || 'r'")
        );
        self.run(people.leak()).await;
        self.run(seats.leak()).await;
    }

    pub async fn upcoming(&self) -> PublicId {
        let mut conn = self.running.state.db.read().await.unwrap();
        webcasts::sessions_around(&mut conn, jiff::Timestamp::UNIX_EPOCH, 0)
            .await
            .unwrap()
            .last()
            .unwrap()
            .public_id
    }

    /// A session's page.
    fn page_of(session: PublicId) -> String {
        format!("/organizer/webcasts/{SLUG}/sessions/{session}")
    }

    async fn run(&self, statement: &'static str) {
        self.running
            .state
            .db
            .write(move |tx| {
                Box::pin(async move {
                    on_db!(tx, c => sqlx::query(statement).execute(c).await.map(drop))?;
                    Ok(())
                })
            })
            .await
            .unwrap();
    }

    /// The words of everybody are kept, as they are within two minutes.
    async fn keep_words(&self) {
        let state = &self.running.state;
        let later = Clock::fixed(state.clock.now() + SignedDuration::from_mins(2));
        search::keep_all(&state.db, &later).await.unwrap();
    }

    /// What the times of everybody come to is written, as it is with every click and import.
    async fn reckon_attendance(&self) {
        let ids: Vec<i64> = {
            let mut conn = self.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar("SELECT id FROM registrations").fetch_all(c).await).unwrap()
        };
        for id in ids {
            let write = self
                .running
                .state
                .db
                .write(move |tx| Box::pin(commonground::webcasts::store::rewrite_attendance(tx, id)));
            write.await.unwrap();
        }
    }

    async fn audit(&self) -> Vec<(String, String, String)> {
        let mut conn = self.running.state.db.read().await.unwrap();
        let text = "SELECT action, actor, detail FROM audit_log WHERE action NOT LIKE 'sign-in%' ORDER BY id";
        on_db!(conn, c => sqlx::query_as(text).fetch_all(c).await).unwrap()
    }
}

/// The address of the page of the first person on a list.
fn first_person(list: &str) -> String {
    let is_person = |part: &&str| {
        let others = ["/organizer/people/new", "/organizer/people/import"];
        part.starts_with("/organizer/people/") && !others.iter().any(|other| part.starts_with(other))
    };
    let path = list.split("href=\"").find(is_person);
    path.unwrap().split('"').next().unwrap().to_owned()
}

/// A browser.
struct Browser<'s> {
    site: &'s Site,
    client: Client,
}

impl<'s> Browser<'s> {
    fn new(site: &'s Site) -> Self {
        Self::from(site, [127, 0, 0, 1])
    }

    /// At an address of its own: all of 127/8 is this machine.
    fn from(site: &'s Site, address: [u8; 4]) -> Self {
        let client = Client::builder()
            .local_address(std::net::IpAddr::from(address))
            .cookie_store(true)
            .redirect(redirect::Policy::none())
            .build()
            .unwrap();
        Self { site, client }
    }

    async fn signed_in(site: &'s Site, email: &str) -> Self {
        let browser = Self::new(site);
        let answer = browser.sign_in(email, PASSWORD).await;
        assert_eq!(location(&answer), "/organizer");
        browser
    }

    async fn get(&self, path: &str) -> Response {
        self.client
            .get(format!("{}{path}", self.site.base))
            .send()
            .await
            .unwrap()
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    /// The page, once it says this.
    async fn page_with(&self, path: &str, words: &str) -> String {
        let started = std::time::Instant::now();
        loop {
            let page = self.page(path).await;
            if page.contains(words) {
                return page;
            }
            assert!(started.elapsed().as_secs() < 20, "not in time: {words}\n{page}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.client
            .post(format!("{}{path}", self.site.base))
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    async fn sign_in(&self, email: &str, password: &str) -> Response {
        self.post(
            "/organizer/sign-in",
            &[("email", email), ("password", password), ("next", "/organizer")],
        )
        .await
    }
}

fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

fn session_form<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![
        ("date", "2026-12-04"),
        ("time", "11:00"),
        ("time_zone", "America/Los_Angeles"),
        ("duration", "60"),
        ("join_url", ""),
        ("replay_url", ""),
        ("capacity", ""),
        ("state", "open"),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, value));
    }
    fields
}

/// A post that nobody signed in has sent is answered with the sign-in form.
async fn asks_who_is_there(answer: Response) {
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let page = answer.text().await.unwrap();
    assert!(page.contains("action=\"/organizer/sign-in\""), "{page}");
}

async fn count(site: &Site, table: &str) -> i64 {
    let mut conn = site.running.state.db.read().await.unwrap();
    let text = format!("SELECT COUNT(*) FROM {table}");
    on_db!(conn, c => sqlx::query_scalar(sqlx::AssertSqlSafe(text)).fetch_one(c).await).unwrap()
}

on_both_databases! {
    async fn the_set_up_link_makes_the_owner_once(test: TestDb) {
        let site = Site::start(&test).await;
        let browser = Browser::new(&site);
        assert!(browser.page("/organizer").await.contains("no owner yet"));
        let path = setup::new_link(&site.running.state.db, NOW).await.unwrap().unwrap();
        assert!(browser.page(&path).await.contains("At least 8 characters"));
        let wrong = browser.post(&path, &[("name", " "), ("email", "olga"), ("password", "short")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("3 things need your attention") && page.contains("value=\"olga\""), "{page}");
        assert!(!page.contains("short"), "a password never comes back");
        let good = [("name", "Olga"), ("email", "olga@example.org"), ("password", PASSWORD)];
        let answer = browser.post(&path, &good).await;
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
        assert_eq!(location(&answer), "/organizer/start");
        assert!(browser.page("/organizer/start").await.contains("First steps"));
        assert!(browser.page("/organizer").await.contains("Partnering For Growth"));
        assert_eq!(browser.post(&path, &good).await.status(), StatusCode::NOT_FOUND, "works once");
        assert_eq!(site.audit().await[0].1, "set-up link");
        site.running.stop().await;
    }

    async fn signing_in_and_out(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::new(&site);
        let sent = location(&browser.get("/organizer/mail/sent?state=failed").await);
        assert_eq!(sent, "/organizer/sign-in?next=%2Forganizer%2Fmail%2Fsent%3Fstate%3Dfailed");
        assert!(browser.page(&sent).await.contains("value=\"/organizer/mail/sent?state=failed\""));
        for (email, password) in [("olga@example.org", "wrong"), ("eve@example.org", PASSWORD), ("nobody", ""), ("", "")] {
            let refused = browser.sign_in(email, password).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.text().await.unwrap().contains("Address or password is wrong."));
        }
        assert_eq!(location(&browser.sign_in("OLGA@example.org", PASSWORD).await), "/organizer");
        let page = browser.page("/organizer").await;
        assert!(page.contains("Olga &#60;b&#62;Owner") || page.contains("Olga &lt;b&gt;Owner"), "escaped");
        let cookie_before = count(&site, "sign_ins").await;
        assert_eq!(cookie_before, 1);
        assert_eq!(location(&browser.post("/organizer/sign-out", &[]).await), "/organizer/sign-in?signed_out=yes");
        assert_eq!(count(&site, "sign_ins").await, 0);
        assert!(location(&browser.get("/organizer").await).starts_with("/organizer/sign-in"));
        site.running.stop().await;
    }

    async fn guessing_is_slowed_down_and_other_sites_cannot_post(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::new(&site);
        let foreign = browser.client.post(format!("{}/organizer/sign-in", site.base))
            .header(header::ORIGIN, "https://evil.example").send().await.unwrap();
        assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
        let bare = browser.client.post(format!("{}/organizer/sign-out", site.base)).send().await.unwrap();
        assert_eq!(bare.status(), StatusCode::FORBIDDEN, "no header that says where it comes from");
        let tries = futures_util::future::join_all((0..30).map(|_| browser.sign_in("olga@example.org", "wrong"))).await;
        let refused: Vec<&Response> = tries.iter().filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).collect();
        assert!(refused.len() >= 15, "{}", refused.len());
        assert!(refused[0].headers().contains_key(header::RETRY_AFTER));
        assert_eq!(browser.sign_in("olga@example.org", PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
        site.clock.advance(SignedDuration::from_mins(30));
        assert_eq!(location(&browser.sign_in("olga@example.org", PASSWORD).await), "/organizer");
        site.running.stop().await;
    }

    async fn a_stranger_who_guesses_keeps_nobody_else_out(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let stranger = Browser::from(&site, [127, 0, 0, 66]);
        let tries = (0..12).map(|_| stranger.sign_in("olga@example.org", "wrong"));
        futures_util::future::join_all(tries).await;
        let refused = stranger.sign_in("olga@example.org", PASSWORD).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(location(&Browser::new(&site).sign_in("olga@example.org", PASSWORD).await), "/organizer");
        site.running.stop().await;
    }

    async fn the_first_page_says_at_once_why_mail_does_not_go(test: TestDb) {
        let address = free_address();
        let url = format!("smtp://{address}?tls=none");
        let site = Site::start_with(&test, &[("smtp_url", &url), ("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        assert!(!browser.page("/organizer").await.contains("Mail does not go out"));
        assert!(browser.page("/organizer/mail").await.contains("No trouble"));
        site.seat(site.upcoming().await, "Ada Attendee", "ada@example.org").await;
        site.running.state.bell.ring();
        browser.page_with("/organizer", "Mail does not go out. 1 mail waits; nothing is lost.").await;
        let page = browser.page("/organizer/mail").await;
        assert!(page.contains("<p>Cannot connect to the relay: "), "{page}");
        assert!(page.contains("Check host and port in smtp_url, and the firewall."), "{page}");
        // Whoever mended it need not wait for the next try.
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let relay = FakeRelay::on(listener, vec!["PIPELINING"], |at, _, n| match at {
            At::Rcpt if n == 0 => Act::Say("550 5.1.8 Sender address rejected: Domain not found"),
            _ => Act::Well,
        });
        let done = location(&browser.post("/organizer/mail/check", &[]).await);
        assert!(browser.page(&done).await.contains("tried again now"));
        let page = browser.page_with("/organizer/mail", "The mail server says: 550 5.1.8 Sender address rejected").await;
        assert!(page.contains("1 mail waits"), "{page}");
        browser.post("/organizer/mail/check", &[]).await;
        browser.page_with("/organizer/mail/sent?state=sent", "ada@example.org").await;
        assert_eq!(relay.taken().len(), 1);
        assert!(browser.page("/organizer/mail").await.contains("No trouble"));
        assert!(!browser.page("/organizer").await.contains("Mail does not go out"));
        site.running.stop().await;
    }

    async fn what_was_not_delivered_stands_by_its_cause(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        for (name, code, reply, state) in [
            ("bad", 550, "5.1.1 no such user", "failed"), ("gone", 550, "No such user here", "failed"),
            ("spam", 554, "5.7.1 Message looks like spam", "failed"), ("odd", 0, "the connection broke", "unknown"),
            ("kept", 0, "", "held"),
        ] {
            site.seat(site.upcoming().await, name, &format!("{name}@example.org")).await;
            let change = format!(
                "UPDATE outbox SET state = '{state}', last_code = {code}, last_reply = '{reply}', ended_at = 5 WHERE recipient = '{name}@example.org'");
            site.run(change.leak()).await;
        }
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let page = browser.page("/organizer/mail").await;
        for words in [
            "The address takes no mail: 2 mails", "The mail server would not take it: 1 mail", "Unclear: 1 mail",
            "Held after a restore: 1", "bad@example.org", "5.1.1 no such user",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let home = browser.page("/organizer").await;
        for words in ["3 mails were not delivered.", "1 mail may have arrived or not.", "1 mail is held after a restore."] {
            assert!(home.contains(words), "{words}: {home}");
        }
        assert!(home.contains("<span class=\"todo\">5<span class=\"unseen\"> to look at"), "{home}");
        for (state, left) in [("failed", 2), ("unknown", 1), ("held", 0)] {
            let done = browser.post("/organizer/mail/again", &[("state", state)]).await;
            assert!(location(&done).starts_with("/organizer/mail?done="), "{state}");
            assert_eq!(count(&site, "outbox WHERE state <> 'queued'").await, left);
        }
        for state in ["sent", "queued", "none", ""] {
            let answer = browser.post("/organizer/mail/again", &[("state", state)]).await;
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{state}");
        }
        site.running.stop().await;
    }

    async fn did_they_get_it_is_answered_by_address(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        for name in ["ada", "ben"] {
            site.seat(site.upcoming().await, name, &format!("{name}@example.org")).await;
        }
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let page = browser.page("/organizer/mail/sent?to=ADA%40example.org&kind=confirmation&state=queued").await;
        assert!(page.contains("ada@example.org") && !page.contains("ben@example.org"), "{page}");
        for (query, words) in [
            ("to=eve%40example.org", "No mail matches"), ("to=ada", "Enter the whole address"), ("kind=whitepaper", "No mail matches"),
            ("kind=none", "No mail matches"), ("to=%3Cscript%3E", "Enter the whole address"),
        ] {
            assert!(browser.page(&format!("/organizer/mail/sent?{query}")).await.contains(words), "{query}");
        }
        site.running.stop().await;
    }

    async fn an_address_that_came_back_gets_mail_again(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        assert!(browser.page("/organizer/mail/do-not-mail").await.contains("Everybody gets mail"));
        site.run("INSERT INTO suppressions (address_key, reason, created_at, detail) VALUES
                  ('eve@example.org', 'unsubscribed', 1, ''), ('bad@example.org', 'bounced', 1, '5.1.1 no such user')").await;
        let page = browser.page("/organizer/mail/do-not-mail").await;
        assert!(page.contains("eve@example.org") && page.contains("5.1.1 no such user"), "{page}");
        assert_eq!(page.matches("Mail it again").count(), 1, "nobody else takes back what somebody asked for");
        let ids: Vec<i64> = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar("SELECT id FROM suppressions ORDER BY id").fetch_all(c).await).unwrap()
        };
        for id in &ids {
            browser.post("/organizer/mail/do-not-mail", &[("id", &id.to_string())]).await;
        }
        assert_eq!(count(&site, "suppressions").await, 1);
        site.running.stop().await;
    }

    async fn pages_are_found_where_they_were(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let id = site.upcoming().await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        for (before, now) in [
            (format!("/organizer/sessions/{id}"), Site::page_of(id)),
            (format!("/organizer/sessions/{id}/attendees.csv?raw=yes"), format!("/organizer/exports/attendees.csv?session={id}&raw=yes")),
            ("/organizer/requests?whitepaper=x".to_owned(), "/organizer/papers?whitepaper=x".to_owned()),
            ("/organizer/requests.csv".to_owned(), "/organizer/exports/requests.csv".to_owned()),
            ("/organizer/outbox?state=failed".to_owned(), "/organizer/mail/sent?state=failed".to_owned()),
            ("/organizer/outbox/confirmation:x:0".to_owned(), "/organizer/mail/confirmation%3Ax%3A0".to_owned()),
        ] {
            let answer = browser.get(&before).await;
            assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT, "{before}");
            assert_eq!(answer.headers()[header::LOCATION], now.as_str(), "{before}");
        }
        site.running.stop().await;
    }

    async fn every_route_lets_in_whom_its_act_allows(test: TestDb) {
        let site = Site::start(&test).await;
        for (email, role) in [("vera@example.org", Role::Viewer), ("ed@example.org", Role::Editor), ("olga@example.org", Role::Owner)] {
            site.add(email, role).await;
        }
        let id = site.upcoming().await;
        site.seat(id, "Ada", "ada@example.org").await;
        let stranger = Browser::new(&site);
        for (email, role) in [("vera@example.org", Role::Viewer), ("ed@example.org", Role::Editor), ("olga@example.org", Role::Owner)] {
            let browser = Browser::signed_in(&site, email).await;
            for rule in &ACTS {
                let path = rule.route.replace("{slug}", SLUG).replace("{id}", &id.to_string()).replace("{name}", "none");
                let path = path.replace("{ending}", "csv");
                let path = if path.ends_with("exports/attendees.csv") { format!("{path}?session={id}") } else { path };
                let answer = match rule.method {
                    "GET" => browser.get(&path).await,
                    _ => browser.post(&path, &session_form(&[])).await,
                };
                let refused = answer.status() == StatusCode::FORBIDDEN;
                assert_eq!(refused, !role.may(rule.act), "{} {path} as {}: {}", rule.method, role.as_str(), answer.status());
                if refused {
                    let page = answer.text().await.unwrap();
                    let words = format!("{} cannot {}. Ask ", role.plural(), rule.act.in_words());
                    assert!(page.contains(&words) && page.contains("(owner)") && page.contains("href=\"/organizer\""), "{page}");
                }
                if rule.method == "GET" {
                    assert!(location(&stranger.get(&path).await).starts_with("/organizer/sign-in"), "{path}");
                } else {
                    asks_who_is_there(stranger.post(&path, &[]).await).await;
                }
            }
        }
        site.running.stop().await;
    }

    async fn a_viewer_looks_and_changes_nothing(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("vera@example.org", Role::Viewer).await;
        let id = site.upcoming().await;
        site.seat(id, "Ada Attendee", "ada@example.org").await;
        let mail: String = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar("SELECT dedupe_key FROM outbox").fetch_one(c).await).unwrap()
        };
        let paths = [
            Site::page_of(id), "/organizer/papers".to_owned(), "/organizer/mail".to_owned(),
            format!("/organizer/mail/{mail}"),
        ];
        let stranger = Browser::new(&site);
        let viewer = Browser::signed_in(&site, "vera@example.org").await;
        for path in &paths {
            assert!(location(&stranger.get(path).await).starts_with("/organizer/sign-in?next="), "{path}");
            let page = viewer.page(path).await;
            assert!(!page.contains("action=\"/organizer/webcasts") && !page.contains("/retry\""), "{path}");
        }
        let posts = [Site::page_of(id), format!("/organizer/mail/{mail}/retry"), format!("/organizer/mail/{mail}/cancel")];
        for path in &posts {
            asks_who_is_there(stranger.post(path, &session_form(&[])).await).await;
            assert_eq!(viewer.post(path, &session_form(&[])).await.status(), StatusCode::FORBIDDEN, "{path}");
        }
        for path in [format!("/organizer/exports/attendees.csv?session={id}"), "/organizer/exports/requests.csv".to_owned()] {
            assert!(location(&stranger.get(&path).await).starts_with("/organizer/sign-in"));
            assert_eq!(viewer.get(&path).await.status(), StatusCode::FORBIDDEN);
        }
        assert!(site.audit().await.iter().all(|(action, _, _)| action == "outbox.preview"));
        site.running.stop().await;
    }

    async fn a_session_is_changed_and_everybody_told(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.add("owner@example.org", Role::Owner).await;
        let id = site.upcoming().await;
        site.seat(id, "Ada Attendee", "ada@example.org").await;
        let editor = Browser::signed_in(&site, "olga@example.org").await;
        let path = Site::page_of(id);
        let page = editor.page(&path).await;
        for words in ["ada@example.org", "1 registered, 0 joined", "value=\"2026-12-04\"", "value=\"11:00\"", "America/Los_Angeles"] {
            assert!(page.contains(words), "{words}");
        }
        let wrong = editor.post(&path, &session_form(&[("date", "soon"), ("join_url", "zoom"), ("capacity", "0")])).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("3 things need your attention") && page.contains("value=\"soon\""), "{page}");
        // An address alone is nobody's business but ours: it is behind the personal link.
        let join = "https://video.example.org/j/1?pwd=a&b";
        let saved = location(&editor.post(&path, &session_form(&[("join_url", join), ("capacity", "50")])).await);
        assert!(editor.page(&saved).await.contains("The session is saved."));
        assert_eq!(count(&site, "fan_outs").await, 0);
        // Moved: one mail to the one who is registered, and has had the confirmation.
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        let moved = session_form(&[("join_url", join), ("capacity", "50"), ("time", "12:00"), ("time_zone", "Europe/Berlin")]);
        let review = editor.post(&path, &moved).await.text().await.unwrap();
        assert!(review.contains("Move it and tell 1 person") && review.contains("Ada Attendee"), "{review}");
        assert_eq!(count(&site, "fan_outs").await, 0, "a look tells nobody");
        let moved = editor.post(&format!("{path}/send"), &moved).await;
        assert_eq!(moved.status(), StatusCode::SEE_OTHER);
        for _ in 0..100 {
            if count(&site, "outbox WHERE kind = 'session-update'").await == 1 { break; }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(count(&site, "outbox WHERE kind = 'session-update'").await, 1);
        let session = webcasts::session_by_public_id(&mut site.running.state.db.read().await.unwrap(), id).await.unwrap().unwrap();
        assert_eq!(session.starts_at.to_string(), "2026-12-04T11:00:00Z");
        assert_eq!((session.capacity, session.seats_taken, session.sequence), (Some(50), 1, 1));
        let changes: Vec<String> = site.audit().await.into_iter().map(|(_, _, detail)| detail).collect();
        assert_eq!(changes, ["join_url, capacity", "start, end, time_zone"]);
        assert_eq!(editor.get(&Site::page_of(PublicId::random())).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(editor.get("/organizer/webcasts/x/sessions/x").await.status(), StatusCode::NOT_FOUND);
        site.running.stop().await;
    }

    async fn two_who_have_a_session_open_do_not_undo_each_other(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let id = site.upcoming().await;
        let editor = Browser::signed_in(&site, "olga@example.org").await;
        let path = Site::page_of(id);
        let version = |page: &str| page.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let opened = version(&editor.page(&path).await);
        let moved = editor.post(&path, &session_form(&[("time", "15:00"), ("version", &opened)])).await;
        assert_eq!(moved.status(), StatusCode::SEE_OTHER);
        let join = ("join_url", "https://video.example.org/j/1");
        let late = editor.post(&path, &session_form(&[join, ("version", &opened)])).await;
        assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = late.text().await.unwrap();
        assert!(page.contains("Somebody else changed this session") && page.contains("15:00") && page.contains(join.1), "{page}");
        let meant = editor.post(&path, &session_form(&[join, ("time", "15:00"), ("version", &version(&page))])).await;
        assert_eq!(meant.status(), StatusCode::SEE_OTHER);
        let opened = version(&editor.page(&path).await);
        let capacities = ["10", "20", "30", "40", "50"];
        let forms = capacities.map(|capacity| session_form(&[("time", "15:00"), ("capacity", capacity), ("version", &opened)]));
        let answers = futures_util::future::join_all(forms.iter().map(|form| editor.post(&path, form))).await;
        let saved = answers.iter().filter(|answer| answer.status() == StatusCode::SEE_OTHER).count();
        assert_eq!(saved, 1, "whoever comes second is told, however close");
        for email in ["ada@example.org", "bo@example.org"] {
            site.seat(id, "Somebody", email).await;
        }
        let fewer = editor.post(&path, &session_form(&[("time", "15:00"), ("capacity", "1")])).await;
        assert!(editor.page(&location(&fewer)).await.contains("More people are registered than there are places"));
        let off = editor.post(&path, &session_form(&[("state", "cancelled")])).await;
        assert_eq!(off.status(), StatusCode::UNPROCESSABLE_ENTITY);
        site.running.stop().await;
    }

    async fn lists_come_a_page_at_a_time(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let id = site.upcoming().await;
        for n in 0..120 {
            site.seat(id, &format!("Person {n}"), &format!("p{n}@example.org")).await;
        }
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        for start in [Site::page_of(id), "/organizer/mail/sent?state=queued".to_owned()] {
            let mut seen = Vec::new();
            let mut next = Some(start);
            while let Some(path) = next {
                let page = browser.page(&path).await;
                seen.extend((0..120).filter(|n| page.contains(&format!(">p{n}@example.org<"))));
                next = page.split("<p><a href=\"").nth(1).and_then(|rest| rest.split('"').next()).map(|path| path.replace("&#38;", "&").replace("&amp;", "&"));
                assert!(seen.len().is_multiple_of(50) || next.is_none(), "{}", seen.len());
            }
            seen.sort_unstable();
            assert_eq!(seen, (0..120).collect::<Vec<_>>());
        }
        site.running.stop().await;
    }

    async fn attendees_are_exported_whole_and_safe(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let id = site.upcoming().await;
        site.seat(id, "Jürgen \"Jay\" Müller, Dr.", "juergen@bücher.example").await;
        site.seat(id, "=1+1", "eve@example.org").await;
        site.seat(id, "Gone", "gone@example.org").await;
        site.run("UPDATE registrations SET state = 'cancelled', cancelled_at = created_at, cancel_reason = 'two
lines' WHERE name = 'Gone'").await;
        site.run("INSERT INTO attendance (registration_id, session_id, source, from_at, to_at)
                  SELECT r.id, r.session_id, 'import', s.starts_at, s.starts_at + 600000000 FROM registrations r JOIN sessions s ON s.id = r.session_id WHERE r.name = '=1+1'").await;
        site.run("INSERT INTO attendance (registration_id, session_id, source, from_at, to_at)
                  SELECT r.id, r.session_id, 'import', s.starts_at + 1200000000, s.starts_at + 2400000000 FROM registrations r JOIN sessions s ON s.id = r.session_id WHERE r.name = '=1+1'").await;
        site.reckon_attendance().await;
        site.run("INSERT INTO suppressions (address_key, reason, created_at) VALUES ('eve@example.org', 'unsubscribed', 1), ('eve@example.org', 'bounced', 1)").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let path = format!("/organizer/exports/attendees.csv?session={id}");
        let answer = browser.get(&path).await;
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
        assert_eq!(answer.headers()[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{SLUG}-attendees-2026-11-23.csv\"").as_str());
        let file = answer.bytes().await.unwrap();
        assert!(file.starts_with(&[0xef, 0xbb, 0xbf]));
        let mut reader = csv::Reader::from_reader(&file[3..]);
        let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(rows.len(), 2);
        let cell = |row: &Vec<String>, heading: &str| row[headings.iter().position(|h| h == heading).unwrap()].clone();
        assert_eq!(cell(&rows[0], "Full name"), "Jürgen \"Jay\" Müller, Dr.");
        assert_eq!(cell(&rows[0], "Email"), "juergen@xn--bcher-kva.example");
        assert_eq!(cell(&rows[0], "Session start"), "2026-12-04 11:00:00");
        assert_eq!(cell(&rows[0], "Time zone"), "America/Los_Angeles");
        assert_eq!(cell(&rows[0], "Registered at"), "2026-11-23 04:00:00");
        assert_eq!(cell(&rows[0], "Attendance"), "unknown");
        assert_eq!(cell(&rows[0], "utm_source"), "'=spring");
        assert_eq!((cell(&rows[0], "Marketing consent"), cell(&rows[0], "Mail state")), ("yes".to_owned(), "ok".to_owned()));
        assert_eq!(cell(&rows[1], "Full name"), "'=1+1");
        assert_eq!((cell(&rows[1], "Attendance"), cell(&rows[1], "Minutes attended"), cell(&rows[1], "Attendance %")), ("attended".into(), "30".into(), "50".into()));
        assert_eq!(cell(&rows[1], "Mail state"), "bounced");
        let raw = browser.page(&format!("{path}&cancelled=yes&raw=yes&separator=semicolon&columns=email,full_name,cancel_reason")).await;
        assert!(raw.ends_with("gone@example.org;Gone;\"two\nlines\"\r\n"), "{raw}");
        assert!(raw.contains("\r\neve@example.org;=1+1;\r\n"), "{raw}");
        assert_eq!(browser.get(&format!("{path}&columns=shoe_size")).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let audit = site.audit().await;
        assert_eq!(audit.len(), 2);
        assert_eq!(audit[1].2, format!("session {id}, cancelled ones too, columns email,full_name,cancel_reason, 3 rows"));
        site.running.stop().await;
    }

    async fn requests_are_listed_and_exported(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let slug = "creating-effective-strategic-partnerships";
        let request = papers::NewRequest {
            filled: commonground::questions::Filled::default(),
            slug: Slug::parse(slug).unwrap(),
            name: PersonName::parse("Ada Reader").unwrap(),
            email: EmailAddress::parse("ada@example.org").unwrap(),
            consent: false,
            agreed_to: commonground::contacts::AgreedTo::default(),
            origin: Origin::default(),
            suspicious: false,
        };
        site.running.state.db.write(move |tx| {
            let request = request.clone();
            Box::pin(async move {
                let contact = papers::insert_contact(tx, &request, NOW).await?.unwrap();
                papers::insert_request(tx, &request, contact.id, PublicId::random(), NOW, NOW).await?;
                Ok(())
            })
        }).await.unwrap();
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let own = format!("/organizer/papers/{slug}/people");
        for path in ["/organizer/papers", own.as_str()] {
            let page = browser.page(path).await;
            assert!(page.contains("Ada Reader") && page.contains("1 request"), "{page}");
        }
        assert_eq!(location(&browser.get(&format!("/organizer/papers?whitepaper={slug}")).await), own);
        assert_eq!(browser.get("/organizer/papers/another/people").await.status(), StatusCode::NOT_FOUND);
        let file = browser.page("/organizer/exports/requests.csv?columns=full_name,whitepaper,requested_at,times,consent_marketing,delivery").await;
        assert!(file.ends_with("\r\nAda Reader,Creating Effective Strategic Partnerships,2026-11-23 12:00:00,1,no,\r\n"), "{file}");
        assert_eq!(browser.get("/organizer/exports/requests.csv?whitepaper=another").await.status(), StatusCode::NOT_FOUND);
        site.running.stop().await;
    }

    async fn mail_is_retried_and_cancelled(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.seat(site.upcoming().await, "Ada", "ada@example.org").await;
        site.run("UPDATE outbox SET state = 'failed', attempts = 3, last_code = 550, last_reply = 'no such mailbox', ended_at = 5").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let list = browser.page("/organizer/mail/sent?state=failed").await;
        let path = list.split("href=\"").find(|part| part.starts_with("/organizer/mail/confirmation")).unwrap().split('"').next().unwrap().to_owned();
                let done = location(&browser.post(&format!("{path}/retry"), &[]).await);
        let page = browser.page(&done).await;
        assert!(page.contains("goes again now") && page.contains("Waiting to go"), "{page}");
        assert!(page.contains("What it says") && page.contains("Partnering For Growth"), "a preview: {page}");
        let done = location(&browser.post(&format!("{path}/cancel"), &[]).await);
        assert!(browser.page(&done).await.contains("The mail is stopped."));
        let late = location(&browser.post(&format!("{path}/cancel"), &[]).await);
        assert!(browser.page(&late).await.contains("not changed"));
        assert_eq!(browser.post("/organizer/mail/none/retry", &[]).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(browser.get("/organizer/mail/sent?state=none").await.status(), StatusCode::NOT_FOUND);
        let mut actions: Vec<String> = site.audit().await.into_iter().map(|(action, _, _)| action).collect();
        // Who opened a preview is noted beside the page.
        actions.retain(|action| action != "outbox.preview");
        assert_eq!(actions, ["outbox.retry", "outbox.cancel"]);
        site.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_organizers_see() {
    let test = TestDb::sqlite().await;
    let site = Site::start(&test).await;
    site.add("olga@example.org", Role::Owner).await;
    let session = site.upcoming().await;
    site.seat(session, "Ada Lovelace", "ada@example.net").await;
    let browser = Browser::signed_in(&site, "olga@example.org").await;
    let mail = {
        let mut conn = site.running.state.db.read().await.unwrap();
        on_db!(conn, c => sqlx::query_scalar::<_, String>("SELECT dedupe_key FROM outbox").fetch_one(c).await).unwrap()
    };
    let person = {
        let mut conn = site.running.state.db.read().await.unwrap();
        let id: Vec<u8> =
            on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM contacts").fetch_one(c).await).unwrap();
        format!("/organizer/people/{}", PublicId::from_slice(&id).unwrap())
    };
    let stranger = Browser::new(&site);
    let signing_in = stranger.page("/organizer/sign-in").await;
    assert_kept("page_sign_in", &snapshot::page(&signing_in));
    assert_kept("page_reset", &snapshot::page(&stranger.page("/organizer/reset").await));
    for (name, path) in [
        ("organizer", "/organizer".to_owned()),
        ("organizer_session", Site::page_of(session)),
        ("organizer_people", "/organizer/people".to_owned()),
        ("organizer_webcasts", "/organizer/webcasts".to_owned()),
        ("organizer_papers", "/organizer/papers".to_owned()),
        ("organizer_assessment", "/organizer/assessment".to_owned()),
        ("organizer_trouble", "/organizer/mail".to_owned()),
        ("organizer_sent", "/organizer/mail/sent".to_owned()),
        ("organizer_do_not_mail", "/organizer/mail/do-not-mail".to_owned()),
        ("organizer_mail", format!("/organizer/mail/{mail}")),
        ("organizer_person", person.clone()),
        ("organizer_edit", format!("{person}/edit")),
        ("organizer_add", "/organizer/people/new".to_owned()),
        ("organizer_webcast", format!("/organizer/webcasts/{SLUG}")),
        ("organizer_webcast_page", format!("/organizer/webcasts/{SLUG}/page")),
        (
            "organizer_webcast_sessions",
            format!("/organizer/webcasts/{SLUG}/sessions"),
        ),
        ("organizer_new_webcast", "/organizer/webcasts/new".to_owned()),
        ("organizer_team", "/organizer/settings/team".to_owned()),
        ("organizer_organization", "/organizer/settings/organization".to_owned()),
        (
            "organizer_second_factor",
            "/organizer/settings/account/second-factor".to_owned(),
        ),
    ] {
        assert_kept(&format!("page_{name}"), &snapshot::page(&browser.page(&path).await));
    }
    site.running.stop().await;
}
