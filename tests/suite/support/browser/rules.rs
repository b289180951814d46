//! The rules that every page is held to: no accessibility violation in light and dark, wide and narrow; no error in the
//! console; nothing asked of anybody else. Only Chromium tells of the last two, and shows a page in dark.

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Browser, Engine, PATIENCE, Scripts};
use crate::support::http::{self, once};

/// Runs axe and tells the violations, or why it could not.
const RUN_AXE: &str = "
    const [without, done] = arguments;
    const rules = Object.fromEntries(without.map(rule => [rule, {enabled: false}]));
    axe.run(document, {iframes: false, resultTypes: ['violations'], rules}).then(
        result => done(result.violations.map(v => v.id + ': ' + v.help + ' '
            + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | '))),
        e => done([String(e)]))";

/// How a page is looked at: width in pixels and colour scheme.
const VIEWS: [(u32, &str); 4] = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")];

impl Browser {
    /// Holds the open page to the rules.
    pub async fn check(&self) {
        let wrong = self.faults().await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Holds the HTML of a mail to the rules. It may run no script, not even axe: so it is looked at as it is served,
    /// and once more from a file. The landmarks of a page are the mail program's.
    pub async fn check_mail(&self, path: &str, html: &str) {
        self.visit(path).await;
        let wrong = self.console().await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let file = self.driver.home.path().join("mail.html");
        std::fs::write(&file, html).unwrap();
        self.client.goto(&format!("file://{}", file.display())).await.unwrap();
        let wrong = self.faults_without(&["landmark-one-main", "region"]).await;
        assert!(wrong.is_empty(), "{path}: {}", wrong.join("\n"));
    }

    /// What is wrong with the open page.
    pub async fn faults(&self) -> Vec<String> {
        self.faults_without(&[]).await
    }

    async fn faults_without(&self, rules: &[&str]) -> Vec<String> {
        let mut wrong = self.console().await;
        for (width, scheme) in self.views() {
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

    /// The views that this engine can show.
    fn views(&self) -> impl Iterator<Item = (u32, &'static str)> {
        let all = self.engine == Engine::Chromium;
        VIEWS.into_iter().filter(move |(_, scheme)| all || *scheme == "light")
    }

    /// Sets the width and the colour scheme that pages see. A window may be as wide as the engine allows at least.
    pub(super) async fn look(&self, width: u32, scheme: &str) {
        if self.engine != Engine::Chromium {
            self.client.set_window_rect(0, 0, width, 900).await.unwrap();
            // The page may follow its window a moment later. A click in between would miss.
            let followed = "return window.innerWidth === window.outerWidth";
            let settled = self.comes(async || self.client.execute(followed, vec![]).await.is_ok_and(|so| so == true));
            assert!(settled.await, "the page is not as wide as its window");
            return;
        }
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
        if self.engine != Engine::Chromium {
            return wrong;
        }
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
        let reply = once(self.driver.address, &request).await.unwrap();
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
