//! The personal page: change, cancel, return, join. And links that open nothing.

use std::sync::Arc;

use commonground::contacts::Origin;
use commonground::db::{self, Tx};
use commonground::values::{EmailAddress, HttpUrl, PersonName};
use commonground::webcasts::Seat;
use commonground::webcasts::change::{self, Edit, Edited};
use reqwest::StatusCode;
use tokio::sync::Notify;

use super::*;
use crate::on_both_databases;

impl Visit {
    async fn only_seat(&self) -> Seat {
        let mut conn = self.running.state.db.read().await.unwrap();
        webcasts::seats_by_ids(&mut conn, &[1]).await.unwrap().pop().unwrap()
    }

    /// Seats that are counted in each session, the first one first.
    pub(super) async fn seats_taken(&self) -> Vec<i64> {
        let mut conn = self.running.state.db.read().await.unwrap();
        let sessions = webcasts::sessions_around(&mut conn, jiff::Timestamp::UNIX_EPOCH, 0)
            .await
            .unwrap();
        sessions
            .iter()
            .filter(|session| session.capacity.is_some())
            .map(|session| session.seats_taken)
            .collect()
    }

    async fn edit_as(&self, seat: &Seat, session: &Session) -> Edited {
        let wanted = Edit {
            filled: None,
            name: PersonName::parse("Ada").unwrap(),
            session: session.clone(),
            zone: None,
            consent: false,
        };
        let seat = seat.clone();
        let write = self.running.state.db.write(move |tx| {
            let (seat, wanted) = (seat.clone(), wanted.clone());
            Box::pin(async move { change::edit(tx, &seat, &wanted, NOW).await })
        });
        write.await.unwrap()
    }

    async fn cancel_as(&self, seat: &Seat) {
        let seat = seat.clone();
        let write = self.running.state.db.write(move |tx| {
            let seat = seat.clone();
            Box::pin(async move { change::cancel(tx, &seat, NOW).await })
        });
        write.await.unwrap();
    }
}

/// Until another job waits for a row that this one holds. On SQLite there is one writer, so nobody does.
async fn wait_for_one_who_waits(tx: &mut Tx) {
    let db::Engine::Postgres(conn) = tx.engine() else {
        return;
    };
    let waiting =
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting)
        .fetch_one(&mut *conn)
        .await
        .unwrap()
        == 0
    {
        tokio::task::yield_now().await;
    }
}

