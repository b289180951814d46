//! One network's share of a session's places, and what is held back.

use futures_util::future::join_all;
use reqwest::StatusCode;

use super::*;
use crate::on_both_databases;

impl Visit {
    async fn register_from(&self, ip: &str, email: &str, session: &str) -> StatusCode {
        let fields = [("name", "Ada"), ("email", email), ("session", session)];
        loop {
            let answer = self.post_from(ip, &format!("{WEBCAST}/register"), &fields).await;
            // 503 asks to come back.
            if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                return answer.status();
            }
        }
    }
}

const HELD: &str = "SELECT COUNT(*) FROM registrations WHERE state = 'held'";
const REGISTERED: &str = "SELECT COUNT(*) FROM registrations WHERE state = 'registered'";

on_both_databases! {
    async fn one_network_takes_half_of_the_places_and_the_others_find_theirs(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(20)).await;
        let session = visit.session_id().await;
        // A /24 is one network; all come at the same moment.
        let storm = (0..100).map(|n| {
            let (visit, session) = (&visit, session.as_str());
            async move { visit.register_from(&format!("192.0.2.{n}"), &format!("eve-{n}@example.net"), session).await }
        });
        let answers = join_all(storm).await;
        assert!(answers.iter().all(|status| *status == StatusCode::SEE_OTHER), "everybody reads the same");
        assert_eq!((visit.count(REGISTERED).await, visit.count(HELD).await), (10, 90));
        assert_eq!(visit.upcoming().await.seats_taken, 10);
        for n in 0..10 {
            let ip = format!("198.51.{n}.7");
            assert_eq!(visit.register_from(&ip, &format!("ada-{n}@example.org"), &session).await, StatusCode::SEE_OTHER);
        }
        assert_eq!(visit.count(REGISTERED).await, 20);
        assert_eq!(visit.register_from("203.0.113.1", "late@example.org", &session).await, StatusCode::UNPROCESSABLE_ENTITY);
        visit.end().await;
    }

    async fn a_network_is_a_48_in_ipv6_and_who_has_confirmed_does_not_count(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(4)).await;
        let session = visit.session_id().await;
        visit.register_from("2001:db8:1:1::1", "ada@example.net", &session).await;
        visit.register_from("2001:db8:1:2::1", "bob@example.net", &session).await;
        visit.register_from("2001:db8:1:ffff::1", "eve@example.net", &session).await;
        assert_eq!((visit.count(REGISTERED).await, visit.count(HELD).await), (2, 1));
        // Ada uses her page: she is somebody, and her network's room grows by one.
        let mails = visit.mails(3).await;
        let of_ada = mails.iter().find(|mail| mail.envelope_to == ["ada@example.net"]).unwrap();
        visit.post(&format!("{}/edit", link(of_ada, "/registrations/")), &[("name", "Ada King")]).await;
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE network IS NOT NULL").await, 1, "and it is forgotten where she came from");
        visit.register_from("2001:db8:1:3::1", "joe@example.net", &session).await;
        assert_eq!(visit.count(REGISTERED).await, 3);
        visit.end().await;
    }

    async fn without_a_capacity_there_is_no_share_and_nothing_is_kept_of_the_network(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        for n in 0..30 {
            visit.register_from("192.0.2.1", &format!("ada-{n}@example.net"), &session).await;
        }
        assert_eq!(visit.count(REGISTERED).await, 30);
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE network IS NOT NULL").await, 0);
        visit.end().await;
    }

    async fn a_place_that_is_held_back_is_taken_with_one_click(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(3)).await;
        let session = visit.session_id().await;
        for email in ["ada@example.net", "bob@example.net"] {
            visit.register_from("192.0.2.1", email, &session).await;
        }
        let mails = visit.mails(2).await;
        let held = mails.iter().find(|mail| mail.envelope_to == ["bob@example.net"]).unwrap();
        assert_eq!(held.subject, "Confirm your place: Partnering For Growth, Innovation, And Profits");
        assert!(held.attachments.is_empty() && !held.text.contains("/join/"), "{}", held.text);
        let personal = link(held, "/registrations/");
        let page = visit.page(&personal).await;
        assert!(page.contains("Please confirm your place") && page.contains("Confirm my place"));
        assert_eq!(visit.count(HELD).await, 1, "a page that is looked at takes no place");
        let done = visit.post(&format!("{personal}/confirm"), &[]).await;
        let page = visit.page(&location(&done)).await;
        assert!(page.contains("The place is yours.") && page.contains("You are registered"), "{page}");
        assert_eq!((visit.count(REGISTERED).await, visit.upcoming().await.seats_taken), (2, 2));
        let confirmation = &visit.mails(3).await[2];
        assert!(confirmation.subject.starts_with("You are registered") && confirmation.text.contains("/join/"));
        // A second click, and the click of somebody whose place is gone.
        visit.post(&format!("{personal}/confirm"), &[]).await;
        visit.register_from("192.0.2.1", "eve@example.net", &session).await;
        let eve = link(&visit.mails(4).await[3], "/registrations/");
        assert_eq!(visit.register_from("198.51.100.1", "joe@example.net", &session).await, StatusCode::SEE_OTHER);
        let full = visit.post(&format!("{eve}/confirm"), &[]).await;
        assert!(visit.page(&location(&full)).await.contains("This session is full."));
        assert_eq!(visit.upcoming().await.seats_taken, 3);
        visit.end().await;
    }

    async fn what_is_held_back_ends_after_two_days_and_can_be_asked_for_again(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(1)).await;
        let session = visit.session_id().await;
        visit.register_from("192.0.2.1", "ada@example.net", &session).await;
        visit.change(|update| update.capacity = Some(2)).await;
        visit.register_from("192.0.2.1", "bob@example.net", &session).await;
        assert_eq!(visit.count(HELD).await, 1);
        let mails = visit.mails(2).await;
        let held = mails.iter().find(|mail| mail.envelope_to == ["bob@example.net"]).unwrap();
        let personal = link(held, "/registrations/");
        visit.clock.advance(SignedDuration::from_hours(48));
        let late = visit.post(&format!("{personal}/confirm"), &[]).await;
        assert!(visit.page(&location(&late)).await.contains("Your registration is cancelled"));
        assert_eq!(visit.count(REGISTERED).await, 1);
        let now = visit.clock.now();
        let write = visit.running.state.db.write(move |tx| Box::pin(async move {
            webcasts::end_held(tx, now).await?;
            webcasts::forget_networks(tx, now - commonground::webcasts::HELD_FOR + SignedDuration::from_secs(1)).await
        }));
        write.await.unwrap();
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE state = 'cancelled' AND cancel_reason = 'not confirmed'").await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE network IS NOT NULL").await, 0);
        let again = visit.post(&format!("{personal}/again"), &[]).await;
        assert!(visit.page(&location(&again)).await.contains("You are registered again."));
        visit.end().await;
    }

    async fn what_a_program_posted_takes_no_place_and_gives_way_to_a_person(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(2)).await;
        let session = visit.session_id().await;
        let other = visit.add_session(Some(2)).await.to_string();
        let fields = [("name", "Bot"), ("email", "ada@example.net"), ("session", session.as_str()), ("leave_this_empty", "x")];
        visit.post(&format!("{WEBCAST}/register"), &fields).await;
        assert_eq!(visit.seats_taken().await, [0, 0]);
        visit.register("Ada", "ada@example.net", &other).await;
        assert_eq!(visit.seats_taken().await, [0, 1], "in the session that the person chose");
        let mails = visit.mails(1).await;
        assert!(mails[0].text.starts_with("Hello Ada,"), "{}", mails[0].text);
        visit.end().await;
    }

    async fn what_one_network_had_held_back_costs_nobody_else_their_place(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(4)).await;
        let session = visit.session_id().await;
        for email in ["junk-1@example.net", "junk-2@example.net", "ada@example.net", "bob@example.net"] {
            visit.register_from("192.0.2.1", email, &session).await;
        }
        assert_eq!((visit.count(REGISTERED).await, visit.count(HELD).await), (2, 2));
        // Ada comes herself, from where she is.
        visit.register_from("198.51.100.7", "ada@example.net", &session).await;
        assert_eq!((visit.count(REGISTERED).await, visit.count(HELD).await), (3, 1));
        // Bob comes when his is over.
        visit.clock.advance(SignedDuration::from_hours(49));
        let now = visit.clock.now();
        visit.running.state.db.write(move |tx| Box::pin(webcasts::end_held(tx, now))).await.unwrap();
        visit.register_from("203.0.113.7", "bob@example.net", &session).await;
        assert_eq!((visit.count(REGISTERED).await, visit.upcoming().await.seats_taken), (4, 4));
        visit.end().await;
    }

    async fn a_place_that_is_held_back_ends_with_its_time_and_with_the_session(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(2)).await;
        let session = visit.session_id().await;
        for email in ["ada@example.net", "bob@example.net"] {
            visit.register_from("192.0.2.1", email, &session).await;
        }
        let mails = visit.mails(2).await;
        let held = mails.iter().find(|mail| mail.envelope_to == ["bob@example.net"]).unwrap();
        let personal = link(held, "/registrations/");
        visit.change(closed).await;
        assert!(visit.page(&personal).await.contains("Your registration is cancelled"));
        visit.post(&format!("{personal}/confirm"), &[]).await;
        visit.change(|update| update.state = SessionState::Open).await;
        assert!(visit.page(&personal).await.contains("Confirm my place"));
        visit.clock.advance(SignedDuration::from_hours(49));
        // The time is over, and nobody has ended it yet.
        let again = visit.post(&format!("{personal}/again"), &[]).await;
        assert!(visit.page(&location(&again)).await.contains("You are registered again."));
        assert_eq!(visit.upcoming().await.seats_taken, 2);
        visit.end().await;
    }

    async fn a_full_session_answers_everybody_alike_and_writes_beside_the_answer(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(1)).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        visit.mails(1).await;
        visit.clock.advance(SignedDuration::from_hours(1));
        let post = async |email: &str| {
            let fields = [("name", "Ada"), ("email", email), ("session", session.as_str())];
            let answer = visit.post(&format!("{WEBCAST}/register"), &fields).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
            answer.text().await.unwrap().replace(email, "…")
        };
        assert_eq!(post("ada@example.net").await, post("bob@example.net").await);
        assert_eq!(visit.mails(2).await[1].subject, "Your registration: Partnering For Growth, Innovation, And Profits");
        visit.end().await;
    }
}
