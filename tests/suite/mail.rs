//! The outbox and its worker, against a relay with every fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use commonground::audit::Actor;
use commonground::clock::Clock;
use commonground::db::{Conn, Db, DbError};
use commonground::mail::outbox::{self, Claimed, Filter, MailAct as Deed, MailState, NewMail, OutboxRow};
use commonground::mail::relay::{HelloName, Phases, Relay};
use commonground::mail::suppressions::{self, Reason, Suppression};
use commonground::mail::{
    Bell, Compose, Composed, Composers, Composition, Delivery, Kind, MailPurpose, Message, Person, Policy, Priority,
    Worker,
};
use commonground::on_db;
use commonground::values::{EmailAddress, PublicId};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use tokio::sync::Notify;

use crate::on_both_databases;
use crate::support::db::TestDb;
use crate::support::relay::{Act, At, FakeRelay, Taken};
use crate::support::server::free_address;

const CONFIRMATION: Kind = Kind::new("test.confirmation", Priority::Confirmation);
const REMINDER: Kind = Kind::new("test.reminder", Priority::Reminder);
/// For relays that never answer; long enough for what comes before on a busy machine.
const SHORT: Duration = Duration::from_secs(1);
/// For all others.
const LONG: Duration = Duration::from_secs(20);

/// Composes what a row asks for: a mail, nothing, or trouble.
struct TestMails;

impl Compose for TestMails {
    fn kinds(&self) -> &[Kind] {
        &[CONFIRMATION, REMINDER]
    }

    fn load<'a>(
        &'a self,
        _conn: &'a mut Conn,
        mails: &'a [Claimed],
    ) -> BoxFuture<'a, Result<Vec<Composition>, DbError>> {
        Box::pin(async move {
            assert!(!mails.iter().any(|mail| mail.params == r#""load panic""#), "on purpose");
            Ok(mails.iter().map(draft).collect())
        })
    }
}

fn draft(mail: &Claimed) -> Composition {
    let asked: String = mail.params().unwrap_or_default();
    let form = if mail.as_link { "as a link" } else { "attached" };
    Box::new(move || match asked.as_str() {
        "panic" => panic!("on purpose"),
        "poison" => Composed::Poison("the paper is gone".to_owned()),
        "skip" => Composed::Skip("The session was cancelled.".to_owned()),
        _ => Message::new("Your seat", format!("It is {form}."), "<p>It is.</p>").into(),
    })
}

fn policy() -> Policy {
    Policy {
        phases: phases(LONG, LONG),
        pauses: vec![Duration::from_millis(20)],
        poll: Duration::from_millis(50),
        patience: LONG,
        ..Policy::default()
    }
}

fn phases(command: Duration, text: Duration) -> Phases {
    Phases {
        connect: LONG,
        command,
        text,
        text_per_100_kb: Duration::ZERO,
        text_longest: text,
    }
}

/// A database, a clock and a delivery.
struct Mailroom {
    db: Db,
    clock: Clock,
    bell: Bell,
    url: String,
    hello: Option<&'static str>,
}

impl Mailroom {
    fn new(test: &TestDb, relay: &FakeRelay) -> Self {
        Self::at(test, relay.url())
    }

    fn at(test: &TestDb, url: String) -> Self {
        let clock = Clock::fixed("2026-11-23T10:00:00Z".parse().unwrap());
        Self {
            db: test.db.clone(),
            clock,
            bell: Bell::default(),
            url,
            hello: None,
        }
    }

    fn delivery(&self) -> Delivery {
        self.office_with(policy())
    }

    fn office_with(&self, policy: Policy) -> Delivery {
        let from = Person::named("Common Ground", address("events@example.org"));
        let relay = Relay {
            hello: self.hello.map(|name| HelloName::parse(name).unwrap()),
            ..Relay::parse(&self.url, None).unwrap()
        };
        let composers = Composers::default().with(TestMails);
        Delivery::new(
            self.db.clone(),
            self.clock.clone(),
            self.bell.clone(),
            composers,
            relay,
            from,
            policy,
        )
        .unwrap()
    }

    async fn owe(&self, to: &str) -> String {
        self.owe_what(&CONFIRMATION, to, "", |mail| mail).await
    }

    async fn owe_what(&self, kind: &Kind, to: &str, asked: &str, change: impl Fn(NewMail) -> NewMail) -> String {
        let key = outbox::key(kind, &PublicId::random(), 0);
        let mail = NewMail::new(kind, key.clone(), &address(to), 1)
            .with_params(&asked)
            .unwrap();
        let mail = change(mail);
        let now = self.clock.now();
        let put = self.db.write(move |tx| {
            let mail = mail.clone();
            Box::pin(async move { outbox::enqueue(tx, &mail, now).await })
        });
        assert!(put.await.unwrap());
        self.bell.ring();
        key
    }

    async fn act(&self, act: Deed, key: &str) {
        let (now, key) = (self.clock.now(), key.to_owned());
        let done = self.db.write(move |tx| {
            let key = key.clone();
            Box::pin(async move { outbox::act(tx, act, &key, Actor::CommandLine, now).await })
        });
        assert!(done.await.unwrap());
    }

    async fn row(&self, key: &str) -> OutboxRow {
        outbox::find(&mut self.db.read().await.unwrap(), key)
            .await
            .unwrap()
            .unwrap()
    }

    async fn state(&self, key: &str) -> MailState {
        self.row(key).await.state
    }

    async fn all(&self) -> Vec<OutboxRow> {
        outbox::list(&mut self.db.read().await.unwrap(), &Filter::default(), 100_000)
            .await
            .unwrap()
    }

