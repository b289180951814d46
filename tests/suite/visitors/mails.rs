//! The mails themselves: what an independent reader makes of them.

use icalendar::{Calendar, Component};

use commonground::webcasts::fan_out;

use super::*;
use crate::on_both_databases;
use crate::support::db::TestDb;

/// The calendar part, as the `icalendar` library reads it.
fn invitation(mail: &CaughtMail) -> Calendar {
    let file = mail
        .attachments
        .iter()
        .find(|file| file.content_type.contains("ics"))
        .expect("an invitation");
    String::from_utf8(file.bytes.clone()).unwrap().parse().unwrap()
}

fn property(calendar: &Calendar, name: &str) -> String {
    let event = calendar.components[0].as_event().unwrap();
    event.property_value(name).unwrap_or_default().to_owned()
}

/// Words only, so that the two forms of a mail can be compared.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn visible(html: &str) -> String {
    let body = html.split("<body").nth(1).unwrap();
    let mut text = String::new();
    let mut inside = true;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

/// Moves the session by so many hours, and has everybody told.
async fn move_session(visit: &Visit, hours: i64) {
    let before = visit.upcoming().await;
    let by = SignedDuration::from_hours(hours);
    let write = visit.running.state.db.write(move |tx| {
        let before = before.clone();
        Box::pin(async move {
            let update = SessionUpdate {
                starts_at: before.starts_at + by,
                ends_at: before.ends_at + by,
                ..SessionUpdate::of(&before)
            };
            webcasts::update_session(tx, before.id, &update, true, NOW).await?;
            fan_out::begin(tx, before.id, before.starts_at, NOW).await
        })
    });
    write.await.unwrap();
}

