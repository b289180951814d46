//! One webcast at a glance: what a draft lacks, what is to be done next, and how it goes.

use super::*;

const WORKSPACE: &str = "/organizer/webcasts/partnering-for-growth";

/// The number that stands above a name.
fn step(page: &str, name: &str) -> String {
    let before = page.split(&format!("</span><span class=\"d\">{name}")).next().unwrap();
    before.rsplit('>').next().unwrap().to_owned()
}

/// What the one filled button at the top says, if there is one.
fn next_step(page: &str) -> Option<String> {
    let head = page
        .split("class=\"page-head\"")
        .nth(1)
        .unwrap()
        .split("</div>")
        .next()
        .unwrap();
    let button = head.split("class=\"button\"").nth(1)?;
    let words = button.split('>').nth(1).unwrap();
    Some(words.split('<').next().unwrap().to_owned())
}

on_both_databases! {
    async fn it_says_how_far_people_came_and_from_where(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let page = browser.page(WORKSPACE).await;
        assert_eq!((step(&page, "Registered"), step(&page, "Joined")), ("0".to_owned(), "0".to_owned()));
        assert!(page.contains("Nobody is registered yet") && !page.contains("class=\"days\""), "{page}");
        let session = site.upcoming().await;
        for name in ["ada", "bo", "cy", "di", "eve"] {
            site.seat(session, name, &format!("{name}@example.org")).await;
        }
        site.run("UPDATE sessions SET capacity = 10").await;
        site.run("UPDATE registrations SET utm_source = 'linkedin' WHERE name <> 'bo'").await;
        site.run("UPDATE contacts SET confirmed_at = 1 WHERE name IN ('ada', 'bo', 'cy')").await;
        site.run("UPDATE registrations SET state = 'cancelled', cancelled_at = 1 WHERE name = 'eve'").await;
        site.run("INSERT INTO attendance (registration_id, session_id, source, from_at, to_at)
                  SELECT r.id, r.session_id, n.source, 1, 2 FROM registrations r
                    CROSS JOIN (SELECT 'join' AS source UNION ALL SELECT 'import') AS n WHERE r.name IN ('ada', 'eve')").await;
        site.clock.advance(SignedDuration::from_mins(2));
        for _ in 0..3 {
            commonground::app::add_up(&site.running.state).await.unwrap();
        }
        let page = browser.page(WORKSPACE).await;
        let steps = ["Registered", "Address confirmed", "Joined"].map(|name| step(&page, name));
        assert_eq!(steps, ["4", "3", "1"], "{page}");
        assert!(page.contains("75 % of them") && page.contains("25 % of them"), "{page}");
        let day = page.split("<th scope=\"row\">").nth(1).unwrap();
        assert!(day.contains("<td class=\"number\">5</td>"), "whoever cancelled had registered: {page}");
        assert!(page.contains("class=\"days\"") && page.contains("<bdi>linkedin</bdi>") && page.contains("<bdi>=spring</bdi>"), "{page}");
        site.running.stop().await;
    }

    async fn the_filled_button_is_what_comes_next(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.add("vera@example.org", Role::Viewer).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let viewer = Browser::signed_in(&site, "vera@example.org").await;
        let start = {
            let mut conn = site.running.state.db.read().await.unwrap();
            webcasts::session_by_public_id(&mut conn, site.upcoming().await).await.unwrap().unwrap().starts_at
        };
        assert_eq!(next_step(&browser.page(WORKSPACE).await), None, "it is published, and its day is far");
        let copy = location(&browser.post(&format!("{WORKSPACE}/duplicate"), &[]).await);
        let copy = copy.split('?').next().unwrap();
        let page = browser.page(copy).await;
        assert_eq!(next_step(&page).as_deref(), Some("Publish"));
        assert!(page.contains("Nobody has looked at the confirmation mail yet"), "{page}");
        assert_eq!(next_step(&viewer.page(copy).await), None);
        let mail = browser.page(&format!("{copy}/confirmation")).await;
        assert!(mail.contains("You are registered: Partnering For Growth"), "{mail}");
        let private = mail.split("/registrations/").nth(1).unwrap();
        assert!(private.starts_with("private-link"), "{mail}");
        let to = location(&browser.post(&format!("{copy}/confirmation"), &[]).await);
        let page = browser.page(&to).await;
        assert!(page.contains("Confirmation mail looked at") && !page.contains("Nobody has looked"), "{page}");
        // An hour before it starts, and when it is over.
        let until = start.duration_since(site.clock.now());
        site.clock.advance(until - SignedDuration::from_hours(1));
        browser.sign_in("olga@example.org", PASSWORD).await;
        viewer.sign_in("vera@example.org", PASSWORD).await;
        for browser in [&browser, &viewer] {
            assert_eq!(next_step(&browser.page(WORKSPACE).await).as_deref(), Some("Run the day"));
        }
        site.clock.advance(SignedDuration::from_hours(3));
        assert_eq!(next_step(&browser.page(WORKSPACE).await).as_deref(), Some("Add the replay"));
        assert_eq!(next_step(&viewer.page(WORKSPACE).await), None);
        site.run("UPDATE sessions SET replay_url = 'https://video.example/r'").await;
        assert_eq!(next_step(&browser.page(WORKSPACE).await), None);
        site.running.stop().await;
    }
}
