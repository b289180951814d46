//! The waiting list, from the visitor's side: who waits, whose turn it is, and what an offer is worth.

use futures_util::future::join_all;
use reqwest::StatusCode;

use super::*;
use crate::on_both_databases;

const REGISTERED: &str = "SELECT COUNT(*) FROM registrations WHERE state = 'registered'";
const WAITING: &str = "SELECT COUNT(*) FROM registrations WHERE state = 'waitlisted'";
const OFFERED: &str = "SELECT COUNT(*) FROM registrations WHERE state = 'offered'";

fn waits(places: i64, list: WaitingList) -> impl Fn(&mut SessionUpdate) {
    move |update| {
        update.capacity = Some(places);
        update.entry.waiting_list = list;
    }
}

impl Visit {
    /// From a network of their own.
    async fn comes(&self, number: usize) -> String {
        let session = self.session_id().await;
        let email = format!("p{number}@example.org");
        let fields = [("name", "Ada"), ("email", email.as_str()), ("session", &session)];
        let ip = format!("10.{}.{}.1", number / 250, number % 250);
        loop {
            let answer = self.post_from(&ip, &format!("{WEBCAST}/register"), &fields).await;
            // 503 asks to come back.
            if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                assert_eq!(answer.status(), StatusCode::SEE_OTHER);
                return location(&answer);
            }
        }
    }

    async fn give_turns(&self) {
        commonground::app::give_turns(&self.running.state).await.unwrap();
    }

    /// Where somebody's own page is, out of their newest mail.
    async fn own_page(&self, mails: usize, number: usize) -> String {
        let to = format!("p{number}@example.org");
        let mails = self.mails(mails).await;
        let newest = mails.iter().rfind(|mail| mail.envelope_to == [to.as_str()]).unwrap();
        link(newest, "/registrations/")
    }
}

