//! An organizer's way: set up, sign in, see who registered, set the session, export, watch the outbox.

use crate::support::browser::{Browser, Scripts};
use crate::support::http::once;
use crate::support::load;
use crate::support::organizer;
use crate::support::server::House;

const PASSWORD: &str = "seven quiet herons at dawn";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organizer_sets_up_and_does_the_round_with_scripts() {
    set_up_and_do_the_round(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organizer_sets_up_and_does_the_round_without_scripts() {
    set_up_and_do_the_round(Scripts::Off).await;
}

async fn set_up_and_do_the_round(scripts: Scripts) {
    let house = House::on_sqlite();
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let request = load::registration(&form, "ada@visitors.example");
    assert_eq!(once(house.address, &request).await.unwrap().status, 303);
    let browser = Browser::open(house.address, scripts).await;

    browser.visit("/organizer").await;
    browser.check().await;
    set_up(&house, &browser).await;
    sign_in(&browser).await;

    browser.visit("/organizer").await;
    browser.check().await;
    browser.follow("a[href^='/organizer/webcasts/']").await;
    browser.check().await;
    assert!(browser.text().await.contains("ada@visitors.example"));
    set_the_session(&browser).await;
    export(&house, &browser).await;

    for page in [
        "/organizer",
        "/organizer/webcasts",
        "/organizer/papers",
        "/organizer/assessment",
        "/organizer/people",
        "/organizer/mail",
        "/organizer/mail/do-not-mail",
        "/organizer/mail/sent",
    ] {
        browser.visit(page).await;
        browser.check().await;
    }
    browser.follow("table a[href^='/organizer/mail/']").await;
    browser.check().await;
    browser.visit("/organizer/people?q=ada%40visitors.example").await;
    browser.check().await;
    browser.follow("table a[href^='/organizer/people/']").await;
    browser.check().await;
    browser.unfold("Olga Owner (owner)").await;
    browser.click("Sign out").await;
    browser.check().await;
    browser.visit("/organizer").await;
    assert_eq!(browser.path().await, "/organizer/sign-in", "the sign-in is over");
    browser.close().await;
}

/// By the link that the program prints, once.
async fn set_up(house: &House, browser: &Browser) {
    let printed = house.run(&["organizer", "setup-link"]).await;
    let printed = String::from_utf8(printed.stdout).unwrap();
    let link = printed
        .split_whitespace()
        .find(|word| word.contains("/organizer/setup/"));
    let path = &link.unwrap()[link.unwrap().find("/organizer/").unwrap()..];
    browser.visit(path).await;
    browser.check().await;
    browser.click("Make the account").await;
    browser.check().await;
    assert!(browser.has(".mistakes").await);
    browser.fill("name", "Olga Owner").await;
    browser.fill("email", "olga@example.org").await;
    browser.fill("password", PASSWORD).await;
    browser.click("Make the account").await;
    browser.check().await;
    browser.visit(path).await;
    browser.check().await;
    assert!(browser.text().await.contains("no longer works"));
}

async fn sign_in(browser: &Browser) {
    browser.visit("/organizer").await;
    if browser.has("form[action='/organizer/sign-out']").await {
        browser.unfold("Olga Owner (owner)").await;
        browser.click("Sign out").await;
    }
    browser.visit("/organizer/sign-in").await;
    for password in ["not this one at all", PASSWORD] {
        browser.check().await;
        browser.fill("email", "olga@example.org").await;
        browser.fill("password", password).await;
        browser.click("Sign in").await;
    }
    assert_eq!(browser.path().await, "/organizer");
}

async fn set_the_session(browser: &Browser) {
    browser.fill("join_url", "not a link").await;
    browser.click("Save the session").await;
    browser.check().await;
    assert!(browser.has(".mistakes").await);
    browser.fill("join_url", "https://meet.example/room").await;
    browser.click("Save the session").await;
    browser.check().await;
    let kept = browser.find("[name=join_url]").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("https://meet.example/room"));
}

/// The export's form is the browser's; the file is fetched with the browser's cookie.
async fn export(house: &House, browser: &Browser) {
    let action = browser.find("form.export").await.attr("action").await.unwrap().unwrap();
    let session = browser
        .find("form.export [name=session]")
        .await
        .attr("value")
        .await
        .unwrap()
        .unwrap();
    let action = format!("{action}?session={session}");
    let cookies = browser.client.get_all_cookies().await.unwrap();
    let cookies: Vec<String> = cookies.iter().map(|c| format!("{}={}", c.name(), c.value())).collect();
    let request = organizer::get(&action, &cookies.join("; "));
    let reply = once(house.address, &request).await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("ada@visitors.example"));
}
