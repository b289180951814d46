//! Who may register, as organizers set it.

use super::*;

const GUESTS: &str = "/organizer/webcasts/partnering-for-growth/guests";

on_both_databases! {
    async fn who_may_register_is_set_and_holds_at_once(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.add("vera@example.org", Role::Viewer).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        assert!(browser.page(GUESTS).await.contains("id=\"guests-anybody\" name=\"guests\" value=\"anybody\" checked"));
        let refused = browser.post(GUESTS, &[("guests", "code"), ("code", "ab"), ("addresses", "a@example.org\nnobody"), ("domains", "not one!")]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await.unwrap();
        for words in ["Enter a code of at least four", "Line 2, “nobody”", "is no domain", "3 things need your attention", "value=\"ab\""] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let fields = [("guests", "code"), ("code", "Summer 26"), ("business_only", "yes"), ("domains", "rival.example, @other.example")];
        let to = location(&browser.post(GUESTS, &fields).await);
        let page = browser.page(&to).await;
        assert!(page.contains("It holds for whoever registers") && page.contains("value=\"summer26\"") && page.contains("other.example\nrival.example"), "{page}");
        assert!(Browser::new(&site).page(&format!("/webcasts/{SLUG}")).await.contains("Code of your invitation"));
        // A copy is for the same guests.
        let copy = location(&browser.post("/organizer/webcasts/partnering-for-growth/duplicate", &[]).await);
        let copied = browser.page(&format!("{}/guests", copy.split('?').next().unwrap())).await;
        assert!(copied.contains("value=\"summer26\"") && copied.contains("other.example\nrival.example"), "{copied}");
        // A list is added to, or begun anew; twice the same is once, and what is kept is no address to read.
        let list = async |addresses: &str, anew: &str| {
            let to = location(&browser.post(GUESTS, &[("guests", "listed"), ("addresses", addresses), ("anew", anew)]).await);
            browser.page(&to).await
        };
        let many: Vec<String> = (0..1_000).map(|n| format!("p{n}@example.org")).collect();
        assert!(list(&many.join("\n"), "").await.contains("On the list: 1,000."));
        let page = list("P1@example.org, new@example.org", "").await;
        assert!(page.contains("On the list: 1,001.") && !page.contains("new@example.org"), "{page}");
        assert!(list("ada@example.org", "yes").await.contains("On the list: 1."));
        assert_eq!(browser.post(GUESTS, &[("guests", "friends")]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let viewer = Browser::signed_in(&site, "vera@example.org").await;
        assert!(!viewer.page(GUESTS).await.contains(">Save<"));
        assert_eq!(viewer.post(GUESTS, &[("guests", "anybody")]).await.status(), StatusCode::FORBIDDEN);
        site.running.stop().await;
    }
}
