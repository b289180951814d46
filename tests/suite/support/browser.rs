//! A real Chromium, driven as a visitor uses it, that holds every page to the same rules: no accessibility
//! violation in light and dark, wide and narrow; no error in the console; nothing asked of anybody else.

use std::net::SocketAddr;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::http::{self, once};

const FLAGS: [&str; 10] = [
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

/// Runs axe and tells the violations, or why it could not.
const RUN_AXE: &str = "
    const [without, done] = arguments;
    const rules = Object.fromEntries(without.map(rule => [rule, {enabled: false}]));
    axe.run(document, {iframes: false, resultTypes: ['violations'], rules}).then(
        result => done(result.violations.map(v => v.id + ': ' + v.help + ' '
            + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | '))),
        e => done([String(e)]))";

/// A visitor may wait so long for one thing.
const PATIENCE: Duration = Duration::from_secs(15);

/// How a page is looked at: width in pixels and colour scheme.
const VIEWS: [(u32, &str); 4] = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")];

/// One browser with a profile of its own. Close it at the end, or it outlives the test.
pub struct Browser {
    pub client: Client,
    scripts: Scripts,
    site: String,
    driver: SocketAddr,
    session: String,
    _profile: TempDir,
}

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

impl Browser {
    /// Opens a browser for the site at this address.
    pub async fn open(site: SocketAddr, scripts: Scripts) -> Self {
        let driver = std::env::var("COMMONGROUND_TEST_WEBDRIVER")
            .expect("COMMONGROUND_TEST_WEBDRIVER is not set: start the tests with tests/run");
        let profile = TempDir::new().unwrap();
        let mut arguments: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let allowed = if scripts == Scripts::On { 1 } else { 2 };
        let wanted = json!({
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {"profile.managed_default_content_settings.javascript": allowed},
            },
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.as_object().unwrap().clone())
            .connect(&driver)
            .await
            .unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        let browser = Self {
            client,
            scripts,
            site: format!("http://localhost:{}", site.port()),
            driver: driver.trim_start_matches("http://").parse().unwrap(),
            session,
            _profile: profile,
        };
        browser.look(1280, "light").await;
        browser
    }

    pub async fn close(self) {
        self.client.close().await.unwrap();
    }

    /// Opens a path of the site.
    pub async fn visit(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.site)).await.unwrap();
    }

    /// The path of the page that is open.
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// The text that a reader sees.
    pub async fn text(&self) -> String {
        self.find("body").await.text().await.unwrap()
    }

    /// The first element that matches, waited for.
    pub async fn find(&self, css: &str) -> Element {
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css} on {}: {error}", self.path().await),
        }
    }

    pub async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// Types into the field of this name, over what stood there.
    pub async fn fill(&self, name: &str, value: &str) {
        let field = self.find(&format!("[name='{name}']:not([type=hidden])")).await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Opens what these words stand above.
    pub async fn unfold(&self, words: &str) {
        let path = format!("//summary[normalize-space()=\"{words}\"]");
        let wait = self.client.wait().at_most(PATIENCE);
        let summary = wait.for_element(Locator::XPath(&path)).await.unwrap();
        summary.click().await.unwrap();
    }

    /// Clicks the link or button with these words.
    pub async fn click(&self, words: &str) {
        let path = format!("//a[normalize-space()=\"{words}\"]|//button[normalize-space()=\"{words}\"]");
        let wait = self.client.wait().at_most(PATIENCE);
        let Ok(element) = wait.for_element(Locator::XPath(&path)).await else {
            panic!(
                "nothing says \"{words}\" on {}:\n{}",
                self.path().await,
                self.text().await
            );
        };
        self.leave_by(element).await;
    }

    /// Clicks the first link that matches.
    pub async fn follow(&self, css: &str) {
        let element = self.find(css).await;
        self.leave_by(element).await;
    }

    /// Clicks what leads to another page, and waits until this one is gone: a form may take its time.
    async fn leave_by(&self, element: Element) {
        element.click().await.unwrap();
        let gone = async {
            while element.tag_name().await.is_ok() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, gone).await.expect("no other page came");
    }

    /// The address behind a link with these words, as a path of the site.
    pub async fn link(&self, words: &str) -> String {
        let link = self.client.find(Locator::LinkText(words)).await.unwrap();
        let target = link.prop("href").await.unwrap().unwrap();
        target.trim_start_matches(&self.site).to_owned()
    }

    /// Holds the open page to the rules.
    pub async fn check(&self) {
        let wrong = self.faults().await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Holds the HTML of a mail to the rules. It may run no script, not even axe: so it is looked at as it is
    /// served, and once more freed. The landmarks of a page are the mail program's.
    pub async fn check_mail(&self, path: &str, html: &str) {
        const WRITE: &str = "document.open(); document.write(arguments[0]); document.close()";
        self.visit(path).await;
        let wrong = self.console().await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        self.client.goto("about:blank").await.unwrap();
        self.client.execute(WRITE, vec![html.into()]).await.unwrap();
        let wrong = self.faults_without(&["landmark-one-main", "region"]).await;
        assert!(wrong.is_empty(), "{path}: {}", wrong.join("\n"));
    }

    /// What is wrong with the open page.
    pub async fn faults(&self) -> Vec<String> {
        self.faults_without(&[]).await
    }

    async fn faults_without(&self, rules: &[&str]) -> Vec<String> {
        let mut wrong = self.console().await;
        for (width, scheme) in VIEWS {
            self.look(width, scheme).await;
            let view = format!("{} at {width} px, {scheme}", self.path().await);
            let violations = self.violations(rules).await;
            wrong.extend(violations.into_iter().map(|what| format!("{view}: {what}")));
            if let Some(overflow) = self.overflow().await {
                wrong.push(format!("{view}: {overflow}"));
            }
        }
        self.look(1280, "light").await;
        wrong
    }

    /// Sets the width and the colour scheme that pages see.
    async fn look(&self, width: u32, scheme: &str) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        // Without motion, or colours would be measured halfway from one scheme to the other.
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// What axe finds. It is a script itself, so it cannot look where pages may run none; the pages are the same.
    async fn violations(&self, without: &[&str]) -> Vec<String> {
        if self.scripts == Scripts::Off {
            return Vec::new();
        }
        let missing = self.client.execute("return window.axe === undefined", vec![]);
        if missing.await.unwrap() == true {
            self.client.execute(&axe(), vec![]).await.unwrap();
        }
        let run = self.client.execute_async(RUN_AXE, vec![json!(without)]);
        let found = timeout(PATIENCE, run).await.expect("axe took too long").unwrap();
        serde_json::from_value(found).unwrap()
    }

    /// A page must not be wider than the screen.
    async fn overflow(&self) -> Option<String> {
        const WIDTHS: &str = "return [document.documentElement.scrollWidth, window.innerWidth]";
        let widths = self.client.execute(WIDTHS, vec![]).await.unwrap();
        let (content, screen) = (widths[0].as_f64().unwrap(), widths[1].as_f64().unwrap());
        (content > screen).then(|| format!("is {content} px wide"))
    }

    /// What the console and the network say against the pages since the last look.
    async fn console(&self) -> Vec<String> {
        let mut wrong: Vec<String> = Vec::new();
        for entry in self.log("browser").await {
            let message = entry["message"].as_str().unwrap_or_default().to_owned();
            // The browser repeats the status of an answer that was meant to be no success.
            if !message.contains("the server responded with a status of 4") {
                wrong.push(format!("console: {message}"));
            }
        }
        for entry in self.log("performance").await {
            let event: Value = serde_json::from_str(entry["message"].as_str().unwrap_or_default()).unwrap();
            let event = &event["message"];
            let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
            let asked = event["method"] == "Network.requestWillBeSent";
            if asked && url.starts_with("http") && !url.starts_with(&self.site) {
                wrong.push(format!("asked somebody else: {url}"));
            }
        }
        wrong
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.driver("se/log", &json!({"type": kind})).await;
        entries.as_array().cloned().unwrap_or_default()
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        self.driver("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
            .await;
    }

    /// A command that only chromedriver knows.
    async fn driver(&self, command: &str, body: &Value) -> Value {
        let path = format!("/session/{}/{command}", self.session);
        let request = http::post_bytes(&path, "application/json", body.to_string().as_bytes());
        let reply = once(self.driver, &request).await.unwrap();
        let answer: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(reply.status, 200, "{command}: {answer}");
        answer["value"].clone()
    }
}

fn axe() -> String {
    let path = std::env::var("COMMONGROUND_TEST_AXE")
        .expect("COMMONGROUND_TEST_AXE is not set: start the tests with tests/run");
    std::fs::read_to_string(path).unwrap()
}
