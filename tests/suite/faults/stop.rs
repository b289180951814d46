//! R18: the end of the program under load, with clients that will not let go.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::support::http::{Connection, once};
use crate::support::load::{self, Form, Load};
use crate::support::oracle::{self, judge};
use crate::support::relay::{Act, At, FakeRelay};
use crate::support::server::House;
use crate::support::sink::Sink;

const DRAINED: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_drains_and_loses_nothing() {
    let sink = Sink::start(Duration::from_millis(5)).await;
    let house = House::on_sqlite().with("smtp_url", &sink.url());
    let mut server = house.start().await;
    let form = load::find_form(house.address).await;
    let load = Load::start(house.address, &form, 8);
    let _slow = slow_clients(&house, &form).await;
    load.journal.wait_for(50).await;

    let asked = Instant::now();
    server.signal("TERM");
    let status = server.ended(DRAINED).await;
    let took = asked.elapsed();
    assert!(
        status.is_some_and(|status| status.success()),
        "{status:?}\n{}",
        house.log()
    );
    println!("ended after {took:?} with {} acknowledged", load.journal.count());

    let _server = house.start().await;
    let journal = load.stop().await;
    let stored = oracle::stored(&house, &form).await;
    let verdict = judge(&journal.acknowledged(), &stored, &[]);
    assert_eq!((verdict.acked_lost, verdict.dup_rows), (0, 0), "{verdict:?}");
}

/// The relay never answers the final dot: that mail is left to its lease and goes again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_with_a_hanging_relay_and_slow_clients_ends_in_time() {
    let relay = FakeRelay::start(|at, _, _| if at == At::Dot { Act::Hang } else { Act::Well }).await;
    let house = House::on_sqlite().with("smtp_url", &relay.url());
    let mut server = house.start().await;
    let form = load::find_form(house.address).await;
    for number in 0..8 {
        let request = load::registration(&form, &load::person(number));
        assert_eq!(once(house.address, &request).await.unwrap().status, 303);
    }
    let _slow = slow_clients(&house, &form).await;
    sleep(Duration::from_millis(500)).await;
    let asked = Instant::now();
    server.signal("TERM");
    let status = server.ended(DRAINED).await;
    println!("ended after {:?}", asked.elapsed());
    assert!(
        status.is_some_and(|status| status.success()),
        "{status:?}\n{}",
        house.log()
    );

    let sink = Sink::start(Duration::ZERO).await;
    let house = house.with("smtp_url", &sink.url());
    let _server = house.start().await;
    let started = Instant::now();
    while sink.count() < 8 {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{} of 8:\n{}",
            sink.count(),
            house.log()
        );
        sleep(Duration::from_millis(50)).await;
    }
}

/// The relay takes the connection and says nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_while_the_relay_does_not_greet_ends_in_time() {
    let relay = FakeRelay::start(|at, _, _| if at == At::Connect { Act::Hang } else { Act::Well }).await;
    let house = House::on_sqlite().with("smtp_url", &relay.url());
    let mut server = house.start().await;
    let form = load::find_form(house.address).await;
    let request = load::registration(&form, &load::person(1));
    assert_eq!(once(house.address, &request).await.unwrap().status, 303);
    while relay.connections() == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    let asked = Instant::now();
    server.signal("TERM");
    let status = server.ended(DRAINED).await;
    println!("ended after {:?}", asked.elapsed());
    assert!(
        status.is_some_and(|status| status.success()),
        "{status:?}\n{}",
        house.log()
    );
}

/// Half a head, half a body, and a request whose answer nobody reads.
async fn slow_clients(house: &House, form: &Form) -> Vec<Connection> {
    let action = &form.action;
    let half_head = format!("POST {action} HTTP/1.1\r\nHost: localho");
    let half_body = format!("POST {action} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nname=");
    let unread = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200);
    let mut clients = Vec::new();
    for bytes in [half_head, half_body, unread] {
        for _ in 0..5 {
            let mut client = Connection::open(house.address).await.unwrap();
            client.send(bytes.as_bytes()).await.unwrap();
            clients.push(client);
        }
    }
    clients
}
