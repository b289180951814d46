//! The browsers that the tests know: how each is started with a home of its own, and where it takes WebDriver's
//! commands.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{Scripts, marionette};
use crate::support::server::free_address;

/// What shows the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

/// Where commands are taken, and what has to run for it.
pub(super) struct Driver {
    pub address: SocketAddr,
    /// What a session is to be like.
    pub wishes: Value,
    // Ended in this order, and before their home goes.
    _programs: Vec<Program>,
    pub home: TempDir,
}

/// A program that runs. It is killed when it is dropped.
struct Program(Child);

const CHROMIUM: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];

/// Firefox asks nobody but this machine, tells nobody anything, shows pages in light and without motion, as they are
/// measured. With port 0 Marionette takes a free one, and writes it down.
const FIREFOX: &str = r#"
user_pref("marionette.port", 0);
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("network.proxy.no_proxies_on", "localhost, 127.0.0.1");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("layout.css.prefers-color-scheme.content-override", 1);
user_pref("ui.prefersReducedMotion", 1);
"#;

/// WebKit asks nobody but this machine either, draws without a graphics card, and looks for no screen reader.
const WEBKIT: [(&str, &str); 8] = [
    ("http_proxy", "http://127.0.0.1:9"),
    ("https_proxy", "http://127.0.0.1:9"),
    ("no_proxy", "localhost,127.0.0.1"),
    ("GDK_BACKEND", "x11"),
    ("LIBGL_ALWAYS_SOFTWARE", "1"),
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
    ("NO_AT_BRIDGE", "1"),
    ("GTK_A11Y", "none"),
];

/// A program may take so long to start on a machine that has much to do.
const START: Duration = Duration::from_mins(1);

impl Engine {
    pub(super) async fn start(self, scripts: Scripts) -> Driver {
        let home = TempDir::new().unwrap();
        match self {
            Self::Chromium => chromium(home, scripts),
            Self::Firefox => firefox(home, scripts).await,
            Self::WebKit => webkit(home, scripts).await,
        }
    }
}

/// One chromedriver serves all tests, and starts a Chromium for each session.
fn chromium(home: TempDir, scripts: Scripts) -> Driver {
    let driver = std::env::var("COMMONGROUND_TEST_WEBDRIVER")
        .expect("COMMONGROUND_TEST_WEBDRIVER is not set: start the tests with tests/run");
    let mut arguments: Vec<String> = CHROMIUM.map(str::to_owned).to_vec();
    arguments.push(format!("--user-data-dir={}", home.path().display()));
    let allowed = if scripts == Scripts::On { 1 } else { 2 };
    Driver {
        address: driver.trim_start_matches("http://").parse().unwrap(),
        wishes: json!({
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {"profile.managed_default_content_settings.javascript": allowed},
            },
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }),
        _programs: Vec::new(),
        home,
    }
}

async fn firefox(home: TempDir, scripts: Scripts) -> Driver {
    let scripts = format!("user_pref(\"javascript.enabled\", {});\n", scripts == Scripts::On);
    fs::write(home.path().join("user.js"), FIREFOX.to_owned() + &scripts).unwrap();
    let mut command = at_home("firefox-esr", home.path());
    command
        .args(["-headless", "-marionette", "-no-remote", "-profile"])
        .arg(home.path());
    let firefox = Program::start(&mut command);
    let port = number_in(&home.path().join("MarionetteActivePort")).await;
    Driver {
        address: marionette::serve((Ipv4Addr::LOCALHOST, port).into()).await,
        wishes: json!({}),
        _programs: vec![firefox],
        home,
    }
}

/// It needs a display, if only one that nobody sees.
async fn webkit(home: TempDir, scripts: Scripts) -> Driver {
    let display = home.path().join("display");
    let mut command = at_home("Xvfb", home.path());
    command
        .args(["-displayfd", "1", "-screen", "0", "1280x1000x24", "-nolisten", "tcp"])
        .stdout(File::create(&display).unwrap());
    let xvfb = Program::start(&mut command);
    let display = number_in(&display).await;

    // Without motion, or it would click where something was before the page moved.
    let settings = home.path().join(".config/gtk-3.0");
    fs::create_dir_all(&settings).unwrap();
    fs::write(settings.join("settings.ini"), "[Settings]\ngtk-enable-animations=0\n").unwrap();
    let address = free_address();
    let mut command = at_home("WebKitWebDriver", home.path());
    command
        .arg(format!("--port={}", address.port()))
        .env("DISPLAY", format!(":{display}"))
        .envs(WEBKIT);
    let driver = Program::start(&mut command);
    let started = Instant::now();
    while TcpStream::connect(address).await.is_err() {
        assert!(started.elapsed() < START, "nothing listens at {address}");
        sleep(Duration::from_millis(20)).await;
    }
    let enabled = format!("--enable-javascript={}", scripts == Scripts::On);
    Driver {
        address,
        wishes: json!({"webkitgtk:browserOptions": {"args": ["--automation", enabled]}}),
        _programs: vec![driver, xvfb],
        home,
    }
}

/// A command that knows nothing of whoever started the tests.
fn at_home(program: &str, home: &Path) -> Command {
    let log = File::create(home.join(program.to_owned() + ".log")).unwrap();
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    command
}

/// The number that a program writes into a file once it is ready.
async fn number_in(file: &Path) -> u16 {
    let started = Instant::now();
    loop {
        let number = fs::read_to_string(file).unwrap_or_default().trim().parse();
        if let Ok(number) = number {
            return number;
        }
        assert!(started.elapsed() < START, "no number in {}", file.display());
        sleep(Duration::from_millis(20)).await;
    }
}

impl Program {
    fn start(command: &mut Command) -> Self {
        match command.spawn() {
            Ok(child) => Self(child),
            Err(error) => panic!("{command:?}: {error}; tests/run installs it"),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Makes a test of the long tier for each engine: `name::firefox` and so on.
#[macro_export]
macro_rules! in_engines {
    ($engines:tt $(async fn $name:ident($engine:ident: $type:ty) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn test($engine: $type) $body

            $crate::in_engines!(@each $engines);
        }
    )+};
    (@each [$($test:ident: $engine:ident),+]) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        #[ignore = "long"]
        async fn $test() {
            test($crate::support::browser::Engine::$engine).await;
        }
    )+};
}
