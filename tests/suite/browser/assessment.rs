//! The assessment in a browser: taken, shown, compared, answered by teams; with scripts and without, by keyboard, and
//! every page on the way held to the rules.

use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::key::Key;

use crate::support::browser::{Browser, Engine, Scripts};
use crate::support::demo::{self, Demo};
use crate::support::http::{self, Connection};

/// One answer for each of the eight questions of a page, as `p_VI1=2`.
pub(super) const CONTOSO: [&str; 5] = ["34333333", "44332121", "33333323", "32333333", "43433343"];
const NORTHWIND: [&str; 5] = ["33333333", "34333333", "33333323", "22224334", "33433333"];
const LETTERS: [&str; 5] = ["VI", "RI", "RE", "RW", "VA"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assessment_is_taken_and_compared_with_scripts() {
    take_and_compare(Engine::Chromium, Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assessment_is_taken_and_compared_without_scripts() {
    take_and_compare(Engine::Chromium, Scripts::Off).await;
}

pub(super) async fn take_and_compare(engine: Engine, scripts: Scripts) {
    let demo = Demo::start().await;
    let browser = Browser::open_in(engine, demo.address, scripts).await;
    browser.visit("/").await;
    browser.click("Take the assessment").await;
    browser.check().await;
    browser.click("Start the assessment").await;
    browser.check().await;
    assert!(browser.has(".mistakes").await, "a kind has to be chosen");
    browser.find("#type-partner").await.click().await.unwrap();
    browser.fill("us", "Contoso").await;
    browser.fill("partner", "Northwind").await;
    browser.click("Start the assessment").await;
    answer(&browser, CONTOSO).await;
    let mine = browser.path().await;
    browser.check().await;
    assert!(browser.text().await.contains("Partly aligned"));

    browser.unfold("Get the report by mail, or a reminder").await;
    browser.fill("email", "ada@visitors.example").await;
    browser.find("#report").await.click().await.unwrap();
    browser.click("Send").await;
    browser.check().await;
    assert!(browser.text().await.contains("The report is on its way"));
    let mail = demo::open_mail(&browser, "ada@visitors.example").await;
    browser.check().await;
    demo::check_mail_body(&demo, &browser, &mail).await;

    browser.visit(&mine).await;
    browser.find("#share").await.click().await.unwrap();
    browser.click("Make the invitation").await;
    browser.check().await;
    let invitation = browser.find("#invitation-link").await.text().await.unwrap();
    browser.visit(&path_of(&invitation)).await;
    browser.check().await;
    browser.click("Answer for Northwind").await;
    answer(&browser, NORTHWIND).await;
    browser.find("#share").await.click().await.unwrap();
    browser.click("Save what I share").await;
    browser.check().await;
    browser.click("Open the joint report").await;
    browser.check().await;
    let joint = browser.text().await;
    assert!(
        joint.contains("Contoso thinks that Northwind gains more than Northwind itself says."),
        "{joint}"
    );

    browser.visit(&mine).await;
    browser.check().await;
    browser.unfold("Show it to others").await;
    browser
        .visit(&path_of(&browser.find("#view-link").await.text().await.unwrap()))
        .await;
    browser.check().await;
    browser.visit(&mine).await;
    browser.unfold("Keep it shorter, or delete it").await;
    browser.click("Delete my answers now").await;
    browser.check().await;
    browser.click("Delete them for good").await;
    browser.check().await;
    assert!(browser.text().await.contains("Your answers are deleted"));
    browser.close().await;
}

/// Goes through the six pages by clicking, and checks each.
pub(super) async fn answer(browser: &Browser, ratings: [&str; 5]) {
    for (letters, page) in LETTERS.iter().zip(ratings) {
        for (place, value) in page.chars().enumerate() {
            let (side, item) = if place < 4 { ('u', place + 1) } else { ('p', place - 3) };
            let radio = format!("input[name={side}_{letters}{item}][value='{value}']");
            browser.find(&radio).await.click().await.unwrap();
        }
        browser.check().await;
        browser.click("Save and go on").await;
    }
    browser.check().await;
    browser.find("input[name=O1][value=half]").await.click().await.unwrap();
    browser.click("See my result").await;
    // Nobody reads as fast as this clicks, and that is asked about.
    if browser.path().await.ends_with("/check") {
        browser.check().await;
        browser.click("Show my result").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_compares_with_sample_data_and_says_so() {
    let demo = Demo::start().await;
    let browser = Browser::open(demo.address, Scripts::On).await;
    browser.visit("/assessment").await;
    browser.find("#type-partner").await.click().await.unwrap();
    browser.click("Start the assessment").await;
    answer(&browser, CONTOSO).await;
    let page = browser.text().await;
    assert!(
        page.contains("Sample data: these others are made up for this demo."),
        "{page}"
    );
    assert!(
        page.contains("Compared with 120 results") && page.contains("of 100 similar partnerships"),
        "{page}"
    );
    browser.check().await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_cards_is_answered_by_keyboard_alone() {
    answer_by_keyboard(Engine::Chromium).await;
}

pub(super) async fn answer_by_keyboard(engine: Engine) {
    let demo = Demo::start().await;
    let browser = Browser::open_in(engine, demo.address, Scripts::Off).await;
    browser.visit("/assessment").await;
    browser.find("#type-internal").await.click().await.unwrap();
    browser.click("Start the assessment").await;
    // Tab reaches each question once, the arrows choose within it.
    let first = browser.find("input[name=p_VI1][value='0']").await;
    first.send_keys(&Key::Right.to_string()).await.unwrap();
    for question in ["u_VI1", "p_VI2", "u_VI2", "p_VI3", "u_VI3", "p_VI4", "u_VI4"] {
        let focused = browser.client.active_element().await.unwrap();
        focused.send_keys(&Key::Tab.to_string()).await.unwrap();
        let focused = browser.client.active_element().await.unwrap();
        assert_eq!(focused.attr("name").await.unwrap().as_deref(), Some(question));
        focused.send_keys(&Key::Right.to_string()).await.unwrap();
    }
    let focused = browser.client.active_element().await.unwrap();
    focused.send_keys(&Key::Enter.to_string()).await.unwrap();
    arrived(&browser, "?page=2").await;
    browser.visit(&format!("{}?page=1", browser.path().await)).await;
    let chosen = browser.find("input[name=u_VI4][value='1']").await;
    assert_eq!(chosen.prop("checked").await.unwrap().as_deref(), Some("true"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_of_two_teams_is_sound() {
    answer_as_two_teams(Engine::Chromium).await;
}

pub(super) async fn answer_as_two_teams(engine: Engine) {
    let demo = Demo::start().await;
    let browser = Browser::open_in(engine, demo.address, Scripts::On).await;
    browser.visit("/assessment/rounds").await;
    browser.check().await;
    browser.find("#type-internal").await.click().await.unwrap();
    browser.fill("us", "Marketing").await;
    browser.fill("partner", "Sales").await;
    browser.click("Open the round").await;
    browser.check().await;
    let round = browser.path().await;
    for side in ["us", "partner"] {
        let form = format!("form:has(#count-{side}) button");
        browser.find(&form).await.click().await.unwrap();
        arrived(&browser, "done=seats").await;
        browser.visit(&round).await;
    }
    browser.check().await;
    let mut seats = Vec::new();
    for link in browser.client.find_all(Locator::Css("ol.links a")).await.unwrap() {
        seats.push(path_of(&link.text().await.unwrap()));
    }
    assert_eq!(seats.len(), 10);
    browser.visit(&seats[0]).await;
    browser.check().await;
    for seat in &seats {
        answer_seat(&demo, seat, if seat == &seats[0] { CONTOSO } else { NORTHWIND }).await;
    }
    browser.visit(&seats[0]).await;
    browser.check().await;
    browser.visit(&round).await;
    let summary = browser.find("details:has(button[value=close]) > summary").await;
    summary.click().await.unwrap();
    browser.click("Close the round").await;
    browser.check().await;
    assert!(browser.text().await.contains("How far its people differ"));
    browser.close().await;
}

/// A respondent who posts instead of clicking.
async fn answer_seat(demo: &Demo, seat: &str, ratings: [&str; 5]) {
    let mut connection = Connection::open(demo.address).await.unwrap();
    let taken = connection.exchange(&http::post(seat, &[])).await.unwrap();
    let private = taken.header("location").unwrap().to_owned();
    let mut fields = vec![("O1".to_owned(), "half".to_owned())];
    for (letters, page) in LETTERS.iter().zip(ratings) {
        for (place, value) in page.chars().enumerate() {
            let (side, item) = if place < 4 { ('u', place + 1) } else { ('p', place - 3) };
            fields.push((format!("{side}_{letters}{item}"), value.to_string()));
        }
    }
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = connection.exchange(&http::post(&private, &fields)).await.unwrap();
    assert!(answer.header("location").unwrap().ends_with("/mine"));
}

/// The path of an absolute link of ours.
fn path_of(link: &str) -> String {
    link[link.find("/assessment").unwrap()..].to_owned()
}

/// Waits for the address to hold this.
async fn arrived(browser: &Browser, part: &str) {
    let started = Instant::now();
    while !browser.client.current_url().await.unwrap().as_str().contains(part) {
        assert!(started.elapsed() < Duration::from_secs(15), "never at {part}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
