//! The negative control: the rules that every page is held to do find what is wrong.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::browser::{Browser, Scripts};

const BAD_PAGE: &str = "<!doctype html><html><head><title>Bad</title></head><body>\
    <img src=\"http://127.0.0.1:9/pixel.png\" width=\"3000\" height=\"9\"><p style=\"color:#eee;background:#fff\">pale</p>\
    <input name=\"email\"></body></html>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_page_is_found_out() {
    let site = serve_bad_page().await;
    let browser = Browser::open(site, Scripts::On).await;
    browser.visit("/bad").await;
    let faults = browser.faults().await.join("\n");
    browser.close().await;
    for expected in [
        "image-alt",
        "html-has-lang",
        "label",
        "asked somebody else",
        "px wide",
        "Content Security Policy",
        "/bad at 390 px, dark",
    ] {
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
