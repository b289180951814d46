//! A real browser, driven as a visitor uses it: Chromium, and where a test asks for it Firefox or WebKit.

mod engines;
mod marionette;
mod rules;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::PrintConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::{sleep, timeout};

use engines::Driver;
pub use engines::Engine;

/// A visitor may wait so long for one thing.
const PATIENCE: Duration = Duration::from_secs(15);

/// One browser with a profile of its own. Close it at the end, or a Chromium outlives the test.
pub struct Browser {
    pub client: Client,
    engine: Engine,
    scripts: Scripts,
    site: String,
    session: String,
    driver: Driver,
}

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

impl Browser {
    /// Opens Chromium for the site at this address.
    pub async fn open(site: SocketAddr, scripts: Scripts) -> Self {
        Self::open_in(Engine::Chromium, site, scripts).await
    }

    /// Opens a browser for the site at this address.
    pub async fn open_in(engine: Engine, site: SocketAddr, scripts: Scripts) -> Self {
        let driver = engine.start(scripts).await;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(driver.wishes.as_object().unwrap().clone())
            .connect(&format!("http://{}", driver.address))
            .await
            .unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        let browser = Self {
            client,
            engine,
            scripts,
            site: format!("http://localhost:{}", site.port()),
            session,
            driver,
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

    /// The browser's own button.
    pub async fn back(&self) {
        self.client.back().await.unwrap();
    }

    /// The browser's own button.
    pub async fn forward(&self) {
        self.client.forward().await.unwrap();
    }

    /// What comes out of the printer, on A4, as a PDF.
    pub async fn print(&self) -> Vec<u8> {
        self.client.print(PrintConfiguration::default()).await.unwrap()
    }

    /// The path of the page that is open.
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// The text that a reader sees.
    pub async fn text(&self) -> String {
        self.try_text().await.unwrap()
    }

    /// By script: WebKit's driver cannot read a page with a list of suggestions.
    async fn try_text(&self) -> Result<String, CmdError> {
        let text = self.client.execute("return document.body.innerText", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
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

    /// Waits until these words are on the page, in whatever case it shows them.
    pub async fn reads(&self, words: &str) {
        let words = words.to_lowercase();
        let read = async || self.try_text().await.unwrap_or_default();
        if !self.comes(async || read().await.to_lowercase().contains(&words)).await {
            let text = read().await;
            panic!("\"{words}\" is not on {}:\n{text}", self.path().await);
        }
    }

    /// Waits until the field of this name holds this.
    pub async fn holds(&self, name: &str, value: &str) {
        let held = async || self.find(&field(name)).await.prop("value").await.ok().flatten();
        if !self.comes(async || held().await.as_deref() == Some(value)).await {
            let held = held().await;
            panic!("{name} on {} holds {held:?} instead of {value:?}", self.path().await);
        }
    }

    /// Whether this is so in time. While another page comes, it may fail in any way.
    async fn comes(&self, so: impl AsyncFn() -> bool) -> bool {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if so().await {
                return true;
            }
            sleep(Duration::from_millis(20)).await;
        }
        false
    }

    /// Types into the field of this name, over what stood there.
    pub async fn fill(&self, name: &str, value: &str) {
        let field = self.find(&field(name)).await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Presses these keys, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        let actions = keys
            .chars()
            .fold(KeyActions::new("keyboard".to_owned()), |actions, key| {
                actions
                    .then(KeyAction::Down { value: key })
                    .then(KeyAction::Up { value: key })
            });
        self.client.perform_actions(actions).await.unwrap();
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
        let clicked = element.click().await;
        // WebKit's driver looks for the middle of a link, and where one is broken over two lines, that is beside it.
        if self.engine == Engine::WebKit && clicked.as_ref().is_err_and(CmdError::is_element_not_interactable) {
            let link = serde_json::to_value(&element).unwrap();
            self.client.execute("arguments[0].click()", vec![link]).await.unwrap();
        } else {
            clicked.unwrap();
        }
        // WebKit's driver may never answer what is asked in the moment that a page goes. Once it knows of the next one,
        // it waits for that itself.
        let gone = async {
            loop {
                sleep(Duration::from_millis(50)).await;
                if element.tag_name().await.is_err() {
                    break;
                }
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
}

/// Where the field of this name is, if it is one to type into.
fn field(name: &str) -> String {
    format!("[name='{name}']:not([type=hidden])")
}
