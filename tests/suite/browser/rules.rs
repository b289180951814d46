//! The negative control: the rules that every page is held to do find what is wrong.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::in_engines;
use crate::support::browser::{Browser, Engine, Scripts};
use crate::support::demo::Demo;

const BAD_PAGE: &str = "<!doctype html><html><head><title>Bad</title></head><body>\
    <img src=\"http://127.0.0.1:9/pixel.png\" width=\"3000\" height=\"9\"><p style=\"color:#eee;background:#fff\">pale</p>\
    <input name=\"email\"></body></html>";

/// What Chromium alone can tell.
const IN_CHROMIUM: [&str; 3] = ["asked somebody else", "Content Security Policy", "/bad at 390 px, dark"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_page_is_found_out() {
    find_out(Engine::Chromium, &IN_CHROMIUM).await;
}

in_engines! { [firefox: Firefox, webkit: WebKit]
    async fn a_bad_page_is_found_out_in_other_engines(engine: Engine) {
        find_out(engine, &["/bad at 390 px, light"]).await;
    }
}

in_engines! { [chromium: Chromium, firefox: Firefox, webkit: WebKit]
    async fn scripts_run_only_where_a_test_lets_them(engine: Engine) {
        let demo = Demo::start().await;
        for scripts in [Scripts::On, Scripts::Off] {
            let browser = Browser::open_in(engine, demo.address, scripts).await;
            browser.visit("/").await;
            browser.click("Register for the webcast").await;
            let zone = browser.find("input[data-fill='time-zone']").await.prop("value").await.unwrap();
            assert_eq!(zone == Some(String::new()), scripts == Scripts::Off, "{scripts:?}: {zone:?}");
            browser.close().await;
        }
    }
}

async fn find_out(engine: Engine, besides: &[&str]) {
    let site = serve_bad_page().await;
    let browser = Browser::open_in(engine, site, Scripts::On).await;
    browser.visit("/bad").await;
    let faults = browser.faults().await.join("\n");
    browser.close().await;
    let everywhere = ["image-alt", "html-has-lang", "label", "px wide"];
    for expected in everywhere.iter().chain(besides) {
        assert!(faults.contains(expected), "{expected} is not found:\n{faults}");
    }
}

/// A policy like ours, and a page that breaks it.
async fn serve_bad_page() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            drop(stream.read(&mut request).await);
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\
                 Content-Security-Policy: default-src 'none'; img-src *\r\n\r\n{BAD_PAGE}",
                BAD_PAGE.len()
            );
            drop(stream.write_all(answer.as_bytes()).await);
        }
    });
    address
}
