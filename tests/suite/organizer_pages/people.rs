//! Finding a person, and what their page tells.

use commonground::values::LinkPurpose;

use super::*;

on_both_databases! {
    async fn somebody_is_found_by_the_beginning_of_a_word(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let id = site.upcoming().await;
        for (name, email) in [
            ("Ünal Quote", "priya@acme.example"), ("Anne-Marie O'Neil", "am@example.net"), ("王 小明", "wang@example.cn"),
            ("Ada Lovelace", "ada@example.org"), ("Ada Adams", "adams@example.org"),
        ] {
            site.seat(id, name, email).await;
        }
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        // At once, by the whole address.
        assert!(browser.page("/organizer/people?q=ADA%40example.org").await.contains("Ada Lovelace"));
        assert!(browser.page("/organizer/people?q=love").await.contains("Nobody matches"));
        site.keep_words().await;
        for (typed, found) in [
            ("unal", vec!["Ünal Quote"]), ("QUO", vec!["Ünal Quote"]), ("Ün quo", vec!["Ünal Quote"]), ("priya@", vec!["Ünal Quote"]),
            ("acme", vec!["Ünal Quote"]), ("marie", vec!["Anne-Marie"]), ("o'ne", vec!["Anne-Marie"]), ("小", vec!["小明"]),
            ("ada", vec!["Ada Lovelace", "Ada Adams"]), ("ada love", vec!["Ada Lovelace"]),
            ("example", vec!["Anne-Marie", "小明", "Ada Lovelace", "Ada Adams"]),
            ("zz", vec![]), ("%", vec![]), ("'; DROP TABLE contacts", vec![]), ("a\u{1}b", vec![]),
        ] {
            let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
            let page = browser.page(&format!("/organizer/people?q={query}")).await;
            let rows: Vec<&str> = page.split("<th scope=\"row\"><a href=\"/organizer/people/").skip(1).collect();
            assert_eq!(rows.len(), found.len(), "{typed}: {page}");
            for name in found {
                let shown = name.replace('\'', "&#39;");
                assert!(rows.iter().any(|row| row.contains(&shown)), "{typed}: {name} in {page}");
            }
        }
        // Who goes on under another name is found by it at once, and not by the old one.
        let mut conn = site.running.state.db.read().await.unwrap();
        let seat: Vec<u8> = on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM seats WHERE email = 'ada@example.org'").fetch_one(c).await).unwrap();
        drop(conn);
        let link = site.running.state.links.sign(LinkPurpose::Registration, PublicId::from_slice(&seat).unwrap(), 0);
        browser.post(&format!("/registrations/{link}/edit"), &[("name", "Ada King"), ("time_zone", "")]).await;
        assert!(browser.page("/organizer/people?q=king").await.contains("Ada King"));
        assert!(browser.page("/organizer/people?q=lovelace").await.contains("Nobody matches"));
        site.running.stop().await;
    }

    async fn people_come_a_page_at_a_time(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let id = site.upcoming().await;
        for n in 0..120 {
            // Two words of each begin so: each is found once.
            site.seat(id, &format!("Person{n:03} Perrin"), &format!("p{n:03}@example.org")).await;
        }
        site.keep_words().await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        for start in ["/organizer/people", "/organizer/people?q=per"] {
            let mut seen = Vec::new();
            let mut next = Some(start.to_owned());
            while let Some(path) = next {
                let page = browser.page(&path).await;
                seen.extend((0..120).filter(|n| page.contains(&format!(">p{n:03}@example.org<"))));
                next = page.split("<p><a href=\"").nth(1).and_then(|rest| rest.split('"').next()).map(|path| path.replace("&#38;", "&").replace("&amp;", "&"));
                assert!(seen.len().is_multiple_of(50) || next.is_none(), "{start}: {}", seen.len());
            }
            seen.sort_unstable();
            assert_eq!(seen, (0..120).collect::<Vec<_>>(), "{start}");
        }
        for bad in ["after=x", "after=AAAAAAAAAAAAAAAAAAAAAA%00"] {
            assert_eq!(browser.get(&format!("/organizer/people?{bad}")).await.status(), StatusCode::NOT_FOUND, "{bad}");
        }
        site.running.stop().await;
    }

    async fn a_persons_page_tells_what_they_have_with_us(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let id = site.upcoming().await;
        site.seat(id, "Ada Lovelace", "ada@example.org").await;
        site.run("INSERT INTO attendance (registration_id, session_id, source, from_at, to_at)
                  SELECT r.id, r.session_id, 'import', s.starts_at, s.starts_at + 600000000 FROM registrations r JOIN sessions s ON s.id = r.session_id").await;
        site.reckon_attendance().await;
        site.run("INSERT INTO suppressions (address_key, reason, created_at) VALUES ('ada@example.org', 'bounced', 1)").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let list = browser.page("/organizer/people").await;
        let path = first_person(&list);
        let page = browser.page(&path).await;
        for words in [
            "Ada Lovelace", "ada@example.org", "Not confirmed", "yes, since 23 Nov 2026", "Agreed to news by mail", "Registered for Partnering For Growth",
            "from =spring", "Joined Partnering For Growth", "Confirmation", "Mail to this address came back.", "4 Dec 2026, 11:00",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("\"/registrations/") && !page.contains("\"/join/"), "no personal link of theirs");
        for name in ["<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "\u{202e}\u{5d0}\u{5d1}", "&lt;b&gt;"] {
            let change = format!("UPDATE contacts SET name = '{}'", name.replace('\'', "''"));
            site.run(change.leak()).await;
            for path in ["/organizer/people", path.as_str()] {
                let page = browser.page(path).await;
                assert!(!page.contains("<script>alert") && !page.contains("\" onmouseover"), "{name}: {page}");
            }
        }
        assert_eq!(browser.get("/organizer/people/x").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(browser.get(&format!("/organizer/people/{}", PublicId::random())).await.status(), StatusCode::NOT_FOUND);
        site.running.stop().await;
    }
}
