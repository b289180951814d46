//! Pages in every state that a week brings: nobody and far too many, no session and forty, too early and too late.

use sqlx::{ConnectOptions, Connection};

use super::*;

/// Home at a moment, by whoever signs in then.
async fn home_at(site: &Site, hours: i64) -> String {
    let clock = site.clock.now().duration_since(NOW);
    site.clock.advance(SignedDuration::from_hours(hours) - clock);
    Browser::signed_in(site, "olga@example.org")
        .await
        .page("/organizer")
        .await
}

on_both_databases! {
    async fn a_missing_join_address_is_told_from_a_week_before_until_the_end(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        // The session begins 11 days and 7 hours later and lasts an hour; the one of 2011 is left out.
        let missing = "Partnering For Growth, Innovation, And Profits, 4 Dec 2026, 11:00, has no join address.";
        for (hours, is_told) in [(0, false), (102, false), (104, true), (270, true), (271, true), (272, false)] {
            assert_eq!(home_at(&site, hours).await.contains(missing), is_told, "after {hours} h");
        }
        let recording = "4 Dec 2026, 11:00, has no recording yet.";
        for (hours, is_told) in [(318, false), (321, true), (900, true), (950, false)] {
            assert_eq!(home_at(&site, hours).await.contains(recording), is_told, "after {hours} h");
        }
        site.running.stop().await;
    }

    async fn a_session_is_full_over_full_called_off_and_over(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let id = site.upcoming().await;
        for name in ["ada", "bo"] {
            site.seat(id, name, &format!("{name}@example.org")).await;
        }
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        for (change, home, session) in [
            ("UPDATE sessions SET capacity = 3, seats_taken = 2", "1 place left", "open"),
            ("UPDATE sessions SET capacity = 2, seats_taken = 2", "0 places left", "full"),
            ("UPDATE sessions SET capacity = 1, seats_taken = 2", "0 places left", "full"),
            ("UPDATE sessions SET capacity = NULL", "2 registered", "open"),
            ("UPDATE sessions SET state = 'closed'", "2 registered", "closed"),
            ("UPDATE sessions SET state = 'cancelled'", "2 registered", "called off"),
        ] {
            site.run(change).await;
            let page = browser.page("/organizer").await;
            assert!(page.contains(home), "{change}: {page}");
            let page = browser.page(&Site::page_of(id)).await;
            assert!(page.contains(&format!(">{session}</span>")), "{change}: {page}");
        }
        site.run("UPDATE sessions SET state = 'open', replay_url = 'https://video.example.org/1'").await;
        site.clock.advance(SignedDuration::from_hours(24 * 30));
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        assert!(browser.page("/organizer").await.contains("No session is ahead."));
        assert!(browser.page(&Site::page_of(id)).await.contains(">over</span>"));
        site.running.stop().await;
    }

    async fn nobody_somebody_and_far_too_many(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = Site::page_of(site.upcoming().await);
        for (path, words) in [
            ("/organizer", "Nobody has come yet."), ("/organizer/people", "Nobody yet."), ("/organizer/people?q=x", "Nobody matches."),
            ("/organizer/mail", "No mail server is set"), ("/organizer/mail/sent", "No mail was sent yet."), ("/organizer/mail/do-not-mail", "Everybody gets mail."),
            ("/organizer/papers", "Nobody has asked"), (session.as_str(), "Nobody is registered yet."),
        ] {
            let page = browser.page(path).await;
            assert!(page.contains(words), "{path}: {page}");
        }
        site.seat(site.upcoming().await, &"N".repeat(100), "long@example.org").await;
        let page = browser.page(&session).await;
        assert!(page.contains("1 registered, 0 joined") && page.contains(&"N".repeat(100)), "{page}");
        site.crowd(&test, 10_000).await;
        assert!(browser.page(&session).await.contains("more than 10,000 registered"));
        assert!(browser.page("/organizer").await.contains("more than 10,000 registered"));
        assert_eq!(browser.page("/organizer/people").await.matches("<th scope=\"row\">").count(), 50);
        site.running.stop().await;
    }

    async fn no_session_and_forty(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let blob = if test.url.starts_with("postgres") { "decode(md5(n.i || 's'), 'hex')" } else { "randomblob(16)" };
        let forty = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 39)
             INSERT INTO sessions (public_id, webcast_id, starts_at, ends_at, time_zone, state, created_at, updated_at)
             SELECT {blob}, s.webcast_id, s.starts_at + n.i * 86400000000, s.ends_at + n.i * 86400000000, s.time_zone, 'open', 1, 1
               FROM n, (SELECT * FROM sessions ORDER BY starts_at DESC LIMIT 1) s"
        );
        site.run(forty.leak()).await;
        let title = format!("UPDATE webcasts SET title = '{}'", "Tttt ".repeat(40).trim());
        site.run(title.leak()).await;
        let home = browser.page("/organizer").await;
        assert_eq!(home.matches("class=\"date-tile\"").count(), 6);
        assert!(browser.page("/organizer/webcasts").await.contains("and 40 more sessions"));
        assert_eq!(browser.page(&format!("/organizer/webcasts/{SLUG}/sessions")).await.matches("join address").count(), 41);
        assert!(browser.page("/organizer/people").await.contains("11 Jan 2027, 11:00"));
        site.run("DELETE FROM sessions").await;
        assert!(browser.page("/organizer").await.contains("No session is ahead."));
        assert!(browser.page("/organizer/people/new").await.contains("E-mail address"));
        site.running.stop().await;
    }
}

/// A file that another program has locked: what was typed comes back, and nothing was saved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_cannot_be_saved_now_comes_back() {
    let test = TestDb::sqlite().await;
    let site = Site::start(&test).await;
    site.add("olga@example.org", Role::Owner).await;
    let id = site.upcoming().await;
    site.seat(id, "Jane", "jane@example.org").await;
    let browser = Browser::signed_in(&site, "olga@example.org").await;
    let list = browser.page("/organizer/people").await;
    let edit = format!("{}/edit", first_person(&list));
    let options: sqlx::sqlite::SqliteConnectOptions = test.url.parse().unwrap();
    let mut other = options.connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let typed = [
        ("name", "Janet"),
        ("email", "janet@example.org"),
        ("company", "Contoso"),
    ];
    let session = session_form(&[("join_url", "https://video.example.org/9")]);
    for (path, fields, kept) in [
        (edit.as_str(), &typed[..], "value=\"Contoso\""),
        ("/organizer/people/new", &typed[..], "value=\"Contoso\""),
        (
            &Site::page_of(id),
            &session[..],
            "value=\"https://video.example.org/9\"",
        ),
    ] {
        let answer = browser.post(path, fields).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(answer.headers()[header::RETRY_AFTER], "5");
        let page = answer.text().await.unwrap();
        assert!(
            page.contains("Nothing of what you typed is lost") && page.contains(kept),
            "{path}: {page}"
        );
    }
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    assert_eq!(browser.post(&edit, &typed).await.status(), StatusCode::SEE_OTHER);
    site.running.stop().await;
}
