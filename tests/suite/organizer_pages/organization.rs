//! What the firm looks like: its name, its colour, its clock.

use super::*;

const ORGANIZATION: &str = "/organizer/settings/organization";

on_both_databases! {
    async fn an_owner_gives_the_firm_its_name_colour_and_clock(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        let visitor = Browser::new(&site);
        assert_eq!(visitor.get("/look.css").await.status(), StatusCode::NOT_FOUND);
        let all = [("name", "Bright Bridge & Co"), ("accent", "#036"), ("zone", "Asia/Tokyo")];
        assert_eq!(location(&olga.post(ORGANIZATION, &all).await), format!("{ORGANIZATION}?done=saved"));
        let home = visitor.page("/").await;
        assert!(home.contains("Bright Bridge &#38; Co") && home.contains("/look.css?%23003366"), "{home}");
        let sheet = visitor.get("/look.css?%23003366").await;
        assert!(sheet.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/css"));
        assert!(sheet.text().await.unwrap().contains("--accent:#003366"));
        assert!(olga.page(ORGANIZATION).await.contains("<option selected>Asia/Tokyo"));
        assert!(olga.page("/organizer/mail/sent").await.contains("Bright Bridge"));
        // Mails too.
        olga.post("/organizer/start/test-mail", &[]).await;
        let list = olga.page("/organizer/mail/sent").await;
        let path = list.split("href=\"").find(|part| part.starts_with("/organizer/mail/test-mail")).unwrap().split('"').next().unwrap().to_owned();
        let mail = olga.page(&path).await;
        assert!(mail.contains("Bright Bridge"), "{mail}");
        // Back to what it was.
        olga.post(ORGANIZATION, &[("name", "Common Ground"), ("accent", ""), ("zone", "")]).await;
        assert!(!visitor.page("/").await.contains("look.css"));
        site.running.stop().await;
    }

    async fn a_colour_that_cannot_be_read_comes_back_with_one_that_can(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ed@example.org", Role::Editor).await;
        assert_eq!(Browser::signed_in(&site, "ed@example.org").await.get(ORGANIZATION).await.status(), StatusCode::FORBIDDEN);
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        let wrong = olga.post(ORGANIZATION, &[("name", ""), ("accent", "#FFCC00"), ("zone", "Mars/Olympus")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("cannot be read on our pages") && page.contains("zone-problem") && page.contains("name-problem") && page.contains("value=\"#FFCC00\""), "{page}");
        let nearest = page.split("name=\"nearest\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let pressed = olga.post(ORGANIZATION, &[("name", "Bright"), ("accent", "#FFCC00"), ("zone", ""), ("nearest", &nearest)]).await;
        assert_eq!(location(&pressed), format!("{ORGANIZATION}?done=saved"));
        assert!(olga.page(ORGANIZATION).await.contains(&format!("value=\"{nearest}\"")));
        site.running.stop().await;
    }

    async fn what_is_set_on_the_server_is_shown_with_its_origin(test: TestDb) {
        let site = Site::start_with(&test, &[("organization", "Set Outside"), ("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        let page = olga.page(ORGANIZATION).await;
        assert!(page.contains("Set on the server (flag)") && page.contains("events@example.org"), "{page}");
        olga.post(ORGANIZATION, &[("name", "Mine"), ("accent", "#036"), ("zone", "")]).await;
        let home = olga.page("/").await;
        assert!(home.contains("Set Outside") && !home.contains("Mine"), "{home}");
        site.running.stop().await;
    }

    async fn the_front_page_is_theirs_ours_or_a_list(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        let visitor = Browser::new(&site);
        assert!(visitor.page("/").await.contains("What makes a partnership work"));
        let path = "/organizer/settings/front-page";
        // A text of one's own needs a heading and words; nothing that was typed is lost.
        let long = "x".repeat(201);
        let wrong = olga.post(path, &[("kind", "own"), ("title", ""), ("text", ""), ("byline", &long), ("contact", "Ring us")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        for words in ["Enter a heading.", "Write the text, or choose", "at most 200 characters", "Ring us", "value=\"own\" checked"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let text = "Before.\r\n\r\n{figure}\r\n\r\nAfter <script>alert(1)</script> [x](javascript:alert(1))";
        let own = [("kind", "own"), ("title", "We & you"), ("text", text), ("byline", "By Olga"), ("contact", "Ring us")];
        assert_eq!(location(&olga.post(path, &own).await), format!("{path}?done=saved"));
        let page = visitor.page("/").await;
        for words in ["<h1>We &#38; you</h1>", "By Olga", "<p>Before.</p>", "Two circles that overlap", "&lt;script&gt;", "Ring us", "Take the assessment"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("A good contract is not enough") && !page.contains("javascript:"), "{page}");
        olga.post(path, &[("kind", "list"), ("title", "We & you"), ("text", text), ("byline", ""), ("contact", "")]).await;
        let page = visitor.page("/").await;
        assert!(page.contains("<h1>Common Ground</h1>") && !page.contains("Before.") && page.contains("Take the assessment"), "{page}");
        assert!(olga.page(path).await.contains("Before."), "what was written stays for later");
        olga.post(path, &[("kind", "article"), ("title", ""), ("text", ""), ("byline", "By Olga"), ("contact", "")]).await;
        let page = visitor.page("/").await;
        assert!(page.contains("A good contract is not enough") && page.contains("By Olga"), "{page}");
        site.running.stop().await;
    }
}
