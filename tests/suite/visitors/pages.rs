//! A webcast's page at its edges: many sessions, none, long words, and each reader's own way to write a time.

use reqwest::header;

use super::*;
use crate::on_both_databases;

impl Visit {
    async fn page_in(&self, path: &str, language: &str) -> String {
        let address = format!("{}{path}", self.base);
        let request = self.client.get(address).header(header::ACCEPT_LANGUAGE, language);
        request.send().await.unwrap().text().await.unwrap()
    }
}

on_both_databases! {
    async fn of_forty_sessions_three_stand_beside_the_form(test: TestDb) {
        let visit = Visit::start(&test).await;
        for _ in 1..40 {
            visit.add_session(None).await;
        }
        let page = visit.page(WEBCAST).await;
        assert_eq!(page.matches("class=\"airing\"").count(), 3);
        assert!(page.contains("37 more dates</a> are in the form."));
        assert_eq!(page.matches("type=\"radio\"").count(), 40);
        assert!(visit.page("/webcasts").await.contains("39 more sessions"));
        assert!(visit.page("/sitemap.xml").await.contains(WEBCAST));
        visit.end().await;
    }

    async fn without_a_session_there_is_no_date_yet(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.sql("DELETE FROM sessions").await;
        let page = visit.page(WEBCAST).await;
        assert!(page.contains("There is no date yet") && !page.contains("is over"));
        for path in ["/", "/webcasts", "/sitemap.xml"] {
            assert_eq!(visit.get(path).await.status(), StatusCode::OK, "{path}");
        }
        assert_eq!(visit.get(&format!("{WEBCAST}/card.png")).await.status(), StatusCode::OK);
        visit.end().await;
    }

    async fn titles_of_any_length_and_script_have_a_page_and_a_card(test: TestDb) {
        let visit = Visit::start(&test).await;
        let word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten".repeat(3);
        for title in [word.as_str(), &"Partnering ".repeat(18), "الشراكة", "שותפות & <growth>"] {
            visit.sql(format!("UPDATE webcasts SET title = '{}'", title.trim()).leak()).await;
            let page = visit.page(WEBCAST).await;
            assert!(!page.contains("<growth>"), "{title}");
            let card = visit.get(&format!("{WEBCAST}/card.png")).await;
            assert_eq!(card.status(), StatusCode::OK, "{title}");
        }
        assert_eq!(visit.get("/webcasts/nothing/card.png").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(visit.get("/whitepapers/nothing/card.png").await.status(), StatusCode::NOT_FOUND);
        visit.end().await;
    }
}

/// Hours as the reader's country counts them, whatever the language of the page.
#[tokio::test]
async fn hours_are_written_as_the_readers_country_does() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    for (language, written) in [
        ("en-US,en;q=0.9", "Friday, December 4, 2026, 11:00 am to 12:00 pm"),
        ("de-DE,de;q=0.9,en;q=0.8", "Friday, 4 December 2026, 11:00 to 12:00"),
        ("en-GB", "Friday, 4 December 2026, 11:00 to 12:00"),
        ("hi-IN", "Friday, December 4, 2026, 11:00 am to 12:00 pm"),
        ("", "Friday, December 4, 2026, 11:00 am to 12:00 pm"),
        ("*;q=oops, x", "Friday, December 4, 2026, 11:00 am to 12:00 pm"),
    ] {
        let page = visit.page_in(WEBCAST, language).await;
        assert!(page.contains(written), "{language}");
    }
    visit.end().await;
}

/// The entry that the page of thanks offers is everybody's: no link of anybody stands in it.
#[tokio::test]
async fn the_page_of_thanks_offers_the_session_for_the_calendar() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let fields = [("name", "Ada"), ("email", "ada@example.org")];
    let thanks = location(&visit.post(&format!("{WEBCAST}/register"), &fields).await);
    let page = visit.page(&thanks).await;
    assert!(
        page.contains("December 4, 2026") && !page.contains("ada@example.org"),
        "no server is told the address again"
    );
    let entry = page.split('"').find(|part| part.contains("/calendar.ics?")).unwrap();
    let calendar = visit.page(&entry.replace("&#38;", "&")).await;
    assert!(
        calendar.contains("DTSTART:20261204T190000Z") && !calendar.contains("/join/"),
        "{calendar}"
    );
    let elsewhere = visit
        .get(&format!("{WEBCAST}/thanks?session=AAAAAAAAAAAAAAAAAAAAAA"))
        .await;
    assert_eq!(elsewhere.status(), StatusCode::OK);
    visit.end().await;
}
