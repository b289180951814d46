//! Airings that come again.

use super::*;

const SESSIONS: &str = "/organizer/webcasts/partnering-for-growth/sessions";
const NEW: &str = "/organizer/webcasts/partnering-for-growth/series/new";

fn series_form<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![
        ("date", "2026-12-11"),
        ("time", "11:00"),
        ("time_zone", "America/Los_Angeles"),
        ("duration", "60"),
        ("join_url", ""),
        ("capacity", ""),
        ("repeats", "weekly"),
        ("every", "1"),
        ("which", "1"),
        ("until", ""),
        ("except", ""),
        ("waiting_list", "off"),
        ("offer_hours", "24"),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, value));
    }
    fields
}

/// Starts that belong to a series, on the clock of UTC.
async fn airings(site: &Site) -> Vec<String> {
    let mut conn = site.running.state.db.read().await.unwrap();
    let starts: Vec<i64> = on_db!(conn, c => sqlx::query_scalar("SELECT starts_at FROM sessions WHERE series_id IS NOT NULL ORDER BY starts_at").fetch_all(c).await).unwrap();
    starts
        .into_iter()
        .map(|at| {
            Timestamp::from_microsecond(at)
                .unwrap()
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
        })
        .collect()
}

async fn begun(browser: &Browser<'_>, changes: &[(&str, &str)]) -> String {
    let to = location(&browser.post(NEW, &series_form(changes)).await);
    assert_eq!(to, format!("{SESSIONS}?done=begun"));
    newest(browser).await
}

/// The page of the series that was made last.
async fn newest(browser: &Browser<'_>) -> String {
    let page = browser.page(SESSIONS).await;
    let links = page
        .split('"')
        .filter(|part| part.contains("/series/") && !part.ends_with("/new"));
    links.collect::<Vec<_>>().pop().unwrap().to_owned()
}

/// The session that starts then.
async fn session_at(site: &Site, start: &str) -> PublicId {
    let at: Timestamp = start.parse().unwrap();
    let mut conn = site.running.state.db.read().await.unwrap();
    let id: Vec<u8> = on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM sessions WHERE starts_at = $1").bind(at.as_microsecond()).fetch_one(c).await).unwrap();
    PublicId::try_from(id).unwrap()
}

