//! `PgBouncer`, as Debian has it, in front of the tests' server.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use tempfile::TempDir;
use tokio::net::TcpStream;
use url::Url;

use crate::support::db::fresh_postgres;
use crate::support::http::{get, once};
use crate::support::load;
use crate::support::server::{House, free_address};
use crate::support::skip;

/// It runs until it is dropped.
struct PgBouncer {
    child: Child,
    _directory: TempDir,
    /// A new database behind it.
    url: String,
}

impl PgBouncer {
    async fn start(test: &str, settings: &str) -> Option<Self> {
        if Command::new("id").arg("-u").output().unwrap().stdout != b"0\n" {
            skip(test, "PgBouncer is started as another user, by root");
            return None;
        }
        let server = Url::parse(&fresh_postgres().await).unwrap();
        let (user, password) = (server.username(), server.password().unwrap());
        let directory = TempDir::new().unwrap();
        let root = directory.path().display();
        let port = free_address().port();
        fs::write(directory.path().join("users"), format!("\"{user}\" \"{password}\"\n")).unwrap();
        fs::write(
            directory.path().join("pgbouncer.ini"),
            format!(
                "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
                 unix_socket_dir =\nauth_type = md5\nauth_file = {root}/users\nlogfile = {root}/log\n{settings}\n",
                server.host_str().unwrap(),
                server.port().unwrap(),
            ),
        )
        .unwrap();
        let owned = Command::new("chown")
            .args(["-R", "postgres"])
            .arg(directory.path())
            .status();
        assert!(owned.unwrap().success());
        let child = Command::new("runuser")
            .args(["-u", "postgres", "--", "/usr/sbin/pgbouncer", "-q"])
            .arg(directory.path().join("pgbouncer.ini"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tests/run --long installs PgBouncer");
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let url = format!("postgres://{user}:{password}@127.0.0.1:{port}{}", server.path());
        Some(Self {
            child,
            _directory: directory,
            url,
        })
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // `runuser` hands the signal on.
        drop(Command::new("kill").arg(self.child.id().to_string()).status());
        drop(self.child.wait());
    }
}

/// Everything a visitor and an operator do, while others do the same.
async fn everything_works(house: &House) {
    for round in 0..2 {
        let _server = house.start().await;
        let form = load::find_form(house.address).await;
        let visits = join_all((0..40).map(async |n| {
            let page = once(house.address, &get("/")).await.unwrap().status;
            let post = load::registration(&form, &format!("ada-{round}-{n}@example.net"));
            (page, once(house.address, &post).await.unwrap().status)
        }));
        for visit in visits.await {
            assert_eq!(visit, (200, 303), "{}", house.log());
        }
        let list = house.run(&["outbox", "list"]).await;
        let list = String::from_utf8(list.stdout).unwrap();
        assert_eq!(list.lines().count(), 40 * (round + 1), "{list}");
        let backup = house.directory.path().join(format!("{round}.db")).display().to_string();
        let output = house.run(&["backup", &backup]).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(!house.log().contains("prepared statement"), "{}", house.log());
}

const BY_TRANSACTION: &str = "pool_mode = transaction\ndefault_pool_size = 5\nmax_client_conn = 100";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn transaction_by_transaction() {
    for more in ["", "\nserver_round_robin = 1", "\ndefault_pool_size = 2"] {
        let settings = format!("{BY_TRANSACTION}{more}");
        let Some(pooler) = PgBouncer::start("transaction_by_transaction", &settings).await else {
            return;
        };
        let house = House::on_postgres(&pooler.url);
        for command in ["serve", "doctor"] {
            let output = house.run(&[command]).await;
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(
                output.status.code() == Some(1) && said.contains("?statement-cache-capacity=0"),
                "{command}: {said}"
            );
        }
        everything_works(&House::on_postgres(&format!(
            "{}?statement-cache-capacity=0",
            pooler.url
        )))
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn session_by_session_with_few_of_them() {
    let few = "pool_mode = session\ndefault_pool_size = 8\nmax_client_conn = 6";
    let Some(pooler) = PgBouncer::start("session_by_session", few).await else {
        return;
    };
    let house = House::on_postgres(&pooler.url).with("database_connections", "4");
    everything_works(&house).await;
}
