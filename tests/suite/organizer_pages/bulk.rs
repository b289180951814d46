//! One thing done to many rows: to those that were ticked, to all that match, undone, seen first where people hear of it.

use super::*;

const PEOPLE: &str = "/organizer/webcasts/partnering-for-growth/people";

impl Site {
    async fn some(&self, many: usize) -> PublicId {
        let session = self.upcoming().await;
        for n in 0..many {
            self.seat(
                session,
                &format!("Person{n:02} Perrin"),
                &format!("p{n:02}@example.org"),
            )
            .await;
        }
        self.keep_words().await;
        session
    }

    async fn number(&self, of: &'static str) -> i64 {
        let mut conn = self.running.state.db.read().await.unwrap();
        on_db!(conn, c => sqlx::query_scalar(of).fetch_one(c).await).unwrap()
    }
}

/// The fields of the form around a list, as the page has them.
fn fields(page: &str) -> Vec<(&'static str, String)> {
    let form = page.split("data-bulk").nth(1).unwrap();
    ["list", "query", "as_of"]
        .into_iter()
        .map(|name| {
            let value = form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            (name, value.split('"').next().unwrap().replace("&#38;", "&"))
        })
        .collect()
}

fn rows(page: &str) -> Vec<String> {
    page.split("name=\"row\" value=\"")
        .skip(1)
        .map(|row| row[..22].to_owned())
        .collect()
}

impl Browser<'_> {
    /// Does it to what is said, on this list; gives where that leads.
    async fn does(&self, list: &str, act: &str, to: &[(&str, &str)]) -> Response {
        let page = self.page(list).await;
        let own = fields(&page);
        let mut all: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.push(("act", act));
        all.extend_from_slice(to);
        self.post("/organizer/bulk", &all).await
    }

    /// Presses the button of a review.
    async fn agrees(&self, review: &str) -> String {
        let form = review
            .split("action=\"/organizer/bulk/send\"")
            .nth(1)
            .unwrap()
            .split("</form>")
            .next()
            .unwrap();
        let hidden: Vec<(String, String)> = form
            .split("<input type=\"hidden\" name=\"")
            .skip(1)
            .map(|field| {
                let (name, rest) = field.split_once('"').unwrap();
                let value = rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
                (name.to_owned(), value.replace("&#38;", "&"))
            })
            .collect();
        let hidden: Vec<(&str, &str)> = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        location(&self.post("/organizer/bulk/send", &hidden).await)
    }
}

