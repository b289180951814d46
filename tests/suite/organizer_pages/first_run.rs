//! The first steps after the set-up link: a test mail, a webcast, and trying it as a visitor.

use super::*;

const START: &str = "/organizer/start";

async fn register(browser: &Browser<'_>, name: &str, email: &str) {
    let answer = browser
        .post(
            &format!("/webcasts/{SLUG}/register"),
            &[("name", name), ("email", email)],
        )
        .await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}

on_both_databases! {
    async fn the_first_steps_are_done_one_by_one(test: TestDb) {
        let relay = FakeRelay::well().await;
        let site = Site::start_with(&test, &[("smtp_url", relay.url().as_str()), ("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        // The sample webcast is there and published.
        let home = browser.page("/organizer").await;
        assert!(home.contains("First steps: 1 of 3 done."), "{home}");
        let page = browser.page(START).await;
        assert!(page.contains("send yourself a test, to olga@example.org") && !page.contains("It arrived"), "{page}");
        let to = location(&browser.post(&format!("{START}/test-mail"), &[]).await);
        assert!(browser.page(&to).await.contains("The test mail is on its way to you."));
        browser.page_with(START, "It arrived").await;
        for said in ["sent", "sent", "often"] {
            let to = location(&browser.post(&format!("{START}/test-mail"), &[]).await);
            assert_eq!(to, format!("{START}?done={said}"));
        }
        browser.post(&format!("{START}/arrived"), &[]).await;
        assert!(browser.page(START).await.contains("2 of 3 done."));
        // Whoever runs it tries it: the mail goes, the figures leave it out.
        register(&Browser::new(&site), "Olga Owner", "OLGA@example.org").await;
        register(&Browser::new(&site), "Ada", "ada@example.org").await;
        assert_eq!(count(&site, "registrations WHERE is_test = 1").await, 1);
        assert_eq!(count(&site, "outbox WHERE kind = 'confirmation'").await, 2);
        let session = browser.page(&Site::page_of(site.upcoming().await)).await;
        assert!(session.contains("1 registered") && session.contains("Olga Owner"), "{session}");
        site.clock.advance(SignedDuration::from_mins(2));
        commonground::app::add_up(&site.running.state).await.unwrap();
        assert_eq!(count(&site, "tallies WHERE registered = 1").await, 1);
        let page = browser.page(START).await;
        assert!(page.contains("3 of 3 done.") && page.contains("You were registered."), "{page}");
        assert!(!browser.page("/organizer").await.contains("First steps"));
        site.running.stop().await;
    }

    async fn without_a_mail_server_the_two_lines_are_shown(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let page = browser.page(START).await;
        for words in ["smtp_url = \"", "mail waits, nothing is lost", "Put this list away"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("Send me a test"));
        site.run("UPDATE sessions SET starts_at = 1, ends_at = 2").await;
        assert!(browser.page(START).await.contains("0 of 3 done."));
        browser.post(&format!("{START}/put-away"), &[]).await;
        assert!(!browser.page("/organizer").await.contains("First steps"));
        site.running.stop().await;
    }
}
