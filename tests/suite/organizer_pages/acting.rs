//! What organizers do to a person: cancel and undo, move after a look at the mail, correct, send again, note, add.

use commonground::values::LinkPurpose;

use super::*;

/// The state, session and sequence of the one seat.
async fn seat(site: &Site) -> (String, i64, i64) {
    let mut conn = site.running.state.db.read().await.unwrap();
    on_db!(conn, c => sqlx::query_as("SELECT state, session_id, sequence FROM registrations").fetch_one(c).await)
        .unwrap()
}

/// Kind, recipient and state of every mail, the oldest first.
async fn mails(site: &Site) -> Vec<(String, String, String)> {
    let mut conn = site.running.state.db.read().await.unwrap();
    on_db!(conn, c => sqlx::query_as("SELECT kind, recipient, state FROM outbox ORDER BY id").fetch_all(c).await)
        .unwrap()
}

async fn seat_id(site: &Site) -> PublicId {
    let mut conn = site.running.state.db.read().await.unwrap();
    let id: Vec<u8> =
        on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM registrations").fetch_one(c).await).unwrap();
    PublicId::from_slice(&id).unwrap()
}

/// The address of the newest person's page.
async fn newest(browser: &Browser<'_>) -> String {
    first_person(&browser.page("/organizer/people").await)
}

/// Where the Undo button of a page posts to, and what it says.
fn undo_button(page: &str) -> Option<(String, String)> {
    let form = page.split("action=\"/organizer/undo/").nth(1)?;
    let id = form.split('"').next()?;
    let label = form.split("type=\"submit\">").nth(1)?.split('<').next()?;
    Some((format!("/organizer/undo/{id}"), label.to_owned()))
}

/// A page that a post led to, and the way to it.
async fn after(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)]) -> (String, String) {
    let to = location(&browser.post(path, fields).await);
    let page = browser.page(&to).await;
    (to, page)
}

const SECOND_SESSION: &str = "INSERT INTO sessions
        (public_id, webcast_id, starts_at, ends_at, time_zone, capacity, state, created_at, updated_at)
    SELECT $1, webcast_id, starts_at + 604800000000, ends_at + 604800000000, time_zone, 1, 'closed', created_at, updated_at
      FROM sessions ORDER BY starts_at DESC LIMIT 1";

/// Another session a week later, of the same webcast, with one place.
pub(super) async fn second_session(site: &Site) -> PublicId {
    let id = PublicId::random();
    site.running
        .state
        .db
        .write(move |tx| {
            Box::pin(async move {
                on_db!(tx, c => sqlx::query(SECOND_SESSION).bind(id.as_bytes().to_vec()).execute(c).await.map(drop))?;
                Ok(())
            })
        })
        .await
        .unwrap();
    id
}

