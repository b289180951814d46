//! `doctor`: what it finds, and what it says to do.

use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use super::{Shell, run, stderr, stdout};
use crate::support::relay::{Act, At, FakeRelay};
use crate::support::server::House;

#[test]
fn the_doctor_says_what_to_do() {
    let shell = Shell {
        url: "postgres://nobody:secret@127.0.0.1:1/none",
    };
    let output = shell.run(&["doctor", "--smtp-url", "smtp://ada:secret@127.0.0.1:1?tls=none"], "");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let said = stdout(&output);
    for fault in said.lines().filter(|line| line.starts_with("FAULT")) {
        assert!(fault.contains("Check ") || fault.contains("Set it"), "{fault}");
        assert!(!fault.contains("secret"), "{fault}");
    }
    assert_eq!(said.matches("FAULT").count(), 3, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_asks_the_relay_whether_it_would_take_a_mail() {
    for (refused, reply, advice) in [
        (
            At::Ehlo,
            "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
            "Set smtp_helo",
        ),
        (
            At::Rcpt,
            "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
            "Set smtp_helo",
        ),
        (
            At::Mail,
            "553 5.7.1 Sender address rejected: not owned by user",
            "may send from",
        ),
        (
            At::Rcpt,
            "550 5.1.8 Sender address rejected: Domain not found",
            "whose domain exists",
        ),
        (At::Rcpt, "554 5.7.1 no", "Ask whoever runs the relay"),
    ] {
        let relay = FakeRelay::start(move |at, _, _| if at == refused { Act::Say(reply) } else { Act::Well }).await;
        let said = doctor(&relay).await;
        let line = said.lines().find(|line| line.contains("mail       ")).unwrap();
        assert!(
            line.starts_with("FAULT") && line.contains(&reply[..3]) && line.contains(advice),
            "{line}"
        );
        assert!(relay.taken().is_empty(), "nothing is sent");
    }
    let relay = FakeRelay::well().await;
    assert!(doctor(&relay).await.contains("ok     mail       "));
    assert!(relay.taken().is_empty(), "nothing is sent");
}

async fn doctor(relay: &FakeRelay) -> String {
    let url = relay.url();
    let shell = move || {
        let arguments = ["doctor", "--smtp-url", &url, "--mail-from", "events@example.org"];
        stdout(&run(&arguments, ""))
    };
    tokio::task::spawn_blocking(shell).await.unwrap()
}

/// The line of this name.
async fn line(house: &House, name: &str) -> String {
    let said = stdout(&house.run(&["doctor"]).await);
    let line = said
        .lines()
        .find(|line| line.get(7..).is_some_and(|rest| rest.starts_with(name)));
    line.unwrap_or_else(|| panic!("{name}: {said}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_the_public_address_leads_here() {
    let house = House::on_sqlite();
    assert!(line(&house, "address").await.contains("cannot be reached from here"));
    let _server = house.start().await;
    assert_eq!(
        line(&house, "address").await,
        format!("ok     address    http://localhost:{} leads here", house.address.port())
    );
    // Another installation's settings, the same address.
    let other = House::on_sqlite().with("public_url", &format!("http://localhost:{}", house.address.port()));
    assert!(line(&other, "address").await.contains("whether to this one"));
    let own = other.start().await;
    let said = line(&other, "address").await;
    assert!(
        said.starts_with("FAULT") && said.contains("another installation"),
        "{said}"
    );
    drop(own);
    // Something else: a relay speaks no HTTP, a page of somebody else's has no mark.
    let relay = FakeRelay::well().await;
    let strange = House::on_sqlite().with("public_url", &format!("http://127.0.0.1:{}", relay.address.port()));
    assert!(!line(&strange, "address").await.starts_with("ok"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_there_is_an_owner() {
    let house = House::on_sqlite();
    house.run(&["migrate"]).await;
    drop(house.start().await);
    assert!(line(&house, "owner").await.contains("setup-link"));
    let add = [
        "organizer",
        "add",
        "--email",
        "olga@example.org",
        "--name",
        "Olga",
        "--password-stdin",
    ];
    assert!(house.feed(&add, super::PASSWORD).await.status.success());
    assert!(line(&house, "owner").await.starts_with("ok"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_old_the_newest_backup_is() {
    let house = House::on_sqlite();
    drop(house.start().await);
    assert!(line(&house, "backups").await.contains("backup_dir is not set"));
    let directory = TempDir::new().unwrap();
    let backups = directory.path().join("deep/backups");
    let house = house.with("backup_dir", &backups.display()).with("backup_keep", "2");
    assert!(line(&house, "backups").await.contains("there is none"));
    for _ in 0..3 {
        let output = house.run(&["backup"]).await;
        assert!(output.status.success(), "{}", stderr(&output));
        // Their names have seconds.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
    let mut kept: Vec<_> = fs::read_dir(&backups)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    kept.sort();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(line(&house, "backups").await.starts_with("ok"));
    let two_days_ago = fs::metadata(&kept[1]).unwrap().modified().unwrap() - Duration::from_hours(48);
    let newest = fs::File::open(&kept[1]).unwrap();
    newest.set_modified(two_days_ago).unwrap();
    let said = line(&house, "backups").await;
    assert!(said.starts_with("FAULT") && said.contains("48 hours old"), "{said}");
}
