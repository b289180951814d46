//! Who gets a place: organizers accept or do not, some out of turn; and what of it can be undone.

use super::*;

async fn ids(site: &Site) -> Vec<String> {
    let mut conn = site.running.state.db.read().await.unwrap();
    let ids: Vec<Vec<u8>> =
        on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM registrations ORDER BY id").fetch_all(c).await)
            .unwrap();
    let shown = |id: &Vec<u8>| PublicId::from_slice(id).unwrap().to_string();
    ids.iter().map(shown).collect()
}

async fn states(site: &Site) -> Vec<String> {
    let mut conn = site.running.state.db.read().await.unwrap();
    on_db!(conn, c => sqlx::query_scalar("SELECT state FROM registrations ORDER BY id").fetch_all(c).await).unwrap()
}

/// The form of the session, with these fields besides.
async fn set(browser: &Browser<'_>, path: &str, more: &[(&str, &str)]) -> Response {
    let mut fields = vec![
        ("date", "2026-12-04"),
        ("time", "11:00"),
        ("time_zone", "America/Los_Angeles"),
        ("duration", "60"),
        ("join_url", "https://video.example/j/1"),
        ("state", "open"),
    ];
    fields.extend(more);
    browser.post(path, &fields).await
}

on_both_databases! {
    async fn those_who_ask_are_accepted_or_not_and_told(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("vera@example.org", Role::Viewer).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = Site::page_of(site.upcoming().await);
        let set_up = [("capacity", "2"), ("waiting_list", "offer"), ("offer_hours", "6"), ("approval", "yes")];
        assert_eq!(set(&browser, &session, &set_up).await.status(), StatusCode::SEE_OTHER);
        let form = browser.page(&session).await;
        for set in ["id=\"waiting-offer\" name=\"waiting_list\" value=\"offer\" checked", "name=\"offer_hours\" type=\"number\" value=\"6\"", "id=\"approval\" name=\"approval\" type=\"checkbox\" value=\"yes\" checked"] {
            assert!(form.contains(set), "{set}: {form}");
        }
        for wrong in ["0", "x", "337"] {
            let refused = set(&browser, &session, &[("capacity", "2"), ("waiting_list", "offer"), ("offer_hours", wrong)]).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.text().await.unwrap().contains("Enter hours, from 1 to 336."));
        }
        for name in ["Ada", "Bo", "Cy", "Di", "Eve"] {
            site.seat(site.upcoming().await, name, &format!("{name}@example.org")).await;
        }
        assert_eq!(states(&site).await, ["pending"; 5]);
        let visitor = Browser::new(&site).page(&format!("/webcasts/{SLUG}")).await;
        assert!(visitor.contains("Ask for a place") && !visitor.contains("Register for the webcast"), "{visitor}");
        let home = browser.page("/organizer").await;
        assert!(home.contains("5 people ask for a place in Partnering For Growth"), "{home}");
        let seats = ids(&site).await;
        let fields: Vec<String> = seats.iter().map(|id| format!("seat_{id}")).collect();
        let chosen = |which: &[usize], decision: &'static str| -> Vec<(String, &'static str)> {
            let seats = which.iter().map(|index| (fields[*index].clone(), "yes"));
            seats.chain([("decision".to_owned(), decision)]).collect()
        };
        let decide = async |browser: &Browser<'_>, path: &str, fields: &[(String, &'static str)]| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            browser.post(&format!("{session}/{path}"), &fields).await
        };
        let nobody = decide(&browser, "decide", &chosen(&[], "accept")).await;
        assert!(browser.page(&location(&nobody)).await.contains("Nobody was chosen."));
        let review = decide(&browser, "decide", &chosen(&[0, 1, 2], "accept")).await.text().await.unwrap();
        for words in ["2 of them get a place. The others wait", "3 people", "You are registered: Partnering", "Accept and tell 3 people", "private-link"] {
            assert!(review.contains(words), "{words}: {review}");
        }
        assert_eq!(states(&site).await, ["pending"; 5], "nothing is done before the button");
        let done = decide(&browser, "decide/send", &chosen(&[0, 1, 2], "accept")).await;
        assert!(browser.page(&location(&done)).await.contains("some wait for one"));
        assert_eq!(states(&site).await, ["registered", "registered", "waitlisted", "pending", "pending"]);
        let review = decide(&browser, "decide", &chosen(&[3], "reject")).await.text().await.unwrap();
        assert!(review.contains("No place this time: Partnering") && review.contains("Do not accept, and tell 1 person"), "{review}");
        decide(&browser, "decide/send", &chosen(&[3], "reject")).await;
        // Twice is once; and whoever is accepted beyond the places, and out of turn, has one.
        let again = decide(&browser, "decide/send", &chosen(&[3], "accept")).await;
        assert!(browser.page(&location(&again)).await.contains("stood otherwise by now"));
        let mut beyond = chosen(&[4], "accept");
        beyond.push(("beyond".to_owned(), "yes"));
        let review = decide(&browser, "decide", &beyond).await.text().await.unwrap();
        assert!(review.contains("They get a place, 1 more than there are.") && review.contains("name=\"beyond\" value=\"yes\""), "{review}");
        decide(&browser, "decide/send", &beyond).await;
        assert_eq!(states(&site).await, ["registered", "registered", "waitlisted", "rejected", "registered"]);
        assert_eq!(count(&site, "sessions WHERE seats_taken = 3").await, 1);
        assert_eq!(count(&site, "outbox WHERE kind = 'confirmation'").await, 3);
        for kind in ["to-be-approved", "waiting-list", "not-accepted"] {
            let mails = format!("outbox WHERE kind = '{kind}'");
            assert!(count(&site, mails.leak()).await > 0, "{kind}");
        }
        // Those who only look see who asks, and decide nothing.
        let viewer = Browser::signed_in(&site, "vera@example.org").await;
        let page = viewer.page(&session).await;
        assert!(page.contains("Who waits for a place") && !page.contains("Accept…"), "{page}");
        assert_eq!(decide(&viewer, "decide/send", &chosen(&[2], "accept")).await.status(), StatusCode::FORBIDDEN);
        let people = browser.page("/organizer/people?state=waitlisted").await;
        assert!(people.contains("Cy") && people.contains("Waiting") && !people.contains("Ada"), "{people}");
        site.running.stop().await;
    }

    async fn a_cancel_of_one_who_waits_is_undone(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = Site::page_of(site.upcoming().await);
        set(&browser, &session, &[("capacity", "1"), ("waiting_list", "auto")]).await;
        for name in ["Ada", "Bo", "Cy"] {
            site.seat(site.upcoming().await, name, &format!("{name}@example.org")).await;
        }
        assert_eq!(states(&site).await, ["registered", "waitlisted", "waitlisted"]);
        let seats = ids(&site).await;
        let cancel = async |index: usize| location(&browser.post(&format!("/organizer/registrations/{}/cancel", seats[index]), &[]).await);
        let undo = async |page: String| {
            let page = browser.page(&page).await;
            let act = page.split("/organizer/undo/").nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap();
            browser.post(&format!("/organizer/undo/{act}"), &[]).await;
        };
        let page = cancel(1).await;
        assert_eq!(states(&site).await[1], "cancelled");
        undo(page).await;
        assert_eq!(states(&site).await, ["registered", "waitlisted", "waitlisted"]);
        // The seat of whoever is registered is not gone while it can be taken back.
        let page = cancel(0).await;
        commonground::app::give_turns(&site.running.state).await.unwrap();
        undo(page).await;
        assert_eq!(states(&site).await, ["registered", "waitlisted", "waitlisted"]);
        cancel(0).await;
        site.clock.advance(SignedDuration::from_mins(11));
        commonground::app::give_turns(&site.running.state).await.unwrap();
        assert_eq!(states(&site).await, ["cancelled", "registered", "waitlisted"]);
        // A script that knows nothing of waiting lists leaves it as it is; with more places the next turn comes at once.
        set(&browser, &session, &[("capacity", "3")]).await;
        assert_eq!(states(&site).await, ["cancelled", "registered", "registered"]);
        assert!(browser.page(&session).await.contains("value=\"auto\" checked"));
        site.running.stop().await;
    }
}