    async fn until(&self, what: &str, done: impl AsyncFn() -> bool) {
        let started = Instant::now();
        while started.elapsed() < LONG {
            if done().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not in time: {what}; {:#?}", self.all().await);
    }

    async fn suppressed(&self, to: &str) -> bool {
        let key = address(to).key();
        let mut conn = self.db.read().await.unwrap();
        let found = suppressions::reasons(&mut conn, std::slice::from_ref(&key), self.clock.now()).await;
        found.unwrap().contains_key(&key)
    }
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

on_both_databases! {
    async fn a_mail_is_put_in_once_and_sent_once(test: TestDb) {
        let relay = FakeRelay::well().await;
        let room = Mailroom::new(&test, &relay);
        let mail = NewMail::new(&CONFIRMATION, "test.confirmation:one:0".to_owned(), &address("ada@example.net"), 1);
        for expected in [true, false] {
            let mail = mail.clone();
            let now = room.clock.now();
            let put = room.db.write(move |tx| {
                let mail = mail.clone();
                Box::pin(async move { outbox::enqueue(tx, &mail, now).await })
            });
            assert_eq!(put.await.unwrap(), expected);
        }
        let delivery = Arc::new(room.delivery());
        assert_eq!(delivery.drain_once().await.unwrap(), 1);
        assert_eq!(delivery.drain_once().await.unwrap(), 0);
        let row = room.row("test.confirmation:one:0").await;
        assert_eq!((row.state, row.attempts, row.last_code), (MailState::Sent, 1, Some(250)));
        assert_eq!(row.ended_at().unwrap(), Some(room.clock.now()));
        let taken = relay.taken();
        assert_eq!((taken.len(), taken[0].to.as_str()), (1, "ada@example.net"));
        assert!(taken[0].message_id().ends_with("@example.org>"), "{}", taken[0].message_id());
    }

    async fn the_worker_sends_everything_and_stops(test: TestDb) {
        let relay = FakeRelay::well().await;
        let room = Mailroom::new(&test, &relay);
        for n in 0..200 {
            room.owe(&format!("a{n}@example.net")).await;
        }
        // Started when all is there: a courier that waits for mail hangs up and connects anew.
        let worker = Worker::start(room.delivery(), 4).await.unwrap();
        room.until("all are sent", async || room.all().await.iter().all(|row| row.state == MailState::Sent)).await;
        worker.stop().await;
        let mut ids: Vec<String> = relay.taken().iter().map(Taken::message_id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!((relay.taken().len(), ids.len()), (200, 200));
        assert!(relay.connections() <= 4, "{} connections", relay.connections());
    }

    async fn a_relay_that_refuses_connections_costs_no_mail_a_try(test: TestDb) {
        let address = free_address();
        let room = Mailroom::at(&test, format!("smtp://{address}?tls=none"));
        let key = room.owe("ada@example.net").await;
        let worker = Worker::start(room.delivery(), 2).await.unwrap();
        room.until("the fault is seen", async || !room.row(&key).await.reply().is_empty()).await;
        assert!(worker.delivery().route().shut().is_some());
        room.clock.advance(SignedDuration::from_hours(24 * 6));
        let row = room.row(&key).await;
        assert_eq!(row.attempts, 0);
        assert!(row.reply().contains("Cannot connect"), "{}", row.reply());
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let relay = FakeRelay::on(listener, vec!["PIPELINING"], |_, _, _| Act::Well);
        room.until("it is sent when the relay is back", async || room.state(&key).await == MailState::Sent).await;
        worker.stop().await;
        assert_eq!(relay.taken().len(), 1);
    }

    async fn a_mail_that_is_not_sent_does_not_keep_the_others_from_trying_the_relay(test: TestDb) {
        let address = free_address();
        let room = Mailroom::at(&test, format!("smtp://{address}?tls=none"));
        for asked in ["skip", "poison", "panic", "skip"] {
            room.owe_what(&CONFIRMATION, "eve@example.net", asked, |mail| mail).await;
        }
        let key = room.owe("ada@example.net").await;
        let worker = Worker::start(room.delivery(), 2).await.unwrap();
        room.until("the fault is seen", async || worker.delivery().route().shut().is_some()).await;
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let relay = FakeRelay::on(listener, vec!["PIPELINING"], |_, _, _| Act::Well);
        room.until("it is sent when the relay is back", async || room.state(&key).await == MailState::Sent).await;
        worker.stop().await;
        assert_eq!(relay.taken().len(), 1);
    }

    async fn silence_stripped_encryption_and_refused_sign_ins_are_faults_of_the_route(test: TestDb) {
        let silent = FakeRelay::start(|_, _, _| Act::Hang).await;
        let plain = FakeRelay::well().await;
        let strict = FakeRelay::offering(vec!["AUTH PLAIN"], |at, _, _| match at {
            At::Auth => Act::Say("535 5.7.8 wrong password"),
            _ => Act::Well,
        }).await;
        let urls = [
            silent.url(),
            format!("smtp://{}?tls=required", plain.address),
            format!("smtp://user:secret@{}?tls=none", strict.address),
        ];
        let mut room = Mailroom::at(&test, String::new());
        let key = room.owe("ada@example.net").await;
        for (url, words) in urls.into_iter().zip(["did not answer in time", "STARTTLS", "535 5.7.8 wrong password"]) {
            room.url = url;
            let hasty = Policy { phases: phases(SHORT, LONG), ..policy() };
            let delivery = Arc::new(room.office_with(hasty));
            delivery.drain_once().await.unwrap();
            let (reply, _) = delivery.route().shut().expect("the route is shut");
            let row = room.row(&key).await;
            assert_eq!((row.state, row.attempts), (MailState::Queued, 0));
            assert!(reply.to_string().contains(words), "{reply}");
            assert!(row.reply().contains(words), "{}", row.reply());
        }
        assert!(plain.taken().is_empty() && strict.taken().is_empty());
    }

    async fn what_may_pass_is_tried_again_later(test: TestDb) {
        let relay = FakeRelay::start(|at, _, n| match at {
            At::Rcpt if n < 2 => Act::Say("450 4.2.0 greylisted, come back"),
            At::Dot if n == 0 => Act::Say("451 4.3.0 try later"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let key = room.owe("ada@example.net").await;
        let delivery = Arc::new(room.delivery());
        for tries in 1..=3 {
            assert_eq!(delivery.drain_once().await.unwrap(), 1);
            let row = room.row(&key).await;
            assert_eq!((row.state, row.attempts), (MailState::Queued, tries));
            assert_eq!(delivery.drain_once().await.unwrap(), 0, "not before its time");
            room.clock.advance(minutes(5 << tries));
        }
        assert_eq!(delivery.drain_once().await.unwrap(), 1);
        assert_eq!(room.state(&key).await, MailState::Sent);
        assert_eq!(relay.connections(), 4, "one for each call, and none was broken by a refusal");
    }

    async fn a_bad_address_fails_for_good_and_gets_no_more_mail(test: TestDb) {
        let relay = FakeRelay::start(|at, line, _| match at {
            At::Rcpt if line.contains("Nobody") => Act::Say("550 5.1.1 <Nobody@example.net>: no such user"),
            At::Rcpt if line.contains("blocked") => Act::Say("550 5.7.1 we do not like you"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let delivery = Arc::new(room.delivery());
        let nobody = room.owe("Nobody@example.net").await;
        let blocked = room.owe("blocked@example.com").await;
        let fine = room.owe("ada@example.net").await;
        delivery.drain_once().await.unwrap();
        let row = room.row(&nobody).await;
        assert_eq!((row.state, row.reply().as_str()), (MailState::Failed, "550 5.1.1 (address) no such user"));
        assert_eq!(room.state(&blocked).await, MailState::Failed);
        assert_eq!(room.state(&fine).await, MailState::Sent);
        assert!(room.suppressed("nobody@example.net").await);
        assert!(!room.suppressed("blocked@example.com").await);
        let again = room.owe("nobody@example.net").await;
        delivery.drain_once().await.unwrap();
        assert_eq!(room.state(&again).await, MailState::Skipped);
        // An organizer knows better.
        room.act(Deed::Retry, &nobody).await;
        assert!(!room.suppressed("nobody@example.net").await);
        delivery.drain_once().await.unwrap();
        assert_eq!(room.state(&nobody).await, MailState::Failed, "it was tried, and came back again");
        assert!(room.suppressed("nobody@example.net").await);
        room.clock.advance(SignedDuration::from_hours(24 * 31));
        assert!(!room.suppressed("nobody@example.net").await);
    }

    async fn what_is_lost_after_the_dot_is_repeated_twice_with_the_same_id(test: TestDb) {
        let relay = FakeRelay::start(|at, _, n| match at {
            At::Dot if n % 2 == 0 => Act::TakeAndDrop,
            At::Dot => Act::Hang,
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let key = room.owe("ada@example.net").await;
        let hasty = Policy { phases: phases(LONG, SHORT), ..policy() };
        let delivery = Arc::new(room.office_with(hasty));
        for repeat in 1..=2 {
            delivery.drain_once().await.unwrap();
            let row = room.row(&key).await;
            assert_eq!((row.state, row.ambiguous), (MailState::Queued, repeat));
            room.clock.advance(minutes(15));
        }
        delivery.drain_once().await.unwrap();
        assert_eq!(room.state(&key).await, MailState::Unknown);
        let taken = relay.taken();
        assert_eq!(taken.len(), 2);
        assert_eq!(taken[0].data, taken[1].data, "the same mail, to the byte");
        // An organizer decides to send it once more.
        room.act(Deed::Retry, &key).await;
        let row = room.row(&key).await;
        assert_eq!((row.state, row.attempts, row.ambiguous), (MailState::Queued, 0, 0));
    }

    async fn a_relay_that_takes_few_mails_over_a_connection_gets_each_once(test: TestDb) {
        let mails = AtomicUsize::new(0);
        let relay = FakeRelay::start(move |at, _, n| match at {
            At::Connect => {
                mails.store(0, Ordering::SeqCst);
                Act::Well
            }
            // The third mail finds the connection closed, by turns with and without a word.
            At::Mail if mails.fetch_add(1, Ordering::SeqCst) == 2 && n % 2 == 0 => Act::Drop,
            At::Mail if mails.load(Ordering::SeqCst) == 3 => Act::Say("421 4.7.0 too many mails on one connection"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        for n in 0..60 {
            room.owe(&format!("a{n}@example.net")).await;
        }
        let worker = Worker::start(room.delivery(), 1).await.unwrap();
        room.until("all are sent", async || room.all().await.iter().all(|row| row.state == MailState::Sent)).await;
        worker.stop().await;
        assert!(relay.connections() >= 20, "{} connections", relay.connections());
        let mut recipients: Vec<String> = relay.taken().into_iter().map(|mail| mail.to).collect();
        recipients.sort();
        recipients.dedup();
        assert_eq!((relay.taken().len(), recipients.len()), (60, 60));
    }

    async fn what_was_taken_before_the_relay_went_away_is_recorded_at_once(test: TestDb) {
        let relay = FakeRelay::start(|at, _, n| match at {
            At::Mail if n >= 2 => Act::Say("421 4.3.2 shutting down"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        for n in 0..5 {
            room.owe(&format!("a{n}@example.net")).await;
        }
        let pausing = Policy { pauses: vec![Duration::from_hours(1)], lease: SHORT, ..policy() };
        let worker = Worker::start(room.office_with(pausing), 1).await.unwrap();
        room.until("two are sent, three wait", async || {
            let states: Vec<MailState> = room.all().await.iter().map(|row| row.state).collect();
            states.iter().filter(|state| **state == MailState::Sent).count() == 2
                && states.iter().filter(|state| **state == MailState::Queued).count() == 3
        }).await;
        assert!(worker.delivery().route().shut().is_some());
        worker.stop().await;
    }

    async fn a_421_closes_the_route_for_a_while_and_costs_no_try(test: TestDb) {
        let relay = FakeRelay::start(|at, _, n| match at {
            At::Mail if n < 1 => Act::Say("421 4.3.2 too many connections"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let key = room.owe("ada@example.net").await;
        let delivery = Arc::new(room.delivery());
        delivery.drain_once().await.unwrap();
        let row = room.row(&key).await;
        assert_eq!((row.state, row.attempts, row.last_code), (MailState::Queued, 0, Some(421)));
        assert!(delivery.route().shut().is_some());
        room.clock.advance(minutes(1));
        delivery.drain_once().await.unwrap();
        assert_eq!(room.state(&key).await, MailState::Sent);
        assert!(delivery.route().shut().is_none());
    }

    async fn a_mail_that_is_too_large_goes_again_as_a_link(test: TestDb) {
        let relay = FakeRelay::start(|at, _, n| match at {
            At::Dot if n == 0 => Act::Say("552 5.3.4 message too big"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let key = room.owe("ada@example.net").await;
        let delivery = Arc::new(room.delivery());
        delivery.drain_once().await.unwrap();
        assert_eq!(room.state(&key).await, MailState::Queued);
        delivery.drain_once().await.unwrap();
        assert_eq!(room.state(&key).await, MailState::Sent);
        assert!(String::from_utf8_lossy(&relay.taken()[0].data).contains("It is as a link."));
    }

    async fn the_same_refusal_of_five_mails_is_the_routes_fault_and_suppresses_nobody(test: TestDb) {
        let refuse = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let refusing = Arc::clone(&refuse);
        let relay = FakeRelay::start(move |at, _, _| match at {
            At::Rcpt if refusing.load(std::sync::atomic::Ordering::SeqCst) => Act::Say("554 5.7.1 Rejected"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let mut keys = Vec::new();
        for n in 0..8 {
            keys.push(room.owe(&format!("ada@d{n}.example")).await);
        }
        let delivery = Arc::new(room.delivery());
        for _ in 0..3 {
            delivery.drain_once().await.unwrap();
        }
        for (n, key) in keys.iter().enumerate() {
            assert_eq!(room.state(key).await, MailState::Queued, "{n}");
            assert!(!room.suppressed(&format!("ada@d{n}.example")).await, "{n}");
        }
        assert!(delivery.route().shut().is_some());
        refuse.store(false, std::sync::atomic::Ordering::SeqCst);
        for _ in 0..12 {
            room.clock.advance(minutes(1));
            delivery.drain_once().await.unwrap();
        }
        assert_eq!(relay.taken().len(), 8);
    }

    async fn a_fault_of_the_sender_fails_no_mail_and_suppresses_nobody(test: TestDb) {
        for words in [
            "550 5.1.8 <events@example.org>: Sender address rejected: Domain not found",
            "553 5.7.1 Sender address rejected: not owned by user",
            "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
            "550 5.4.5 Daily user sending limit exceeded",
        ] {
            let relay = FakeRelay::start(move |at, _, _| match at {
                At::Rcpt => Act::Say(words),
                _ => Act::Well,
            }).await;
            let room = Mailroom::new(&test, &relay);
            let key = room.owe("ada@example.net").await;
            let delivery = Arc::new(room.delivery());
            delivery.drain_once().await.unwrap();
            let row = room.row(&key).await;
            assert_eq!((row.state, row.attempts), (MailState::Queued, 0), "{words}");
            assert!(!room.suppressed("ada@example.net").await, "{words}");
            assert!(delivery.route().shut().is_some(), "{words}");
            room.act(Deed::Cancel, &key).await;
        }
    }

    async fn a_mail_that_is_refused_while_others_pass_keeps_nobody_waiting(test: TestDb) {
        let relay = FakeRelay::start(|at, line, _| match at {
            At::Rcpt if line.contains("listed.example") => Act::Say("550 5.7.1 Client host [192.0.2.1] blocked using a list"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let apart = room.owe("ada@listed.example").await;
        let delivery = Arc::new(room.delivery());
        delivery.drain_once().await.unwrap();
        assert!(delivery.route().shut().is_some(), "it may be so for everybody");
        room.owe("ben@example.net").await;
        delivery.route().try_now();
        delivery.drain_once().await.unwrap();
        assert!(delivery.route().shut().is_none(), "others pass");
        for _ in 0..3 {
            room.clock.advance(minutes(61));
            let other = room.owe("cleo@example.net").await;
            delivery.drain_once().await.unwrap();
            assert_eq!(room.state(&other).await, MailState::Sent);
            let row = room.row(&apart).await;
            assert_eq!((row.state, row.attempts), (MailState::Queued, 0));
            assert!(delivery.route().shut().is_none());
            assert_eq!(row.next_at().unwrap(), room.clock.now() + minutes(60));
        }
        assert!(!room.suppressed("ada@listed.example").await);
    }

    async fn the_date_and_the_id_are_those_of_the_first_try(test: TestDb) {
        let relay = FakeRelay::start(|at, _, n| match at {
            At::Dot if n < 2 => Act::TakeAndDrop,
            _ => Act::Well,
        }).await;
        let mut room = Mailroom::new(&test, &relay);
        let later = room.clock.now() + SignedDuration::from_hours(24 * 90);
        room.owe_what(&CONFIRMATION, "ada@example.net", "", |mail| mail.not_before(later)).await;
        room.clock.advance(SignedDuration::from_hours(24 * 90));
        for name in ["events.example.org", "other.example.org", "third.example.org"] {
            // The settings change, and a restart comes, between one try and the next.
            room.hello = Some(name);
            Arc::new(room.delivery()).drain_once().await.unwrap();
            room.clock.advance(SignedDuration::from_hours(5));
        }
        let taken = relay.taken();
        assert_eq!(taken.len(), 3);
        for mail in &taken {
            assert_eq!(mail.data, taken[0].data, "the same mail, to the byte");
        }
        assert!(taken[0].message_id().ends_with("@events.example.org>"), "{}", taken[0].message_id());
        assert_eq!(taken[0].header("Date"), "Sun, 21 Feb 2027 10:00:00 +0000");
    }

    async fn a_mail_is_dated_when_it_is_first_tried(test: TestDb) {
        // How long it was to wait, and how long nobody sent anything.
        for (wait, idle, date) in [
            (0, 0, "Mon, 23 Nov 2026 10:00:00 +0000"),
            (0, 72, "Thu, 26 Nov 2026 10:00:00 +0000"),
            (24 * 180, 24 * 180, "Sat, 22 May 2027 10:00:00 +0000"),
            (24, 30, "Tue, 24 Nov 2026 16:00:00 +0000"),
        ] {
            let relay = FakeRelay::well().await;
            let room = Mailroom::new(&test, &relay);
            let later = room.clock.now() + SignedDuration::from_hours(wait);
            let key = room.owe_what(&CONFIRMATION, "ada@example.net", "", |mail| mail.not_before(later)).await;
            room.clock.advance(SignedDuration::from_hours(idle));
            Arc::new(room.delivery()).drain_once().await.unwrap();
            assert_eq!(room.state(&key).await, MailState::Sent);
            assert_eq!(relay.taken()[0].header("Date"), date, "{wait} h, {idle} h");
        }
    }

    async fn a_mail_that_failed_and_is_tried_again_is_a_new_one(test: TestDb) {
        let relay = FakeRelay::start(|at, _, n| match at {
            At::Rcpt if n == 0 => Act::Say("550 5.1.1 no such user"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let key = room.owe("ada@example.net").await;
        let delivery = Arc::new(room.delivery());
        delivery.drain_once().await.unwrap();
        room.clock.advance(SignedDuration::from_hours(24 * 3));
        room.act(Deed::Retry, &key).await;
        delivery.drain_once().await.unwrap();
        assert_eq!(relay.taken()[0].header("Date"), "Thu, 26 Nov 2026 10:00:00 +0000");
    }

    async fn a_mail_is_put_back_once(test: TestDb) {
        let relay = FakeRelay::start(|at, _, _| match at {
            At::Rcpt => Act::Say("554 5.7.1 Rejected"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        for n in 0..6 {
            room.owe(&format!("ada@d{n}.example")).await;
        }
        let states = async || room.all().await.iter().filter(|row| row.state == MailState::Failed).count();
        let mut failed = Vec::new();
        // Long enough that the sixth is not tried in the first pause on a busy machine.
        let policy = Policy { pauses: vec![Duration::from_millis(500)], ..policy() };
        // A copy of the program that forgets: it was started anew.
        for _ in 0..3 {
            let delivery = Arc::new(room.office_with(policy.clone()));
            delivery.drain_once().await.unwrap();
            delivery.drain_once().await.unwrap();
            failed.push(states().await);
            room.clock.advance(minutes(10));
        }
        assert_eq!(failed, [0, 4, 6], "four fail before the fifth tells, for they were put back before; then the rest");
    }

    async fn a_new_start_tries_at_once_what_waits_for_another_try(test: TestDb) {
        let relay = FakeRelay::start(|at, _, n| match at {
            At::Rcpt if n < 1 => Act::Say("450 4.7.1 Helo command rejected: Host not found"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let key = room.owe("ada@example.net").await;
        let later = room.clock.now() + minutes(3);
        let reminder = room.owe_what(&CONFIRMATION, "ada@example.net", "", |mail| mail.not_before(later)).await;
        Arc::new(room.delivery()).drain_once().await.unwrap();
        assert_eq!(room.state(&key).await, MailState::Queued);
        let worker = Worker::start(room.delivery(), 1).await.unwrap();
        room.until("it goes without waiting", async || room.state(&key).await == MailState::Sent).await;
        worker.stop().await;
        assert_eq!(room.state(&reminder).await, MailState::Queued, "what was never tried keeps its time");
    }

    async fn mails_are_found_by_what_was_said_of_them(test: TestDb) {
        let relay = FakeRelay::start(|at, line, _| match at {
            At::Rcpt if line.contains("full") => Act::Say("552 5.2.2 Mailbox 100% full"),
            At::Rcpt if line.contains("odd") => Act::Say("554 5.7.1 We_are odd"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let full = room.owe("full@example.net").await;
        let delivery = Arc::new(room.delivery());
        delivery.drain_once().await.unwrap();
        room.clock.advance(SignedDuration::from_secs(1));
        let odd = room.owe("odd@example.net").await;
        let note = room.owe_what(&REMINDER, "ada@example.net", "", |mail| mail).await;
        delivery.drain_once().await.unwrap();
        let found = async |filter: Filter| -> Vec<String> {
            let rows = outbox::list(&mut room.db.read().await.unwrap(), &filter, 10).await.unwrap();
            rows.into_iter().map(|row| row.key).collect()
        };
        let saying = |words: &str| Filter { reply: Some(words.to_owned()), ..Filter::default() };
        assert_eq!(found(saying("100% FULL")).await, [full.as_str()]);
        assert_eq!(found(saying("we_are")).await, [odd.as_str()]);
        assert!(found(saying("we%are")).await.is_empty() && found(saying("mailboxx")).await.is_empty());
        let kind = Filter { kind: Some(REMINDER.name.to_owned()), ..Filter::default() };
        assert_eq!(found(kind).await, [note.as_str()]);
        let since = Filter { since: Some(room.clock.now()), ..Filter::default() };
        assert_eq!(found(since).await, [note, odd]);
        let refused = outbox::refused(&mut room.db.read().await.unwrap()).await.unwrap().unwrap();
        assert_eq!((refused.count, refused.reply().as_str()), (1, "552 5.2.2 Mailbox 100% full"));
    }

    async fn a_421_over_one_recipient_is_that_mails_own(test: TestDb) {
        let relay = FakeRelay::start(|at, line, _| match at {
            At::Rcpt if line.contains("bad@") => Act::Say("421 4.7.0 go away"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let bad = room.owe("bad@example.net").await;
        let good = [room.owe("ada@example.net").await, room.owe("ben@example.net").await];
        let delivery = Arc::new(room.delivery());
        delivery.drain_once().await.unwrap();
        for key in &good {
            assert_eq!(room.state(key).await, MailState::Sent, "nobody waits for it");
        }
        let row = room.row(&bad).await;
        assert_eq!((row.state, row.attempts, row.last_code), (MailState::Queued, 1, Some(421)));
        assert!(delivery.route().shut().is_none());
        for _ in 0..40 {
            room.clock.advance(SignedDuration::from_hours(5));
            delivery.drain_once().await.unwrap();
        }
        assert_eq!(room.state(&bad).await, MailState::Failed, "alone, it ends too");
    }

    async fn a_mail_that_has_waited_too_long_for_such_a_relay_fails(test: TestDb) {
        let relay = FakeRelay::start(|at, _, _| match at {
            At::Rcpt => Act::Say("550 5.7.1 sender not allowed"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        for n in 0..8 {
            room.owe(&format!("ada@d{n}.example")).await;
        }
        let delivery = Arc::new(room.delivery());
        for _ in 0..2 {
            delivery.drain_once().await.unwrap();
        }
        assert!(room.all().await.iter().all(|row| row.state == MailState::Queued));
        room.clock.advance(SignedDuration::from_hours(24 * 15));
        for _ in 0..10 {
            delivery.drain_once().await.unwrap();
        }
        for row in room.all().await {
            assert_eq!((row.state, row.reply().as_str()), (MailState::Failed, "550 5.7.1 sender not allowed"));
        }
    }

    async fn the_code_and_the_words_of_one_reply_stay_together(test: TestDb) {
        let greylisting = FakeRelay::start(|at, _, _| match at {
            At::Rcpt => Act::Say("450 4.2.0 greylisted"),
            _ => Act::Well,
        }).await;
        let strict = FakeRelay::offering(vec!["AUTH PLAIN"], |at, _, _| match at {
            At::Auth => Act::Say("535 5.7.8 wrong password"),
            _ => Act::Well,
        }).await;
        let mut room = Mailroom::new(&test, &greylisting);
        let key = room.owe("ada@example.net").await;
        Arc::new(room.delivery()).drain_once().await.unwrap();
        assert_eq!(room.row(&key).await.reply(), "450 4.2.0 greylisted");
        room.clock.advance(minutes(10));
        for (url, code, words) in [
            (format!("smtp://{}?tls=none", free_address()), None, "Cannot connect"),
            (format!("smtp://user:secret@{}?tls=none", strict.address), Some(535), "535 5.7.8 wrong password"),
        ] {
            room.url = url;
            Arc::new(room.delivery()).drain_once().await.unwrap();
            let row = room.row(&key).await;
            assert_eq!(row.last_code, code);
            assert!(row.reply().starts_with(words), "{}", row.reply());
        }
    }

    async fn poison_rows_fail_alone_and_visibly(test: TestDb) {
        let relay = FakeRelay::well().await;
        let room = Mailroom::new(&test, &relay);
        let mut keys = Vec::new();
        for asked in ["panic", "load panic", "poison", "skip", ""] {
            keys.push(room.owe_what(&CONFIRMATION, "ada@example.net", asked, |mail| mail).await);
        }
        Arc::new(room.delivery()).drain_once().await.unwrap();
        let mut rows = Vec::new();
        for key in &keys {
            rows.push(room.row(key).await);
        }
        let states: Vec<MailState> = rows.iter().map(|row| row.state).collect();
        assert_eq!(states, [MailState::Failed, MailState::Failed, MailState::Failed, MailState::Skipped, MailState::Sent]);
        assert!(rows[0].reply().contains("panicked"), "{}", rows[0].reply());
        assert!(rows[2].reply().contains("the paper is gone"), "{}", rows[2].reply());
        assert_eq!(rows[3].reply(), "The session was cancelled.");
        assert_eq!(relay.taken().len(), 1);
    }

    async fn a_kind_that_nobody_composes_waits(test: TestDb) {
        let relay = FakeRelay::well().await;
        let room = Mailroom::new(&test, &relay);
        let foreign = Kind::new("newer.kind", Priority::Paper);
        let key = room.owe_what(&foreign, "ada@example.net", "", |mail| mail).await;
        Arc::new(room.delivery()).drain_once().await.unwrap();
        assert_eq!(room.state(&key).await, MailState::Queued);
        assert!(room.row(&key).await.next_at().unwrap() > room.clock.now());
    }

    async fn a_hang_costs_one_mail_and_the_others_go(test: TestDb) {
        let relay = FakeRelay::start(|at, line, _| match at {
            At::Dot if line.contains("tarpit") => Act::Hang,
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        // The courier that hangs gives the rest of its mails back before it gives up.
        let hasty = Policy {
            patience: Duration::from_millis(50),
            phases: phases(LONG, Duration::from_secs(5)),
            ..policy()
        };
        let tarpit = room.owe("tarpit@example.net").await;
        for n in 0..10 {
            room.owe(&format!("a{n}@example.net")).await;
        }
        let worker = Worker::start(room.office_with(hasty), 2).await.unwrap();
        room.until("the others are sent", async || {
            room.all().await.iter().filter(|row| row.state == MailState::Sent).count() == 10
        }).await;
        assert_eq!(room.state(&tarpit).await, MailState::Sending);
        room.until("the hang is cut off", async || room.row(&tarpit).await.ambiguous == 1).await;
        worker.stop().await;
    }

    async fn what_somebody_waits_for_overtakes_reminders(test: TestDb) {
        let relay = FakeRelay::well().await;
        let room = Mailroom::new(&test, &relay);
        for n in 0..40 {
            room.owe_what(&REMINDER, &format!("reminder{n}@example.net"), "", |mail| mail).await;
        }
        room.owe("confirmation@example.net").await;
        Arc::new(room.delivery()).drain_once().await.unwrap();
        assert_eq!(relay.taken()[0].to, "confirmation@example.net");
        assert_eq!(relay.taken().len(), 16);
    }

    async fn times_are_kept(test: TestDb) {
        let relay = FakeRelay::well().await;
        let room = Mailroom::new(&test, &relay);
        let start = room.clock.now();
        let in_minutes = |n: i64| start.checked_add(minutes(n)).unwrap();
        let late = room.owe_what(&REMINDER, "a@example.net", "", |mail| mail.deadline(in_minutes(10))).await;
        let early = room.owe_what(&REMINDER, "b@example.net", "", |mail| mail.not_before(in_minutes(30))).await;
        let delivery = Arc::new(room.delivery());
        room.clock.advance(minutes(20));
        delivery.drain_once().await.unwrap();
        assert_eq!((room.state(&late).await, room.state(&early).await), (MailState::Skipped, MailState::Queued));
        room.clock.advance(minutes(20));
        delivery.drain_once().await.unwrap();
        assert_eq!(room.state(&early).await, MailState::Sent);
        assert_eq!(relay.taken().len(), 1);
    }

    async fn suppressions_stop_what_they_should(test: TestDb) {
        let relay = FakeRelay::well().await;
        let room = Mailroom::new(&test, &relay);
        let now = room.clock.now();
        for (to, reason) in [("bounced@example.net", Reason::Bounced), ("left@example.net", Reason::Unsubscribed)] {
            let suppression = Suppression {
                address_key: address(to).key(),
                reason,
                scope: String::new(),
                until: None,
                detail: String::new(),
                mail_id: None,
            };
            room.db.write(move |tx| {
                let suppression = suppression.clone();
                Box::pin(async move { suppressions::add(tx, &suppression, now).await })
            }).await.unwrap();
        }
        assert_eq!(REMINDER.purpose, MailPurpose::Webcast);
        let mut states = Vec::new();
        for (kind, to) in [
            (CONFIRMATION, "bounced@example.net"),
            (REMINDER, "Bounced@example.net"),
            (CONFIRMATION, "left@example.net"),
            (REMINDER, "left@example.net"),
        ] {
            let key = room.owe_what(&kind, to, "", |mail| mail).await;
            Arc::new(room.delivery()).drain_once().await.unwrap();
            states.push(room.state(&key).await);
        }
        assert_eq!(states, [MailState::Skipped, MailState::Skipped, MailState::Sent, MailState::Skipped]);
    }

    async fn a_stop_lets_the_mail_in_flight_end_and_gives_the_others_back(test: TestDb) {
        let (relay, hanging) = hangs_at_the_dot(3).await;
        let room = Mailroom::new(&test, &relay);
        for n in 0..10 {
            room.owe(&format!("a{n}@example.net")).await;
        }
        let patient = Policy {
            patience: Duration::from_mins(1),
            phases: phases(LONG, Duration::from_mins(1)),
            stop: Duration::from_millis(100),
            ..policy()
        };
        let worker = Worker::start(room.office_with(patient), 1).await.unwrap();
        hanging.notified().await;
        tokio::time::timeout(LONG, worker.stop()).await.expect("stops in time");
        let count = async |state| room.all().await.iter().filter(|row| row.state == state).count();
        assert_eq!(count(MailState::Sent).await, 3);
        assert_eq!(count(MailState::Sending).await, 1, "the one in flight is left to its lease");
        assert_eq!(count(MailState::Queued).await, 6);
    }

    async fn organizers_see_and_change_the_outbox(test: TestDb) {
        let relay = FakeRelay::start(|at, line, _| match at {
            At::Rcpt if line.contains("bad") => Act::Say("550 5.7.1 no"),
            _ => Act::Well,
        }).await;
        let room = Mailroom::new(&test, &relay);
        let bad = room.owe("bad@example.net").await;
        room.owe("good@example.net").await;
        Arc::new(room.delivery()).drain_once().await.unwrap();
        let waiting = room.owe("later@example.net").await;
        let conn = &mut room.db.read().await.unwrap();
        let page = outbox::list(conn, &Filter::default(), 2).await.unwrap();
        assert_eq!(page.iter().map(|row| row.recipient.as_str()).collect::<Vec<_>>(), ["later@example.net", "good@example.net"]);
        let next = Filter { after: Some(page[1].key.clone()), ..Filter::default() };
        let page = outbox::list(conn, &next, 2).await.unwrap();
        assert_eq!(page.iter().map(|row| row.key.clone()).collect::<Vec<_>>(), std::slice::from_ref(&bad));
        let failed = Filter { state: Some(MailState::Failed), ..Filter::default() };
        assert_eq!(outbox::list(conn, &failed, 10).await.unwrap().len(), 1);
        let to = Filter { recipient: Some(address("GOOD@example.net")), ..Filter::default() };
        assert_eq!(outbox::list(conn, &to, 10).await.unwrap().len(), 1);
        assert_eq!(outbox::about(conn, &[CONFIRMATION], 1).await.unwrap().len(), 3);
        assert!(outbox::find(conn, "no such mail").await.unwrap().is_none());
        let owed = outbox::owed(conn, &waiting).await.unwrap().unwrap();
        let preview = Composers::default().with(TestMails).preview(conn, &owed).await.unwrap();
        assert!(matches!(preview, Some(Composed::Send(message)) if message.subject == "Your seat"));
        let counts = outbox::counts(conn).await.unwrap();
        let mut counts: Vec<(MailState, i64)> = counts.iter().map(|c| (c.state, c.count)).collect();
        counts.sort_by_key(|(state, _)| state.name());
        assert_eq!(counts, [(MailState::Failed, 1), (MailState::Queued, 1)]);

        let (now, name) = (room.clock.now(), waiting.clone());
        let cancelled = room.db.write(move |tx| {
            let name = name.clone();
            Box::pin(async move { Ok((outbox::act(tx, Deed::Cancel, &name, Actor::CommandLine, now).await?, outbox::act(tx, Deed::Cancel, &name, Actor::CommandLine, now).await?)) })
        });
        assert_eq!(cancelled.await.unwrap(), (true, false));
    }

    async fn a_restore_holds_everything(test: TestDb) {
        let relay = FakeRelay::well().await;
        let room = Mailroom::new(&test, &relay);
        let key = room.owe("ada@example.net").await;
        room.db.write(|tx| Box::pin(async move {
            on_db!(tx, c => sqlx::query(outbox::HOLD_ALL).execute(c).await.map(drop))?;
            Ok(())
        })).await.unwrap();
        let delivery = Arc::new(room.delivery());
        assert_eq!(delivery.drain_once().await.unwrap(), 0);
        assert_eq!(room.state(&key).await, MailState::Held);
        let now = room.clock.now();
        let released = room.db.write(move |tx| Box::pin(outbox::release_held(tx, Actor::CommandLine, now)));
        assert_eq!(released.await.unwrap(), 1);
        assert_eq!(delivery.drain_once().await.unwrap(), 1);
    }

    async fn old_rows_are_removed_and_what_is_owed_stays(test: TestDb) {
        let relay = FakeRelay::well().await;
        let room = Mailroom::new(&test, &relay);
        room.owe("ada@example.net").await;
        Arc::new(room.delivery()).drain_once().await.unwrap();
        let owed = room.owe("bob@example.net").await;
        room.clock.advance(SignedDuration::from_hours(24 * 89));
        assert_eq!(outbox::prune(&room.db, &[CONFIRMATION], room.clock.now()).await.unwrap(), 0);
        room.clock.advance(SignedDuration::from_hours(24 * 2));
        assert_eq!(outbox::prune(&room.db, &[CONFIRMATION], room.clock.now()).await.unwrap(), 1);
        assert_eq!(room.all().await.len(), 1);
        assert_eq!(room.state(&owed).await, MailState::Queued);
    }
}

/// A slow pace, and one mail for each courier: the last has its turn long after a lease would have run out.
fn slow(room: &Mailroom, rate: u32) -> Delivery {
    let policy = Policy {
        batch: 1,
        lease: Duration::from_millis(700),
        renew: Duration::from_millis(100),
        ..policy()
    };
    room.office_with(policy).rate(Some(rate))
}

#[tokio::test]
async fn on_postgres_a_mail_that_waits_for_its_turn_keeps_its_lease() {
    let test = TestDb::postgres().await;
    let relay = FakeRelay::well().await;
    let room = Mailroom::new(&test, &relay);
    for n in 0..10 {
        room.owe(&format!("a{n}@example.net")).await;
    }
    let worker = Worker::start(slow(&room, 4), 10).await.unwrap();
    room.until("all are sent", async || {
        room.all().await.iter().all(|row| row.state == MailState::Sent)
    })
    .await;
    worker.stop().await;
    assert_eq!(relay.taken().len(), 10);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_turns() {
    let test = TestDb::sqlite().await;
    let relay = FakeRelay::well().await;
    let room = Mailroom::new(&test, &relay);
    for n in 0..30 {
        room.owe(&format!("a{n}@example.net")).await;
    }
    let worker = Worker::start(slow(&room, 1), 30).await.unwrap();
    room.until("one is sent", async || !relay.taken().is_empty()).await;
    tokio::time::timeout(Duration::from_secs(10), worker.stop())
        .await
        .expect("stops in time");
    assert!(room.all().await.iter().all(|row| row.state != MailState::Sending));
}

/// A courier that is killed leaves its mails behind; nobody else sees them until the lease has run out.
async fn claim_and_vanish(room: &Mailroom, relay: &FakeRelay, hanging: &Notify) {
    let patient = Policy {
        patience: Duration::from_mins(1),
        phases: phases(LONG, Duration::from_mins(1)),
        ..policy()
    };
    let delivery = Arc::new(room.office_with(patient));
    tokio::select! {
        carried = delivery.drain_once() => panic!("{carried:?}"),
        () = hanging.notified() => {}
    }
    assert_eq!(relay.taken().len(), 1);
}

/// A relay that takes so many mails and hangs at the end of the next one, and what tells when it does. It takes all
/// later ones.
async fn hangs_at_the_dot(taken: usize) -> (FakeRelay, Arc<Notify>) {
    let hanging = Arc::new(Notify::new());
    let told = Arc::clone(&hanging);
    let relay = FakeRelay::start(move |at, _, n| {
        if at == At::Dot && n == taken {
            told.notify_one();
            Act::Hang
        } else {
            Act::Well
        }
    });
    (relay.await, hanging)
}

#[tokio::test]
async fn on_sqlite_a_new_start_takes_up_what_a_killed_one_left() {
    let test = TestDb::sqlite().await;
    let (relay, hanging) = hangs_at_the_dot(1).await;
    let room = Mailroom::new(&test, &relay);
    for n in 0..3 {
        room.owe(&format!("a{n}@example.net")).await;
    }
    claim_and_vanish(&room, &relay, &hanging).await;
    let worker = Worker::start(room.delivery(), 2).await.unwrap();
    room.until("all are sent", async || {
        room.all().await.iter().all(|row| row.state == MailState::Sent)
    })
    .await;
    worker.stop().await;
    assert_eq!(relay.taken().len(), 4, "one went twice, at most a batch could");
}

#[tokio::test]
async fn on_postgres_two_copies_never_send_one_mail_twice() {
    let test = TestDb::postgres().await;
    let relay = FakeRelay::well().await;
    let room = Mailroom::new(&test, &relay);
    for n in 0..300 {
        room.owe(&format!("a{n}@example.net")).await;
    }
    let one = Worker::start(room.delivery(), 3).await.unwrap();
    let two = Worker::start(room.delivery(), 3).await.unwrap();
    room.until("all are sent", async || {
        room.all().await.iter().all(|row| row.state == MailState::Sent)
    })
    .await;
    one.stop().await;
    two.stop().await;
    assert_eq!(relay.taken().len(), 300);
}

#[tokio::test]
async fn on_postgres_a_lease_that_ran_out_frees_the_mails() {
    let test = TestDb::postgres().await;
    let (relay, hanging) = hangs_at_the_dot(1).await;
    let room = Mailroom::new(&test, &relay);
    for n in 0..3 {
        room.owe(&format!("a{n}@example.net")).await;
    }
    claim_and_vanish(&room, &relay, &hanging).await;
    let sending = async || {
        room.all()
            .await
            .iter()
            .filter(|row| row.state == MailState::Sending)
            .count()
    };
    let worker = Worker::start(room.delivery(), 1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(sending().await > 0, "the lease holds");
    worker.stop().await;
    room.db
        .write(|tx| {
            Box::pin(async move {
                commonground::on_db!(tx, c => sqlx::query("UPDATE outbox SET lease_until = 0 WHERE state = 'sending'")
                    .execute(c).await.map(drop))?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let worker = Worker::start(room.delivery(), 1).await.unwrap();
    room.until("all are sent", async || {
        room.all().await.iter().all(|row| row.state == MailState::Sent)
    })
    .await;
    worker.stop().await;
}
