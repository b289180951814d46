//! A webcast that is over: its recording is asked for by a form, and comes by mail.

use commonground::values::HttpUrl;
use commonground::webcasts::SessionState;

use super::*;
use crate::on_both_databases;

const REPLAY: &str = "https://video.example.net/r/1";

impl Visit {
    // The upcoming session is over, with a recording or without.
    async fn over(&self, recording: Option<&str>) {
        let recording = recording.map(|url| HttpUrl::parse(url).unwrap());
        self.change(|update| update.replay_url.clone_from(&recording)).await;
        // Far enough ahead for the session to be over.
        self.clock.advance(SignedDuration::from_hours(24 * 30));
    }

    async fn ask_for_replay(&self, name: &str, email: &str) -> String {
        let answer = self
            .post(&format!("{WEBCAST}/register"), &[("name", name), ("email", email)])
            .await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        self.page(&location(&answer)).await
    }
}

on_both_databases! {
    async fn the_recording_is_asked_for_and_watched(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(2)).await;
        visit.over(Some(REPLAY)).await;
        let page = visit.page(WEBCAST).await;
        assert!(page.contains("Send me the replay") && !page.contains("This webcast is over"));
        assert!(visit.ask_for_replay("Ada", "ada@example.org").await.contains("link to the recording"));
        let mail = visit.mails(1).await.remove(0);
        assert_eq!(mail.subject, "The replay: Partnering For Growth, Innovation, And Profits");
        assert!(mail.attachments.is_empty(), "no calendar entry for what is over");
        let join = link(&mail, "/join/");
        assert!(visit.page(&join).await.contains("Watch the replay"));
        let on = visit.post(&join, &[]).await;
        assert!(visit.page(&location(&on)).await.contains(REPLAY));
        assert_eq!(visit.count("SELECT COUNT(*) FROM attendance WHERE source = 'replay'").await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE channel = 'replay'").await, 1);
        assert_eq!(visit.count("SELECT CAST(SUM(seats_taken) AS BIGINT) FROM sessions").await, 0, "it takes no place");
        assert!(visit.page(&link(&mail, "/registrations/")).await.contains("The replay is ready"));
        visit.end().await;
    }

    // Whoever was registered keeps what they have, and gets the link again; a double click is one mail.
    async fn a_known_address_gets_the_link_again(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.org", &session).await;
        visit.mails(1).await;
        visit.over(Some(REPLAY)).await;
        visit.ask_for_replay("Somebody else", "ada@example.org").await;
        visit.ask_for_replay("Somebody else", "ada@example.org").await;
        let again = visit.mails(2).await.remove(1);
        assert_eq!(again.subject, "The replay: Partnering For Growth, Innovation, And Profits");
        assert!(!again.text.contains("Somebody else"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE channel = 'form'").await, 1);
        visit.end().await;
    }

    async fn who_had_cancelled_may_watch_after_all(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.org", &session).await;
        let own = link(&visit.mails(1).await[0], "/registrations/");
        visit.post(&format!("{own}/cancel"), &[]).await;
        visit.over(Some(REPLAY)).await;
        assert!(visit.page(&own).await.contains("Watch the replay after all"));
        let done = visit.post(&format!("{own}/again"), &[]).await;
        assert!(visit.page(&location(&done)).await.contains("You can watch the replay now."));
        assert!(visit.page(&own).await.contains("The replay is ready"));
        visit.end().await;
    }

    async fn without_a_recording_there_is_nothing_to_ask_for(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.over(None).await;
        assert!(visit.page(WEBCAST).await.contains("This webcast is over"));
        let fields = [("name", "Ada"), ("email", "ada@example.org"), ("session", session.as_str())];
        let answer = visit.post(&format!("{WEBCAST}/register"), &fields).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 0);
        visit.end().await;
    }

    // What a program may have filled in waits for an organizer, and who was called off had nothing to record.
    async fn programs_wait_and_what_was_called_off_has_no_replay(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.over(Some(REPLAY)).await;
        let fields = [("name", "Ada"), ("email", "ada@example.org"), ("website", "x"), ("session", session.as_str())];
        let answer = visit.post(&format!("{WEBCAST}/register"), &fields).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE state = 'held'").await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0);
        visit.change(|update| update.state = SessionState::Cancelled).await;
        assert!(!visit.page(WEBCAST).await.contains("Send me the replay"));
        visit.end().await;
    }
}
