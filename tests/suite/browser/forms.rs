//! A form with questions: an organizer asks them, a visitor is refused and then answers, the organizer reads it. And a
//! series is begun.

use super::organizer::{set_up, sign_in};
use crate::support::browser::{Browser, Scripts};
use crate::support::server::House;

const FORM: &str = "/organizer/webcasts/partnering-for-growth/form";
const PAGE: &str = "/webcasts/partnering-for-growth";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_are_asked_and_answered_with_scripts() {
    ask_and_answer(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_are_asked_and_answered_without_scripts() {
    ask_and_answer(Scripts::Off).await;
}

async fn ask_and_answer(scripts: Scripts) {
    let house = House::on_sqlite();
    let _server = house.start().await;
    let browser = Browser::open(house.address, scripts).await;
    set_up(&house, &browser).await;
    sign_in(&browser).await;
    ask(&browser).await;

    browser.visit(PAGE).await;
    let is_shown = async || browser.find("#q_how_many").await.is_displayed().await.unwrap();
    assert_eq!(is_shown().await, scripts == Scripts::Off, "asked only after a yes");
    browser.find("#q_in_a_partnership-is-yes").await.click().await.unwrap();
    assert!(is_shown().await);
    browser.click("Register for the webcast").await;
    browser.check().await;
    browser.fill("first_name", "Ada").await;
    browser.fill("last_name", "Example").await;
    browser.fill("email", "ada@visitors.example").await;
    browser.fill("phone", "030 1234567").await;
    browser.fill("q_how_many", "2,5").await;
    browser.find("#q_topics-is-risk").await.click().await.unwrap();
    browser.click("Register for the webcast").await;
    browser.check().await;
    browser.reads("Begin with + and the code of the country").await;
    browser.reads("Enter the number with a point").await;
    browser.holds("first_name", "Ada").await;
    browser.fill("phone", "+49 30 1234567").await;
    browser.fill("q_how_many", "2.5").await;
    browser.click("Register for the webcast").await;
    browser.check().await;
    browser.reads("Thank you").await;

    browser.visit("/organizer/people?q=ada%40visitors.example").await;
    browser.follow("table a[href^='/organizer/people/']").await;
    browser.check().await;
    browser.reads("+49301234567").await;
    browser.reads("How many?").await;
    browser.reads("2.5").await;
    browser.close().await;
}

/// Fields, a question of a list, one that others hang on, and one that hangs on it.
async fn ask(browser: &Browser) {
    browser.visit(FORM).await;
    browser.check().await;
    for choice in ["name][value='first_last", "phone][value='optional"] {
        browser
            .find(&format!("input[name='{}']", choice.replacen("][", "'][", 1)))
            .await
            .click()
            .await
            .unwrap();
    }
    browser.click("Save the fields").await;
    browser.reads("Saved.").await;
    browser.click("Several of a list").await;
    browser.click("Save the question").await;
    browser.check().await;
    browser.fill("label", "Topics").await;
    browser.fill("options", "Risk\nReward").await;
    browser.click("Save the question").await;
    browser.click("Yes or no").await;
    browser.fill("label", "In a partnership?").await;
    browser.find("#required").await.click().await.unwrap();
    browser.check().await;
    browser.click("Save the question").await;
    browser.click("Number").await;
    browser.fill("label", "How many?").await;
    let hangs_on = browser.find("#asked_if").await;
    hangs_on.select_by_value("in_a_partnership=yes").await.unwrap();
    browser.click("Save the question").await;
    browser.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_is_begun_and_chosen_from() {
    let house = House::on_sqlite();
    let _server = house.start().await;
    let browser = Browser::open(house.address, Scripts::On).await;
    set_up(&house, &browser).await;
    sign_in(&browser).await;
    browser
        .visit("/organizer/webcasts/partnering-for-growth/sessions")
        .await;
    browser.click("Repeat it").await;
    browser.check().await;
    browser.click("Begin the series").await;
    browser.check().await;
    assert!(browser.has(".mistakes").await, "without a date");
    browser.find("#date").await.send_keys("12112099").await.unwrap();
    browser.click("Begin the series").await;
    browser.check().await;
    browser.reads("Every Friday at").await;
    browser.visit(PAGE).await;
    browser.check().await;
    browser.reads("2099").await;
    browser.close().await;
}
