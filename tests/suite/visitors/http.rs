//! What HTTP itself asks of the pages: methods, addresses, caching, old clients.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::{Method, Response, header};

use super::*;

impl Visit {
    async fn send_by(&self, method: Method, path: &str) -> Response {
        let request = self.client.request(method, format!("{}{path}", self.base));
        request.send().await.unwrap()
    }

    /// Asks as a browser does that has kept something.
    async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.client.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Bytes over a connection of their own; all that comes back until it ends.
    fn raw(&self, request: impl AsRef<[u8]>) -> String {
        let mut connection = TcpStream::connect(self.base.strip_prefix("http://").unwrap()).unwrap();
        connection.write_all(request.as_ref()).unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn header_of(answer: &Response, name: header::HeaderName) -> &str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_wrong_method_is_told_what_would_do() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let registering = format!("{WEBCAST}/register");
    for (method, path, allow) in [
        (Method::PUT, "/", "GET, HEAD"),
        (Method::POST, "/webcasts", "GET, HEAD"),
        (Method::DELETE, WEBCAST, "GET, HEAD"),
        (Method::PATCH, registering.as_str(), "GET, HEAD, POST"),
        (Method::GET, "/registrations/x/cancel", "POST"),
        (Method::OPTIONS, "/assessment", "GET, HEAD, POST"),
        (Method::POST, "/healthz", "GET, HEAD"),
        (Method::POST, "/sitemap.xml", "GET, HEAD"),
    ] {
        let answer = visit.send_by(method.clone(), path).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(header_of(&answer, header::ALLOW), allow, "{method} {path}");
        assert!(answer.text().await.unwrap().contains("cannot be used that way"));
    }
    visit.end().await;
}

#[tokio::test]
async fn a_slash_too_many_leads_to_the_page() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    for (path, meant) in [
        ("/webcasts/", "/webcasts"),
        ("/webcasts//?utm_source=letter", "/webcasts?utm_source=letter"),
        ("/whitepapers/creating-effective-strategic-partnerships/", PAPER),
    ] {
        let answer = visit.get(path).await;
        assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT, "{path}");
        assert_eq!(location(&answer), meant);
    }
    for elsewhere in ["//evil.example/", "/nothing/", "//webcasts/"] {
        assert_eq!(
            visit.get(elsewhere).await.status(),
            StatusCode::NOT_FOUND,
            "{elsewhere}"
        );
    }
    visit.end().await;
}

#[tokio::test]
async fn what_is_no_form_is_told_so_and_control_characters_never_leave() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let json = visit
        .client
        .post(format!("{}{WEBCAST}/register", visit.base))
        .header(header::CONTENT_TYPE, "application/json")
        .body(r#"{"name":"Ada"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(json.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(json.text().await.unwrap().contains("application/x-www-form-urlencoded"));
    let typed = [
        ("name", "Ada\u{0}\u{8}\u{1b}[31m"),
        ("email", "ada\u{0}@"),
        ("utm_source", "a\u{0}b"),
    ];
    for path in [format!("{WEBCAST}/register"), format!("{PAPER}/request")] {
        let answer = visit.post(&path, &typed).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = answer.text().await.unwrap();
        let odd: Vec<char> = page.chars().filter(|c| c.is_control() && *c != '\n').collect();
        assert!(odd.is_empty(), "{path}: {odd:?}");
        assert!(page.contains("value=\"Ada[31m\""));
    }
    visit.end().await;
}

/// A browser keeps public pages and asks; what somebody else would see of it is another page.
#[tokio::test]
async fn public_pages_are_kept_and_asked_for() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    for path in ["/", "/webcasts", WEBCAST, "/whitepapers", PAPER, "/privacy"] {
        let first = visit.get(path).await;
        assert_eq!(header_of(&first, header::CACHE_CONTROL), "private, no-cache", "{path}");
        assert!(header_of(&first, header::VARY).contains("accept-language"));
        let tag = header_of(&first, header::ETAG).to_owned();
        assert!(tag.starts_with('"'), "a strong tag: {tag}");
        // The second time the page is not even drawn.
        for _ in 0..2 {
            let again = visit.ask(path, &[("if-none-match", &tag)]).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
            assert_eq!(header_of(&again, header::ETAG), tag);
            assert_eq!(again.text().await.unwrap(), "");
        }
        let old = visit.ask(path, &[("if-none-match", "\"another\", W/\"old\"")]).await;
        assert_eq!(old.status(), StatusCode::OK, "{path}");
    }
    visit.end().await;
}

