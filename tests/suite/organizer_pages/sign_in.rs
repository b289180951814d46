//! Signing in: what it leaves behind, what is told, what guesses cost.

use super::*;
use crate::on_both_databases;

/// What the audit log holds of sign-ins, the oldest first: action, actor, subject, detail.
async fn trace(site: &Site) -> Vec<(String, String, String, String)> {
    let mut conn = site.running.state.db.read().await.unwrap();
    let text = "SELECT action, actor, subject, detail FROM audit_log WHERE action LIKE 'sign-%' ORDER BY id";
    on_db!(conn, c => sqlx::query_as(text).fetch_all(c).await).unwrap()
}

/// Waits for so many lines: a failure is noted beside the request.
async fn traces(site: &Site, count: usize) -> Vec<(String, String, String, String)> {
    let started = std::time::Instant::now();
    loop {
        let found = trace(site).await;
        if found.len() >= count {
            return found;
        }
        assert!(started.elapsed().as_secs() < 20, "{found:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

on_both_databases! {
    async fn what_was_tried_leaves_a_trace_without_what_was_typed(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::from(&site, [127, 7, 8, 9]);
        browser.sign_in("olga@example.org", "my other password").await;
        traces(&site, 1).await;
        browser.sign_in("nobody@example.org", "my other password").await;
        traces(&site, 2).await;
        browser.sign_in("olga@example.org", PASSWORD).await;
        browser.post("/organizer/sign-out", &[("everywhere", "yes")]).await;
        let found = traces(&site, 4).await;
        let lines: Vec<(&str, &str, bool, &str)> = found.iter().map(|(action, actor, subject, detail)| (action.as_str(), actor.as_str(), subject.is_empty(), detail.as_str())).collect();
        assert_eq!(lines, [
            ("sign-in.failed", "visitor", false, "from 127.7.8.0/24"),
            ("sign-in.failed", "visitor", true, "from 127.7.8.0/24"),
            ("sign-in", "organizer", false, "from 127.7.8.0/24"),
            ("sign-out.everywhere", "organizer", false, ""),
        ]);
        site.running.stop().await;
    }

    async fn a_sign_in_from_elsewhere_is_told_to_the_owner_of_the_account(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        for (address, mails) in [([127, 0, 0, 1], 0), ([127, 0, 0, 200], 0), ([127, 9, 9, 9], 1), ([127, 9, 9, 77], 1), ([127, 9, 10, 9], 2)] {
            let browser = Browser::from(&site, address);
            assert_eq!(location(&browser.sign_in("olga@example.org", PASSWORD).await), "/organizer");
            assert_eq!(count(&site, "outbox WHERE kind = 'account-notice'").await, mails, "{address:?}");
        }
        let owner = Browser::signed_in(&site, "olga@example.org").await;
        let list = owner.page("/organizer/mail/sent").await;
        let path = list.split("href=\"").find(|part| part.starts_with("/organizer/mail/account-notice")).unwrap().split('"').next().unwrap();
        let page = owner.page(path).await;
        assert!(page.contains("Network 127.9.10.0/24") && page.contains("Sign out everywhere"), "{page}");
        assert_eq!(count(&site, "known_networks").await, 3);
        site.running.stop().await;
    }

    async fn right_passwords_are_no_guesses(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::new(&site);
        for _ in 0..35 {
            assert_eq!(location(&browser.sign_in("olga@example.org", PASSWORD).await), "/organizer");
        }
        assert_eq!(count(&site, "sign_ins").await, 1, "each took the place of the one before");
        site.running.stop().await;
    }

    async fn other_spellings_of_an_address_are_the_same_account(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let mut checked = 0;
        for n in 0..20_u8 {
            let spelling = match n % 4 {
                0 => "olga@example.org",
                1 => "OLGA@Example.ORG ",
                2 => "olga@exam\u{AD}ple.org",
                _ => "olga@ｅｘample.org",
            };
            // From one network each, so that only the account is counted.
            let browser = Browser::from(&site, [127, 20, n / 10, n]);
            checked += usize::from(browser.sign_in(spelling, "wrong").await.status() == StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(checked, 20);
        let near = Browser::from(&site, [127, 30, 0, 1]);
        let mut passed = 0;
        for n in 0..16 {
            let spelling = format!("olga@exam{}ple.org", "\u{AD}".repeat(n));
            passed += usize::from(near.sign_in(&spelling, "wrong").await.status() == StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(passed, 10, "ten from one network, however it is spelt");
        site.running.stop().await;
    }

    async fn whoever_runs_the_server_lets_an_account_be_tried_again(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::new(&site);
        for _ in 0..12 {
            browser.sign_in("olga@example.org", "wrong").await;
        }
        assert_eq!(browser.sign_in("olga@example.org", PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
        let unlocked = site.running.state.db.write(|tx| Box::pin(async move {
            let account = store::find(tx, &EmailAddress::parse("olga@example.org").unwrap()).await?.unwrap();
            store::unlock(tx, account.organizer.id, NOW).await
        }));
        assert!(unlocked.await.unwrap());
        assert_eq!(location(&browser.sign_in("olga@example.org", PASSWORD).await), "/organizer");
        site.running.stop().await;
    }

    async fn signing_out_everywhere_ends_every_browser(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let (one, two) = (Browser::signed_in(&site, "olga@example.org").await, Browser::signed_in(&site, "olga@example.org").await);
        assert!(one.page("/organizer").await.contains("Sign out everywhere"));
        one.post("/organizer/sign-out", &[("everywhere", "yes")]).await;
        for browser in [&one, &two] {
            assert!(location(&browser.get("/organizer").await).starts_with("/organizer/sign-in"));
        }
        assert_eq!(count(&site, "sign_ins").await, 0);
        site.running.stop().await;
    }
}
