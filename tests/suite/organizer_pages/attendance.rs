//! What became of a registration stands on it: written by a click, by an organizer, and a day after the end.

use commonground::values::LinkPurpose;
use commonground::webcasts::store::{move_seat, seat_by_contact};

use super::acting::second_session;
use super::*;

impl Site {
    /// How each stands, in the order in which they registered.
    async fn standing(&self) -> Vec<(String, Option<i64>, Option<i64>)> {
        let mut conn = self.running.state.db.read().await.unwrap();
        on_db!(conn, c => sqlx::query_as("SELECT attendance, first_join, replay_at FROM registrations ORDER BY id").fetch_all(c).await)
            .unwrap()
    }

    async fn words(&self) -> Vec<String> {
        self.standing().await.into_iter().map(|(word, ..)| word).collect()
    }

    /// The seat of the person with this row.
    async fn seat_of(&self, contact: i64, session: PublicId) -> commonground::webcasts::Seat {
        let mut conn = self.running.state.db.read().await.unwrap();
        seat_by_contact(&mut conn, contact, session).await.unwrap().unwrap()
    }
}

on_both_databases! {
    async fn it_is_known_by_a_click_and_a_day_after_the_end(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let session = site.upcoming().await;
        for name in ["ada", "bo", "cem", "dora"] {
            site.seat(session, name, &format!("{name}@example.org")).await;
        }
        assert_eq!(site.words().await, ["unknown"; 4]);
        site.run("UPDATE sessions SET join_url = 'https://video.example/j/1', replay_url = 'https://video.example/r/1'").await;
        // Ada joins by her own link; a second click changes nothing.
        let starts: i64 = { let mut conn = site.running.state.db.read().await.unwrap(); on_db!(conn, c => sqlx::query_scalar("SELECT MAX(starts_at) FROM sessions").fetch_one(c).await).unwrap() };
        let start = jiff::Timestamp::from_microsecond(starts).unwrap();
        site.clock.advance(start.duration_since(NOW));
        let join = async |contact: i64| {
            let seat = site.seat_of(contact, session).await;
            let link = site.running.state.links.sign(LinkPurpose::Join, seat.public_id, 0);
            let visitor = Browser::new(&site);
            assert_eq!(visitor.post(&format!("/join/{link}"), &[]).await.status(), StatusCode::SEE_OTHER);
        };
        join(1).await;
        site.clock.advance(SignedDuration::from_mins(5));
        join(1).await;
        assert_eq!(site.standing().await[0], ("attended".to_owned(), Some(starts), None));
        // Bo watches the replay; Cem cancels when all is over.
        site.clock.advance(SignedDuration::from_hours(3));
        join(2).await;
        assert_eq!(site.words().await, ["attended", "replay_only", "unknown", "unknown"]);
        commonground::app::note_absences(&site.running.state).await.unwrap();
        assert_eq!(site.words().await[2], "unknown", "a video service's own list may still come");
        site.clock.advance(SignedDuration::from_hours(24));
        commonground::app::note_absences(&site.running.state).await.unwrap();
        assert_eq!(site.words().await, ["attended", "replay_only", "no_show", "no_show"]);
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let seat = site.seat_of(3, session).await;
        browser.post(&format!("/organizer/registrations/{}/cancel", seat.public_id), &[]).await;
        assert_eq!(site.words().await[2], "unknown", "who gave the place back was not awaited");
        // The file and the list say the same.
        let file = browser.page(&format!("/organizer/exports/attendees.csv?webcast={SLUG}&columns=full_name,attendance&attendance=no_show")).await;
        assert!(file.ends_with("dora,no_show\r\n") && file.lines().count() == 2, "{file}");
        // The session is put off: who was not there may still come.
        let later = format!("UPDATE sessions SET ends_at = {} WHERE starts_at = {starts}", (site.clock.now() + SignedDuration::from_hours(5)).as_microsecond());
        site.run(later.leak()).await;
        commonground::app::note_absences(&site.running.state).await.unwrap();
        assert_eq!(site.words().await, ["attended", "replay_only", "unknown", "unknown"]);
        site.running.stop().await;
    }

    async fn in_another_session_nobody_was_seen_yet(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let first = site.upcoming().await;
        site.seat(first, "ada", "ada@example.org").await;
        let other = second_session(&site).await;
        site.run("INSERT INTO attendance (registration_id, session_id, source, from_at, to_at) SELECT id, session_id, 'import', 60000000, 1860000000 FROM registrations").await;
        site.reckon_attendance().await;
        assert_eq!(site.standing().await[0].0, "attended");
        let go = |from: PublicId, to: PublicId| {
            site.running.state.db.write(move |tx| {
                Box::pin(async move {
                    let session = |id: PublicId| id.as_bytes().to_vec();
                    let from: i64 = on_db!(tx, c => sqlx::query_scalar("SELECT id FROM sessions WHERE public_id = $1").bind(session(from)).fetch_one(c).await)?;
                    let to: i64 = on_db!(tx, c => sqlx::query_scalar("SELECT id FROM sessions WHERE public_id = $1").bind(session(to)).fetch_one(c).await)?;
                    move_seat(tx, 1, from, to).await
                })
            })
        };
        assert!(go(first, other).await.unwrap());
        assert_eq!(site.standing().await[0], ("unknown".to_owned(), None, None));
        assert!(go(other, first).await.unwrap());
        assert_eq!(site.standing().await[0], ("attended".to_owned(), Some(60_000_000), None), "back where they were seen");
        site.running.stop().await;
    }
}
