//! Signed out in mid-form, and the password once more: what was typed comes back.

use super::*;

/// Hidden fields of the first form that posts to `action`.
fn hidden(page: &str, action: &str) -> Vec<(String, String)> {
    let form = page.split(&format!("action=\"{action}\"")).nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    let plain = |text: &str| {
        text.replace("&#34;", "\"")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#39;", "'")
            .replace("&#38;", "&")
    };
    inputs
        .map(|input| {
            let mut parts = input.split('"');
            let name = parts.next().unwrap();
            (plain(name), plain(parts.nth(1).unwrap()))
        })
        .collect()
}

async fn post_all(browser: &Browser<'_>, path: &str, fields: &[(String, String)], more: &[(&str, &str)]) -> Response {
    let all: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(more.iter().copied())
        .collect();
    browser.post(path, &all).await
}

const SIGN_IN: &str = "/organizer/sign-in";
const PROOF: [(&str, &str); 2] = [("email", "olga@example.org"), ("password", PASSWORD)];

on_both_databases! {
    async fn what_was_typed_when_the_sign_in_had_ended_comes_back(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::new(&site);
        let new = "/organizer/people/new";
        let typed = [("name", "Ünal \"<b>\" & Söhne"), ("email", "not yet"), ("company", "Acme"), ("password", "never")];
        let asked = browser.post(new, &typed).await;
        assert_eq!(asked.status(), StatusCode::FORBIDDEN);
        let page = asked.text().await.unwrap();
        assert!(page.contains("nothing of what you typed is lost") && !page.contains("never"), "{page}");
        // A wrong password loses nothing either.
        let wrong = post_all(&browser, SIGN_IN, &hidden(&page, SIGN_IN), &[("email", "olga@example.org"), ("password", "wrong")]).await;
        let page = wrong.text().await.unwrap();
        let signed_in = post_all(&browser, SIGN_IN, &hidden(&page, SIGN_IN), &PROOF).await;
        assert_eq!(signed_in.status(), StatusCode::OK);
        let page = signed_in.text().await.unwrap();
        assert!(page.contains("What you typed is still here.") && page.contains("data-submit"), "{page}");
        let back = post_all(&browser, new, &hidden(&page, new), &[]).await;
        assert_eq!(back.status(), StatusCode::OK);
        let page = back.text().await.unwrap();
        for words in ["Nothing is saved yet", "value=\"Ünal &#34;&#60;b&#62;&#34; &#38; Söhne\"", "value=\"not yet\"", "value=\"Acme\""] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(count(&site, "contacts").await, 0, "shown, not done");
        site.running.stop().await;
    }

    async fn a_session_form_comes_back_and_a_button_is_asked_about(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let session = site.upcoming().await;
        site.seat(session, "Jane", "jane@example.org").await;
        for (path, is_form) in [(Site::page_of(session), true), ("/organizer/mail/check".to_owned(), false)] {
            let browser = Browser::new(&site);
            let asked = browser.post(&path, &session_form(&[("time", "12:34")])).await.text().await.unwrap();
            let page = post_all(&browser, SIGN_IN, &hidden(&asked, SIGN_IN), &PROOF).await.text().await.unwrap();
            assert_eq!(page.contains("Do it now"), !is_form, "{page}");
            let back = post_all(&browser, &path, &hidden(&page, &path), &[]).await;
            if is_form {
                let page = back.text().await.unwrap();
                assert!(page.contains("value=\"12:34\"") && page.contains("Nothing is saved yet"), "{page}");
            } else {
                assert_eq!(location(&back), "/organizer/mail?done=check");
            }
        }
        // From another site nothing is carried anywhere.
        let browser = Browser::new(&site);
        let foreign = browser.client.post(format!("{}/organizer/people/new", site.base))
            .header(header::ORIGIN, "https://evil.example").body("name=x").send().await.unwrap();
        assert!(!foreign.text().await.unwrap().contains("posted_to"));
        let led_away = browser.post(SIGN_IN, &[("posted_to", "https://evil.example/"), ("typed.x", "y"), PROOF[0], PROOF[1]]).await;
        assert_eq!(location(&led_away), "/organizer");
        site.running.stop().await;
    }

    async fn a_long_form_comes_back_whole(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.seat(site.upcoming().await, "Jane", "jane@example.org").await;
        let browser = Browser::new(&site);
        let note = "ä\r\n".repeat(4_900);
        let path = format!("/organizer/people/{}/notes", PublicId::random());
        let asked = browser.post(&path, &[("note", &note)]).await.text().await.unwrap();
        let page = post_all(&browser, SIGN_IN, &hidden(&asked, SIGN_IN), &PROOF).await.text().await.unwrap();
        assert_eq!(hidden(&page, &path)[0].1.len(), note.len());
        site.running.stop().await;
    }

    async fn what_is_hard_to_take_back_needs_the_password(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ed@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let team = "/organizer/settings/team";
        assert!(browser.page("/organizer").await.contains(&format!("href=\"{team}\"")));
        assert!(browser.page(team).await.contains("ed@example.org"));
        assert_eq!(location(&browser.post(team, &[("viewers_see", "initials")]).await), format!("{team}?done=saved"));
        site.clock.advance(SignedDuration::from_mins(10));
        let asked = browser.post(team, &[("viewers_see", "everything")]).await;
        assert_eq!(asked.status(), StatusCode::FORBIDDEN);
        let page = asked.text().await.unwrap();
        assert!(page.contains("Your password, please"), "{page}");
        let confirm = "/organizer/password";
        let fields = hidden(&page, confirm);
        let wrong = post_all(&browser, confirm, &fields, &[("password", "wrong")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().await.unwrap().contains("The password is wrong."));
        let page = post_all(&browser, confirm, &fields, &[("password", PASSWORD)]).await.text().await.unwrap();
        let done = post_all(&browser, team, &hidden(&page, team), &[]).await;
        assert_eq!(location(&done), format!("{team}?done=saved"));
        assert_eq!(count(&site, "settings WHERE key = 'org.viewers_see' AND value = 'everything'").await, 1);
        let editor = Browser::signed_in(&site, "ed@example.org").await;
        assert!(!editor.page("/organizer").await.contains(team), "no entry that leads to a refusal");
        assert_eq!(editor.post(team, &[]).await.status(), StatusCode::FORBIDDEN);
        // Guessing it is slowed down as at the door.
        let guesses = futures_util::future::join_all((0..30).map(|_| post_all(&browser, confirm, &fields, &[("password", "wrong")]))).await;
        assert!(guesses.iter().any(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS));
        site.running.stop().await;
    }

    async fn viewers_see_initials_where_the_owner_says_so(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("vera@example.org", Role::Viewer).await;
        let session = site.upcoming().await;
        site.seat(session, "Jane Quixote", "jane@acme.example").await;
        site.run("INSERT INTO suppressions (address_key, reason, created_at) VALUES ('jane@acme.example', 'bounced', 1)").await;
        site.run("UPDATE outbox SET state = 'failed', last_code = 550, last_reply = '5.1.1 no such user', ended_at = 5").await;
        let owner = Browser::signed_in(&site, "olga@example.org").await;
        let viewer = Browser::signed_in(&site, "vera@example.org").await;
        let list = owner.page("/organizer/people").await;
        let person = first_person(&list);
        owner.post(&format!("{person}/notes"), &[("note", "Quixote called")]).await;
        let mail = owner.page("/organizer/mail/sent").await.split("href=\"").find(|part| part.starts_with("/organizer/mail/confirmation")).unwrap().split('"').next().unwrap().to_owned();
        let pages = [
            "/organizer".to_owned(), "/organizer/people".to_owned(), "/organizer/people?q=quix".to_owned(), person, Site::page_of(session),
            "/organizer/mail".to_owned(), "/organizer/mail/sent".to_owned(), mail, "/organizer/mail/do-not-mail".to_owned(), "/organizer/assessment".to_owned(),
        ];
        for page in &pages {
            viewer.page(page).await;
        }
        assert!(viewer.page("/organizer/people").await.contains("jane@acme.example"), "at first in full");
        owner.post("/organizer/settings/team", &[("viewers_see", "initials")]).await;
        for page in &pages {
            let shown = viewer.page(page).await;
            assert!(!shown.contains("Quixote") && !shown.contains("jane@") && !shown.contains("acme"), "{page}: {shown}");
        }
        assert!(viewer.page("/organizer/people").await.contains("J. Q."));
        assert!(owner.page("/organizer/people").await.contains("Jane Quixote"));
        site.running.stop().await;
    }

    async fn organizers_find_back_from_visitors_pages(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let page = browser.page(&format!("/webcasts/{SLUG}")).await;
        let edit = format!("/organizer/webcasts/{SLUG}");
        assert!(page.contains("You are signed in.") && page.contains(&format!("<a href=\"{edit}\">Edit this webcast")), "{page}");
        assert!(browser.page("/").await.contains("organizer-bar"));
        let stranger = Browser::new(&site);
        for path in ["/", "/webcasts", &format!("/webcasts/{SLUG}"), "/whitepapers"] {
            let answer = stranger.client.get(format!("{}{path}", site.base)).header(header::COOKIE, "sign-in=AAAA; other=1").send().await.unwrap();
            assert!(!answer.text().await.unwrap().contains("organizer-bar"), "{path}");
        }
        site.running.stop().await;
    }
}
