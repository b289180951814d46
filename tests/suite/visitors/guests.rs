//! Webcasts by invitation, and those for addresses at work alone.

use commonground::values::HttpUrl;
use reqwest::StatusCode;

use super::*;
use crate::on_both_databases;

const REGISTRATIONS: &str = "SELECT COUNT(*) FROM registrations";

impl Visit {
    async fn rule(&self, rule: &'static str) {
        self.sql(rule).await;
    }

    async fn tries(&self, email: &str, code: &str) -> reqwest::Response {
        let session = self.session_id().await;
        let fields = [
            ("name", "Ada"),
            ("email", email),
            ("session", session.as_str()),
            ("code", code),
        ];
        self.post(&format!("{WEBCAST}/register"), &fields).await
    }
}

on_both_databases! {
    async fn a_code_opens_the_form_and_guesses_are_few(test: TestDb) {
        let visit = Visit::start_with(&test, &[("rate_limit_ip", "3/h")]).await;
        visit.rule("UPDATE webcasts SET guests = 'code', code = 'summer26'").await;
        let page = visit.page(WEBCAST).await;
        assert!(page.contains("Code of your invitation"), "{page}");
        let wrong = visit.tries("ada@example.org", "winter").await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("This is not the code of the invitation.") && page.contains("value=\"winter\"") && page.contains("value=\"ada@example.org\""), "{page}");
        assert_eq!(visit.count(REGISTRATIONS).await, 0);
        assert_eq!(visit.tries("ada@example.org", " Summer 26").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(visit.count(REGISTRATIONS).await, 1);
        // Ten times the limit of a form: what is guessed counts.
        let mut guesses = 0;
        loop {
            let answer = visit.tries("eve@example.net", "guess").await;
            guesses += 1;
            if answer.status() == StatusCode::TOO_MANY_REQUESTS {
                break;
            }
            assert!(guesses < 60, "guesses cost nothing");
        }
        visit.end().await;
    }

    async fn the_listed_are_registered_and_others_read_the_same(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.rule("UPDATE webcasts SET guests = 'listed'").await;
        visit.rule("INSERT INTO invited (webcast_id, address_key) SELECT id, 'ada@example.org' FROM webcasts").await;
        assert!(visit.page(WEBCAST).await.contains("This webcast is by invitation."));
        let (listed, other) = (visit.tries("ADA@example.org", "").await, visit.tries("eve@example.net", "").await);
        let address = |answer: &reqwest::Response| location(answer).split('#').next().unwrap().to_owned();
        assert_eq!((listed.status(), other.status()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        assert_eq!(address(&listed), address(&other));
        assert_eq!(visit.count(REGISTRATIONS).await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 1, "nothing is kept of who is on no list");
        assert_eq!(visit.count("SELECT turned_away FROM webcasts").await, 1);
        visit.mails(1).await;
        // Full or not, with a waiting list or not: the same for both.
        visit.change(|update| update.capacity = Some(1)).await;
        let other = visit.tries("eve@example.net", "").await;
        assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
        visit.change(|update| update.entry.waiting_list = WaitingList::AtOnce).await;
        assert!(location(&visit.tries("eve@example.net", "").await).contains("promise=turn"));
        // The recording is for them alone, too.
        visit.change(|update| update.replay_url = Some(HttpUrl::parse("https://video.example/r").unwrap())).await;
        let ends = visit.upcoming().await.ends_at;
        let session = visit.session_id().await;
        visit.clock.advance(ends.duration_since(visit.clock.now()) + SignedDuration::from_mins(1));
        let fields = [("name", "Eve"), ("email", "eve@example.net"), ("session", session.as_str())];
        let other = visit.post(&format!("{WEBCAST}/register"), &fields).await;
        assert_eq!(other.status(), StatusCode::SEE_OTHER);
        assert_eq!((visit.count(REGISTRATIONS).await, visit.count("SELECT COUNT(*) FROM contacts").await), (1, 1));
        visit.mails(1).await;
        visit.end().await;
    }

    async fn addresses_at_work_alone(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.rule("UPDATE webcasts SET business_only = 1").await;
        visit.rule("INSERT INTO blocked_domains (webcast_id, domain) SELECT id, 'rival.example' FROM webcasts").await;
        for (email, words) in [("ada@gmail.com", "Please give your address at work."), ("ada@eu.rival.example", "Addresses of this domain are not taken")] {
            let refused = visit.tries(email, "").await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
            let page = refused.text().await.unwrap();
            assert!(page.contains(words) && page.contains("id=\"email-problem\""), "{page}");
        }
        assert_eq!(visit.tries("ada@contoso.example", "").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(visit.count(REGISTRATIONS).await, 1);
        visit.end().await;
    }
}
