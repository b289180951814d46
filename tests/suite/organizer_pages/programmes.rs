//! A webcast from draft to published, moved, called off and made again.

use super::*;

const NEW: &str = "/organizer/webcasts/new";

/// The form of a new webcast.
fn new_form<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![
        ("title", "Über Größe & Łódź"),
        ("summary", "An hour on growth."),
        ("date", "2026-12-10"),
        ("time", "20:00"),
        ("duration", "60"),
        ("time_zone", "Europe/Berlin"),
        ("join_url", ""),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, value));
    }
    fields
}

/// The form of a page's text.
fn page_form<'f>(description: &'f str, takeaways: &'f str, agenda: &'f str) -> [(&'f str, &'f str); 6] {
    [
        ("title", "T"),
        ("summary", "S."),
        ("description", description),
        ("takeaways", takeaways),
        ("agenda", agenda),
        ("slug", "t"),
    ]
}

/// Waits until so many mails of a kind are in the outbox.
async fn mails_of(site: &Site, kind: &str, wanted: i64) {
    let table = format!("outbox WHERE kind = '{kind}'");
    for _ in 0..200 {
        if count(site, &table).await == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{} mails of kind {kind}, not {wanted}", count(site, &table).await);
}

on_both_databases! {
    async fn a_draft_is_seen_by_organizers_alone_until_it_is_published(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        assert!(browser.page(NEW).await.contains("value=\"America/Los_Angeles\""), "the clock of the organization");
        let made = location(&browser.post(NEW, &new_form(&[])).await);
        assert_eq!(made, "/organizer/webcasts/uber-grosse-and-lodz?done=made");
        let page = browser.page(&made).await;
        for words in ["Draft", "Nobody but organizers sees it yet.", "Title and one sentence", "A session ahead", "no join address yet", "10 December 2026, 20:00", "Publish"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let stranger = Browser::new(&site);
        let public = "/webcasts/uber-grosse-and-lodz";
        let register = [("name", "Eve"), ("email", "eve@example.org")];
        for path in [public.to_owned(), format!("{public}/card.png"), format!("{public}/thanks")] {
            assert_eq!(stranger.get(&path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(stranger.post(&format!("{public}/register"), &register).await.status(), StatusCode::NOT_FOUND);
        for path in ["/", "/webcasts", "/sitemap.xml"] {
            assert!(!stranger.page(path).await.contains("uber-grosse"), "{path}");
        }
        assert!(!browser.page("/organizer").await.contains("uber-grosse"), "nothing is asked for of a draft");
        let list = browser.page("/organizer/webcasts").await;
        assert!(list.contains("Drafts") && list.contains("Upcoming"), "{list}");
        let published = location(&browser.post(&format!("/organizer{public}/publish"), &[]).await);
        assert!(browser.page(&published).await.contains("It is published"));
        assert!(stranger.page(public).await.contains("An hour on growth.") && stranger.page("/webcasts").await.contains("uber-grosse"));
        assert_eq!(stranger.post(&format!("{public}/register"), &register).await.status(), StatusCode::SEE_OTHER);
        // Somebody is registered: it cannot vanish, nor be deleted.
        let kept = location(&browser.post(&format!("/organizer{public}/unpublish"), &[]).await);
        assert!(browser.page(&kept).await.contains("It was not unpublished"));
        let kept = location(&browser.post(&format!("/organizer{public}/delete"), &[]).await);
        assert!(browser.page(&kept).await.contains("It was not deleted"));
        site.run("DELETE FROM registrations").await;
        browser.post(&format!("/organizer{public}/unpublish"), &[]).await;
        assert_eq!(stranger.get(public).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(location(&browser.post(&format!("/organizer{public}/delete"), &[]).await), "/organizer/webcasts?done=deleted");
        assert_eq!(browser.get(&format!("/organizer{public}")).await.status(), StatusCode::NOT_FOUND);
        let actions: Vec<String> = site.audit().await.into_iter().map(|(action, _, _)| action).collect();
        assert_eq!(actions, ["webcast.add", "webcast.publish", "webcast.unpublish", "webcast.delete"]);
        site.running.stop().await;
    }

    async fn addresses_come_from_titles(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        for (title, slug) in [
            ("Growth", "growth"), ("growth!", "growth-2"), ("GROWTH", "growth-3"), ("New", "new-2"), ("王小明", "webcast"), ("!!!", "webcast-2"),
            ("Register", "register-2"),
        ] {
            let made = location(&browser.post(NEW, &new_form(&[("title", title)])).await);
            assert_eq!(made, format!("/organizer/webcasts/{slug}?done=made"), "{title}");
            assert_eq!(browser.get(&made).await.status(), StatusCode::OK);
        }
        site.running.stop().await;
    }

    async fn every_mistake_of_a_new_webcast_is_told(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let long = "x".repeat(301);
        let refused = async |changes: &[(&str, &str)]| {
            let answer = browser.post(NEW, &new_form(changes)).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{changes:?}");
            answer.text().await.unwrap()
        };
        let page = refused(&[("title", " "), ("summary", &long), ("date", "soon"), ("time", "25"), ("time_zone", "Mars"), ("join_url", "zoom")]).await;
        assert!(page.contains("6 things need your attention") && page.contains("value=\"soon\""), "{page}");
        assert!(refused(&[("date", "2026-03-29"), ("time", "02:30"), ("date_sure", "yes")]).await.contains("Clocks jump over this time"));
        assert!(refused(&[("publish", "yes"), ("summary", "")]).await.contains("Enter one sentence before it is published."));
        let past = refused(&[("date", "2026-11-17")]).await;
        assert!(past.contains("Is it a recording?") && past.contains("Yes, it was aired then"), "{past}");
        assert!(refused(&[("date", "2026-11-17"), ("date_sure", "yes"), ("publish", "yes")]).await.contains("Make the draft first"));
        let made = location(&browser.post(NEW, &new_form(&[("date", "2026-11-17"), ("date_sure", "yes"), ("summary", "")])).await);
        let page = browser.page(&made).await;
        assert!(page.contains("There is no session ahead") && page.contains("The one sentence beneath the title is missing"), "{page}");
        // A webcast without a session ahead is not published, and it is said why.
        let path = made.split('?').next().unwrap();
        let answer = browser.post(&format!("{path}/publish"), &[]).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().await.unwrap().contains("the lines marked with ! are needed first"));
        assert_eq!(count(&site, "webcasts WHERE state = 'published'").await, 1);
        site.running.stop().await;
    }

    async fn a_copy_has_the_text_and_nobody(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, "Ada", "ada@example.org").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let copy = location(&browser.post(&format!("/organizer/webcasts/{SLUG}/duplicate"), &[]).await);
        assert_eq!(copy, "/organizer/webcasts/partnering-for-growth-innovation-and-profits?done=copied");
        let page = browser.page(&copy).await;
        assert!(page.contains("11 December 2026, 11:00") && page.contains("0 registered"), "{page}");
        assert_eq!(count(&site, "speakers").await, 6);
        browser.post("/organizer/webcasts/partnering-for-growth-innovation-and-profits/publish", &[]).await;
        assert!(Browser::new(&site).page("/webcasts/partnering-for-growth-innovation-and-profits").await.contains("Francine Allaire"));
        site.running.stop().await;
    }

    async fn a_session_is_added_and_moved_after_a_look(test: TestDb) {
        let site = Site::start_with(&test, &[("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let tab = format!("/organizer/webcasts/{SLUG}/sessions");
        assert!(browser.page(&tab).await.contains("20:00 in Berlin, 14:00 in New York, 11:00 in Los Angeles, Sat 04:00 in Tokyo"));
        assert!(browser.page(&format!("{tab}/new")).await.contains("America/Los_Angeles"));
        let wrong = browser.post(&format!("{tab}/new"), &session_form(&[("date", "2026-11-17")])).await;
        assert!(wrong.text().await.unwrap().contains("Is it a recording?"));
        let added = location(&browser.post(&format!("{tab}/new"), &session_form(&[("date", "2026-12-18")])).await);
        assert!(browser.page(&added).await.contains("The session is added."));
        let path = added.split('?').next().unwrap();
        let id = PublicId::parse(path.rsplit('/').next().unwrap()).unwrap();
        for n in 0..5 {
            site.seat(id, &format!("Person {n}"), &format!("p{n}@example.org")).await;
        }
        site.run("UPDATE registrations SET time_zone = 'Asia/Tokyo' WHERE name IN ('Person 0', 'Person 1')").await;
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        // On Tokyo's clock from four in the morning to one.
        let moved = session_form(&[("date", "2026-12-18"), ("time", "17:30"), ("time_zone", "Europe/Berlin")]);
        let review = browser.post(path, &moved).await.text().await.unwrap();
        for words in ["5 people", "Person 0</bdi>, <bdi>Person 1", "Move it and tell 5 people", "New time: Partnering", "invite.ics", "becomes Friday, 18 December 2026, 17:30"] {
            assert!(review.contains(words), "{words}: {review}");
        }
        assert!(!review.contains("It would be"), "it was night before: {review}");
        assert!(!review.contains("/join/A") && review.contains("private link"), "{review}");
        let into_the_night = session_form(&[("date", "2026-12-18"), ("time", "09:00"), ("time_zone", "Asia/Tokyo")]);
        let day = browser.post(&format!("{path}/send"), &into_the_night).await;
        assert_eq!(day.status(), StatusCode::SEE_OTHER);
        mails_of(&site, "session-update", 5).await;
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        let review = browser.post(path, &moved).await.text().await.unwrap();
        assert!(review.contains("It would be 01:30 for 2 of them."), "{review}");
        // What touches no calendar is saved at once, and so is what nobody is registered for.
        let url = session_form(&[("date", "2026-12-18"), ("time", "09:00"), ("time_zone", "Asia/Tokyo"), ("join_url", "https://video.example.org/1")]);
        assert_eq!(browser.post(path, &url).await.status(), StatusCode::SEE_OTHER);
        site.run("DELETE FROM registrations").await;
        assert_eq!(browser.post(path, &moved).await.status(), StatusCode::SEE_OTHER);
        site.running.stop().await;
    }

    async fn a_session_and_a_webcast_are_called_off(test: TestDb) {
        let site = Site::start_with(&test, &[("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Editor).await;
        let id = site.upcoming().await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        for date in ["2026-12-18", "2027-01-08"] {
            browser.post(&format!("/organizer/webcasts/{SLUG}/sessions/new"), &session_form(&[("date", date)])).await;
        }
        for n in 0..3 {
            site.seat(id, &format!("Person {n}"), &format!("p{n}@example.org")).await;
        }
        let others = site.upcoming().await;
        site.seat(others, "Late", "late@example.org").await;
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        let path = Site::page_of(id);
        assert!(browser.page(&path).await.contains("Call this session off"));
        let long = "x".repeat(301);
        let refused = browser.post(&format!("{path}/cancel/review"), &[("reason", &long)]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let because = [("reason", "The  speaker is ill.")];
        let review = browser.post(&format!("{path}/cancel/review"), &because).await.text().await.unwrap();
        for words in ["Call it off and tell 3 people", "Called off: Partnering", "The speaker is ill.", "invite.ics"] {
            assert!(review.contains(words), "{words}: {review}");
        }
        assert_eq!(count(&site, "sessions WHERE state = 'cancelled'").await, 0, "a look changes nothing");
        let done = location(&browser.post(&format!("{path}/cancel/send"), &because).await);
        assert!(browser.page(&done).await.contains("The session is called off."));
        mails_of(&site, "cancellation", 3).await;
        let again = location(&browser.post(&format!("{path}/cancel/send"), &because).await);
        assert!(browser.page(&again).await.contains("it was called off already"));
        assert!(browser.page(&format!("{path}/cancel")).await.contains("It is over, or called off already."));
        let list = browser.page("/organizer/mail/sent?kind=cancellation").await;
        let mail = list.split("href=\"").find(|part| part.starts_with("/organizer/mail/cancellation")).unwrap().split('"').next().unwrap();
        assert!(browser.page(mail).await.contains("The speaker is ill."));
        // All of it: the other two sessions, and whoever sits in them.
        let webcast = format!("/organizer/webcasts/{SLUG}");
        let review = browser.post(&format!("{webcast}/cancel/review"), &[("reason", "")]).await.text().await.unwrap();
        assert!(review.contains("with the 2 sessions that are ahead") && review.contains("tell 1 person"), "{review}");
        let done = location(&browser.post(&format!("{webcast}/cancel/send"), &[("reason", "")]).await);
        let page = browser.page(&done).await;
        assert!(page.contains("It is cancelled.") && page.contains(">Cancelled<"), "{page}");
        mails_of(&site, "cancellation", 4).await;
        assert_eq!(count(&site, "sessions WHERE state = 'cancelled'").await, 3);
        let stranger = Browser::new(&site);
        let register = stranger.post(&format!("/webcasts/{SLUG}/register"), &[("name", "Eve"), ("email", "eve@example.org"), ("session", &others.to_string())]).await;
        assert_eq!(register.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let again = location(&browser.post(&format!("{webcast}/cancel/send"), &[]).await);
        assert!(again.ends_with("done=meanwhile"));
        let added = browser.post(&format!("{webcast}/sessions/new"), &session_form(&[("date", "2027-02-05")])).await;
        assert!(added.text().await.unwrap().contains("This webcast is cancelled."));
        site.running.stop().await;
    }

    async fn a_published_page_keeps_its_text_until_the_changes_are_published(test: TestDb) {
        let site = Site::start_with(&test, &[("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Editor).await;
        let id = site.upcoming().await;
        site.seat(id, "Ada", "ada@example.org").await;
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let stranger = Browser::new(&site);
        let (page, public) = (format!("/organizer/webcasts/{SLUG}/page"), format!("/webcasts/{SLUG}"));
        let text = |title, summary, version| [("title", title), ("summary", summary), ("description", "One.\r\n\r\nTwo <b>."), ("slug", SLUG), ("version", version)];
        let title = "Partnering For Growth, Innovation, And Profits";
        let refused = browser.post(&page, &[("title", ""), ("summary", ""), ("description", &"x".repeat(20_001)), ("slug", "Not A Slug")]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().await.unwrap().contains("4 things need your attention"));
        let kept = location(&browser.post(&page, &text(title, "A new sentence.", "0")).await);
        let shown = browser.page(&kept).await;
        assert!(shown.contains("There are changes that nobody but organizers sees yet.") && shown.contains("A new sentence."), "{shown}");
        assert!(!stranger.page(&public).await.contains("A new sentence."));
        // Somebody who had the form open before is asked.
        let late = browser.post(&page, &text(title, "Another sentence.", "0")).await;
        assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let late = late.text().await.unwrap();
        assert!(late.contains("value=\"Another sentence.\" checked") && late.contains("value=\"A new sentence.\"") && late.contains("name=\"version\" value=\"1\""), "{late}");
        let published = location(&browser.post(&format!("{page}/publish"), &[]).await);
        assert!(browser.page(&published).await.contains("The changes are published."));
        let seen = stranger.page(&public).await;
        assert!(seen.contains("A new sentence.") && seen.contains("Two &lt;b&gt;."), "{seen}");
        assert_eq!(count(&site, "fan_outs").await + count(&site, "outbox WHERE kind = 'session-update'").await, 0, "no calendar holds that");
        // Another title stands in calendars.
        browser.post(&page, &text("Growth Together", "A new sentence.", "1")).await;
        let review = browser.post(&format!("{page}/publish"), &[]).await.text().await.unwrap();
        for words in ["Publish and tell 1 person", "becomes Growth Together", "Updated: Growth Together", "invite.ics"] {
            assert!(review.contains(words), "{words}: {review}");
        }
        assert!(!stranger.page(&public).await.contains("Growth Together"), "a look publishes nothing");
        browser.post(&format!("{page}/send"), &[]).await;
        assert!(stranger.page(&public).await.contains("Growth Together"));
        mails_of(&site, "session-update", 1).await;
        let again = location(&browser.post(&format!("{page}/send"), &[]).await);
        assert!(browser.page(&again).await.contains("nothing to publish any more"));
        // Written and discarded.
        let version = count(&site, "webcasts WHERE version = 2").await;
        assert_eq!(version, 1);
        browser.post(&page, &text("Nobody Sees This", "A new sentence.", "2")).await;
        let discarded = location(&browser.post(&format!("{page}/discard"), &[]).await);
        assert!(browser.page(&discarded).await.contains("value=\"Growth Together\""));
        site.running.stop().await;
    }

    async fn an_address_of_before_leads_to_the_one_of_today(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let stranger = Browser::new(&site);
        let text = |slug| [("title", "Growth"), ("summary", "A sentence."), ("description", ""), ("slug", slug)];
        for (from, to) in [(SLUG, "growth"), ("growth", "growth-now")] {
            let moved = location(&browser.post(&format!("/organizer/webcasts/{from}/page"), &text(to)).await);
            assert_eq!(moved, format!("/organizer/webcasts/{to}/page?done=kept"));
        }
        for old in [SLUG, "growth"] {
            let answer = stranger.get(&format!("/webcasts/{old}?utm_source=li")).await;
            assert_eq!(answer.status(), StatusCode::MOVED_PERMANENTLY, "{old}");
            assert_eq!(answer.headers()[header::LOCATION], "/webcasts/growth-now?utm_source=li");
        }
        // Nobody else gets an address that was somebody's.
        let other = location(&browser.post(NEW, &new_form(&[("title", "Growth")])).await);
        assert_eq!(other, "/organizer/webcasts/growth-2?done=made");
        for taken in ["growth", SLUG, "growth-now", "new", "register"] {
            let refused = browser.post("/organizer/webcasts/growth-2/page", &text(taken)).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{taken}");
            assert!(refused.text().await.unwrap().contains("Another page has this address, or had it."), "{taken}");
        }
        // It may go back to one of its own.
        browser.post("/organizer/webcasts/growth-now/page", &text("growth")).await;
        assert_eq!(stranger.get("/webcasts/growth").await.status(), StatusCode::OK);
        assert_eq!(stranger.get("/webcasts/growth-now").await.status(), StatusCode::MOVED_PERMANENTLY);
        assert_eq!(stranger.get("/webcasts/none").await.status(), StatusCode::NOT_FOUND);
        site.running.stop().await;
    }

    async fn viewers_see_webcasts_without_buttons(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("vera@example.org", Role::Viewer).await;
        let viewer = Browser::signed_in(&site, "vera@example.org").await;
        for path in ["/organizer/webcasts".to_owned(), format!("/organizer/webcasts/{SLUG}"), format!("/organizer/webcasts/{SLUG}/sessions")] {
            let page = viewer.page(&path).await;
            assert!(!page.contains("method=\"post\" action=\"/organizer/webcasts") && !page.contains("/new\"") && !page.contains("/cancel\""), "{path}: {page}");
        }
        for nothing in ["/organizer/webcasts/none", "/organizer/webcasts/UPPER", "/organizer/webcasts/none/sessions"] {
            assert_eq!(viewer.get(nothing).await.status(), StatusCode::NOT_FOUND, "{nothing}");
        }
        site.running.stop().await;
    }

    async fn registration_opens_and_closes_by_itself(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let visitor = Browser::new(&site);
        let session = Site::page_of(site.upcoming().await);
        let wrong = browser.post(&session, &session_form(&[("opens_at", "2026-12-03T09:00"), ("closes_at", "2026-12-02T09:00")])).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().await.unwrap().contains("Enter a time after registration opens."));
        // On the session's own clock, in Los Angeles.
        let window = session_form(&[("opens_at", "2026-11-24T09:00"), ("closes_at", "2026-12-03T18:00")]);
        assert_eq!(browser.post(&session, &window).await.status(), StatusCode::SEE_OTHER);
        assert!(browser.page(&session).await.contains("value=\"2026-11-24T09:00\""));
        let public = format!("/webcasts/{SLUG}");
        let page = visitor.page(&public).await;
        assert!(page.contains("Not open yet") && page.contains("Registration opens on Tuesday, November 24, 09:00 Los Angeles time"), "{page}");
        let register = async || visitor.post(&format!("{public}/register"), &[("name", "Ada"), ("email", "ada@example.org")]).await;
        let early = register().await;
        assert_eq!(early.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(count(&site, "contacts").await, 0, "nothing is kept of who came too early");
        site.clock.advance(SignedDuration::from_hours(48));
        assert_eq!(register().await.status(), StatusCode::SEE_OTHER);
        assert_eq!(count(&site, "registrations").await, 1);
        site.clock.advance(SignedDuration::from_hours(24 * 9));
        assert!(visitor.page(&public).await.contains("Registration is closed"));
        assert_eq!(register().await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        site.running.stop().await;
    }

    async fn webcasts_are_found_by_title_state_and_year(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        browser.post(NEW, &new_form(&[])).await;
        for (query, sample, draft) in [
            ("", true, true), ("q=GRO%C3%9FE", false, true), ("q=partnering", true, false), ("state=drafts", false, true), ("state=ahead", true, false),
            ("year=2026", true, true), ("year=2027", false, false), ("state=none&year=soon", true, true), ("q=%3Cb%3E", false, false),
        ] {
            let page = browser.page(&format!("/organizer/webcasts?{query}")).await;
            assert_eq!((page.contains(">Partnering For Growth"), page.contains(">Über Größe")), (sample, draft), "{query}: {page}");
        }
        assert!(browser.page("/organizer/webcasts?year=1999").await.contains("No webcast matches."));
        site.running.stop().await;
    }

    async fn a_text_in_markdown_is_set_and_runs_nothing(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let made = location(&browser.post(NEW, &new_form(&[])).await);
        let workspace = made.split('?').next().unwrap();
        let path = format!("{workspace}/page");
        let written = "# Why\n\n**Bold** <script>alert(1)</script> [x](javascript:alert(1)) [us](https://example.org)";
        let saved = location(&browser.post(&path, &page_form(written, "- One\n- Two & three", "30 Questions\n0 Welcome")).await);
        assert_eq!(saved, "/organizer/webcasts/t/page?done=saved");
        assert!(browser.page(&saved).await.contains("0 Welcome\n30 Questions"));
        let page = browser.page("/organizer/webcasts/t/preview").await;
        for words in ["<h3>Why</h3>", "<strong>Bold</strong>", "&lt;script&gt;", "<a href=\"https://example.org\">us</a>", "<li>One</li>", "Two &#38; three", "0:30</span> Questions", "Only organizers see this"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("javascript:") && !page.contains("<script>alert"), "{page}");
        for (description, takeaways, agenda, words) in [("x".repeat(100_000), "", "", "100,000"), (String::new(), "", "Welcome", "Begin line 1 with a minute"), (String::new(), "-", "", "Line 1:")] {
            let answer = browser.post("/organizer/webcasts/t/page", &page_form(&description, takeaways, agenda)).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.text().await.unwrap().contains(words), "{words}");
        }
        // Letters that take nine bytes each on the way.
        let long = "山".repeat(20_000);
        assert_eq!(browser.post("/organizer/webcasts/t/page", &page_form(&long, "", "")).await.status(), StatusCode::SEE_OTHER);
        let megabytes = "x".repeat(1_000_000);
        assert_eq!(browser.post("/organizer/webcasts/t/page", &page_form(&megabytes, "", "")).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
        site.running.stop().await;
    }
}