on_both_databases! {
    async fn a_place_that_is_given_back_goes_to_whoever_has_waited_longest(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(waits(1, WaitingList::AtOnce)).await;
        assert!(!visit.comes(0).await.contains("promise"));
        let page = visit.page(WEBCAST).await;
        assert!(page.contains("Join the waiting list") && page.contains("Put me on the waiting list"), "{page}");
        let thanks = visit.comes(1).await;
        assert!(thanks.contains("promise=turn"), "{thanks}");
        assert!(visit.page(&thanks).await.contains("You are on the waiting list"));
        visit.comes(2).await;
        let mails = visit.mails(3).await;
        assert_eq!(mails[1].subject, "You are on the waiting list: Partnering For Growth, Innovation, And Profits");
        assert!(mails[1].attachments.is_empty() && !mails[1].text.contains("/join/"), "{}", mails[1].text);
        let (first, second) = (visit.own_page(3, 1).await, visit.own_page(3, 2).await);
        assert!(visit.page(&first).await.contains("Nobody is before you."));
        assert!(visit.page(&second).await.contains("One person is before you."));
        assert_eq!(visit.get(&format!("{first}/calendar.ics")).await.status(), StatusCode::NOT_FOUND);
        // Whoever has the place gives it back. It goes on only when that cannot be undone any more.
        let holder = visit.own_page(3, 0).await;
        visit.post(&format!("{holder}/cancel"), &[]).await;
        visit.give_turns().await;
        assert_eq!((visit.count(REGISTERED).await, visit.count(WAITING).await), (0, 2));
        // Who comes meanwhile waits behind the others, though a place is free.
        assert!(visit.comes(3).await.contains("promise=turn"));
        visit.clock.advance(SignedDuration::from_mins(11));
        visit.give_turns().await;
        assert_eq!((visit.count(REGISTERED).await, visit.count(WAITING).await), (1, 2));
        let mails = visit.mails(6).await;
        let theirs = mails.iter().rfind(|mail| mail.envelope_to == ["p1@example.org"]).unwrap();
        assert!(theirs.subject.starts_with("You are registered") && !theirs.attachments.is_empty());
        assert!(visit.page(&first).await.contains("You are registered"));
        assert!(visit.page(&second).await.contains("Nobody is before you."));
        // One does not want to wait any more; nobody hears of it, and nobody gets a place by it.
        visit.post(&format!("{second}/cancel"), &[]).await;
        assert!(visit.page(&second).await.contains("Your registration is cancelled"));
        visit.give_turns().await;
        assert_eq!((visit.count(REGISTERED).await, visit.upcoming().await.seats_taken), (1, 1));
        visit.mails(6).await;
        // With more places the next one has theirs at once.
        visit.clock.advance(SignedDuration::from_mins(11));
        visit.change(waits(5, WaitingList::AtOnce)).await;
        visit.give_turns().await;
        assert_eq!((visit.count(REGISTERED).await, visit.count(WAITING).await), (2, 0));
        assert!(visit.page(WEBCAST).await.contains("Register for the webcast"));
        visit.end().await;
    }

    async fn an_offer_is_taken_once_and_in_time(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(waits(1, WaitingList::Offer)).await;
        for number in 0..4 {
            visit.comes(number).await;
        }
        let holder = visit.own_page(4, 0).await;
        visit.post(&format!("{holder}/cancel"), &[]).await;
        visit.clock.advance(SignedDuration::from_mins(10));
        visit.give_turns().await;
        assert_eq!((visit.count(OFFERED).await, visit.upcoming().await.seats_taken), (1, 1));
        let mails = visit.mails(6).await;
        let offer = mails.last().unwrap();
        assert_eq!((offer.subject.as_str(), offer.envelope_to[0].as_str()), ("A place is free: Partnering For Growth, Innovation, And Profits", "p1@example.org"));
        assert!(offer.attachments.is_empty() && offer.text.contains("It is kept until"), "{}", offer.text);
        let first = link(offer, "/registrations/");
        let page = visit.page(&first).await;
        assert!(page.contains("A place is free") && page.contains("Take the place"), "{page}");
        // Not in time: it goes on at once, and a click that comes later takes nothing.
        visit.clock.advance(SignedDuration::from_hours(24));
        visit.give_turns().await;
        let late = visit.post(&format!("{first}/confirm"), &[]).await;
        assert!(!visit.page(&location(&late)).await.contains("The place is yours"));
        let mails = visit.mails(8).await;
        assert!(mails.iter().any(|mail| mail.subject.starts_with("The place went on") && mail.envelope_to == ["p1@example.org"]));
        let second = visit.own_page(8, 2).await;
        for _ in 0..2 {
            let taken = visit.post(&format!("{second}/confirm"), &[]).await;
            assert!(visit.page(&location(&taken)).await.contains("The place is yours."));
        }
        assert_eq!((visit.count(REGISTERED).await, visit.count(OFFERED).await, visit.upcoming().await.seats_taken), (1, 0, 1));
        assert!(visit.mails(9).await[8].subject.starts_with("You are registered"));
        // Whoever missed it waits again, behind the one who is left.
        let again = visit.post(&format!("{first}/again"), &[]).await;
        assert!(visit.page(&location(&again)).await.contains("One person is before you."));
        // Given back by its owner, an offer goes on; and no offer lasts beyond the start.
        visit.post(&format!("{second}/cancel"), &[]).await;
        let start = visit.upcoming().await.starts_at;
        visit.clock.advance(start.duration_since(visit.clock.now()) - SignedDuration::from_hours(1));
        visit.give_turns().await;
        let third = visit.own_page(12, 3).await;
        assert!(visit.page(&third).await.contains("Take the place"));
        visit.clock.advance(SignedDuration::from_hours(1));
        let late = visit.post(&format!("{third}/confirm"), &[]).await;
        assert!(visit.page(&location(&late)).await.contains("The time to take the place is over."));
        visit.give_turns().await;
        assert_eq!((visit.count(REGISTERED).await, visit.count(OFFERED).await), (0, 0), "nobody's turn comes after the start");
        visit.end().await;
    }

    async fn two_hundred_at_once_for_fifty_places(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(waits(50, WaitingList::Offer)).await;
        // Somebody confirmed, somebody with an offer, and some who are held back, before all others come.
        for number in 300..304 {
            visit.comes(number).await;
        }
        visit.sql("UPDATE contacts SET confirmed_at = 1 WHERE email = 'p300@example.org'").await;
        visit.sql("UPDATE registrations SET state = 'offered', offer_until = 9000000000000000 WHERE id = 2").await;
        visit.sql("UPDATE registrations SET state = 'held', held_until = 9000000000000000 WHERE id = 3").await;
        visit.sql("UPDATE sessions SET seats_taken = seats_taken - 1 WHERE capacity IS NOT NULL").await;
        join_all((0..200).map(|number| visit.comes(number))).await;
        let has_place = visit.count(REGISTERED).await + visit.count(OFFERED).await;
        assert_eq!((has_place, visit.count(WAITING).await, visit.upcoming().await.seats_taken), (50, 153, 50));
        visit.give_turns().await;
        assert_eq!((visit.count(REGISTERED).await, visit.count(OFFERED).await), (49, 1));
        visit.end().await;
    }

    async fn everybody_reads_the_same_whoever_is_known(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(waits(1, WaitingList::AtOnce)).await;
        visit.comes(0).await;
        let stranger = visit.comes(1).await;
        visit.clock.advance(SignedDuration::from_mins(30));
        let (waiting, registered) = (visit.comes(1).await, visit.comes(0).await);
        let address = |path: &str| path.split('#').next().unwrap().to_owned();
        assert_eq!(address(&waiting), address(&stranger));
        assert_eq!(address(&registered), address(&stranger));
        let mails = visit.mails(4).await;
        let of = |to: &str| mails.iter().filter(|mail| mail.envelope_to == [to]).map(|mail| mail.text.as_str()).collect::<String>();
        assert_eq!(of("p1@example.org").matches("Every place in this webcast is taken.").count(), 2, "{mails:?}");
        assert!(of("p0@example.org").contains("You have a place already."), "{mails:?}");
        assert_eq!((visit.count(REGISTERED).await, visit.count(WAITING).await), (1, 1));
        visit.end().await;
    }

    async fn a_session_that_is_called_off_is_told_to_those_who_wait_without_a_calendar_entry(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.change(waits(1, WaitingList::AtOnce)).await;
        visit.comes(0).await;
        visit.comes(1).await;
        visit.mails(2).await;
        let session = visit.upcoming().await;
        let write = visit.running.state.db.write(move |tx| Box::pin(async move {
            webcasts::call_off(tx, session.id, Some("Ill."), NOW).await?;
            commonground::webcasts::fan_out::begin(tx, session.id, session.starts_at, NOW).await
        }));
        write.await.unwrap();
        visit.running.state.bell.ring();
        let mails = visit.mails(4).await;
        let of = |to: &str| mails.iter().rfind(|mail| mail.envelope_to == [to]).unwrap();
        assert!(!of("p0@example.org").attachments.is_empty());
        assert!(of("p1@example.org").attachments.is_empty() && of("p1@example.org").subject.starts_with("Called off"));
        visit.end().await;
    }
}
