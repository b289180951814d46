//! Back, Forward and print, which every engine does in its own way. In the long tier.

use super::assessment;
use super::visitor::path_in;
use crate::in_engines;
use crate::support::browser::{Browser, Engine, Scripts};
use crate::support::demo::{self, Demo};
use crate::support::pdf_tool;

in_engines! { [chromium: Chromium, firefox: Firefox, webkit: WebKit]
    async fn a_form_keeps_what_was_typed_when_its_reader_comes_back(engine: Engine) {
        let demo = Demo::start().await;
        let browser = Browser::open_in(engine, demo.address, Scripts::On).await;
        browser.visit("/").await;
        browser.click("Register for the webcast").await;
        browser.fill("name", "Ada Example").await;
        browser.fill("email", "ada@visitors.example").await;
        browser.click("How we treat them").await;
        assert_eq!(browser.path().await, "/privacy");
        browser.back().await;
        browser.holds("name", "Ada Example").await;
        browser.holds("email", "ada@visitors.example").await;

        browser.fill("email", "no address").await;
        browser.click("Register for the webcast").await;
        browser.find(".mistakes:focus").await;
        browser.click("How we treat them").await;
        browser.back().await;
        browser.holds("name", "Ada Example").await;
        browser.holds("email", "no address").await;

        browser.fill("email", "ada@visitors.example").await;
        browser.click("Register for the webcast").await;
        browser.reads("Thank you. Look in your mail.").await;
        let thanks = browser.path().await;
        // The form that was sent back, not an error of the browser's.
        browser.back().await;
        browser.holds("name", "Ada Example").await;
        browser.forward().await;
        browser.reads("Thank you. Look in your mail.").await;
        assert_eq!(browser.path().await, thanks);
        browser.close().await;
    }

    async fn a_personal_page_keeps_what_was_typed_and_tells_no_old_state(engine: Engine) {
        let demo = Demo::start().await;
        let browser = Browser::open_in(engine, demo.address, Scripts::On).await;
        browser.visit("/").await;
        browser.click("Register for the webcast").await;
        browser.fill("name", "Ada Example").await;
        browser.fill("email", "ada@visitors.example").await;
        browser.click("Register for the webcast").await;
        demo::open_mail(&browser, "ada@visitors.example").await;
        browser.click("Text").await;
        let text = browser.find("pre").await.text().await.unwrap();
        let personal = path_in(&text, "/registrations/");

        browser.visit(&personal).await;
        browser.fill("name", "Ada Lovely Example").await;
        browser.click("Privacy").await;
        browser.back().await;
        browser.holds("name", "Ada Lovely Example").await;

        browser.click("Cancel my registration").await;
        browser.reads("Your registration is cancelled").await;
        browser.back().await;
        browser.reads("Your registration is cancelled").await;
        assert_eq!(browser.path().await, personal);
        browser.close().await;
    }

    async fn an_assessment_keeps_its_answers_on_the_way_back(engine: Engine) {
        let demo = Demo::start().await;
        let browser = Browser::open_in(engine, demo.address, Scripts::On).await;
        browser.visit("/assessment").await;
        browser.find("#type-partner").await.click().await.unwrap();
        browser.fill("us", "Contoso").await;
        browser.click("How we treat what you type").await;
        browser.back().await;
        browser.find("#type-partner:checked").await;
        browser.holds("us", "Contoso").await;
        browser.click("Start the assessment").await;

        let page = ["p_VI1", "u_VI1", "p_VI2", "u_VI2", "p_VI3", "u_VI3", "p_VI4", "u_VI4"];
        for field in &page[..3] {
            choose(&browser, field, "2").await;
        }
        browser.follow(".masthead .brand").await;
        browser.back().await;
        for field in &page[..3] {
            chosen(&browser, field, "2").await;
        }
        for field in &page[3..] {
            choose(&browser, field, "3").await;
        }
        browser.click("Save and go on").await;
        browser.reads("Page 2 of 6").await;

        browser.back().await;
        browser.reads("Page 1 of 6").await;
        chosen(&browser, "p_VI1", "2").await;
        chosen(&browser, "u_VI4", "3").await;
        choose(&browser, "u_VI4", "4").await;
        browser.click("Save and go on").await;
        browser.reads("Page 2 of 6").await;
        browser.click("Save and go back").await;
        browser.reads("Page 1 of 6").await;
        chosen(&browser, "u_VI4", "4").await;
        browser.close().await;
    }
}

// WebKit's driver cannot print.
in_engines! { [chromium: Chromium, firefox: Firefox]
    async fn pages_are_printed_on_a4(engine: Engine) {
        let demo = Demo::start().await;
        let browser = Browser::open_in(engine, demo.address, Scripts::On).await;
        browser.visit("/").await;
        browser.click("Register for the webcast").await;
        let title = browser.find("h1").await.text().await.unwrap();
        printed(&browser, &title).await;

        browser.visit("/assessment").await;
        browser.find("#type-partner").await.click().await.unwrap();
        browser.fill("us", "Contoso").await;
        browser.fill("partner", "Northwind").await;
        browser.click("Start the assessment").await;
        assessment::answer(&browser, assessment::CONTOSO).await;
        printed(&browser, "Contoso and Northwind").await;
        browser.close().await;
    }
}

async fn choose(browser: &Browser, field: &str, value: &str) {
    let radio = browser.find(&format!("input[name={field}][value='{value}']")).await;
    radio.click().await.unwrap();
}

async fn chosen(browser: &Browser, field: &str, value: &str) {
    browser
        .find(&format!("input[name={field}][value='{value}']:checked"))
        .await;
}

/// Prints the open page and finds these words on the paper.
async fn printed(browser: &Browser, words: &str) {
    let pdf = browser.print().await;
    let facts = pdf_tool("pdfinfo", &["-"], &pdf);
    assert!(facts.contains("(A4)"), "{facts}");
    let text = pdf_tool("pdftotext", &["-raw", "-", "-"], &pdf);
    let printed: Vec<char> = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let words: Vec<char> = words.chars().collect();
    // In what Firefox prints some letters can be seen but not copied, among them spaces.
    let same = |(there, wanted): (&char, &char)| there == wanted || *there == char::REPLACEMENT_CHARACTER;
    let found = printed
        .windows(words.len())
        .any(|there| there.iter().zip(&words).all(same));
    assert!(found, "{words:?} is not in\n{text}");
}