on_both_databases! {
    async fn clicks_that_come_together_count_a_seat_once(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(5)).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        visit.mails(1).await;
        visit.add_session(Some(5)).await;
        // Each was read before the first of them was done.
        let (seat, other) = (visit.only_seat().await, visit.upcoming().await);
        assert_eq!(visit.seats_taken().await, [1, 0]);
        for _ in 0..2 {
            assert_eq!(visit.edit_as(&seat, &other).await, Edited::Saved);
            assert_eq!(visit.seats_taken().await, [0, 1]);
        }
        assert_eq!(visit.edit_as(&seat, &seat.session).await, Edited::Saved);
        assert_eq!(visit.seats_taken().await, [1, 0]);
        let seat = visit.only_seat().await;
        assert_eq!(visit.edit_as(&seat, &other).await, Edited::Saved);
        for _ in 0..2 {
            visit.cancel_as(&seat).await;
            assert_eq!(visit.seats_taken().await, [0, 0]);
        }
        assert_eq!(visit.edit_as(&seat, &other).await, Edited::Cancelled);
        assert_eq!(visit.seats_taken().await, [0, 0]);
        visit.end().await;
    }

    async fn whoever_returns_gets_the_session_they_asked_for(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        let personal = link(&visit.mails(1).await[0], "/registrations/");
        visit.post(&format!("{personal}/cancel"), &[]).await;
        visit.mails(2).await;
        assert_eq!(visit.get(&format!("{personal}/calendar.ics")).await.status(), StatusCode::NOT_FOUND);
        let other = visit.add_session(None).await.to_string();
        visit.register("Ada", "ada@example.net", &other).await;
        let again = visit.mails(3).await.pop().unwrap();
        assert!(again.html.contains("You hold no seat now."), "{}", again.html);
        assert!(visit.page(&personal).await.contains("You can take a seat again: <time datetime=\"2026-12-11"));
        visit.post(&format!("{personal}/again"), &[]).await;
        assert_eq!(visit.only_seat().await.session.public_id.to_string(), other);
        visit.end().await;
    }

    async fn an_address_that_refused_is_not_said_to_get_mail(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        let personal = link(&visit.mails(1).await[0], "/registrations/");
        let write = visit.running.state.db.write(|tx| Box::pin(async move {
            on_db!(tx, c => sqlx::query("UPDATE outbox SET state = 'failed'").execute(c).await.map(drop))?;
            on_db!(tx, c => sqlx::query(
                "INSERT INTO outbox (kind, priority, dedupe_key, recipient, subject_id, params, message_id, created_at, next_at, state)
                 SELECT 'registration-again', priority, 'x', recipient, subject_id, params, 'x', created_at + 1, next_at, 'skipped' FROM outbox")
                .execute(c).await.map(drop))?;
            Ok(())
        }));
        write.await.unwrap();
        assert!(visit.page(&personal).await.contains("not accepted"));
        visit.end().await;
    }

    async fn a_seat_is_counted_however_late_the_capacity_comes(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.upcoming().await.public_id;
        let seat = webcasts::NewSeat {
            slug: Slug::parse("partnering-for-growth").unwrap(),
            session,
            name: PersonName::parse("Ada").unwrap(),
            email: EmailAddress::parse("ada@example.net").unwrap(),
            filled: commonground::questions::Filled::default(),
            consent: false,
            agreed_to: commonground::contacts::AgreedTo::default(),
            origin: Origin::default(),
            network: Vec::new(),
            code: String::new(),
            suspicious: false,
        };
        let db = visit.running.state.db.clone();
        let known = { let seat = seat.clone(); db.write(move |tx| {
            let seat = seat.clone();
            Box::pin(async move { Ok(webcasts::insert_contacts(tx, &[&seat], false, NOW).await?.pop().unwrap()) })
        }).await.unwrap() };
        assert!(!known.is_counted());
        // An organizer sets a capacity, and is not done yet.
        let held = Arc::new(Notify::new());
        let capacity = tokio::spawn({ let (db, held) = (db.clone(), Arc::clone(&held)); async move {
            db.write(move |tx| {
                let held = Arc::clone(&held);
                Box::pin(async move {
                    let id = webcasts::hold_session(tx, session).await?.unwrap().id;
                    on_db!(tx, c => sqlx::query("UPDATE sessions SET capacity = 1 WHERE id = $1").bind(id).execute(c).await.map(drop))?;
                    held.notify_one();
                    wait_for_one_who_waits(tx).await;
                    Ok(())
                })
            }).await.unwrap();
        }});
        held.notified().await;
        let seated = db.write({ let seat = seat.clone(); move |tx| {
            let (seat, known) = (seat.clone(), known.clone());
            Box::pin(async move {
                let (contact_id, public_id) = (known.contact.id, PublicId::random());
                let drawn = webcasts::DrawnSeat { seat: &seat, contact_id, public_id, place: webcasts::Seating::Uncounted, is_confirmed: false };
                webcasts::insert_seats(tx, &[drawn], NOW).await
            })
        }}).await.unwrap();
        capacity.await.unwrap();
        assert!(seated.is_empty(), "it is to be counted");
        visit.register("Ada", "ada@example.net", &session.to_string()).await;
        assert_eq!(visit.seats_taken().await, [1]);
        visit.end().await;
    }

    async fn a_visitor_changes_cancels_and_returns(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(1)).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        let personal = link(&visit.mails(1).await[0], "/registrations/");
        let wrong = visit.post(&format!("{personal}/edit"), &[("name", ""), ("time_zone", "Mars")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("Enter your name.") && page.contains("value=\"Mars\""));
        let fields = [("name", "Ada King"), ("time_zone", "Europe/Berlin")];
        visit.post(&format!("{personal}/edit"), &fields).await;
        let page = visit.page(&personal).await;
        assert!(page.contains("Ada King") && page.contains("8:00 to 9:00 pm</time>") && page.contains("Your time (Berlin)"), "{page}");
        visit.post(&format!("{personal}/edit"), &[("name", "Ada King")]).await;
        assert!(visit.page(&personal).await.contains("Your time (Berlin)"), "a form without the field leaves the zone");
        visit.post(&format!("{personal}/edit"), &[("name", "Ada King"), ("time_zone", "")]).await;
        assert!(!visit.page(&personal).await.contains("Berlin time"), "an emptied field clears it");
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts WHERE confirmed_at IS NOT NULL").await, 1);
        visit.post(&format!("{personal}/cancel"), &[]).await;
        assert!(visit.page(&personal).await.contains("Your registration is cancelled"));
        assert_eq!(visit.upcoming().await.seats_taken, 0, "the seat is free");
        visit.post(&format!("{personal}/cancel"), &[]).await;
        assert!(!visit.page(&format!("{personal}?done=again")).await.contains("registered again"));
        // Nothing of a cancelled registration is changed, and no seat is taken for it.
        let other = visit.add_session(Some(1)).await.to_string();
        let unsaved = visit.post(&format!("{personal}/edit"), &[("name", "Ada"), ("session", &other)]).await;
        assert!(visit.page(&location(&unsaved)).await.contains("nothing was saved"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM sessions WHERE seats_taken > 0").await, 0);
        let mails = visit.mails(2).await;
        assert!(mails[1].subject.starts_with("Your registration is cancelled"));
        visit.post(&format!("{personal}/again"), &[]).await;
        visit.post(&format!("{personal}/again"), &[]).await;
        let taken = visit.count("SELECT COUNT(*) FROM sessions WHERE seats_taken = 1").await;
        assert_eq!(taken, 1, "two clicks take one seat");
        assert!(visit.mails(3).await[2].subject.starts_with("You are registered"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 3, "nor is there a second mail");
        assert!(!visit.page(&format!("{personal}?done=cancelled")).await.contains("Your registration is cancelled"));
        visit.end().await;
    }

    async fn a_seat_that_somebody_else_took_may_become_free(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(1)).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        let personal = link(&visit.mails(1).await[0], "/registrations/");
        visit.post(&format!("{personal}/cancel"), &[]).await;
        visit.register("Bo", "bo@example.net", &session).await;
        let full = visit.post(&format!("{personal}/again"), &[]).await;
        assert_eq!(full.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(full.text().await.unwrap().contains("A place may become free"));
        visit.end().await;
    }

    async fn moving_to_another_session_moves_the_seat(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(|update| update.capacity = Some(5)).await;
        let first = visit.session_id().await;
        let full = visit.add_session(Some(1)).await.to_string();
        visit.register("Bo", "bo@example.net", &full).await;
        visit.register("Ada", "ada@example.net", &first).await;
        let mails = visit.mails(2).await;
        let ada = mails.iter().find(|mail| mail.to.contains("ada@")).unwrap();
        let bo = mails.iter().find(|mail| mail.to.contains("bo@")).unwrap();
        let move_ada = [("name", "Ada"), ("session", full.as_str())];
        let refused = visit.post(&format!("{}/edit", link(ada, "/registrations/")), &move_ada).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().await.unwrap().contains("This session is full."));
        visit.post(&format!("{}/edit", link(bo, "/registrations/")), &[("name", "Bo"), ("session", &first)]).await;
        visit.post(&format!("{}/edit", link(ada, "/registrations/")), &move_ada).await;
        assert!(visit.page(&link(ada, "/registrations/")).await.contains("December 11"));
        visit.end().await;
    }

    async fn the_way_in_opens_records_and_becomes_the_replay(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        let mail = visit.mails(1).await.pop().unwrap();
        let (join, personal) = (link(&mail, "/join/"), link(&mail, "/registrations/"));
        let early = visit.page(&join).await;
        assert!(early.contains("You are early") && !early.contains("/registrations/"), "calendars are shared");
        let early = visit.post(&join, &[]).await;
        assert_eq!(location(&early), join, "nothing opens early");
        let start = visit.upcoming().await.starts_at;
        visit.clock.advance(start.duration_since(NOW) - SignedDuration::from_mins(30));
        assert!(visit.page(&join).await.contains("We are getting ready"));
        visit.change(|update| update.join_url = Some(HttpUrl::parse("https://video.example.net/j/1").unwrap())).await;
        let page = visit.page(&join).await;
        assert!(page.contains("Join now") && !page.contains("video.example.net"), "scanners learn nothing");
        assert_eq!(visit.count("SELECT COUNT(*) FROM attendance").await, 0, "a GET records nothing");
        for _ in 0..2 {
            let through = visit.post(&join, &[]).await;
            assert_eq!(through.status(), StatusCode::SEE_OTHER);
            assert!(visit.page(&location(&through)).await.contains("url=https://video.example.net/j/1"));
        }
        futures_util::future::join_all((0..8).map(|_| visit.post(&join, &[]))).await;
        assert_eq!(visit.count("SELECT COUNT(*) FROM attendance WHERE source = 'join'").await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts WHERE confirmed_at IS NOT NULL").await, 1);
        visit.clock.advance(SignedDuration::from_mins(91));
        assert!(visit.page(&join).await.contains("This session is over"));
        // From a page that was opened before.
        let late = visit.post(&format!("{personal}/cancel"), &[]).await;
        assert!(visit.page(&location(&late)).await.contains("nothing to cancel"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE state = 'registered'").await, 1);
        visit.change(|update| update.replay_url = Some(HttpUrl::parse("https://video.example.net/r/1").unwrap())).await;
        assert!(visit.page(&join).await.contains("Watch the replay"));
        let through = visit.post(&join, &[]).await;
        assert!(visit.page(&location(&through)).await.contains("url=https://video.example.net/r/1"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM attendance WHERE source = 'replay'").await, 1);
        visit.end().await;
    }

    async fn links_that_are_not_ours_open_nothing(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        let mail = visit.mails(1).await.pop().unwrap();
        let personal = link(&mail, "/registrations/");
        let token = personal.strip_prefix("/registrations/").unwrap();
        let join = link(&mail, "/join/");
        let join_token = join.strip_prefix("/join/").unwrap();
        let other = if token[10..].starts_with('A') { 'B' } else { 'A' };
        let tampered = format!("{}{other}{}", &token[..10], &token[11..]);
        let paths = [
            format!("/registrations/{join_token}"),
            format!("/registrations/{join_token}/calendar.ics"),
            format!("/join/{token}"),
            format!("/downloads/{token}"),
            format!("/registrations/{tampered}"),
            "/registrations/x".to_owned(),
            "/registrations/%00".to_owned(),
        ];
        for path in paths {
            let answer = visit.get(&path).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
            let page = answer.text().await.unwrap();
            assert!(!page.contains("Ada") && page.contains("href=\"/\""), "{path}: a way onward, nothing else");
        }
        for action in ["edit", "cancel", "again"] {
            let answer = visit.post(&format!("/registrations/{join_token}/{action}"), &[("name", "Eve")]).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        }
        // Raising the generation revokes what was mailed.
        let revoke = visit.running.state.db.write(|tx| Box::pin(async move {
            on_db!(tx, c => sqlx::query("UPDATE registrations SET link_generation = link_generation + 1")
                .execute(c).await.map(drop))?;
            Ok(())
        }));
        revoke.await.unwrap();
        assert_eq!(visit.get(&personal).await.status(), StatusCode::NOT_FOUND);
        visit.end().await;
    }

    async fn posts_from_elsewhere_are_refused(test: TestDb) {
        let visit = Visit::start(&test).await;
        let answer = visit.client
            .post(format!("{}{WEBCAST}/register", visit.base))
            .header("sec-fetch-site", "cross-site")
            .body("name=Ada")
            .send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        assert!(answer.text().await.unwrap().contains("This form came from another place"));
        visit.end().await;
    }
}
