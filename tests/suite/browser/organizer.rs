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
        "/organizer/webcasts/partnering-for-growth/people",
        "/organizer/webcasts/partnering-for-growth/people?state=registered&attendance=no_show",
        "/organizer/papers/creating-effective-strategic-partnerships/people",
        "/organizer/exports",
        "/organizer/mail",
        "/organizer/mail/do-not-mail",
        "/organizer/mail/sent",
    ] {
        browser.visit(page).await;
        browser.check().await;
    }
    browser.follow("table a[href^='/organizer/mail/']").await;
    browser.check().await;
    tag_somebody(&browser).await;
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

/// A row of the list of attendees is ticked and tagged, and that is undone; another act is looked at first.
async fn tag_somebody(browser: &Browser) {
    browser.visit("/organizer/webcasts/partnering-for-growth/people").await;
    browser.find("td.row-pick input").await.click().await.unwrap();
    browser.fill("tag", "hot lead").await;
    browser.click("Add the tag").await;
    browser.reads("1 person has the tag now.").await;
    browser.check().await;
    browser.click("Undo").await;
    browser.reads("Undone. All is as it was.").await;
    browser.find("td.row-pick input").await.click().await.unwrap();
    browser.click("Send again…").await;
    browser.reads("Send to 1 person").await;
    browser.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_found_and_helped_with_scripts() {
    find_and_help_somebody(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_found_and_helped_without_scripts() {
    find_and_help_somebody(Scripts::Off).await;
}

/// The most frequent jobs: find somebody, correct the address, send the confirmation again, cancel and undo, write a note.
async fn find_and_help_somebody(scripts: Scripts) {
    let house = House::on_sqlite();
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let request = load::registration(&form, "ada@visitors.example");
    assert_eq!(once(house.address, &request).await.unwrap().status, 303);
    let browser = Browser::open(house.address, scripts).await;
    set_up(&house, &browser).await;
    sign_in(&browser).await;

    browser.visit("/organizer").await;
    browser
        .reads("No mail server is set, so no mail is sent. 1 mail waits; nothing is lost.")
        .await;
    browser.visit("/organizer/people").await;
    browser.fill("q", "ada@visitors.example").await;
    browser.click("Find").await;
    browser.follow("table a[href^='/organizer/people/']").await;
    browser.check().await;
    let person = browser.path().await;

    browser.click("Edit").await;
    browser.fill("email", "ada@visitors,example").await;
    browser.click("Save").await;
    browser.check().await;
    browser.click("Use ada@visitors.example").await;
    assert_eq!(browser.path().await, person);
    browser.click("Edit").await;
    browser.fill("email", "ada.king@visitors.example").await;
    browser.fill("company", "Analytical Engines").await;
    browser.click("Save").await;
    browser.reads("What they asked for goes to the new address now.").await;
    browser.reads("Analytical Engines").await;

    browser.click("Send the confirmation again").await;
    browser.reads("The mail goes again now.").await;
    browser.click("Cancel the registration").await;
    browser.reads("The registration is cancelled.").await;
    browser.check().await;
    browser.click("Undo").await;
    browser.reads("Undone. All is as it was.").await;
    browser.fill("note", "Called on Friday").await;
    browser.click("Keep the note").await;
    browser.reads("Called on Friday").await;
    browser.fill("tag", "Hot lead").await;
    browser.click("Add the tag").await;
    browser.reads("Hot lead").await;
    browser.check().await;
    browser.click("Move").await;
    browser.reads("no other session ahead").await;
    browser.check().await;

    for page in [
        "/organizer/people/new",
        "/organizer/settings/account",
        "/organizer/settings/account/second-factor",
        "/organizer/settings/organization",
        "/organizer/settings/front-page",
        "/organizer/settings/team",
        "/organizer/settings/legal",
        "/organizer/settings/retention",
        "/organizer/settings/audit",
        "/organizer/settings/system",
    ] {
        browser.visit(page).await;
        browser.check().await;
    }
    if scripts == Scripts::On {
        press_keys(&browser).await;
    }
    browser.close().await;
}

/// By keys alone, and not any more once they are switched off.
async fn press_keys(browser: &Browser) {
    browser.visit("/organizer").await;
    browser.press("gp").await;
    browser.reads("Name, company or address").await;
    browser.press("j").await;
    let focused = browser.client.active_element().await.unwrap();
    let target = focused.prop("href").await.unwrap().unwrap_or_default();
    assert!(target.contains("/organizer/people/"), "{target}");
    browser.press("/").await;
    browser.press("gm").await;
    browser.holds("q", "gm").await;
    browser.visit("/organizer").await;
    browser.press("?").await;
    browser.reads("Keys are on").await;
    browser.check().await;
    browser.find("#keys-on").await.click().await.unwrap();
    browser.find("#keys form button").await.click().await.unwrap();
    browser.press("gp").await;
    assert_eq!(browser.path().await, "/organizer");
}

/// By the link that the program prints, once.
pub(super) async fn set_up(house: &House, browser: &Browser) {
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

pub(super) async fn sign_in(browser: &Browser) {
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