#[tokio::test]
async fn a_page_is_another_one_for_another_reader_and_after_a_change() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let tag = header_of(&visit.get(WEBCAST).await, header::ETAG).to_owned();
    let known = ("if-none-match", tag.as_str());
    assert_eq!(visit.ask(WEBCAST, &[known]).await.status(), StatusCode::NOT_MODIFIED);
    for other in [("accept-language", "de"), ("referer", "https://blog.example.net/post")] {
        let answer = visit.ask(WEBCAST, &[known, other]).await;
        assert_eq!(answer.status(), StatusCode::OK, "{other:?}");
    }
    let query = format!("{WEBCAST}?utm_source=letter");
    assert_eq!(visit.ask(&query, &[known]).await.status(), StatusCode::OK);
    visit.change(|update| update.capacity = Some(12)).await;
    let changed = visit.ask(WEBCAST, &[known]).await;
    assert_eq!(changed.status(), StatusCode::OK);
    let tag = header_of(&changed, header::ETAG).to_owned();
    assert_eq!(
        visit.ask(WEBCAST, &[("if-none-match", &tag)]).await.status(),
        StatusCode::NOT_MODIFIED
    );
    // Time alone changes it too.
    visit.clock.advance(SignedDuration::from_hours(24 * 30));
    assert_eq!(
        visit.ask(WEBCAST, &[("if-none-match", &tag)]).await.status(),
        StatusCode::OK
    );
    visit.end().await;
}

/// Each coding of the bytes is another representation (RFC 9110, 8.8.3), and one visitor has one of them.
#[tokio::test]
async fn each_coding_has_a_tag_of_its_own() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let mut tags = BTreeMap::new();
    for coding in ["identity", "gzip", "br"] {
        let answer = visit.ask("/", &[("accept-encoding", coding)]).await;
        tags.insert(header_of(&answer, header::ETAG).to_owned(), coding);
    }
    assert_eq!(tags.len(), 3, "{tags:?}");
    for (tag, coding) in &tags {
        let answer = visit
            .ask("/", &[("if-none-match", tag), ("accept-encoding", coding)])
            .await;
        assert_eq!(
            (answer.status(), header_of(&answer, header::ETAG)),
            (StatusCode::NOT_MODIFIED, tag.as_str())
        );
    }
    visit.end().await;
}

#[tokio::test]
async fn what_is_one_persons_is_kept_nowhere() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let session = visit.session_id().await;
    visit.register("Ada", "ada@example.org", &session).await;
    let mail = visit.mails(1).await.remove(0);
    let (own, join) = (link(&mail, "/registrations/"), link(&mail, "/join/"));
    for path in [
        own.as_str(),
        &join,
        "/assessment",
        "/assessment/rounds",
        "/nothing",
        "/organizer/sign-in",
    ] {
        let answer = visit.get(path).await;
        assert_eq!(header_of(&answer, header::CACHE_CONTROL), "no-store", "{path}");
        assert_eq!(header_of(&answer, header::ETAG), "", "{path}");
    }
    visit.end().await;
}

/// What must not be stored at all, a browser cannot go back to.
#[tokio::test]
async fn a_form_that_was_sent_back_can_be_gone_back_to() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    for path in [format!("{WEBCAST}/register"), format!("{PAPER}/request")] {
        let answer = visit.post(&path, &[("name", "Ada"), ("email", "no address")]).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(header_of(&answer, header::CACHE_CONTROL), "private, no-cache", "{path}");
        assert_eq!(header_of(&answer, header::ETAG), "", "it is nobody else's page");
    }
    visit.end().await;
}

/// RFC 9112, 6.1: a client of HTTP/1.0 reads no chunks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_client_gets_no_chunks() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    for path in ["/", "/static/nothing", WEBCAST] {
        let answer = visit.raw(format!(
            "GET {path} HTTP/1.0\r\nHost: x\r\nAccept-Encoding: gzip, br\r\n\r\n"
        ));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase();
        assert!(!head.contains("transfer-encoding"), "{head}");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        assert!(body.starts_with("<!doctype html>"));
    }
    visit.end().await;
}

/// Scripts and mail programs send addresses as somebody typed them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_no_address_may_hold_lead_to_the_page() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let request = |query: &[u8]| {
        let close = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        [b"GET ", WEBCAST.as_bytes(), b"?", query, close].concat()
    };
    let answer = visit.raw(request("utm_source=Büro<b>\"`".as_bytes()));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains("name=\"utm_source\" value=\"Büro&#60;b&#62;&#34;`\""),
        "{answer}"
    );
    // What is of another charset cannot be read, and the page comes all the same.
    assert!(visit.raw(request(b"utm_source=B\xfcro")).starts_with("HTTP/1.1 200"));
    // On one connection, a form before it changes nothing.
    let form = format!(
        "POST {WEBCAST}/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 6\r\n\r\nname=<"
    );
    let both = visit.raw([form.as_bytes(), &request("q=ü".as_bytes())].concat());
    assert!(both.starts_with("HTTP/1.1 422") && both.contains("HTTP/1.1 200"));
    let nothing = visit.raw("GET /ü HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(nothing.starts_with("HTTP/1.1 404") && nothing.contains("<!doctype html>"));
    visit.end().await;
}