on_both_databases! {
    async fn ten_airings_stand_ready_and_more_come_by_themselves(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        assert!(browser.page(SESSIONS).await.contains(">Repeat it<"));
        // Its first day is that of a session that stands already: that one is part of it.
        begun(&browser, &[("date", "2026-12-04"), ("every", "2"), ("except", "2026-12-18\n2027-01-01"), ("capacity", "50")]).await;
        let starts = airings(&site).await;
        assert_eq!(starts.len(), 10, "{starts:?}");
        assert_eq!(starts[..3], ["2026-12-04 19:00", "2027-01-15 19:00", "2027-01-29 19:00"]);
        // Los Angeles changes its clocks on March 14: 11:00 is an hour earlier for everybody else.
        assert_eq!(starts[5..7], ["2027-03-12 19:00", "2027-03-26 18:00"]);
        let said = browser.page(SESSIONS).await;
        assert!(said.contains("Every 2 weeks on Friday at 11:00, Los Angeles time") && said.contains("Not on 2026-12-18, 2027-01-01."), "{said}");
        assert_eq!(count(&site, "sessions WHERE starts_at = (SELECT MIN(starts_at) FROM sessions WHERE series_id IS NOT NULL)").await, 1);
        // Visitors choose among them.
        assert!(Browser::new(&site).page(&format!("/webcasts/{SLUG}")).await.contains("Friday, January 15, 2027"));
        // One is over, one is called off: two more come, and the day that was called off is not made again.
        let second = session_at(&site, "2027-01-15T19:00:00Z").await;
        assert_eq!(browser.post(&format!("{SESSIONS}/{second}/cancel/send"), &[("reason", "")]).await.status(), StatusCode::SEE_OTHER);
        let december: Timestamp = "2026-12-05T00:00:00Z".parse().unwrap();
        site.clock.advance(december.duration_since(NOW));
        for _ in 0..2 {
            commonground::app::make_airings(&site.running.state).await.unwrap();
            let starts = airings(&site).await;
            assert_eq!((starts.len(), starts[10..].to_vec()), (12, vec!["2027-05-21 18:00".to_owned(), "2027-06-04 18:00".to_owned()]));
        }
        site.running.stop().await;
    }

    async fn months_without_a_fifth_friday_are_left_out_and_an_end_is_an_end(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        begun(&browser, &[("repeats", "monthly"), ("which", "5"), ("time", "18:30"), ("time_zone", "Europe/Berlin"), ("until", "2027-07-30")]).await;
        assert_eq!(airings(&site).await, ["2027-01-29 17:30", "2027-04-30 16:30", "2027-07-30 16:30"]);
        assert!(browser.page(SESSIONS).await.contains("On the fifth Friday of each month at 18:30"));
        begun(&browser, &[("repeats", "monthly"), ("which", "last"), ("date", "2026-12-14"), ("until", "2027-01-31")]).await;
        assert_eq!(airings(&site).await[..2], ["2026-12-28 19:00", "2027-01-25 19:00"]);
        for (changes, field) in [
            (vec![("every", "0")], "every"), (vec![("every", "53")], "every"), (vec![("repeats", "daily")], "repeats"),
            (vec![("repeats", "monthly"), ("which", "6")], "which"), (vec![("until", "2026-12-01")], "until"), (vec![("until", "soon")], "until"),
            (vec![("except", "25 December")], "except"), (vec![("date", "")], "date"), (vec![("capacity", "-1")], "capacity"),
            (vec![("date", "2026-01-02"), ("until", "2026-02-01")], "date"), (vec![("until", "2026-12-11"), ("except", "2026-12-11")], "date"),
        ] {
            let refused = browser.post(NEW, &series_form(&changes)).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{changes:?}");
            let page = refused.text().await.unwrap();
            assert!(page.contains(&format!("href=\"#{field}\"")), "{changes:?}: {page}");
        }
        site.running.stop().await;
    }

    async fn from_this_date_on_changes_only_what_nobody_moved_by_hand(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let series = begun(&browser, &[]).await;
        assert_eq!(airings(&site).await[..3], ["2026-12-11 19:00", "2026-12-18 19:00", "2026-12-25 19:00"]);
        // One is moved by hand, one has an address of its own, one has people.
        let moved = session_at(&site, "2026-12-25T19:00:00Z").await;
        let by_hand = session_form(&[("date", "2026-12-23"), ("time", "12:00")]);
        assert_eq!(browser.post(&format!("{SESSIONS}/{moved}"), &by_hand).await.status(), StatusCode::SEE_OTHER);
        let own = session_at(&site, "2027-01-01T19:00:00Z").await;
        let with_address = session_form(&[("date", "2027-01-01"), ("join_url", "https://video.example/own")]);
        assert_eq!(browser.post(&format!("{SESSIONS}/{own}"), &with_address).await.status(), StatusCode::SEE_OTHER);
        let full = session_at(&site, "2027-01-08T19:00:00Z").await;
        site.seat(full, "Ada", "ada@example.org").await;
        // A confirmation that still waits would say the new time by itself.
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        let page = browser.page(&series).await;
        let version = page.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(page.contains("id=\"date\" name=\"date\" type=\"date\" value=\"2026-12-11\""), "{page}");
        // From December 18 on it starts at noon: one person is told, after a look.
        let noon = series_form(&[("date", "2026-12-18"), ("time", "12:00"), ("join_url", "https://video.example/new"), ("version", &version)]);
        let review = browser.post(&series, &noon).await;
        assert_eq!(review.status(), StatusCode::OK);
        let review = review.text().await.unwrap();
        assert!(review.contains("Change the series and tell 1 person") && review.contains("8 airings move."), "{review}");
        assert_eq!(airings(&site).await[1], "2026-12-18 19:00", "nothing is changed before the button");
        let to = location(&browser.post(&format!("{series}/send"), &noon).await);
        assert_eq!(to, format!("{SESSIONS}?done=series"));
        assert_eq!(
            airings(&site).await,
            [
                "2026-12-11 19:00", "2026-12-18 20:00", "2026-12-23 20:00", "2027-01-01 20:00", "2027-01-08 20:00", "2027-01-15 20:00",
                "2027-01-22 20:00", "2027-01-29 20:00", "2027-02-05 20:00", "2027-02-12 20:00", "2027-02-19 20:00",
            ]
        );
        // One person, one mail.
        while count(&site, "fan_outs").await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(count(&site, "outbox WHERE kind = 'session-update'").await, 1);
        let address = async |id: PublicId| browser.page(&format!("{SESSIONS}/{id}")).await;
        assert!(address(own).await.contains("value=\"https://video.example/own\""));
        assert!(address(full).await.contains("value=\"https://video.example/new\""));
        assert!(!address(moved).await.contains("https://video.example/new"));
        // A form that was open before is old.
        let old = browser.post(&format!("{series}/send"), &noon).await;
        assert_eq!(old.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(old.text().await.unwrap().contains("Somebody else changed this series"));
        // From January on it comes every second week: empty airings on other days go, and one with people stays by itself.
        let series = newest(&browser).await;
        let fortnight = series_form(&[("date", "2027-01-01"), ("time", "12:00"), ("join_url", "https://video.example/new"), ("every", "2")]);
        let review = browser.post(&series, &fortnight).await.text().await.unwrap();
        assert!(review.contains("These stay, since people are registered") && review.contains("1 person") && review.contains("3 sessions that nobody is registered for go."), "{review}");
        assert!(location(&browser.post(&format!("{series}/send"), &fortnight).await).ends_with("done=series"));
        let starts = airings(&site).await;
        assert_eq!(starts[..5], ["2026-12-11 19:00", "2026-12-18 20:00", "2026-12-23 20:00", "2027-01-01 20:00", "2027-01-15 20:00"]);
        assert_eq!((starts.len(), starts[9].as_str()), (13, "2027-03-26 19:00"));
        assert_eq!(count(&site, "sessions WHERE series_id IS NULL AND EXISTS (SELECT 1 FROM registrations r WHERE r.session_id = sessions.id)").await, 1);
        site.running.stop().await;
    }

    async fn a_series_of_a_webcast_that_is_called_off_makes_nothing_and_a_second_click_begins_nothing(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let series = begun(&browser, &[]).await;
        begun(&browser, &[]).await;
        assert_eq!((count(&site, "series").await, airings(&site).await.len()), (1, 10));
        // Today's airing cannot move to an hour that has passed: nobody could be told in time.
        let daily = begun(&browser, &[("date", "2026-11-23"), ("time", "23:00"), ("time_zone", "UTC"), ("every", "1")]).await;
        let first = airings(&site).await[0].clone();
        assert_eq!(first, "2026-11-23 23:00");
        let earlier = series_form(&[("date", "2026-11-23"), ("time", "00:05"), ("time_zone", "UTC"), ("every", "1")]);
        assert_eq!(browser.post(&daily, &earlier).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(airings(&site).await[..2], ["2026-11-23 23:00", "2026-11-30 00:05"]);
        let off = browser.post("/organizer/webcasts/partnering-for-growth/cancel/send", &[("reason", "")]).await;
        assert_eq!(off.status(), StatusCode::SEE_OTHER);
        let refused = browser.post(&series, &series_form(&[("every", "2")])).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().await.unwrap().contains("This webcast is cancelled."));
        commonground::app::make_airings(&site.running.state).await.unwrap();
        assert_eq!(count(&site, "sessions WHERE series_id IS NOT NULL AND state = 'open'").await, 0);
        site.running.stop().await;
    }
}
