//! The day of a session: the doors, another join address, and somebody who cannot get in.

use super::*;

async fn run_page(site: &Site) -> String {
    format!("/organizer/webcasts/{SLUG}/run/{}", site.upcoming().await)
}

fn version(page: &str) -> String {
    let field = page.split("name=\"version\" value=\"").nth(1).unwrap();
    field.split('"').next().unwrap().to_owned()
}

async fn ids(site: &Site) -> Vec<String> {
    let mut conn = site.running.state.db.read().await.unwrap();
    let ids: Vec<Vec<u8>> =
        on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM registrations ORDER BY id").fetch_all(c).await)
            .unwrap();
    ids.iter()
        .map(|id| PublicId::from_slice(id).unwrap().to_string())
        .collect()
}

on_both_databases! {
    async fn the_doors_open_before_their_time(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, "Ada Byron", "ada@example.org").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let run = run_page(&site).await;
        site.run("UPDATE sessions SET join_url = NULL").await;
        // 2026-12-04, 11:00 in Los Angeles, is eleven days away.
        let page = browser.page(&run).await;
        for words in ["It starts in 11 days.", "Doors open at 10:30", "Nobody has joined yet.", "Set the join address"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("Open the doors now"), "nobody is let in to nowhere");
        let to = location(&browser.post(&format!("{run}/address"), &[("join_url", "https://video.example/j/1"), ("version", &version(&page))]).await);
        assert!(browser.page(&to).await.contains("The join address is changed."));
        let way_in = browser.post(&format!("/organizer/registrations/{}/way-in", ids(&site).await[0]), &[]).await;
        let way_in = way_in.text().await.unwrap();
        let link = way_in.split("id=\"way-in\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let link = link.strip_prefix(ORIGIN).unwrap().to_owned();
        let ada = Browser::new(&site);
        assert!(ada.page(&link).await.contains("You are early"));
        assert_eq!(location(&ada.post(&link, &[]).await), link, "the doors are shut");
        let to = location(&browser.post(&format!("{run}/doors"), &[]).await);
        let page = browser.page(&to).await;
        assert!(page.contains("The doors are open.") && page.contains("Doors open<") && !page.contains("Open the doors now"), "{page}");
        let again = location(&browser.post(&format!("{run}/doors"), &[]).await);
        assert!(browser.page(&again).await.contains("Nothing was changed"));
        let on = location(&ada.post(&link, &[]).await);
        assert!(ada.page(&on).await.contains("https://video.example/j/1"));
        let page = browser.page(&run).await;
        assert!(page.contains("Ada Byron") && !page.contains("Nobody has joined yet."), "{page}");
        // Who was let in by an organizer was there; that says nothing of whose the address is.
        assert_eq!(count(&site, "attendance WHERE source = 'organizer'").await, 1);
        assert_eq!(count(&site, "contacts WHERE confirmed_at IS NOT NULL").await, 0);
        let actions: Vec<String> = site.audit().await.into_iter().map(|(action, _, _)| action).collect();
        assert_eq!(actions, ["session.change", "registration.way-in", "session.open-doors"]);
        // It is put off for an hour: the doors are shut again.
        site.clock.advance(SignedDuration::from_mins(1));
        let session = Site::page_of(site.upcoming().await);
        let fields = [("date", "2026-12-04"), ("time", "12:00"), ("time_zone", "America/Los_Angeles"), ("duration", "60"), ("join_url", "https://video.example/j/1"), ("state", "open")];
        browser.post(&format!("{session}/send"), &fields).await;
        assert!(ada.page(&link).await.contains("You are early"));
        site.running.stop().await;
    }

    async fn nobody_ten_and_five_thousand_have_joined(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let run = run_page(&site).await;
        let joined = async || {
            let page = browser.page(&run).await;
            let before = page.split("<span class=\"d\">Joined").next().unwrap().to_owned();
            let number = before.rsplit("class=\"n\">").next().unwrap().split('<').next().unwrap().to_owned();
            (number, page.matches("Person ").count())
        };
        assert_eq!(joined().await, ("0".to_owned(), 0));
        site.crowd(&test, 6_000).await;
        assert_eq!(joined().await, ("0".to_owned(), 0));
        let come = async |many: usize| {
            let rows = format!(
                "INSERT INTO attendance (registration_id, session_id, source, from_at, to_at)
                 SELECT r.id, r.session_id, 'join', r.id, r.id FROM registrations r
                  WHERE NOT EXISTS (SELECT 1 FROM attendance a WHERE a.registration_id = r.id) ORDER BY r.id LIMIT {many}"
            );
            site.run(rows.leak()).await;
        };
        come(10).await;
        assert_eq!(joined().await, ("10".to_owned(), 10));
        come(4_990).await;
        assert_eq!(joined().await, ("5,000".to_owned(), 10), "those who came last");
        site.running.stop().await;
    }

    async fn a_new_address_holds_for_who_clicks_next(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.add("vera@example.org", Role::Viewer).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let run = run_page(&site).await;
        let first = browser.page(&run).await;
        let put = async |url: &str, version: &str| browser.post(&format!("{run}/address"), &[("join_url", url), ("version", version)]).await;
        let refused = put("zoom", &version(&first)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().await.unwrap().contains("value=\"zoom\""));
        assert_eq!(put("https://video.example/one", &version(&first)).await.status(), StatusCode::SEE_OTHER);
        // Somebody else still has the page from before: nothing is lost, on either side.
        let conflict = put("https://video.example/two", &version(&first)).await;
        assert_eq!(conflict.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = conflict.text().await.unwrap();
        assert!(page.contains("now: https://video.example/one") && page.contains("value=\"https://video.example/two\""), "{page}");
        assert_eq!(put("https://video.example/two", &version(&page)).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(count(&site, "sessions WHERE join_url = 'https://video.example/two'").await, 1);
        assert_eq!(count(&site, "outbox").await, 0, "nobody has to be told");
        // Who only looks sees the figures, and no way to change anything.
        let viewer = Browser::signed_in(&site, "vera@example.org").await;
        let page = viewer.page(&run).await;
        assert!(page.contains("registered") && !page.contains("join_url") && !page.contains("Somebody cannot get in"), "{page}");
        site.running.stop().await;
    }

    async fn somebody_who_cannot_get_in_is_found(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let session = site.upcoming().await;
        site.seat(session, "Ada Byron", "ada@example.org").await;
        site.seat(session, "Grace O'Hopper", "grace@example.org").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let run = run_page(&site).await;
        // By the address at once, by a name as soon as its words are kept.
        let page = browser.page(&format!("{run}?q=ada%40example.org")).await;
        assert!(page.contains("Ada Byron") && page.contains("/again\"") && !page.contains("Grace"), "{page}");
        site.keep_words().await;
        let page = browser.page(&format!("{run}?q=o%27hop")).await;
        assert!(page.contains("Grace O&#39;Hopper") && !page.contains("Ada"), "{page}");
        assert!(browser.page(&format!("{run}?q=nobody")).await.contains("Nobody in this session is called so."));
        // Without scripts the page reads itself again, and then has no field that it would empty.
        let live = browser.get(&format!("{run}?live=yes")).await;
        assert_eq!(live.headers()["refresh"], "20");
        assert!(!live.text().await.unwrap().contains("name=\"join_url\""));
        assert!(!browser.get(&run).await.headers().contains_key("refresh"));
        site.run("UPDATE sessions SET starts_at = 1795428000000000, ends_at = 1795431600000000").await;
        let page = browser.page(&run).await;
        assert!(page.contains("Add the replay") && page.contains("It ended 60 minutes ago.") && page.contains("Over<") && !page.contains("Open the doors now"), "{page}");
        assert!(browser.page(&location(&browser.post(&format!("{run}/doors"), &[]).await)).await.contains("Nothing was changed"));
        site.running.stop().await;
    }
}