on_both_databases! {
    async fn a_registration_is_cancelled_and_that_undone_without_a_word(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, "Jane Doe", "jane@example.org").await;
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let (person, seat_path) = (newest(&browser).await, format!("/organizer/registrations/{}", seat_id(&site).await));
        let (to, page) = after(&browser, &format!("{seat_path}/cancel"), &[]).await;
        assert!(page.contains("The registration is cancelled. The mail about it goes in a minute."), "{page}");
        let (undo, label) = undo_button(&page).unwrap();
        assert_eq!((seat(&site).await.0.as_str(), label.as_str()), ("cancelled", "Undo"));
        // Elsewhere the same address of an act says nothing.
        assert!(undo_button(&browser.page(&to.replace(&person, "/organizer/mail")).await).is_none());
        let (_, page) = after(&browser, &undo, &[]).await;
        assert!(page.contains("Undone. All is as it was.") && page.contains("Registered"), "{page}");
        assert_eq!(seat(&site).await.0, "registered");
        let states: Vec<(String, String)> = mails(&site).await.into_iter().map(|(kind, _, state)| (kind, state)).collect();
        assert_eq!(states, [("confirmation".into(), "sent".into()), ("cancellation".into(), "cancelled".into())], "nobody is told of anything");
        // Two clicks on one button.
        let (_, page) = after(&browser, &undo, &[]).await;
        assert!(page.contains("too long ago, or it was undone already"), "{page}");
        let actions: Vec<String> = site.audit().await.into_iter().map(|(action, _, _)| action).collect();
        assert_eq!(actions, ["seat.cancel", "undo"]);
        site.running.stop().await;
    }

    async fn undone_after_the_mail_went_the_opposite_is_told(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, "Jane Doe", "jane@example.org").await;
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let cancel = format!("/organizer/registrations/{}/cancel", seat_id(&site).await);
        let (to, _) = after(&browser, &cancel, &[]).await;
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        site.clock.advance(SignedDuration::from_mins(9));
        let page = browser.page(&to).await;
        assert!(page.contains("The mail about it has gone."), "{page}");
        let (undo, label) = undo_button(&page).unwrap();
        assert_eq!(label, "Undo and tell them");
        after(&browser, &undo, &[]).await;
        assert_eq!(mails(&site).await.last().unwrap().0, "confirmation");
        assert_eq!(count(&site, "outbox WHERE kind = 'confirmation'").await, 2);
        // After ten minutes there is no button, and the post is refused.
        let (to, page) = after(&browser, &cancel, &[]).await;
        let (undo, _) = undo_button(&page).unwrap();
        site.clock.advance(SignedDuration::from_mins(10));
        assert!(undo_button(&browser.page(&to).await).is_none());
        let (_, page) = after(&browser, &undo, &[]).await;
        assert!(page.contains("too long ago"), "{page}");
        assert_eq!(seat(&site).await.0, "cancelled");
        // Again, of what is cancelled already: nothing, in words.
        let (_, page) = after(&browser, &cancel, &[]).await;
        assert!(page.contains("Nothing was changed: something else happened meanwhile."), "{page}");
        site.running.stop().await;
    }

    async fn undo_is_refused_where_something_else_happened(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let session = site.upcoming().await;
        site.run("UPDATE sessions SET capacity = 1").await;
        site.seat(session, "Jane Doe", "jane@example.org").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let (id, person) = (seat_id(&site).await, newest(&browser).await);
        let (_, page) = after(&browser, &format!("/organizer/registrations/{id}/cancel"), &[]).await;
        let (undo, _) = undo_button(&page).unwrap();
        // The place is somebody else's.
        site.seat(session, "Bo", "bo@example.org").await;
        let (_, page) = after(&browser, &undo, &[]).await;
        assert!(page.contains("the place is somebody else’s by now"), "{page}");
        // It is free again, and Jane takes it herself.
        site.run("DELETE FROM registrations WHERE name = 'Bo'").await;
        site.run("UPDATE sessions SET seats_taken = 0").await;
        let link = site.running.state.links.sign(LinkPurpose::Registration, id, 0);
        let back = browser.post(&format!("/registrations/{link}/again"), &[]).await;
        assert_eq!(back.status(), StatusCode::SEE_OTHER);
        let (to, page) = after(&browser, &undo, &[]).await;
        assert!(to.starts_with(&person) && page.contains("something else was changed since"), "{page}");
        assert_eq!(seat(&site).await.0, "registered");
        site.running.stop().await;
    }

    async fn a_seat_moves_after_a_look_at_the_mail(test: TestDb) {
        let site = Site::start_with(&test, &[("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Editor).await;
        let from = site.upcoming().await;
        site.seat(from, "Jane Doe", "jane@example.org").await;
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let path = format!("/organizer/registrations/{}/move", seat_id(&site).await);
        assert!(browser.page(&path).await.contains("no other session ahead"));
        let to = second_session(&site).await;
        let page = browser.page(&path).await;
        assert!(page.contains("1 place left") && page.contains("11 December 2026"), "{page}");
        for wrong in ["", "x", &PublicId::random().to_string(), &from.to_string()] {
            let refused = browser.post(&format!("{path}/review"), &[("session", wrong)]).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
        let before = seat(&site).await;
        let review = browser.post(&format!("{path}/review"), &[("session", &to.to_string())]).await.text().await.unwrap();
        for words in ["1 person: <bdi>Jane Doe</bdi>", "Move and tell Jane Doe", "We moved your registration to another session.", "invite.ics", "11 December 2026"] {
            assert!(review.contains(words), "{words}: {review}");
        }
        assert!(!review.contains("/registrations/A") && review.contains("private link"), "{review}");
        assert_eq!((seat(&site).await, mails(&site).await.len()), (before.clone(), 1), "a look changes nothing");
        let send = [("session", to.to_string()), ("from", from.to_string())];
        let send: Vec<(&str, &str)> = send.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (_, page) = after(&browser, &format!("{path}/send"), &send).await;
        assert!(page.contains("The registration is moved. The mail about it goes in a minute."), "{page}");
        assert_ne!(seat(&site).await.1, before.1);
        // Sent twice: the seat is not there any more.
        let (_, again) = after(&browser, &format!("{path}/send"), &send).await;
        assert!(again.contains("Nothing was changed"), "{again}");
        let (undo, _) = undo_button(&page).unwrap();
        after(&browser, &undo, &[]).await;
        assert_eq!(seat(&site).await.1, before.1);
        assert!(seat(&site).await.2 > before.2, "calendars hear of whatever comes next");
        let taken: Vec<i64> = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar("SELECT seats_taken FROM sessions WHERE capacity IS NOT NULL").fetch_all(c).await).unwrap()
        };
        assert_eq!(taken, [0], "the place is free again");
        // Its one place goes to somebody else: nobody moves there.
        site.run("UPDATE sessions SET seats_taken = 1 WHERE capacity = 1").await;
        assert!(browser.page(&path).await.contains("disabled"));
        let (_, page) = after(&browser, &format!("{path}/send"), &send).await;
        assert!(page.contains("no place is left in that session"), "{page}");
        site.running.stop().await;
    }

    async fn a_corrected_address_takes_everything_along(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, "Jane Deo", "jane@exmaple.org").await;
        site.run("UPDATE outbox SET state = 'failed', attempts = 1, last_code = 550, last_reply = '5.1.1 no such user', ended_at = 5").await;
        site.run("INSERT INTO suppressions (address_key, reason, created_at) VALUES ('jane@exmaple.org', 'bounced', 1)").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let person = newest(&browser).await;
        let edit = format!("{person}/edit");
        let old_link = site.running.state.links.sign(LinkPurpose::Registration, seat_id(&site).await, 0);
        assert_eq!(browser.get(&format!("/registrations/{old_link}")).await.status(), StatusCode::OK);
        // A slip is asked about, and what was typed stays.
        let refused = browser.post(&edit, &[("name", ""), ("email", "jane@gmail.con"), ("company", "Contoso")]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await.unwrap();
        assert!(page.contains("2 things need your attention") && page.contains("Use jane@gmail.com") && page.contains("value=\"Contoso\""), "{page}");
        let good = [("name", "Jane Doe"), ("email", "jane@example.org"), ("company", "Contoso"), ("send", "yes"), ("version", "0")];
        let (_, page) = after(&browser, &edit, &good).await;
        for words in ["Saved. What they asked for goes to the new address now.", "Jane Doe", "jane@example.org", "Contoso", "Not confirmed", "Added or corrected by Olga"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(mails(&site).await, [
            ("confirmation".to_owned(), "jane@exmaple.org".to_owned(), "cancelled".to_owned()),
            ("confirmation".to_owned(), "jane@example.org".to_owned(), "queued".to_owned()),
        ], "the old one is no trouble any more, and nobody there is told");
        assert_eq!(count(&site, "suppressions").await, 0);
        assert_eq!(count(&site, "registrations WHERE name = 'Jane Doe'").await, 1);
        assert_eq!(browser.get(&format!("/registrations/{old_link}")).await.status(), StatusCode::NOT_FOUND, "the stranger's link");
        let new_link = site.running.state.links.sign(LinkPurpose::Registration, seat_id(&site).await, 1);
        assert!(browser.page(&format!("/registrations/{new_link}")).await.contains("jane@example.org"));
        site.keep_words().await;
        for (typed, found) in [("contoso", true), ("doe", true), ("deo", false), ("exmaple", false)] {
            assert_eq!(browser.page(&format!("/organizer/people?q={typed}")).await.contains(&person), found, "{typed}");
        }
        let change = site.audit().await.into_iter().find(|(action, _, _)| action == "person.change").unwrap();
        assert_eq!(change.2, "name, email, company", "fields, never values");
        site.running.stop().await;
    }

    async fn whoever_had_confirmed_has_the_calendar_entry_taken_back(test: TestDb) {
        let site = Site::start_with(&test, &[("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, "Jane Doe", "jane@old.example").await;
        site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
        site.run("UPDATE contacts SET confirmed_at = 1, own_name = name").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let person = newest(&browser).await;
        let fields = [("name", "Jane Doe"), ("email", "jane@new.example"), ("company", "")];
        after(&browser, &format!("{person}/edit"), &fields).await;
        let sent = mails(&site).await;
        assert_eq!(sent[1..], [("address-corrected".to_owned(), "jane@old.example".to_owned(), "queued".to_owned())], "sent now was not ticked");
        let list = browser.page("/organizer/mail/sent").await;
        let path = list.split("href=\"").find(|part| part.starts_with("/organizer/mail/address-corrected")).unwrap().split('"').next().unwrap();
        let mail = browser.page(path).await;
        for words in ["Not for you any more: Partnering For Growth", "another address now.", "invite.ics"] {
            assert!(mail.contains(words), "{words}: {mail}");
        }
        assert!(!mail.contains("jane@new.example") && !mail.contains("Jane"), "{mail}");
        site.running.stop().await;
    }

    async fn an_address_belongs_to_one_person(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let session = site.upcoming().await;
        site.seat(session, "Ada", "ada@example.org").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let ada = newest(&browser).await;
        site.seat(session, "Bo", "bo@example.org").await;
        let bo = newest(&browser).await;
        let taken = browser.post(&format!("{bo}/edit"), &[("name", "Bo"), ("email", "ADA@example.org"), ("company", "")]).await;
        assert_eq!(taken.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = taken.text().await.unwrap();
        assert!(page.contains("Somebody else in the list has this address.") && page.contains(&format!("href=\"{ada}\"")) && page.contains("value=\"ADA@example.org\""), "{page}");
        for nothing in ["/organizer/people/x/edit".to_owned(), format!("/organizer/people/{}/edit", PublicId::random())] {
            assert_eq!(browser.get(&nothing).await.status(), StatusCode::NOT_FOUND);
            assert_eq!(browser.post(&nothing, &[]).await.status(), StatusCode::NOT_FOUND);
        }
        // Corrected too often: in words.
        site.run("UPDATE contacts SET link_generation = 30").await;
        let often = browser.post(&format!("{bo}/edit"), &[("name", "Bo"), ("email", "bo@example.net"), ("company", "")]).await;
        assert!(often.text().await.unwrap().contains("corrected 30 times"));
        site.running.stop().await;
    }

    async fn two_who_correct_somebody_choose_between_both(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, "Jane", "jane@example.org").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let edit = format!("{}/edit", newest(&browser).await);
        let form = |name, company| [("name", name), ("email", "jane@example.org"), ("company", company), ("version", "0")];
        assert_eq!(browser.post(&edit, &form("Jane Doe", "Contoso")).await.status(), StatusCode::SEE_OTHER);
        let late = browser.post(&edit, &form("Janet", "")).await;
        assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = late.text().await.unwrap();
        for words in ["changed this on 23 Nov 2026", "value=\"Janet\" checked", "value=\"Jane Doe\"", "value=\"Contoso\"", "name=\"version\" value=\"1\"", "value=\"jane@example.org\""] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let chosen = [("name", "Janet"), ("email", "jane@example.org"), ("company", "Contoso"), ("version", "1")];
        let (_, page) = after(&browser, &edit, &chosen).await;
        assert!(page.contains("<bdi>Janet</bdi>") && page.contains("Contoso"), "{page}");
        // However close: one is first, all others are asked.
        let names = ["Anna", "Berta", "Carla", "Dora"];
        let forms = names.map(|name| [("name", name), ("email", "jane@example.org"), ("company", ""), ("version", "2")]);
        let answers = futures_util::future::join_all(forms.iter().map(|form| browser.post(&edit, form))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status() == StatusCode::SEE_OTHER).count(), 1);
        site.running.stop().await;
    }

    async fn a_mail_is_sent_again_three_times_a_day(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, "Jane", "jane@example.org").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let again = format!("/organizer/registrations/{}/again", seat_id(&site).await);
        for left in [2, 1, 0] {
            site.run("UPDATE outbox SET state = 'sent', ended_at = 1").await;
            site.clock.advance(SignedDuration::from_secs(1));
            let (_, page) = after(&browser, &again, &[]).await;
            let words = if left > 0 { "The mail goes again now." } else { "three times within a day" };
            assert!(page.contains(words), "{left}: {page}");
        }
        assert_eq!(count(&site, "outbox WHERE kind = 'confirmation'").await, 3);
        site.clock.advance(SignedDuration::from_hours(24));
        let (_, page) = after(&browser, &again, &[]).await;
        assert!(page.contains("The mail goes again now."), "{page}");
        // It waits, and is asked for again: one mail.
        site.clock.advance(SignedDuration::from_secs(1));
        after(&browser, &again, &[]).await;
        assert_eq!(count(&site, "outbox WHERE state = 'queued'").await, 1);
        site.running.stop().await;
    }

    async fn notes_and_tags_are_kept_and_taken_away(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, "Jane", "jane@example.org").await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let person = newest(&browser).await;
        let (_, page) = after(&browser, &format!("{person}/notes"), &[("note", "Called.\r\nWants <b>two</b> seats.")]).await;
        assert!(page.contains("The note is kept.") && page.contains("Called.\nWants &#60;b&#62;two"), "{page}");
        let (_, page) = after(&browser, &format!("{person}/notes"), &[("note", " \r\n ")]).await;
        assert!(page.contains("The note was empty") && page.matches("class=\"note\"").count() == 1, "{page}");
        let delete = page.split("action=\"").find(|part| part.starts_with("/organizer/notes/")).unwrap().split('"').next().unwrap().to_owned();
        let (_, page) = after(&browser, &delete, &[]).await;
        assert!(page.contains("The note is deleted.") && !page.contains("Called."), "{page}");
        assert_eq!(browser.post(&delete, &[]).await.status(), StatusCode::NOT_FOUND);
        let (_, page) = after(&browser, &undo_button(&page).unwrap().0, &[]).await;
        assert!(page.contains("Called."), "{page}");
        for (tag, words) in [("Hot lead", "The tags are saved."), ("hot LEAD", "The tags are saved."), ("", "was not added"), (&"x".repeat(41), "was not added")] {
            let (_, page) = after(&browser, &format!("{person}/tags"), &[("tag", tag)]).await;
            assert!(page.contains(words), "{tag}: {page}");
        }
        assert_eq!(count(&site, "contact_tags").await, 1, "one tag, however it is written");
        let (_, page) = after(&browser, &format!("{person}/tags"), &[("remove", "HOT lead")]).await;
        assert!(page.contains("The tags are saved.") && count(&site, "tags").await == 0, "{page}");
        for path in ["notes", "tags"] {
            let nobody = format!("/organizer/people/{}/{path}", PublicId::random());
            assert_eq!(browser.post(&nobody, &[("note", "x"), ("tag", "x")]).await.status(), StatusCode::NOT_FOUND);
        }
        site.running.stop().await;
    }

    async fn somebody_who_called_is_added_by_hand(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = site.upcoming().await.to_string();
        let new = "/organizer/people/new";
        assert!(browser.page(new).await.contains(&session));
        let wrong = browser.post(new, &[("name", ""), ("email", "cal"), ("session", "x")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("Enter their name.") && page.contains("value=\"cal\""), "{page}");
        let cal = [("name", "Cal Caller"), ("email", "cal@example.org"), ("company", "Acme"), ("session", session.as_str())];
        let (_, page) = after(&browser, new, &cal).await;
        assert!(page.contains("They are in the list.") && page.contains("Registered for Partnering") && page.contains("Acme"), "{page}");
        assert_eq!(mails(&site).await.len(), 0, "not told: it was not ticked");
        let (_, page) = after(&browser, new, &cal).await;
        assert!(page.contains("They were in the list already."), "{page}");
        let told: Vec<(&str, &str)> = [("name", "Di"), ("email", "di@example.org"), ("company", ""), ("session", session.as_str()), ("send", "yes")].into();
        after(&browser, new, &told).await;
        assert_eq!(mails(&site).await[0].1, "di@example.org");
        after(&browser, new, &[("name", "Ed"), ("email", "ed@example.org"), ("company", ""), ("session", "")]).await;
        assert_eq!((count(&site, "contacts").await, count(&site, "registrations").await), (3, 2));
        site.run("UPDATE sessions SET capacity = 2, seats_taken = 2").await;
        let full = browser.post(new, &[("name", "Flo"), ("email", "flo@example.org"), ("company", ""), ("session", session.as_str())]).await;
        assert!(full.text().await.unwrap().contains("no place is left in this session"));
        // Whoever gave the place back gets it again.
        site.run("UPDATE sessions SET capacity = 9").await;
        site.run("UPDATE registrations SET state = 'cancelled', cancelled_at = 1 WHERE name = 'Cal Caller'").await;
        let (_, page) = after(&browser, new, &cal).await;
        assert!(page.contains("They are in the list.") && !page.contains(">Cancelled<"), "{page}");
        site.running.stop().await;
    }

    async fn people_are_listed_by_what_they_have(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let session = site.upcoming().await;
        for n in 0..60 {
            site.seat(session, &format!("Person{n:02} Perrin"), &format!("p{n:02}@example.org")).await;
        }
        site.run("UPDATE registrations SET state = 'cancelled', cancelled_at = 1 WHERE name LIKE 'Person0%'").await;
        let other = second_session(&site).await;
        site.keep_words().await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let found = |page: &str| (0..60).filter(|n| page.contains(&format!(">p{n:02}@example.org<"))).count();
        let next = |page: &str| page.split("<p><a href=\"").nth(1).and_then(|rest| rest.split('"').next()).map(|path| path.replace("&#38;", "&"));
        for (query, first, second) in [
            (format!("webcast={SLUG}"), 50, 10), (format!("session={session}"), 50, 10), ("state=registered".to_owned(), 50, 0),
            ("state=cancelled".to_owned(), 10, 0), (format!("webcast={SLUG}&state=cancelled"), 10, 0), ("state=held".to_owned(), 0, 0),
            (format!("session={other}"), 0, 0), ("webcast=another".to_owned(), 0, 0), (format!("session={}", PublicId::random()), 0, 0),
            ("q=per&state=cancelled".to_owned(), 10, 0), (format!("q=per&webcast={SLUG}"), 50, 10), (format!("q=person01&session={session}&state=cancelled"), 1, 0),
            (format!("q=p01%40example.org&session={other}"), 0, 0),
        ] {
            let page = browser.page(&format!("/organizer/people?{query}")).await;
            assert_eq!(found(&page), first, "{query}: {page}");
            let rest = match next(&page) {
                Some(path) => found(&browser.page(&path).await),
                None => 0,
            };
            assert_eq!(rest, second, "{query}");
        }
        for bad in ["state=ajar", "session=x", "webcast=%27", "state=registered&after=x"] {
            assert_eq!(browser.get(&format!("/organizer/people?{bad}")).await.status(), StatusCode::NOT_FOUND, "{bad}");
        }
        site.running.stop().await;
    }
}
