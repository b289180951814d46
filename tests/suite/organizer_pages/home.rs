//! The organizers' first page: how it goes.

use super::*;

/// The number that stands above a name.
fn figure(page: &str, name: &str) -> String {
    let before = page.split(&format!("<span class=\"unseen\"> {name}")).next().unwrap();
    before.rsplit('>').next().unwrap().to_owned()
}

on_both_databases! {
    async fn figures_are_added_up_once(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let home = browser.page("/organizer").await;
        for name in ["Registered", "Papers asked for", "Assessments finished"] {
            assert_eq!(figure(&home, name), "0", "{name}");
        }
        assert_eq!(figure(&home, "Attended"), "–");
        let session = site.upcoming().await;
        for name in ["ada", "bo", "cy", "di"] {
            site.seat(session, name, &format!("{name}@example.org")).await;
        }
        site.run("UPDATE registrations SET state = 'held' WHERE name = 'di'").await;
        site.run("UPDATE registrations SET utm_source = 'linkedin' WHERE name = 'bo'").await;
        // What came a moment ago may wait for others on PostgreSQL.
        site.clock.advance(SignedDuration::from_mins(2));
        for _ in 0..3 {
            commonground::app::add_up(&site.running.state).await.unwrap();
        }
        let home = browser.page("/organizer").await;
        assert_eq!(figure(&home, "Registered"), "3", "once, without the one that is held back");
        assert!(home.contains("<bdi>=spring</bdi>") && home.contains("<bdi>linkedin</bdi>") && home.contains("<path d=\"M0.0 19.0"), "{home}");
        // Let through after its turn.
        let held: Vec<u8> = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM registrations WHERE state = 'held'").fetch_one(c).await).unwrap()
        };
        browser.post(&format!("/organizer/registrations/{}/release", PublicId::from_slice(&held).unwrap()), &[]).await;
        commonground::app::add_up(&site.running.state).await.unwrap();
        assert_eq!(figure(&browser.page("/organizer").await, "Registered"), "4");
        // Two of them come, one of them twice, and one who did not come had cancelled.
        site.run("INSERT INTO attendance (registration_id, session_id, source, from_at, to_at)
                  SELECT r.id, r.session_id, 'join', s.starts_at + n.n, s.starts_at + n.n FROM registrations r JOIN sessions s ON s.id = r.session_id
                    CROSS JOIN (SELECT 1 AS n UNION ALL SELECT 2) AS n WHERE r.name = 'ada' OR (r.name = 'bo' AND n.n = 1)").await;
        site.run("UPDATE registrations SET state = 'cancelled', cancelled_at = 1 WHERE name = 'cy'").await;
        site.clock.advance(SignedDuration::from_hours(24 * 12));
        browser.sign_in("olga@example.org", PASSWORD).await;
        commonground::app::add_up(&site.running.state).await.unwrap();
        let home = browser.page("/organizer").await;
        assert_eq!(figure(&home, "Attended"), "66 %", "{home}");
        // Whoever is erased stays in the numbers.
        site.run("DELETE FROM contacts").await;
        commonground::app::add_up(&site.running.state).await.unwrap();
        assert_eq!(figure(&browser.page("/organizer").await, "Registered"), "4");
        site.clock.advance(SignedDuration::from_hours(24 * 28));
        browser.sign_in("olga@example.org", PASSWORD).await;
        assert_eq!(figure(&browser.page("/organizer").await, "Registered"), "0");
        site.running.stop().await;
    }
}
