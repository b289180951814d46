//! `commonground demo`, as a new user starts it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::browser::Browser;
use super::http::{self, once};
use super::server::{House, Server};

/// A demo that runs.
pub struct Demo {
    pub address: SocketAddr,
    _server: Server,
    _house: House,
}

impl Demo {
    pub async fn start() -> Self {
        let house = House::for_demo();
        let server = house.start_command(house.command(&["demo"])).await;
        Self {
            address: house.address,
            _server: server,
            _house: house,
        }
    }

    /// What lies behind a path, as bytes.
    pub async fn fetch(&self, path: &str) -> Vec<u8> {
        let reply = once(self.address, &http::get(path)).await.unwrap();
        assert_eq!(reply.status, 200, "{path}");
        reply.body
    }
}

/// Waits for the mail to this address and opens it; gives its path.
pub async fn open_mail(browser: &Browser, to: &str) -> String {
    let started = Instant::now();
    loop {
        browser.visit("/demo/mail").await;
        if browser.text().await.contains(to) {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "no mail to {to}");
        sleep(Duration::from_millis(100)).await;
    }
    browser.follow("tbody a").await;
    browser.find(".mail-frame").await;
    browser.path().await
}

/// The HTML of a mail is a page of its own, held to the same rules.
pub async fn check_mail_body(demo: &Demo, browser: &Browser, mail: &str) {
    let path = format!("{mail}/body.html");
    let html = String::from_utf8(demo.fetch(&path).await).unwrap();
    browser.check_mail(&path, &html).await;
}
