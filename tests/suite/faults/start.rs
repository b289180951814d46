//! R5 to R7: data that cannot be used. The program says so in one clear line and ends with 1, or asks
//! visitors to come back while another program holds the database. It never serves wrong data.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use commonground::db::ServeLock;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::support::disk::SmallDisk;
use crate::support::http::{self, once};
use crate::support::load;
use crate::support::server::House;
use crate::support::skip;

#[tokio::test]
async fn a_data_directory_that_cannot_be_made_stops_the_start() {
    let house = House::on_sqlite().with("database_url", "sqlite:///proc/nowhere/test.db");
    let said = refusal(&house).await;
    assert!(said.contains("/proc/nowhere"), "{said}");
}

#[tokio::test]
#[ignore = "long: mounts a small disk"]
async fn a_read_only_data_directory_stops_the_start() {
    let Some(disk) = SmallDisk::mount(32) else {
        return skip("R5 read-only data directory", "needs the right to mount a tmpfs");
    };
    let url = format!("sqlite://{}/test.db", disk.path().display());
    let house = House::on_sqlite().with("database_url", &url);
    let mut server = house.start().await;
    server.signal("TERM");
    assert!(server.ended(Duration::from_secs(10)).await.is_some());
    assert!(disk.make_read_only());
    let said = refusal(&house).await;
    assert!(said.to_lowercase().contains("writable"), "says what to do: {said}");
}

#[tokio::test]
async fn a_database_that_is_served_is_not_even_opened() {
    let house = House::on_sqlite();
    let directory = house.database().parent().unwrap().to_owned();
    fs::create_dir_all(&directory).unwrap();
    let _serving = ServeLock::acquire(&house.database()).unwrap();
    let said = refusal(&house).await;
    assert!(said.contains("another commonground serves"), "{said}");
    let there: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(there, ["test.db"]);
    assert_eq!(fs::metadata(house.database()).unwrap().len(), 0);
}