/// While no relay is set: moves the session, and waits for the mails of one move before the next.
async fn move_unheard(test: &TestDb, hours: &[i64]) {
    let visit = Visit::start_with(test, &[("smtp_url", "")]).await;
    for hours in hours {
        move_session(&visit, *hours).await;
        while visit.count("SELECT COUNT(*) FROM fan_outs").await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    visit.end().await;
}

on_both_databases! {
    async fn an_invitation_keeps_its_identity_through_its_life(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        let other = visit.add_session(None).await.to_string();
        visit.register("Ada Lovelace", "ada@example.net", &session).await;
        let confirmation = visit.mails(1).await.pop().unwrap();
        let request = invitation(&confirmation);
        assert_eq!(request.property_value("METHOD"), Some("REQUEST"));
        assert_eq!(property(&request, "DTSTART"), "20261204T190000Z");
        assert_eq!(property(&request, "DTEND"), "20261204T200000Z");
        assert_eq!(property(&request, "SEQUENCE"), "0");
        let personal = link(&confirmation, "/registrations/");
        assert!(!format!("{request}").contains("/registrations/"), "calendars are shared");
        let published: Calendar = visit.page(&format!("{personal}/calendar.ics")).await.parse().unwrap();
        assert_eq!(property(&published, "UID"), property(&request, "UID"));
        assert_eq!(published.property_value("METHOD"), Some("PUBLISH"));
        visit.post(&format!("{personal}/edit"), &[("name", "Ada Lovelace"), ("session", &other)]).await;
        let moved = invitation(&visit.mails(2).await[1]);
        assert_eq!((property(&moved, "UID"), property(&moved, "SEQUENCE")), (property(&request, "UID"), "1".to_owned()));
        assert_eq!(property(&moved, "DTSTART"), "20261211T190000Z");
        visit.post(&format!("{personal}/cancel"), &[]).await;
        let cancelled = invitation(&visit.mails(3).await[2]);
        assert_eq!(cancelled.property_value("METHOD"), Some("CANCEL"));
        assert_eq!(property(&cancelled, "STATUS"), "CANCELLED");
        assert_eq!((property(&cancelled, "UID"), property(&cancelled, "SEQUENCE")), (property(&request, "UID"), "2".to_owned()));
        visit.end().await;
    }

    async fn text_and_html_say_the_same(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada & Söhne", "ada@example.net", &session).await;
        visit.request("Ada & Söhne", "ada@example.net").await;
        for mail in visit.mails(2).await {
            let html = visible(&mail.html).replace("&#38;", "&").replace("&amp;", "&");
            let html = words(&html);
            // Links are text in the one and targets in the other.
            let text: String = mail.text.lines().filter(|line| !line.contains("http")).collect::<Vec<_>>().join("\n");
            let missing: Vec<String> = words(&text).into_iter().filter(|word| !html.contains(word)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", mail.subject);
            for url in mail.text.split_whitespace().filter(|word| word.starts_with("http")) {
                assert!(mail.html.contains(&url.replace('&', "&#38;")), "{url}");
            }
            assert!(!mail.html.contains("<img") && !mail.html.contains("<script"));
        }
        visit.end().await;
    }

    async fn everybody_in_a_moved_session_is_told_once(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        for n in 0..5 {
            visit.register("Ada", &format!("ada-{n}@example.net"), &session).await;
        }
        let back = link(&visit.mails(5).await[0], "/registrations/");
        // What is done a second later is done after the change: a newcomer, and one who cancels and comes back.
        visit.clock.advance(SignedDuration::from_secs(1));
        visit.register("Late", "late@example.net", &session).await;
        visit.post(&format!("{back}/cancel"), &[]).await;
        visit.mails(7).await;
        visit.post(&format!("{back}/again"), &[]).await;
        visit.mails(8).await;
        move_session(&visit, 1).await;
        let mails = visit.mails(12).await;
        for mail in &mails[8..] {
            assert!(mail.subject.starts_with("New time"), "{}", mail.subject);
            assert!(mail.text.contains("12:00"), "{}", mail.text);
            assert_eq!(property(&invitation(mail), "SEQUENCE"), "1");
        }
        let told: std::collections::HashSet<&String> = mails[8..].iter().map(|mail| &mail.to).collect();
        assert_eq!(told.len(), 4, "those who know the new time already are told nothing");
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox WHERE kind = 'session-update'").await, 4);
        visit.end().await;
    }
    async fn the_calendar_follows_into_a_session_that_was_moved_less_often(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (session, first) = (visit.session_id().await, visit.upcoming().await);
        visit.register("Ada", "ada@example.net", &session).await;
        let personal = link(&visit.mails(1).await[0], "/registrations/");
        for n in 2..5 {
            move_session(&visit, 1).await;
            visit.mails(n).await;
        }
        let other = visit.add_session(None).await.to_string();
        visit.post(&format!("{personal}/edit"), &[("name", "Ada"), ("session", &other)]).await;
        assert_eq!(property(&invitation(&visit.mails(5).await[4]), "SEQUENCE"), "4", "it was 3");
        move_session(&visit, 1).await;
        assert_eq!(property(&invitation(&visit.mails(6).await[5]), "SEQUENCE"), "5");
        // Given back, and a seat taken again in the first one.
        visit.post(&format!("{personal}/cancel"), &[]).await;
        assert_eq!(property(&invitation(&visit.mails(7).await[6]), "SEQUENCE"), "6");
        visit.register("Ada", "ada@example.net", &first.public_id.to_string()).await;
        visit.mails(8).await;
        visit.post(&format!("{personal}/again"), &[]).await;
        let again = invitation(&visit.mails(9).await[8]);
        assert_eq!(property(&again, "SEQUENCE"), "9", "the first one has 3 of its own");
        visit.end().await;
    }

    async fn a_seat_that_is_taken_again_before_its_confirmation_went_is_confirmed_once(test: TestDb) {
        let visit = Visit::start_with(&test, &[("smtp_url", "")]).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        let seat: Vec<u8> = {
            let mut conn = visit.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM registrations").fetch_one(c).await).unwrap()
        };
        let id = PublicId::from_slice(&seat).unwrap();
        let token = visit.running.state.links.sign(commonground::values::LinkPurpose::Registration, id, 0);
        for action in ["cancel", "again"] {
            visit.post(&format!("/registrations/{token}/{action}"), &[]).await;
        }
        visit.end().await;
        let visit = Visit::start(&test).await;
        assert!(visit.mails(1).await[0].subject.starts_with("You are registered"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox WHERE kind = 'confirmation'").await, 1);
        visit.end().await;
    }

    async fn who_moves_on_while_the_news_waits_is_not_told_that_the_session_moved(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        let personal = link(&visit.mails(1).await[0], "/registrations/");
        visit.end().await;
        move_unheard(&test, &[1]).await;
        let visit = Visit::start_with(&test, &[("smtp_url", "")]).await;
        let other = visit.add_session(None).await.to_string();
        visit.post(&format!("{personal}/edit"), &[("name", "Ada"), ("session", &other)]).await;
        visit.end().await;
        let visit = Visit::start(&test).await;
        let mail = visit.mails(1).await.pop().unwrap();
        assert!(mail.text.contains("As you asked") && !mail.text.contains("Before"), "{}", mail.text);
        assert!(mail.subject.starts_with("Your registration was changed"), "{}", mail.subject);
        visit.end().await;
    }

    async fn a_mail_that_waits_tells_the_last_time_and_none_that_was_never_told(test: TestDb) {
        let visit = Visit::start_with(&test, &[("smtp_url", "")]).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        visit.end().await;
        move_unheard(&test, &[1, 1]).await;
        let visit = Visit::start(&test).await;
        let confirmation = visit.mails(1).await.pop().unwrap();
        assert!(confirmation.subject.starts_with("You are registered"), "{}", confirmation.subject);
        assert!(confirmation.text.contains(" 1:00 "), "{}", confirmation.text);
        assert_eq!(property(&invitation(&confirmation), "SEQUENCE"), "2");
        visit.end().await;
        // Six in the evening is never told.
        move_unheard(&test, &[5, -2]).await;
        let visit = Visit::start(&test).await;
        let moved = visit.mails(1).await.pop().unwrap();
        assert!(moved.subject.starts_with("New time"), "{}", moved.subject);
        let (new, before) = moved.text.split_once("Before:").unwrap();
        assert!(new.contains(" 4:00 ") && before.contains(" 1:00 ") && !moved.text.contains(" 6:00 "), "{}", moved.text);
        visit.end().await;
        // There and back: no time before.
        move_unheard(&test, &[1, -1]).await;
        let visit = Visit::start(&test).await;
        let same = visit.mails(1).await.pop().unwrap();
        assert!(same.subject.starts_with("Updated") && same.text.contains(" 4:00 "), "{}", same.text);
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 3);
        visit.end().await;
    }
}
