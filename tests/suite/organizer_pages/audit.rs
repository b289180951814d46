//! Who did what: seen, narrowed down, taken away.

use super::*;

const AUDIT: &str = "/organizer/settings/audit";

on_both_databases! {
    async fn owners_see_who_did_what(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ed@example.org", Role::Editor).await;
        let ed = Browser::signed_in(&site, "ed@example.org").await;
        assert_eq!(ed.get(AUDIT).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(ed.get(&format!("{AUDIT}/log.csv")).await.status(), StatusCode::FORBIDDEN);
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        olga.post("/organizer/settings/team", &[("viewers_see", "initials")]).await;
        let page = olga.page(AUDIT).await;
        assert!(page.contains("signed in") && page.contains("<del><bdi>everything</bdi></del> <ins><bdi>initials</bdi></ins>"), "{page}");
        // By what, by whom, by day.
        let settings = olga.page(&format!("{AUDIT}?what=settings")).await;
        assert!(settings.contains("initials") && !settings.contains("</b> signed in"), "{settings}");
        let who = page.split("<option value=\"").filter(|option| option.contains("Olga")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let hers = olga.page(&format!("{AUDIT}?who={who}")).await;
        assert!(hers.matches("</b> signed in").count() == 1, "{hers}");
        assert!(olga.page(&format!("{AUDIT}?to=2020-01-01")).await.contains("Nothing matches."));
        let day = site.clock.now().to_string()[..10].to_owned();
        assert!(olga.page(&format!("{AUDIT}?from={day}&to={day}")).await.contains("initials"));
        let wrong = olga.page(&format!("{AUDIT}?from=yesterday")).await;
        assert!(wrong.contains("Enter a day as") && wrong.contains("value=\"yesterday\""), "{wrong}");
        let file = olga.get(&format!("{AUDIT}/log.csv?what=settings")).await;
        assert!(file.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().contains("audit.csv"));
        let lines = file.text().await.unwrap();
        assert!(lines.contains("at,who,action,subject,detail,before,after") && lines.contains("settings.change") && !lines.contains("sign-in"), "{lines}");
        site.running.stop().await;
    }

    async fn a_long_log_is_read_in_pages_and_goes_whole_into_the_file(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        site.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                  INSERT INTO audit_log (at, actor, action, subject, detail) SELECT i, 'program', 'settings.change', 's' || i, '=1+1' FROM n").await;
        let first = olga.page(&format!("{AUDIT}?what=settings")).await;
        assert!(first.contains(">s2500<") && !first.contains(">s2450<"), "{first}");
        let next = first.split("href=\"").find(|part| part.contains("rel=\"next\"")).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let second = olga.page(&next).await;
        assert!(second.contains(">s2450<") && !second.contains(">s2451<"), "{second}");
        let lines = olga.page(&format!("{AUDIT}/log.csv?what=settings")).await;
        assert_eq!(lines.lines().count(), 2501);
        assert!(lines.contains(",s1,'=1+1,"), "no formula");
        assert_eq!(olga.get(&format!("{AUDIT}?after=x")).await.status(), StatusCode::NOT_FOUND);
        site.running.stop().await;
    }
}
