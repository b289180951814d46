//! R3 and R4: a full disk and a disk that does not keep what it is given. Whoever is told "registered" is
//! registered; everybody else is told to come back, with what they typed.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::support::disk::SmallDisk;
use crate::support::http::{self, Reply, once};
use crate::support::load::{self, Form, Load};
use crate::support::oracle::{self, judge};
use crate::support::organizer;
use crate::support::server::House;
use crate::support::skip;

const RECOVERED: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: mounts a small disk"]
async fn a_full_disk_refuses_politely_and_recovers_by_itself() {
    let Some(disk) = SmallDisk::mount(160) else {
        return skip("R3 disk full", "needs the right to mount a tmpfs");
    };
    let house = House::on_sqlite().with("database_url", &format!("sqlite://{}/test.db", disk.path().display()));
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let cookie = organizer::sign_in(&house).await;
    let load = Load::start(house.address, &form, 4);
    sleep(Duration::from_millis(500)).await;

    let ballast = disk.fill();
    let refused = first_refusal(&house, &form).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.retry_after.is_some(), "says when to come back");
    assert!(refused.text().contains("kept@visitors.example"), "keeps what was typed");
    for page in ["/", "/webcasts", "/whitepapers", "/healthz"] {
        let read = once(house.address, &http::get(page)).await.unwrap();
        assert_eq!(read.status, 200, "{page} can be read while the disk is full");
    }
    let overview = organizer::get("/organizer", &cookie);
    assert_eq!(
        once(house.address, &overview).await.unwrap().status,
        200,
        "organizers can read"
    );

    std::fs::remove_file(ballast).unwrap();
    recovers(&house, &form).await;
    check_everything_acknowledged(&house, &form, load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: traces the program"]
async fn an_fsync_that_fails_is_never_a_confirmation() {
    if !can_trace() {
        return skip("R4 fsync EIO", "needs strace and the right to trace");
    }
    let house = House::on_sqlite();
    let server = house.start().await;
    let form = load::find_form(house.address).await;
    let load = Load::start(house.address, &form, 4);
    sleep(Duration::from_millis(500)).await;

    let mut tracer = house
        .under(
            "strace",
            &[
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "trace=fsync,fdatasync",
                "-e",
                "inject=fsync,fdatasync:error=EIO",
                "-p",
                &server.id().to_string(),
            ],
        )
        .spawn()
        .unwrap();
    let refused = first_refusal(&house, &form).await;
    assert!(refused.status >= 500, "{}", refused.text());
    sleep(Duration::from_millis(500)).await;
    let before = load.journal.count();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(load.journal.count(), before, "nobody is told yes while nothing is kept");

    Command::new("kill").arg(tracer.id().to_string()).status().unwrap();
    tracer.wait().unwrap();
    recovers(&house, &form).await;
    check_everything_acknowledged(&house, &form, load).await;
}

/// Registers until the fault shows.
async fn first_refusal(house: &House, form: &Form) -> Reply {
    let started = Instant::now();
    let fields = [
        ("name", "Kept Here"),
        ("email", "kept@visitors.example"),
        ("website", ""),
    ];
    loop {
        let reply = once(house.address, &http::post(&form.action, &fields)).await.unwrap();
        if reply.status != 303 {
            return reply;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "the fault never showed");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn recovers(house: &House, form: &Form) {
    let started = Instant::now();
    let request = load::registration(form, "afterwards@visitors.example");
    while once(house.address, &request).await.map_or(0, |reply| reply.status) != 303 {
        assert!(started.elapsed() < RECOVERED, "no recovery:\n{}", house.log());
        sleep(Duration::from_millis(50)).await;
    }
    println!("registers again after {:?}", started.elapsed());
}

async fn check_everything_acknowledged(house: &House, form: &Form, load: Load) {
    let journal = load.stop().await;
    let stored = oracle::stored(house, form).await;
    let verdict = judge(&journal.acknowledged(), &stored, &[]);
    println!("{} acknowledged, {} stored", journal.count(), stored.len());
    assert!(journal.count() > 10, "there was hardly any load");
    assert_eq!((verdict.acked_lost, verdict.dup_rows), (0, 0), "{verdict:?}");
    let other: Vec<u16> = journal.refused().into_iter().filter(|status| *status != 503).collect();
    assert!(other.is_empty(), "only 503 is promised: {other:?}");
    assert!(!house.log().contains("panicked"), "{}", house.log());
}

fn can_trace() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o", "/dev/null", "true"]);
    let status = strace.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
