//! R8: a relay that refuses, hangs, lies or is away. One recipient's fault holds up nobody else, and what is
//! owed goes out once the relay is back. The finer faults are tested beside the worker, with short timeouts;
//! here the whole program runs with its real ones.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::support::http::once;
use crate::support::load::{self, Form};
use crate::support::relay::{Act, At, FakeRelay, Taken};
use crate::support::server::{House, free_address};

/// What the relay does to the mail of one recipient, told by the address.
fn faulty(at: At, line: &str) -> Act {
    match at {
        At::Rcpt if line.contains("refused-") => Act::Say("550 5.7.1 not wanted"),
        At::Rcpt if line.contains("unknown-") => Act::Say("550 5.1.1 no such user"),
        At::Rcpt if line.contains("greylisted-") => Act::Say("450 4.2.0 come back later"),
        At::Dot if line.contains("busy-") => Act::Say("451 4.3.0 try again"),
        At::Dot if line.contains("large-") => Act::Say("552 5.3.4 too large"),
        At::Dot if line.contains("dropped-") => Act::TakeAndDrop,
        At::Dot if line.contains("hanging-") => Act::Hang,
        _ => Act::Well,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_recipients_fault_holds_up_nobody_else() {
    let relay = FakeRelay::start(|at, line, _| faulty(at, line)).await;
    let house = House::on_sqlite().with("smtp_url", &relay.url());
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let faults = [
        "refused",
        "unknown",
        "greylisted",
        "busy",
        "large",
        "dropped",
        "hanging",
    ];
    let started = Instant::now();
    let mut good = HashSet::new();
    for round in 0..20 {
        for fault in faults.iter().filter(|_| round == 5) {
            register(&house, &form, &format!("{fault}-{round}@visitors.example")).await;
        }
        let email = format!("good-{round}@visitors.example");
        register(&house, &form, &email).await;
        good.insert(email);
    }
    while !good.is_subset(&recipients(&relay)) {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "others wait:\n{}",
            house.log()
        );
        sleep(Duration::from_millis(50)).await;
    }
    println!(
        "20 good mails among {} faulty ones took {:?}",
        faults.len(),
        started.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn a_relay_that_was_away_gets_everything_once_it_is_back() {
    let address = free_address();
    let house = House::on_sqlite().with("smtp_url", &format!("smtp://{address}?tls=none"));
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let mut owed = HashSet::new();
    for number in 0..50 {
        let email = load::person(number);
        register(&house, &form, &email).await;
        owed.insert(email);
        sleep(Duration::from_millis(400)).await;
    }
    let listener = TcpListener::bind(address).await.unwrap();
    let relay = FakeRelay::on(listener, vec!["PIPELINING", "SIZE 10240000"], |_, _, _| Act::Well);
    all_arrive(&relay, &owed, &house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn a_relay_without_a_banner_is_cut_off_and_tried_again() {
    let relay = FakeRelay::start(|at, _, seen| match at {
        At::Connect if seen < 4 => Act::Hang,
        _ => Act::Well,
    })
    .await;
    everything_arrives_at(relay).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn a_relay_that_says_421_is_left_alone_for_a_while() {
    let relay = FakeRelay::start(|at, _, seen| match at {
        At::Connect if seen < 2 => Act::Say("421 4.3.2 closing"),
        _ => Act::Well,
    })
    .await;
    everything_arrives_at(relay).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn a_mail_whose_reply_was_lost_goes_again_with_the_same_message_id() {
    let relay = FakeRelay::start(|at, _, seen| match at {
        At::Dot if seen == 0 => Act::TakeAndDrop,
        _ => Act::Well,
    })
    .await;
    let house = House::on_sqlite().with("smtp_url", &relay.url());
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    register(&house, &form, "twice@visitors.example").await;
    let started = Instant::now();
    while relay.taken().len() < 2 {
        assert!(
            started.elapsed() < Duration::from_mins(10),
            "never repeated:\n{}",
            house.log()
        );
        sleep(Duration::from_millis(200)).await;
    }
    let ids: HashSet<String> = relay.taken().iter().map(Taken::message_id).collect();
    println!("repeated after {:?}", started.elapsed());
    assert_eq!(ids.len(), 1, "{ids:?}");
}

/// RFC 5321, 4.5.3.2.6: ten minutes. A slow relay holds its own connection and nobody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn a_slow_reply_to_the_text_makes_no_second_copy() {
    let minute = slow_reply(Duration::from_secs(66));
    let nine = slow_reply(Duration::from_mins(9));
    tokio::join!(minute, nine);
}

async fn slow_reply(time: Duration) {
    let relay = FakeRelay::start(move |at, line, _| match at {
        At::Dot if line.contains("slow-") => Act::TakeSlowly(time),
        _ => Act::Well,
    })
    .await;
    let house = House::on_sqlite().with("smtp_url", &relay.url());
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    register(&house, &form, "slow-0@visitors.example").await;
    let mut good = HashSet::new();
    for number in 0..30 {
        let email = load::person(number);
        register(&house, &form, &email).await;
        good.insert(email);
    }
    let started = Instant::now();
    while !good.is_subset(&recipients(&relay)) {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "others wait:\n{}",
            house.log()
        );
        sleep(Duration::from_millis(50)).await;
    }
    sleep(time + Duration::from_secs(20)).await;
    let list = String::from_utf8(house.run(&["outbox", "list"]).await.stdout).unwrap();
    assert_eq!(list.matches("\tsent\t").count(), 31, "{list}");
    let copies = relay.taken().iter().filter(|mail| mail.to.starts_with("slow-")).count();
    assert_eq!((copies, relay.taken().len()), (1, 31), "{time:?}");
    println!("a reply after {time:?}: one copy, and the others went at once");
}

async fn everything_arrives_at(relay: FakeRelay) {
    let house = House::on_sqlite().with("smtp_url", &relay.url());
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let owed: HashSet<String> = (0..20).map(load::person).collect();
    for email in &owed {
        register(&house, &form, email).await;
    }
    all_arrive(&relay, &owed, &house).await;
}

async fn all_arrive(relay: &FakeRelay, owed: &HashSet<String>, house: &House) {
    let back = Instant::now();
    while !owed.is_subset(&recipients(relay)) {
        let missing = owed.difference(&recipients(relay)).count();
        assert!(
            back.elapsed() < Duration::from_mins(10),
            "{missing} missing:\n{}",
            house.log()
        );
        sleep(Duration::from_millis(200)).await;
    }
    println!(
        "{} mails were there {:?} after the relay was back",
        owed.len(),
        back.elapsed()
    );
    assert_eq!(relay.taken().len(), owed.len(), "each once");
}

fn recipients(relay: &FakeRelay) -> HashSet<String> {
    relay.taken().into_iter().map(|taken| taken.to).collect()
}

async fn register(house: &House, form: &Form, email: &str) {
    let reply = once(house.address, &load::registration(form, email)).await.unwrap();
    assert_eq!(reply.status, 303, "{}", reply.text());
}
