//! The real program as a child process: started, killed and started again on the same data.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use commonground::values::random_bytes;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::http::{self, Connection};

/// The program under test: the one that was built beside the tests, or another build that `COMMONGROUND_TEST_PROGRAM` names.
fn program() -> String {
    std::env::var("COMMONGROUND_TEST_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_commonground").to_owned())
}

/// A place to run the program in: its data, its port, its settings.
pub struct House {
    pub directory: TempDir,
    pub address: SocketAddr,
    settings: Vec<(String, String)>,
}

/// A program that runs. It is killed when it is dropped.
pub struct Server {
    child: Child,
    /// From the start of the process to its first good answer.
    pub ready_after: Duration,
}

impl House {
    /// On an embedded database in a directory of its own.
    pub fn on_sqlite() -> Self {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite://{}", directory.path().join("data/test.db").display());
        Self::on(directory, &url)
    }

    /// On a database server.
    pub fn on_postgres(url: &str) -> Self {
        Self::on(TempDir::new().unwrap(), url)
    }

    /// With nothing set but what keeps tests apart.
    pub fn for_demo() -> Self {
        let address = free_address();
        Self {
            directory: TempDir::new().unwrap(),
            address,
            settings: Vec::new(),
        }
        .with("listen", &address)
        .with("public_url", &format!("http://localhost:{}", address.port()))
    }

    fn on(directory: TempDir, database_url: &str) -> Self {
        Self {
            directory,
            ..Self::for_demo()
        }
        .with("database_url", database_url)
        .with("mail_from", "Common Ground <events@example.org>")
        .with("rate_limit_ip", "off")
        .with("rate_limit_recipient", "off")
        .with("log_format", "text")
        .with("log", "warn")
    }

    /// Sets a setting, over what was there.
    #[must_use]
    pub fn with(mut self, key: &str, value: &(impl Display + ?Sized)) -> Self {
        let variable = format!("COMMONGROUND_{}", key.to_uppercase());
        self.settings.retain(|(known, _)| *known != variable);
        self.settings.push((variable, value.to_string()));
        self
    }

    /// The file of the embedded database.
    pub fn database(&self) -> PathBuf {
        self.directory.path().join("data/test.db")
    }

    /// What the program wrote to stderr, over all its lives.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.directory.path().join("stderr.log")
    }

    /// Forgets what was written so far.
    pub fn clear_log(&self) {
        fs::write(self.log_file(), "").unwrap();
    }

    /// A command line of the program with this house's settings and no others.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.under(&program(), arguments)
    }

    /// The same beneath another program, such as a tracer.
    pub fn under(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.settings.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// Runs a command to its end, with this on its stdin.
    pub async fn feed(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        tokio::task::spawn_blocking(move || child.wait_with_output().unwrap())
            .await
            .unwrap()
    }

    /// Starts `serve` and waits until it is ready.
    pub async fn start(&self) -> Server {
        self.start_command(self.command(&["serve"])).await
    }

    /// Starts a prepared command line and waits until it is ready.
    pub async fn start_command(&self, command: Command) -> Server {
        let mut server = self.spawn(command);
        let started = Instant::now();
        loop {
            let ready = is_ready(self.address).await;
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("the program ended at its start with {status}:\n{}", self.log());
            }
            if ready {
                break;
            }
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "not ready after 30 s:\n{}",
                self.log()
            );
            sleep(Duration::from_millis(5)).await;
        }
        server.ready_after = started.elapsed();
        server
    }

    /// Starts a prepared command line and does not wait.
    pub fn spawn(&self, mut command: Command) -> Server {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Server {
            child,
            ready_after: Duration::ZERO,
        }
    }
}

impl Server {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// kill -9.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by its name and does not wait.
    pub fn signal(&self, name: &str) {
        let done = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.id())])
            .status()
            .unwrap();
        assert!(done.success());
    }

    /// Waits for the end, at most so long.
    pub async fn ended(&mut self, at_most: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + at_most;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            if Instant::now() > deadline {
                return None;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Resident memory in MB.
    pub fn rss_mb(&self) -> f64 {
        status_kb(self.id(), "VmRSS:") / 1000.0
    }

    /// The most resident memory there ever was, in MB.
    pub fn peak_rss_mb(&self) -> f64 {
        status_kb(self.id(), "VmHWM:") / 1000.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn status_kb(process: u32, field: &str) -> f64 {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).unwrap();
    status
        .lines()
        .find_map(|line| {
            line.strip_prefix(field)?
                .trim()
                .strip_suffix(" kB")?
                .parse::<f64>()
                .ok()
        })
        .map_or(0.0, |kib| kib * 1.024)
}

/// Where nobody listens. Below the ports that the system hands out by itself, so that no other test gets it before the
/// one it is for.
pub fn free_address() -> SocketAddr {
    loop {
        let port = 10_000 + u16::from_le_bytes(random_bytes::<2>()) % 10_000;
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().unwrap();
        }
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let ask = async {
        let mut connection = Connection::open(address).await?;
        io::Result::Ok(connection.exchange(&http::get("/readyz")).await?.status == 200)
    };
    matches!(timeout(Duration::from_secs(2), ask).await, Ok(Ok(true)))
}
