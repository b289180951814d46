//! `erase`: beside a program that serves, and after an older backup was restored.

use std::fs;
use std::time::Duration;

use super::*;
use crate::support::db::fresh_postgres;
use crate::support::http::{once, post};
use crate::support::server::House;

const WORDS: [&str; 4] = ["Zenobia", "zenobia", "Quillfeather", "quillfeather"];

async fn erasing(house: &House) {
    let mut server = house.start().await;
    for (name, email) in [
        ("Zenobia Quillfeather", "zenobia@example.org"),
        ("Ben Bystander", "ben@example.org"),
    ] {
        let page = once(
            house.address,
            &crate::support::http::get("/webcasts/partnering-for-growth"),
        )
        .await
        .unwrap()
        .text();
        let session = page
            .split("name=\"session\"")
            .nth(1)
            .unwrap()
            .split("value=\"")
            .nth(1)
            .unwrap();
        let session = session.split('"').next().unwrap();
        let fields = [("name", name), ("email", email), ("session", session)];
        let answer = once(
            house.address,
            &post("/webcasts/partnering-for-growth/register", &fields),
        )
        .await
        .unwrap();
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let backup = house.directory.path().join("backup.db");
    let done = house.run(&["backup", backup.to_str().unwrap()]).await;
    assert!(done.status.success(), "{}", stderr(&done));
    let erased = house.run(&["erase", "--email", "Zenobia@example.org"]).await;
    assert!(erased.status.success(), "{}", stderr(&erased));
    assert!(
        stderr(&erased).contains("Erased, with 1 registration"),
        "{}",
        stderr(&erased)
    );
    let receipt = stdout(&erased);
    let again = house.run(&["erase", "--email", "zenobia@example.org"]).await;
    assert_eq!((stdout(&again).as_str(), again.status.code()), ("", Some(0)));
    assert!(stderr(&again).contains("Nothing is kept of this address."));
    let list = house.run(&["erase", "--list"]).await;
    assert_eq!(stdout(&list), receipt);
    let file = house.directory.path().join("receipts.txt");
    fs::write(
        &file,
        format!(
            "# kept beside the backups\n\n{receipt}2020-01-01T00:00:00Z {}\n",
            "ab".repeat(32)
        ),
    )
    .unwrap();
    for wrong in [
        vec!["erase"],
        vec!["erase", "--email", "zenobia"],
        vec!["erase", "--list", "--email", "a@example.org"],
    ] {
        assert_eq!(house.run(&wrong).await.status.code(), Some(2), "{wrong:?}");
    }
    server.signal("TERM");
    assert!(server.ended(Duration::from_secs(20)).await.unwrap().success());
    assert!(!WORDS.iter().any(|word| house.log().contains(word)), "{}", house.log());
    // An older backup brings them back; the receipts take them away once more, and nobody else.
    let restored = restored(house, backup.to_str().unwrap()).await;
    let repeated = restored.run(&["erase", "--receipts", file.to_str().unwrap()]).await;
    assert!(repeated.status.success(), "{}", stderr(&repeated));
    assert_eq!(
        stdout(&repeated),
        "1 erased once more, 1 not there, 0 came again by themselves and stay\n"
    );
    let people = restored.run(&["export", "people"]).await;
    assert!(stdout(&people).contains("ben@example.org") && !stdout(&people).contains("zenobia@example.org"));
    if !restored.database().exists() {
        return;
    }
    let mut bytes = fs::read(restored.database()).unwrap();
    bytes.extend(fs::read(restored.database().with_extension("db-wal")).unwrap_or_default());
    for word in WORDS {
        assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
    }
}

async fn restored(house: &House, backup: &str) -> House {
    let other = if house.database().exists() {
        House::on_sqlite()
    } else {
        House::on_postgres(&fresh_postgres().await)
    };
    let done = other.run(&["restore", backup]).await;
    assert!(done.status.success(), "{}", stderr(&done));
    other
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_outlive_a_backup_on_sqlite() {
    erasing(&House::on_sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_outlive_a_backup_on_postgres() {
    erasing(&House::on_postgres(&fresh_postgres().await)).await;
}
