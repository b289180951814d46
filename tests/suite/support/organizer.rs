//! An organizer without a browser.

use super::http::{self, once};
use super::server::House;

const EMAIL: &str = "olga@example.org";
const PASSWORD: &str = "seven quiet herons at dawn";

/// Makes an owner by the command line and signs in; gives the cookie.
pub async fn sign_in(house: &House) -> String {
    let add = [
        "organizer",
        "add",
        "--email",
        EMAIL,
        "--name",
        "Olga Owner",
        "--role",
        "owner",
    ];
    let made = house
        .feed(&[add.as_slice(), &["--password-stdin"]].concat(), PASSWORD)
        .await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    // Without an origin a browser's form would be refused; this says where it comes from, as a browser does.
    let request = http::post("/organizer/sign-in", &[("email", EMAIL), ("password", PASSWORD)]);
    let request = with_header(&request, "Sec-Fetch-Site: same-origin");
    let reply = once(house.address, &request).await.unwrap();
    assert_eq!(reply.status, 303, "{}", reply.text());
    let cookie = reply.cookie.unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// A GET with a cookie.
pub fn get(path: &str, cookie: &str) -> Vec<u8> {
    with_header(&http::get(path), &format!("Cookie: {cookie}"))
}

/// A request with one more header.
pub fn with_header(request: &[u8], header: &str) -> Vec<u8> {
    let line_end = request.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let (line, rest) = request.split_at(line_end);
    [line, header.as_bytes(), b"\r\n", rest].concat()
}
