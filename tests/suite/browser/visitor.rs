//! A visitor's way: register, read the mail, change, cancel; ask for the paper and open it. With scripts and
//! without. Every page on the way is checked for accessibility, console errors and foreign requests.

use crate::support::browser::{Browser, Engine, Scripts};
use crate::support::demo::{self, Demo};

const PAGES: [&str; 8] = [
    "/",
    "/webcasts",
    "/whitepapers",
    "/assessment",
    "/privacy",
    "/organizer/sign-in",
    "/demo/mail",
    "/nothing-here",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_public_page_is_sound() {
    look_at_every_public_page(Engine::Chromium).await;
}

pub(super) async fn look_at_every_public_page(engine: Engine) {
    let demo = Demo::start().await;
    let browser = Browser::open_in(engine, demo.address, Scripts::On).await;
    for page in PAGES {
        browser.visit(page).await;
        browser.check().await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_registers_changes_and_cancels_with_scripts() {
    register_change_and_cancel(Engine::Chromium, Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_registers_changes_and_cancels_without_scripts() {
    register_change_and_cancel(Engine::Chromium, Scripts::Off).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_asks_for_the_paper_and_opens_it_with_scripts() {
    ask_for_the_paper(Engine::Chromium, Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_asks_for_the_paper_and_opens_it_without_scripts() {
    ask_for_the_paper(Engine::Chromium, Scripts::Off).await;
}

pub(super) async fn register_change_and_cancel(engine: Engine, scripts: Scripts) {
    let demo = Demo::start().await;
    let browser = Browser::open_in(engine, demo.address, scripts).await;
    browser.visit("/").await;
    browser.click("Register for the webcast").await;
    mistakes_are_told_and_what_was_typed_is_kept(&browser, "Register for the webcast").await;

    browser.fill("name", "Ada Example").await;
    browser.fill("email", "ada@visitors.example").await;
    browser.click("Register for the webcast").await;
    browser.check().await;
    assert!(browser.text().await.contains("Thank you"));

    let mail = demo::open_mail(&browser, "ada@visitors.example").await;
    browser.check().await;
    browser.click("Text").await;
    browser.check().await;
    let text = browser.find("pre").await.text().await.unwrap();
    let personal = path_in(&text, "/registrations/");
    let join = path_in(&text, "/join/");
    demo::check_mail_body(&demo, &browser, &mail).await;

    browser.visit(&join).await;
    browser.check().await;
    assert!(browser.text().await.contains("You are early"));

    browser.visit(&personal).await;
    browser.check().await;
    let calendar = demo.fetch(&browser.link("Add it to your calendar").await).await;
    let calendar = String::from_utf8(calendar).unwrap();
    let entry: icalendar::Calendar = calendar.parse().unwrap();
    assert_eq!(entry.components.len(), 1, "{calendar}");

    browser.fill("name", "Ada Lovely Example").await;
    browser.click("Save the changes").await;
    browser.check().await;
    assert!(browser.text().await.contains("Ada Lovely Example"));

    browser.click("Cancel my registration").await;
    browser.check().await;
    assert!(
        browser
            .text()
            .await
            .to_lowercase()
            .contains("your registration is cancelled")
    );
    browser.visit(&join).await;
    browser.check().await;
    assert!(browser.text().await.contains("This registration is cancelled"));
    browser.close().await;
}

pub(super) async fn ask_for_the_paper(engine: Engine, scripts: Scripts) {
    let demo = Demo::start().await;
    let browser = Browser::open_in(engine, demo.address, scripts).await;
    browser.visit("/").await;
    browser.click("Get the whitepaper by mail").await;
    browser.check().await;
    mistakes_are_told_and_what_was_typed_is_kept(&browser, "Send me the whitepaper").await;

    browser.fill("name", "Ben Example").await;
    browser.fill("email", "ben@visitors.example").await;
    browser.click("Send me the whitepaper").await;
    browser.check().await;
    assert!(browser.text().await.contains("It is on its way"));

    let mail = demo::open_mail(&browser, "ben@visitors.example").await;
    browser.check().await;
    demo::check_mail_body(&demo, &browser, &mail).await;
    browser.visit(&format!("{mail}?view=attachments")).await;
    browser.check().await;
    let link = browser
        .find("table a[download]")
        .await
        .attr("href")
        .await
        .unwrap()
        .unwrap();
    let pdf = demo.fetch(&link).await;
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 50_000, "{} bytes", pdf.len());
    browser.close().await;
}

/// Sends a form with a mistake in it: it comes back with the mistake and with what was typed.
async fn mistakes_are_told_and_what_was_typed_is_kept(browser: &Browser, button: &str) {
    browser.fill("name", "Somebody").await;
    browser.fill("email", "no address").await;
    browser.click(button).await;
    browser.check().await;
    assert!(browser.has(".mistakes").await, "{}", browser.text().await);
    let kept = browser.find("[name=name]").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("Somebody"));
}

/// The first link in a mail's text that leads below this path.
pub(super) fn path_in(text: &str, below: &str) -> String {
    let start = text.find(below).unwrap_or_else(|| panic!("no {below} in:\n{text}"));
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
    rest[..end].to_owned()
}
