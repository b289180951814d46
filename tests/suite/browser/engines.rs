//! The visitors' half in Firefox and WebKit: one short case each, and all of it in the long tier. The flows are those
//! of Chromium.

use super::{assessment, visitor};
use crate::in_engines;
use crate::support::browser::{Browser, Engine, Scripts};
use crate::support::demo::Demo;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_mends_a_mistake_and_registers_in_firefox() {
    mend_a_mistake_and_register(Engine::Firefox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_mends_a_mistake_and_registers_in_webkit() {
    mend_a_mistake_and_register(Engine::WebKit).await;
}

async fn mend_a_mistake_and_register(engine: Engine) {
    let demo = Demo::start().await;
    let browser = Browser::open_in(engine, demo.address, Scripts::On).await;
    browser.visit("/").await;
    browser.click("Register for the webcast").await;
    browser.fill("name", "Ada Example").await;
    browser.fill("email", "no address").await;
    browser.click("Register for the webcast").await;
    browser.find(".mistakes:focus").await;
    browser.holds("name", "Ada Example").await;
    browser.fill("email", "ada@visitors.example").await;
    browser.click("Register for the webcast").await;
    browser.reads("Thank you. Look in your mail.").await;
    browser.check().await;
    browser.close().await;
}

in_engines! { [firefox: Firefox, webkit: WebKit]
    async fn every_public_page_is_sound(engine: Engine) {
        visitor::look_at_every_public_page(engine).await;
    }

    async fn a_visitor_registers_changes_and_cancels_with_scripts(engine: Engine) {
        visitor::register_change_and_cancel(engine, Scripts::On).await;
    }

    async fn a_visitor_registers_changes_and_cancels_without_scripts(engine: Engine) {
        visitor::register_change_and_cancel(engine, Scripts::Off).await;
    }

    async fn a_visitor_asks_for_the_paper_and_opens_it_with_scripts(engine: Engine) {
        visitor::ask_for_the_paper(engine, Scripts::On).await;
    }

    async fn a_visitor_asks_for_the_paper_and_opens_it_without_scripts(engine: Engine) {
        visitor::ask_for_the_paper(engine, Scripts::Off).await;
    }

    async fn an_assessment_is_taken_and_compared_with_scripts(engine: Engine) {
        assessment::take_and_compare(engine, Scripts::On).await;
    }

    async fn an_assessment_is_taken_and_compared_without_scripts(engine: Engine) {
        assessment::take_and_compare(engine, Scripts::Off).await;
    }

    async fn a_page_of_cards_is_answered_by_keyboard_alone(engine: Engine) {
        assessment::answer_by_keyboard(engine).await;
    }

    async fn a_round_of_two_teams_is_sound(engine: Engine) {
        assessment::answer_as_two_teams(engine).await;
    }
}