on_both_databases! {
    async fn many_are_tagged_and_it_is_undone(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.some(12).await;
        let page = browser.page(PEOPLE).await;
        let ticked = rows(&page);
        // Two who are ticked.
        let done = location(&browser.does(PEOPLE, "tag", &[("row", &ticked[0]), ("row", &ticked[1]), ("tag", " Hot  lead ")]).await);
        let page = browser.page(&done).await;
        assert!(page.contains("2 people have the tag now.") && page.contains(">Undo</button>"), "{page}");
        // All that match; who has it already is left alone, and who came since is not among them.
        let shown = browser.page(&format!("{PEOPLE}?state=registered")).await;
        site.clock.advance(SignedDuration::from_secs(5));
        site.seat(site.upcoming().await, "Late Perrin", "late@example.org").await;
        site.run("UPDATE registrations SET created_at = created_at + 3000000 WHERE name = 'Late Perrin'").await;
        let own = fields(&shown);
        let mut all: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend([("act", "tag"), ("all", "yes"), ("tag", "hot lead")]);
        let done = location(&browser.post("/organizer/bulk", &all).await);
        assert!(done.starts_with(&format!("{PEOPLE}?state=registered&bulk=")), "{done}");
        let page = browser.page(&done).await;
        assert!(page.contains("10 people have the tag now. Left as they were, because it did not apply: 2."), "{page}");
        assert_eq!(site.number("SELECT COUNT(*) FROM contact_tags").await, 12);
        let undo = page.split("action=\"/organizer/bulk/").nth(1).unwrap().split('"').next().unwrap();
        let undone = location(&browser.post(&format!("/organizer/bulk/{undo}"), &[]).await);
        assert!(browser.page(&undone).await.contains("Undone. All is as it was."));
        assert_eq!(site.number("SELECT COUNT(*) FROM contact_tags").await, 2, "those of before stay");
        let again = location(&browser.post(&format!("/organizer/bulk/{undo}"), &[]).await);
        assert!(!browser.page(&again).await.contains(">Undo</button>"));
        // Taken away, and back.
        let done = location(&browser.does("/organizer/people?tag=hot+lead", "untag", &[("all", "yes"), ("tag", "HOT LEAD")]).await);
        assert!(browser.page(&done).await.contains("2 people have the tag no more."));
        assert_eq!(site.number("SELECT COUNT(*) FROM tags").await, 0);
        // Nobody, no tag, too long a tag.
        let long = "x".repeat(41);
        for (to, said) in [(vec![("tag", "x")], "nobody"), (vec![("row", ticked[0].as_str())], "tag"), (vec![("row", ticked[0].as_str()), ("tag", long.as_str())], "tag")] {
            assert!(location(&browser.does(PEOPLE, "tag", &to).await).ends_with(&format!("done={said}")));
        }
        assert_eq!(browser.does("/organizer/people", "cancel", &[("all", "yes")]).await.status(), StatusCode::NOT_FOUND, "no act of people");
        let noted: Vec<String> = site.audit().await.into_iter().filter(|(action, ..)| action.starts_with("bulk.")).map(|(_, _, detail)| detail).collect();
        assert_eq!(noted[..2], ["2 rows that were ticked".to_owned(), "12 rows that match state registered".to_owned()]);
        site.running.stop().await;
    }

    async fn many_were_there_and_it_is_undone(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.some(3).await;
        site.run("UPDATE registrations SET state = 'cancelled' WHERE name LIKE 'Person00%'").await;
        let done = location(&browser.does(PEOPLE, "attended", &[("all", "yes")]).await);
        let page = browser.page(&done).await;
        assert!(page.contains("2 people were there: noted. Left as they were, because it did not apply: 1."), "{page}");
        assert_eq!(site.number("SELECT COUNT(*) FROM registrations WHERE attendance = 'attended' AND first_join IS NOT NULL").await, 2);
        let undo = page.split("action=\"/organizer/bulk/").nth(1).unwrap().split('"').next().unwrap();
        browser.post(&format!("/organizer/bulk/{undo}"), &[]).await;
        assert_eq!(site.number("SELECT COUNT(*) FROM registrations WHERE attendance = 'unknown' AND first_join IS NULL").await, 3);
        assert_eq!(site.number("SELECT COUNT(*) FROM attendance").await, 0);
        site.running.stop().await;
    }

    async fn whoever_is_told_is_looked_at_first(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.add("vera@example.org", Role::Viewer).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.some(7).await;
        let mails = site.number("SELECT COUNT(*) FROM outbox").await;
        let review = browser.does(&format!("{PEOPLE}?q=perrin"), "cancel", &[("all", "yes")]).await;
        let review = review.text().await.unwrap();
        for words in ["Their registrations end.", "7 people", "Person00 Perrin", "Person04 Perrin", "Cancel and tell 7 people", "What they read", "We cancelled your registration for this session."] {
            assert!(review.contains(words), "{words}: {review}");
        }
        assert!(!review.contains("Person05"), "five are named");
        assert_eq!(site.number("SELECT COUNT(*) FROM outbox").await, mails, "nothing goes by looking");
        let done = browser.agrees(&review).await;
        let page = browser.page(&done).await;
        assert!(page.contains("The registrations of 7 people are cancelled.") && !page.contains(">Undo</button>"), "{page}");
        assert_eq!(site.number("SELECT COUNT(*) FROM registrations WHERE state = 'cancelled' AND cancel_reason = 'by an organizer'").await, 7);
        assert_eq!(site.number("SELECT COUNT(*) FROM outbox WHERE kind = 'cancellation'").await, 7);
        // The same form again finds nobody to cancel.
        let done = browser.agrees(&review).await;
        assert!(browser.page(&done).await.contains("Left as they were, because it did not apply: 7."));
        let vera = Browser::signed_in(&site, "vera@example.org").await;
        assert_eq!(vera.post("/organizer/bulk", &[("list", "people"), ("act", "tag"), ("tag", "x"), ("all", "yes"), ("as_of", "1")]).await.status(), StatusCode::FORBIDDEN);
        let audit = site.audit().await;
        assert!(audit.iter().all(|(_, _, detail)| !detail.contains("perrin")), "whom somebody searched for is nobody's: {audit:?}");
        site.running.stop().await;
    }

    async fn mail_goes_again_places_are_given_and_what_was_held_goes_on(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.some(5).await;
        for change in [
            "UPDATE registrations SET state = 'pending' WHERE name LIKE 'Person01%'",
            "UPDATE registrations SET state = 'held', held_until = NULL WHERE name LIKE 'Person02%'",
        ] {
            site.run(change).await;
        }
        let review = browser.does(&format!("{PEOPLE}?state=registered"), "again", &[("all", "yes")]).await.text().await.unwrap();
        assert!(review.contains("Send to 3 people") && review.contains("Partnering For Growth"), "{review}");
        browser.agrees(&review).await;
        assert_eq!(site.number("SELECT COUNT(*) FROM outbox WHERE kind = 'confirmation'").await, 8);
        let review = browser.does(PEOPLE, "accept", &[("all", "yes")]).await.text().await.unwrap();
        let done = browser.agrees(&review).await;
        assert!(browser.page(&done).await.contains("Decided of and told: 1 person. Left as they were, because it did not apply: 4."));
        let review = browser.does(&format!("{PEOPLE}?state=held"), "let-through", &[("all", "yes")]).await.text().await.unwrap();
        let done = browser.agrees(&review).await;
        assert!(browser.page(&done).await.contains("Let through: 1 person."));
        assert_eq!(site.number("SELECT COUNT(*) FROM registrations WHERE state = 'registered'").await, 5);
        site.running.stop().await;
    }

    async fn many_hundreds_are_done_beside_the_pages_and_a_stop_loses_nothing(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.crowd(&test, 450).await;
        let done = location(&browser.does(PEOPLE, "tag", &[("all", "yes"), ("tag", "all of them")]).await);
        assert!(done.starts_with("/organizer/bulk/"), "{done}");
        let clock = site.clock.clone();
        site.running.stop().await;
        let site = Site { clock, ..Site::at(&test.url, &[]).await };
        let started = std::time::Instant::now();
        while site.number("SELECT COUNT(*) FROM bulk_acts WHERE state = 'done'").await == 0 {
            assert!(started.elapsed().as_secs() < 60, "it goes on by itself");
            site.clock.advance(SignedDuration::from_secs(30));
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(site.number("SELECT COUNT(*) FROM contact_tags").await, 450);
        assert_eq!(site.number("SELECT done FROM bulk_acts").await, 450, "each once");
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let back = location(&browser.get(&done).await);
        assert!(browser.page(&back).await.contains("450 people have the tag now."));
        site.running.stop().await;
    }

    async fn many_are_erased_after_a_word_and_the_password(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.some(5).await;
        site.keep_words().await;
        let page = browser.page(PEOPLE).await;
        assert!(page.contains("value=\"erase\""), "{page}");
        let ticked = rows(&page);
        let ask = location(&browser.does(PEOPLE, "erase", &[("row", &ticked[0]), ("row", &ticked[1])]).await);
        let asked = browser.page(&ask).await;
        for words in ["Erase 2 people", "Perrin", "This cannot be undone", "Type the word erase"] {
            assert!(asked.contains(words), "{words}: {asked}");
        }
        assert_eq!(site.number("SELECT COUNT(*) FROM contacts").await, 5, "nobody goes by being asked about");
        let wrong = browser.post(&ask, &[("word", "yes")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().await.unwrap().contains("Type erase to erase them."));
        // The password is asked for, and what was chosen is not lost by it.
        site.clock.advance(SignedDuration::from_mins(11));
        let password = browser.post(&ask, &[("word", "erase")]).await.text().await.unwrap();
        assert!(password.contains("Your password, please"), "{password}");
        assert_eq!(site.number("SELECT COUNT(*) FROM contacts").await, 5);
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let done = location(&browser.post(&ask, &[("word", " Erase ")]).await);
        assert!(browser.page(&done).await.contains("Erased: 2 people."), "{done}");
        assert_eq!(site.number("SELECT COUNT(*) FROM contacts").await, 3);
        assert_eq!(site.number("SELECT COUNT(*) FROM registrations").await, 3);
        assert!(!browser.page(&done).await.contains(">Undo</button>"));
        // Once is enough: the same question leads back.
        let again = location(&browser.post(&ask, &[("word", "erase")]).await);
        assert!(again.starts_with("/organizer/bulk/"), "{again}");
        assert_eq!(site.number("SELECT COUNT(*) FROM contacts").await, 3);
        let receipts = browser.page("/organizer/receipts.txt").await;
        assert_eq!(receipts.lines().count(), 2, "{receipts}");
        assert!(browser.page("/organizer/settings/retention").await.contains("/organizer/receipts.txt"));
        let audit = site.audit().await;
        assert!(audit.iter().any(|(action, _, detail)| action == "bulk.erase" && detail == "2 rows that were ticked"), "{audit:?}");
        assert_eq!(audit.iter().filter(|(action, ..)| action == "person.erase").count(), 2);
        // Nobody is left to ask about.
        let gone = location(&browser.does("/organizer/people", "erase", &[("row", &ticked[0])]).await);
        assert_eq!(location(&browser.get(&gone).await), "/organizer/people?done=nobody");
        site.running.stop().await;
    }

    async fn only_an_owner_erases_many(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("otto@example.org", Role::Owner).await;
        site.add("ed@example.org", Role::Editor).await;
        site.some(2).await;
        let editor = Browser::signed_in(&site, "ed@example.org").await;
        assert!(!editor.page(PEOPLE).await.contains("value=\"erase\""));
        assert_eq!(editor.does(PEOPLE, "erase", &[("all", "yes")]).await.status(), StatusCode::NOT_FOUND);
        let owner = Browser::signed_in(&site, "olga@example.org").await;
        let ask = location(&owner.does(PEOPLE, "erase", &[("all", "yes")]).await);
        assert_eq!(editor.post(&ask, &[("word", "erase")]).await.status(), StatusCode::FORBIDDEN);
        let other = Browser::signed_in(&site, "otto@example.org").await;
        assert_eq!(other.post(&ask, &[("word", "erase")]).await.status(), StatusCode::NOT_FOUND, "whoever chose them erases them");
        assert_eq!(site.number("SELECT COUNT(*) FROM contacts").await, 2);
        site.running.stop().await;
    }

    async fn hundreds_are_erased_beside_the_pages_and_a_stop_loses_nothing(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.crowd(&test, 130).await;
        let before = site.number("SELECT COUNT(*) FROM contacts").await;
        let ask = location(&browser.does(PEOPLE, "erase", &[("all", "yes")]).await);
        let done = location(&browser.post(&ask, &[("word", "erase")]).await);
        assert!(done.starts_with("/organizer/bulk/"), "{done}");
        let clock = site.clock.clone();
        site.running.stop().await;
        let site = Site { clock, ..Site::at(&test.url, &[]).await };
        let started = std::time::Instant::now();
        while site.number("SELECT COUNT(*) FROM registrations").await > 0 {
            assert!(started.elapsed().as_secs() < 60, "it goes on by itself");
            site.clock.advance(SignedDuration::from_secs(30));
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(site.number("SELECT COUNT(*) FROM contacts").await, before - 130);
        assert_eq!(site.number("SELECT COUNT(*) FROM erasures").await, 130, "a receipt each");
        site.running.stop().await;
    }
}
