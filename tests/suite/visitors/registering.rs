//! Registering: good posts, repeated posts, bad input, full and closed sessions.

use commonground::webcasts::release::{Released, release};
use futures_util::future::join_all;
use reqwest::StatusCode;

use super::*;
use crate::on_both_databases;

on_both_databases! {
    async fn a_visitor_registers_and_gets_the_links_by_mail(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        assert!(visit.page(WEBCAST).await.contains("Friday, December 4, 2026, 11:00"));
        visit.register("Ada Lovelace", "Ada@Example.net", &session).await;
        assert!(visit.page(&format!("{WEBCAST}/thanks")).await.contains("events@example.org"));
        let mails = visit.mails(1).await;
        assert_eq!(mails[0].envelope_to, ["Ada@example.net"]);
        assert_eq!(mails[0].subject, "You are registered: Partnering For Growth, Innovation, And Profits");
        let personal = visit.page(&link(&mails[0], "/registrations/")).await;
        assert!(personal.contains("Ada Lovelace") && personal.contains("Ada@example.net"));
        assert!(visit.page(&link(&mails[0], "/join/")).await.contains("You are early"));
        visit.end().await;
    }

    async fn the_session_may_be_left_out_where_one_is_open(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.register("Ada", "ada@example.net", "").await;
        visit.add_session(None).await;
        let answer = visit.post(&format!("{WEBCAST}/register"), &[("name", "Bo"), ("email", "bo@example.net")]).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().await.unwrap().contains("Choose one of the sessions."));
        visit.end().await;
    }

    async fn a_second_post_changes_nothing_and_looks_the_same(test: TestDb) {
        let visit = Visit::start(&test).await;
        let first = visit.session_id().await;
        let other = visit.add_session(None).await.to_string();
        visit.register("Ada", "ada@example.net", &first).await;
        visit.mails(1).await;
        let post = |email: &'static str, session: String| {
            let visit = &visit;
            async move {
                let fields = [("name", "Ada L."), ("email", email), ("session", session.as_str())];
                let answer = visit.post(&format!("{WEBCAST}/register"), &fields).await;
                let mut headers = answer.headers().clone();
                headers.remove("date");
                // Behind the mark is what this visitor typed, for the page of thanks.
                let to = headers.get("location").unwrap().to_str().unwrap().split('#').next().unwrap().parse().unwrap();
                headers.insert("location", to);
                (answer.status(), headers, answer.bytes().await.unwrap())
            }
        };
        let known = post("ADA@example.net", other.clone()).await;
        let unknown = post("bo@example.net", other.clone()).await;
        assert_eq!(known, unknown, "nobody can tell who is known");
        let mails = visit.mails(3).await;
        let again = mails.iter().find(|mail| mail.subject.starts_with("Your registration")).unwrap();
        assert!(again.text.contains("Nothing was changed") && again.text.contains("- Name: another one") && !again.text.contains("Ada L."), "{}", again.text);
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations").await, 2);
        let personal = link(again, "/registrations/");
        let page = visit.page(&personal).await;
        assert!(page.contains("You registered again with other details") && page.contains("December 11"));
        // The button applies it; the calendar entry keeps its UID and moves.
        let apply = [("name", "Ada L."), ("session", other.as_str())];
        let answer = visit.post(&format!("{personal}/edit"), &apply).await;
        assert_eq!(location(&answer), format!("{personal}?done=saved"));
        let page = visit.page(&format!("{personal}?done=saved")).await;
        assert!(page.contains("Your changes are saved.") && !page.contains("You registered again"));
        let moved = visit.mails(4).await.pop().unwrap();
        assert!(moved.text.contains("December 11"), "{}", moved.text);
        visit.end().await;
    }

    async fn a_consent_that_comes_later_waits_for_its_owner(test: TestDb) {
        const AGREED: &str = "SELECT COUNT(*) FROM registrations WHERE consent_at IS NOT NULL AND consent_version IS NOT NULL";
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        visit.mails(1).await;
        let again = [("name", "Ada"), ("email", "ada@example.net"), ("session", session.as_str()), ("consent", "yes")];
        visit.post(&format!("{WEBCAST}/register"), &again).await;
        let mail = visit.mails(2).await.pop().unwrap();
        assert!(mail.text.contains("- News: Tell me about new webcasts"), "{}", mail.text);
        assert_eq!(visit.count(AGREED).await, 0, "somebody else may have typed it");
        let personal = link(&mail, "/registrations/");
        assert!(visit.page(&personal).await.contains("name=\"consent\" value=\"yes\""));
        visit.post(&format!("{personal}/edit"), &[("name", "Ada"), ("consent", "yes")]).await;
        assert_eq!(visit.count(AGREED).await, 1);
        visit.post(&format!("{personal}/edit"), &[("name", "Ada King")]).await;
        assert_eq!(visit.count(AGREED).await, 1, "another change leaves it");
        assert!(!visit.page(&personal).await.contains("You registered again"));
        visit.end().await;
    }

    async fn repeated_posts_are_merged_and_delayed_but_never_dropped(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        for _ in 0..6 {
            visit.register("Ada", "ada@example.net", &session).await;
            visit.clock.advance(SignedDuration::from_secs(61));
        }
        // The confirmation, the first repeat, and one that waits for ten minutes to pass.
        visit.mails(2).await;
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox WHERE state = 'queued'").await, 1);
        visit.clock.advance(SignedDuration::from_mins(11));
        visit.running.state.bell.ring();
        visit.mails(3).await;
        visit.end().await;
    }

    async fn bad_input_is_refused_with_everything_kept(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        let foreign = visit.foreign_session().await.to_string();
        let (long_name, long_email) = ("a".repeat(10_000), format!("{}@example.net", "a".repeat(255)));
        let good = ("Ada", "ada@example.net", session.as_str());
        let cases = [
            ("", good.1, good.2, "Enter your name."),
            ("Ada\u{7}", good.1, good.2, "without special control characters"),
            ("Ada\u{0}", good.1, good.2, "without special control characters"),
            ("Ada\r\nBcc: eve@example.net", good.1, good.2, "without special control characters"),
            ("Win https://example.net", good.1, good.2, "without a web address"),
            ("\u{1F642}", good.1, good.2, "Enter your name in letters."),
            ("A\u{202E}da", good.1, good.2, "without special control characters"),
            (long_name.as_str(), good.1, good.2, "too long"),
            (good.0, "", good.2, "Enter your e-mail address."),
            (good.0, "ada", good.2, "like name@example.org"),
            (good.0, "a da@example.net", good.2, "Did you mean ada@example.net or da@example.net?"),
            (good.0, "\"a b\"@example.net", good.2, "like name@example.org"),
            (good.0, "ada@@example.net", good.2, "Did you mean ada@example.net?"),
            (good.0, long_email.as_str(), good.2, "too long"),
            (good.0, good.1, foreign.as_str(), "not a session of this webcast"),
            (good.0, good.1, "AAAAAAAAAAAAAAAAAAAAAA", "not a session of this webcast"),
            (good.0, good.1, "nonsense", "Choose one of the sessions."),
        ];
        for (name, email, session, message) in cases {
            let fields = [("name", name), ("email", email), ("session", session), ("consent", "yes"), ("utm_source", "letter")];
            let answer = visit.post(&format!("{WEBCAST}/register"), &fields).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name:?} {email:?}");
            let page = answer.text().await.unwrap();
            assert!(page.contains(message), "{message}: {page}");
            assert!(page.contains("checked") && page.contains("value=\"letter\""), "what was filled in is kept");
            if good.1 == email {
                assert!(page.contains("value=\"ada@example.net\""));
            }
        }
        let both = visit.post(&format!("{WEBCAST}/register"), &[("session", &session)]).await.text().await.unwrap();
        assert!(both.contains("2 things need your attention"), "all mistakes at once");
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 0, "nothing is stored");
        visit.end().await;
    }

    async fn bytes_that_are_no_text_are_refused(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        for name in ["%ff%fe", "Ada%00", "%c3%28"] {
            let body = format!("name={name}&email=ada%40example.net&session={session}");
            let answer = visit.post_body(&format!("{WEBCAST}/register"), body.into_bytes()).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        }
        let huge = visit.post_body(&format!("{WEBCAST}/register"), vec![b'a'; 10_000_000]).await;
        assert_eq!(huge.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 0);
        visit.end().await;
    }

    async fn names_of_the_world_and_idn_domains_arrive(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("محمد علي 🙂", "info@bücher.example", &session).await;
        let mail = visit.mails(1).await.pop().unwrap();
        assert_eq!(mail.envelope_to, ["info@xn--bcher-kva.example"]);
        assert!(mail.text.starts_with("Hello محمد علي,") && mail.html.contains("Hello محمد علي,"));
        visit.end().await;
    }

    async fn full_closed_and_past_sessions_say_so(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        let fields = [("name", "Ada"), ("email", "ada@example.net"), ("session", session.as_str())];
        let register = format!("{WEBCAST}/register");
        visit.change(closed).await;
        let page = visit.post(&register, &fields).await.text().await.unwrap();
        assert!(page.contains("Registration for this session is closed.") && page.contains("value=\"Ada\""));
        visit.change(|update| { update.state = SessionState::Open; update.capacity = Some(1); }).await;
        visit.register("Bo", "bo@example.net", &session).await;
        visit.clock.advance(SignedDuration::from_mins(2));
        let full = visit.post(&register, &fields).await;
        assert_eq!(full.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(full.text().await.unwrap().contains("This session is full."));
        // Who holds the seat is told the same, and gets the links again.
        let holder = visit.post(&register, &[("name", "Bo"), ("email", "bo@example.net"), ("session", &session)]).await;
        assert!(holder.text().await.unwrap().contains("This session is full."));
        // The same where no session was chosen, and where registration is closed.
        for (mails, state, words) in [(2, SessionState::Open, "This session is full."), (3, SessionState::Closed, "is closed.")] {
            visit.mails(mails).await;
            visit.clock.advance(SignedDuration::from_hours(1));
            visit.change(|update| update.state = state).await;
            let mut answers = Vec::new();
            for email in ["bo@example.net", "eve@example.net"] {
                let answer = visit.post(&register, &[("name", "Bo"), ("email", email)]).await;
                assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
                answers.push(answer.text().await.unwrap().replace(email, "…"));
            }
            assert!(answers[0].contains(words), "{}", answers[0]);
            assert_eq!(answers[0], answers[1]);
        }
        assert!(visit.mails(4).await.iter().all(|mail| mail.to.contains("bo@")));
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 4);
        visit.clock.advance(SignedDuration::from_hours(24 * 30));
        let past = visit.post(&register, &fields).await.text().await.unwrap();
        assert!(past.contains("This session is over."));
        assert!(visit.page(WEBCAST).await.contains("This webcast is over"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 1, "only the one who has the seat");
        visit.end().await;
    }

    async fn a_crowd_at_the_same_moment_gets_what_each_would_get_alone(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (first, other) = (visit.session_id().await, visit.add_session(None).await.to_string());
        let counted = visit.add_session(Some(3)).await.to_string();
        visit.sql("UPDATE sessions SET unconfirmed_share = 100").await;
        visit.register("Visitor 7", "visitor-7@example.net", &first).await;
        visit.mails(1).await;
        visit.clock.advance(SignedDuration::from_mins(2));
        let post = |n: usize, session: &str, trap: &'static str| {
            let (visit, session) = (&visit, session.to_owned());
            async move {
                let (name, email, campaign) = (format!("Visitor {n}"), format!("Visitor-{n}@example.net"), format!("c{n}"));
                let consent = if n.is_multiple_of(2) { "yes" } else { "" };
                let fields = [("name", name.as_str()), ("email", email.as_str()), ("session", session.as_str()),
                    ("utm_source", campaign.as_str()), ("consent", consent), ("website", trap)];
                visit.post(&format!("{WEBCAST}/register"), &fields).await.status()
            }
        };
        let new = (0..100).map(|n| post(n, if n < 70 { &first } else { &other }, ""));
        let twice = (20..25).map(|n| post(n, &first, ""));
        let trapped = (100..104).map(|n| post(n, &first, "x"));
        let few = (200..206).map(|n| post(n, &counted, ""));
        let answers = join_all(new.chain(twice).chain(trapped).chain(few)).await;
        assert_eq!(answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 100 + 5 + 4 + 3);
        let stored = |state: &'static str| visit.count(state);
        assert_eq!(stored("SELECT COUNT(*) FROM registrations WHERE state = 'registered'").await, 100 + 3);
        assert_eq!(stored("SELECT COUNT(*) FROM registrations WHERE state = 'held'").await, 4);
        assert_eq!(stored("SELECT COUNT(*) FROM contacts").await, 107);
        assert_eq!(stored("SELECT COUNT(*) FROM outbox WHERE kind = 'confirmation'").await, 100 + 3);
        assert_eq!(stored("SELECT COUNT(*) FROM outbox WHERE kind <> 'confirmation'").await, 1, "who was known gets the link again, and who posted twice does not");
        // Everybody has their own row, and nobody another's.
        for mixed_up in [
            "SELECT COUNT(*) FROM seats WHERE LOWER(email) <> REPLACE(name, 'Visitor ', 'visitor-') || '@example.net'",
            "SELECT COUNT(*) FROM registrations WHERE utm_source <> REPLACE(name, 'Visitor ', 'c')",
            "SELECT COUNT(*) FROM outbox o JOIN seats s ON s.id = o.subject_id WHERE LOWER(o.recipient) <> LOWER(s.email)",
            "SELECT COUNT(*) FROM outbox o JOIN seats s ON s.id = o.subject_id WHERE o.kind = 'confirmation' AND o.deadline <> s.ends_at",
        ] {
            assert_eq!(visit.count(mixed_up).await, 0, "{mixed_up}");
        }
        let consents = "SELECT COUNT(*) FROM registrations WHERE consent_at IS NOT NULL AND consent_version IS NOT NULL AND session_id IN
            (SELECT id FROM sessions WHERE capacity IS NULL)";
        assert_eq!(stored(consents).await, 50 + 2);
        visit.end().await;
    }

    async fn fifty_seats_hold_fifty(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(50)).await;
        visit.sql("UPDATE sessions SET unconfirmed_share = 100").await;
        let session = visit.session_id().await;
        let posts = (0..200).map(|n| {
            let (visit, session) = (&visit, session.as_str());
            async move {
                let email = format!("visitor-{n}@example.net");
                let fields = [("name", "Ada"), ("email", email.as_str()), ("session", session)];
                // 503 asks to come back: a pool that is small for so many at once.
                loop {
                    let status = visit.post(&format!("{WEBCAST}/register"), &fields).await.status();
                    if status != StatusCode::SERVICE_UNAVAILABLE { break status; }
                }
            }
        });
        let answers = join_all(posts).await;
        assert_eq!(answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 50);
        assert_eq!(answers.iter().filter(|status| **status == StatusCode::UNPROCESSABLE_ENTITY).count(), 150);
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations").await, 50);
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 50);
        assert_eq!(visit.upcoming().await.seats_taken, 50);
        visit.end().await;
    }

    async fn a_filled_honeypot_is_held_and_a_person_who_returns_is_not(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        let fields = [("name", "Ada"), ("email", "ada@example.net"), ("session", session.as_str()), ("website", "x")];
        let answer = visit.post(&format!("{WEBCAST}/register"), &fields).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE state = 'held'").await, 1);
        visit.post(&format!("{WEBCAST}/register"), &fields).await;
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0, "however often it comes");
        visit.register("Ada", "ada@example.net", &session).await;
        assert!(visit.mails(1).await[0].subject.starts_with("You are registered"));
        visit.end().await;
    }

    async fn an_organizer_lets_through_what_was_held(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        let fields = [("name", "Ada"), ("email", "ada@example.net"), ("session", session.as_str()), ("website", "x")];
        visit.post(&format!("{WEBCAST}/register"), &fields).await;
        visit.post(&format!("{PAPER}/request"), &fields).await;
        let release = visit.running.state.db.write(|tx| Box::pin(async move {
            let contact = commonground::contacts::store::find_by_key(tx, "ada@example.net").await?.unwrap();
            let sessions = webcasts::sessions_around(tx, jiff::Timestamp::UNIX_EPOCH, 0).await?;
            let seat = webcasts::seat_by_contact(tx, contact.id, sessions[1].public_id).await?.unwrap();
            assert_eq!(release(tx, &seat, NOW).await?, Released::Yes);
            assert_eq!(release(tx, &seat, NOW).await?, Released::NotHeld);
            let slug = Slug::parse("creating-effective-strategic-partnerships").unwrap();
            let request = commonground::whitepapers::store::request_by_contact(tx, contact.id, &slug).await?.unwrap();
            assert!(commonground::whitepapers::request::release(tx, &request, NOW).await?);
            assert!(!commonground::whitepapers::request::release(tx, &request, NOW).await?);
            Ok(())
        }));
        release.await.unwrap();
        visit.running.state.bell.ring();
        visit.mails(2).await;
        assert_eq!(visit.count("SELECT times FROM requests").await, 1, "the visitor asked once");
        let stranger = visit.post("/organizer/registrations/AAAAAAAAAAAAAAAAAAAAAA/release", &[]).await;
        assert_eq!(stranger.status(), StatusCode::FORBIDDEN, "only for those who are signed in");
        visit.end().await;
    }

    async fn one_network_is_slowed_and_then_refused(test: TestDb) {
        let visit = Visit::start_with(&test, &[]).await;
        let session = visit.session_id().await;
        // As an organizer may set it for one webcast.
        visit.sql("UPDATE webcasts SET network_limit = 3").await;
        visit.running.state.own_limits.replace([("partnering-for-growth".to_owned(), 3)].into());
        for n in 0..3 {
            visit.register("Ada", &format!("ada-{n}@example.net"), &session).await;
        }
        let fields = [("name", "Bo"), ("email", "bo@example.net"), ("session", session.as_str())];
        let refused = visit.post(&format!("{WEBCAST}/register"), &fields).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.headers()["retry-after"], "1200");
        let page = refused.text().await.unwrap();
        assert!(page.contains("Nothing was sent: this form was used too often in a short time. Try again in about 20 minutes."), "{page}");
        assert!(page.contains("value=\"bo@example.net\""), "what was typed is kept");
        visit.clock.advance(SignedDuration::from_mins(21));
        visit.register("Bo", "bo@example.net", &session).await;
        visit.end().await;
    }
}