/// Another name for the same file.
fn link(how: &str, real: &Path, directory: &Path) -> Option<PathBuf> {
    let other = directory.join(how).join("other.db");
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    match how {
        "symbolic" => std::os::unix::fs::symlink(real, &other).unwrap(),
        "hard" => fs::hard_link(real, &other).unwrap(),
        "directory" => {
            fs::remove_dir(other.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(real.parent().unwrap(), other.parent().unwrap()).unwrap();
            return Some(other.with_file_name(real.file_name().unwrap()));
        }
        _ => {
            let mounted = Command::new("mount")
                .arg("--bind")
                .args([real.parent().unwrap(), other.parent().unwrap()])
                .status();
            if !mounted.is_ok_and(|status| status.success()) {
                skip("two_servers_never_share_a_file", "this user may not mount");
                return None;
            }
            return Some(other.with_file_name(real.file_name().unwrap()));
        }
    }
    Some(other)
}

#[tokio::test]
async fn two_servers_never_share_a_file_whatever_they_call_it() {
    let house = House::on_sqlite();
    let _server = house.start().await;
    let names = TempDir::new().unwrap();
    for how in ["symbolic", "hard", "directory", "mount"] {
        let Some(other) = link(how, &house.database(), names.path()) else {
            continue;
        };
        let second = House::on_sqlite().with("database_url", &format!("sqlite://{}", other.display()));
        let said = refusal(&second).await;
        assert!(said.contains("another commonground serves"), "{how}: {said}");
    }
    let mount = names.path().join("mount");
    drop(Command::new("umount").arg(&mount).output());
}

#[tokio::test]
async fn a_foreign_file_stops_the_start_and_names_restore() {
    let house = House::on_sqlite();
    fs::create_dir_all(house.database().parent().unwrap()).unwrap();
    fs::write(house.database(), "this is no database\n".repeat(1000)).unwrap();
    let said = refusal(&house).await;
    assert!(said.contains("commonground restore"), "{said}");
}

#[tokio::test]
async fn a_database_of_another_program_is_left_as_it_is() {
    let house = House::on_sqlite();
    fs::create_dir_all(house.database().parent().unwrap()).unwrap();
    let url = format!("sqlite://{}?mode=rwc", house.database().display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE notes (text)")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    let before = fs::read(house.database()).unwrap();
    let said = refusal(&house).await;
    assert!(
        said.contains("made by another program") && said.contains("commonground restore"),
        "{said}"
    );
    assert_eq!(fs::read(house.database()).unwrap(), before);
}

#[tokio::test]
async fn a_truncated_file_stops_the_start_and_names_restore() {
    let house = house_with_data().await;
    let file = fs::File::options().write(true).open(house.database()).unwrap();
    let half = file.metadata().unwrap().len() / 2;
    file.set_len(half).unwrap();
    drop(file);
    let said = refusal(&house).await;
    assert!(said.contains("commonground restore"), "{said}");
}

#[tokio::test]
async fn a_damaged_file_never_gives_wrong_data() {
    let house = house_with_data().await;
    let right = page_of_a_healthy_house(&house).await;
    let mut bytes = fs::read(house.database()).unwrap();
    let (from, to) = (bytes.len() / 8, bytes.len() / 4);
    bytes[from..to].fill(0xA5);
    fs::write(house.database(), bytes).unwrap();

    let mut server = house.spawn(house.command(&["serve"]));
    let started = Instant::now();
    let page = loop {
        if let Some(status) = server.ended(Duration::from_millis(20)).await {
            assert_eq!(status.code(), Some(1));
            assert!(house.log().contains("commonground restore"), "{}", house.log());
            return;
        }
        if let Ok(page) = once(house.address, &http::get("/webcasts")).await {
            break page;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "neither serves nor ends");
    };
    assert!(
        page.status >= 500 || page.text() == right,
        "{} {}",
        page.status,
        page.text()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_locked_for_three_seconds_makes_visitors_wait() {
    let (status, _) = register_while_locked(Duration::from_secs(3)).await;
    assert_eq!(status, 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn a_database_locked_for_thirty_seconds_asks_visitors_to_come_back() {
    let (status, retry_after) = register_while_locked(Duration::from_secs(30)).await;
    assert_eq!(status, 503);
    assert!(retry_after.is_some());
}

/// The status of a registration that meets the lock, and its Retry-After; afterwards all is well again.
async fn register_while_locked(time: Duration) -> (u16, Option<String>) {
    let house = House::on_sqlite();
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let url = format!("sqlite://{}", house.database().display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

    let request = load::registration(&form, "patient@visitors.example");
    let address = house.address;
    let visitor = tokio::spawn(async move { once(address, &request).await.unwrap() });
    let locked = Instant::now();
    while locked.elapsed() < time {
        let page = once(house.address, &http::get("/webcasts")).await.unwrap();
        assert_eq!(page.status, 200, "reading goes on");
        sleep(Duration::from_millis(200)).await;
    }
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    let reply = visitor.await.unwrap();

    let again = load::registration(&form, "afterwards@visitors.example");
    assert_eq!(
        once(house.address, &again).await.unwrap().status,
        303,
        "{}",
        house.log()
    );
    (reply.status, reply.retry_after)
}

#[tokio::test]
async fn a_unix_socket_takes_the_place_of_a_dead_one_only() {
    let house = House::on_sqlite();
    let path = house.directory.path().join("web.sock");
    let house = house.with("listen", &path.display());
    fs::write(&path, "notes").unwrap();
    assert!(refusal(&house).await.contains("it is no socket"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "notes");
    fs::remove_file(&path).unwrap();
    let other = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert!(refusal(&house).await.to_lowercase().contains("address already in use"));
    drop(other);
    let mut server = house.spawn(house.command(&["serve"]));
    let started = Instant::now();
    while std::os::unix::net::UnixStream::connect(&path).is_err() {
        assert!(started.elapsed() < Duration::from_secs(30), "{}", house.log());
        sleep(Duration::from_millis(20)).await;
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o666, "a proxy that runs as another user comes in");
    server.signal("TERM");
    assert!(server.ended(Duration::from_secs(10)).await.is_some());
}

/// Starts the program, which must refuse; gives what it said.
async fn refusal(house: &House) -> String {
    house.clear_log();
    let mut server = house.spawn(house.command(&["serve"]));
    let status = server.ended(Duration::from_secs(10)).await;
    let said = house.log();
    assert_eq!(status.and_then(|status| status.code()), Some(1), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "one clear line:\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// A house whose program has run and ended well, so that all its data is in the one file.
async fn house_with_data() -> House {
    let house = House::on_sqlite();
    let mut server = house.start().await;
    server.signal("TERM");
    let status = server.ended(Duration::from_secs(10)).await;
    assert!(status.is_some_and(|status| status.success()), "{}", house.log());
    house.clear_log();
    // What is damaged must not be found again in the log beside it.
    let url = format!("sqlite://{}", house.database().display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let (blocked, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(blocked, 0);
    database.close().await.unwrap();
    house
}

async fn page_of_a_healthy_house(house: &House) -> String {
    let mut server = house.start().await;
    let page = once(house.address, &http::get("/webcasts")).await.unwrap();
    assert_eq!(page.status, 200);
    server.signal("TERM");
    assert!(server.ended(Duration::from_secs(10)).await.is_some());
    page.text()
}
