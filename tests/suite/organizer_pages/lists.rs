//! Lists of people, attendees and requests: each filter, each order, columns and views that are kept.

use std::collections::BTreeSet;

use super::*;

const PEOPLE: &str = "/organizer/webcasts/partnering-for-growth/people";

impl Site {
    /// Six people, each with something that the others have not.
    async fn six(&self) -> PublicId {
        let session = self.upcoming().await;
        for (name, email) in [
            ("Ada Åkesson", "ada@one.example"),
            ("Bo Zhang", "bo@two.example"),
            ("Cem Ünal", "cem@three.example"),
            ("dora Aalto", "dora@four.example"),
            ("Eve Bauer", "eve@five.example"),
            ("Finn Adams", "finn@six.example"),
        ] {
            self.seat(session, name, email).await;
        }
        for change in [
            "UPDATE registrations SET attendance = 'attended', minutes = 42 WHERE name LIKE 'Ada%'",
            "UPDATE registrations SET attendance = 'no_show' WHERE name LIKE 'Bo%'",
            "UPDATE registrations SET state = 'cancelled', cancelled_at = 1 WHERE name LIKE 'Cem%'",
            "UPDATE registrations SET utm_source = NULL, referrer = 'news.example' WHERE name LIKE 'dora%'",
            "UPDATE registrations SET utm_source = 'linkedin' WHERE name LIKE 'Eve%'",
            "UPDATE contacts SET confirmed_at = 1, company = 'Contoso Ltd' WHERE name LIKE 'Ada%' OR name LIKE 'Bo%'",
            "INSERT INTO suppressions (address_key, reason, created_at) VALUES ('bo@two.example', 'bounced', 1), ('eve@five.example', 'unsubscribed', 1), ('ada@one.example', 'not_me', 1)",
            "INSERT INTO consents (contact_id, purpose, version, act, at, source, subject) SELECT id, 'marketing', '2026-11', 'withdrawn', 9000000000000000, 'page', '' FROM contacts WHERE name LIKE 'Finn%'",
        ] {
            self.run(change).await;
        }
        self.keep_words().await;
        session
    }
}

/// Whose rows a page has, by their first letter, in their order.
fn letters(page: &str) -> String {
    page.split("data-row><bdi>")
        .skip(1)
        .filter_map(|row| row.chars().next())
        .collect()
}

fn count(page: &str) -> &str {
    page.split("class=\"count\">")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap_or("nothing")
}

impl Browser<'_> {
    async fn tag(&self, list: &str, email: &str, tag: &str) {
        let page = self.page(&format!("{list}?q={email}")).await;
        let row = page
            .split("name=\"row\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let key = if list == "/organizer/people" {
            "people".to_owned()
        } else {
            format!("attendees {SLUG}")
        };
        let fields = [
            ("list", key.as_str()),
            ("act", "tag"),
            ("tag", tag),
            ("row", row),
            ("as_of", "1"),
            ("query", ""),
        ];
        let done = location(&self.post("/organizer/bulk", &fields).await);
        let page = self.page(&done).await;
        assert!(page.contains("1 person has the tag now."), "{done}: {page}");
    }
}

on_both_databases! {
    async fn lists_are_narrowed_by_everything(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let session = site.six().await;
        commonground::app::add_up(&site.running.state).await.unwrap();
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        browser.tag("/organizer/people", "ada%40one", "Hot lead").await;
        browser.tag(PEOPLE, "finn%40six", "hot LEAD").await;
        // In the list of a webcast, and among all people.
        for (filter, found) in [
            ("", "FEdCBA"), ("state=registered", "FEdBA"), ("state=cancelled", "C"), ("state=held", ""), ("attendance=attended", "A"),
            ("attendance=no_show", "B"), ("attendance=unknown", "FEdC"), ("state=registered&attendance=unknown", "FEd"),
            ("source=linkedin", "E"), ("source=news.example", "d"), ("source=%3Dspring", "FCBA"), ("source=nowhere", ""),
            ("confirmed=yes", "BA"), ("confirmed=no", "FEdC"), ("mail=ok", "FdCA"), ("mail=trouble", "EB"), ("mail=bounced", "B"),
            ("mail=unsubscribed", "E"), ("mail=complained", ""), ("consent=yes", "dCBA"), ("consent=no", "FE"), ("tag=hot+lead", "FA"),
            ("tag=cold", ""), ("q=ada", "FA"), ("q=contoso", "BA"), ("q=unal", "C"), ("q=con+bo", "B"), ("q=eve%40five", "E"),
            ("q=eve%40five.example", "E"), ("q=%21%21", ""), ("q=con%00bo", "B"), ("tag=hot%00", ""), ("source=%00linkedin", "E"), ("talk=yes", ""), ("whitepaper=another", ""),
            ("tag=hot+lead&confirmed=yes", "A"), ("q=contoso&attendance=no_show", "B"), ("state=registered&consent=yes&mail=ok", "dA"),
        ] {
            for list in [PEOPLE.to_owned(), format!("{PEOPLE}?session={session}"), "/organizer/people".to_owned(), format!("/organizer/people?webcast={SLUG}")] {
                let join = if list.contains('?') { '&' } else { '?' };
                let page = browser.page(&format!("{list}{join}{filter}")).await;
                assert_eq!(letters(&page), found, "{list}{join}{filter}: {page}");
                if !found.is_empty() {
                    let word = if list.contains("webcasts/") { "registration" } else { "person" };
                    let said = count(&page);
                    assert!(said.starts_with(&format!("{} ", found.len())) && (said.contains(word) || said.contains("people")), "{list}{join}{filter}: {said}");
                }
            }
        }
        // Each filter that is set can be let go by itself.
        let page = browser.page(&format!("{PEOPLE}?state=registered&attendance=attended&tag=hot+lead&q=ada")).await;
        for chip in ["“ada”", "Registration: Registered", "Attendance: Attended", "Tag: Hot lead"] {
            assert!(page.contains(chip), "{chip}: {page}");
        }
        assert!(page.contains(&format!("href=\"{PEOPLE}?q=ada&#38;attendance=attended&#38;tag=hot+lead\"")), "{page}");
        // Nobody: it says which filter to let go.
        let page = browser.page(&format!("{PEOPLE}?state=registered&attendance=no_show&tag=hot+lead")).await;
        assert!(page.contains("Nobody matches. Without") && page.contains("there would be 2 registrations."), "{page}");
        for wrong in ["state=gone", "attendance=x", "mail=x", "consent=maybe", "session=x", "sort=age", "after=x"] {
            assert_eq!(browser.get(&format!("{PEOPLE}?{wrong}")).await.status(), StatusCode::NOT_FOUND, "{wrong}");
        }
        assert_eq!(browser.get("/organizer/webcasts/another/people").await.status(), StatusCode::NOT_FOUND);
        site.running.stop().await;
    }

    async fn lists_are_narrowed_by_answers(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.six().await;
        let form = format!("/organizer/webcasts/{SLUG}/form");
        browser.asks(&form, "one_of", &[("label", "Your role"), ("options", "Chief\nSales & Marketing")]).await;
        browser.asks(&form, "yes_no", &[("label", "Partnered before?")]).await;
        for change in [
            "INSERT INTO answers (question_id, registration_id, position, value, value_key) SELECT q.id, r.id, 0, 'Chief', 'chief' FROM questions q, registrations r WHERE q.kind = 'one_of' AND r.name LIKE 'Ada%'",
            "INSERT INTO answers (question_id, registration_id, position, value, value_key) SELECT q.id, r.id, 0, 'No', 'no' FROM questions q, registrations r WHERE q.kind = 'yes_no' AND (r.name LIKE 'Bo%' OR r.name LIKE 'Ada%')",
        ] {
            site.run(change).await;
        }
        let page = browser.page(PEOPLE).await;
        assert!(page.contains("name=\"a_your_role\"") && page.contains("<option value=\"chief\">Chief</option>"), "{page}");
        for (filter, found) in [("a_your_role=chief", "A"), ("a_partnered_before=no", "BA"), ("a_partnered_before=no&a_your_role=chief", "A"), ("a_partnered_before=yes", ""), ("a_shoes=42", "")] {
            let page = browser.page(&format!("{PEOPLE}?{filter}")).await;
            assert_eq!(letters(&page), found, "{filter}: {page}");
            assert_eq!(letters(&browser.page(&format!("/organizer/people?webcast={SLUG}&{filter}")).await), found, "{filter}");
        }
        let file = browser.page(&format!("/organizer/exports/attendees.csv?webcast={SLUG}&a_your_role=chief&columns=full_name")).await;
        assert_eq!(file, "\u{feff}Full name\r\nAda Åkesson\r\n");
        site.running.stop().await;
    }

    async fn lists_are_sorted_and_read_to_their_end(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.six().await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        for list in [PEOPLE, "/organizer/people"] {
            for (sort, found) in [("newest", "FEdCBA"), ("oldest", "ABCdEF"), ("name", "ABCdEF"), ("-name", "FEdCBA"), ("email", "ABCdEF"), ("-email", "FEdCBA")] {
                assert_eq!(letters(&browser.page(&format!("{list}?sort={sort}")).await), found, "{list} {sort}");
            }
            let page = browser.page(&format!("{list}?sort=name&consent=yes")).await;
            assert!(page.contains("aria-sort=\"ascending\"") && page.contains("sort=-name"), "{page}");
        }
        // More than are few: the order is walked, and nobody is left out or comes twice.
        site.crowd(&test, 5_200).await;
        site.run("UPDATE registrations SET attendance = 'attended' WHERE id % 40 = 0").await;
        site.keep_words().await;
        for (filter, many) in [("attendance=attended", 131), ("state=cancelled", 1), ("q=person+1&attendance=attended", 28)] {
            let mut seen: Vec<Vec<String>> = Vec::new();
            for sort in ["newest", "oldest", "name", "-name", "email", "-email"] {
                let (mut rows, mut next) = (Vec::new(), Some(format!("{PEOPLE}?{filter}&sort={sort}")));
                while let Some(path) = next {
                    let page = browser.page(&path).await;
                    rows.extend(page.split("name=\"row\" value=\"").skip(1).map(|row| row[..22].to_owned()));
                    next = page.split("<p><a href=\"").nth(1).and_then(|rest| rest.split('"').next()).map(|path| path.replace("&#38;", "&"));
                }
                let once: BTreeSet<&String> = rows.iter().collect();
                assert_eq!(once.len(), rows.len(), "{filter} {sort}: nobody twice");
                seen.push(rows);
            }
            let backwards = |rows: &[String]| rows.iter().rev().cloned().collect::<Vec<_>>();
            assert_eq!(seen[0], backwards(&seen[1]), "{filter}");
            assert_eq!(seen[2], backwards(&seen[3]), "{filter}");
            assert_eq!(seen[4], backwards(&seen[5]), "{filter}");
            assert!(seen.iter().all(|rows| rows.len() == seen[0].len()), "{filter}");
            assert!(seen[0].len().abs_diff(many) <= 4, "{filter}: {}", seen[0].len());
        }
        assert_eq!(count(&browser.page(PEOPLE).await), "5,206 registrations");
        site.running.stop().await;
    }

    async fn columns_and_views_are_kept(test: TestDb) {
        let site = Site::start(&test).await;
        for (email, role) in [("olga@example.org", Role::Owner), ("vera@example.org", Role::Viewer)] {
            site.add(email, role).await;
        }
        let session = site.six().await;
        let (olga, vera) = (Browser::signed_in(&site, "olga@example.org").await, Browser::signed_in(&site, "vera@example.org").await);
        let key = format!("attendees {SLUG}");
        let query = "q=ada&attendance=attended&sort=name";
        let chosen = [("list", key.as_str()), ("query", query), ("column", "minutes"), ("column", "country"), ("column", "shoes")];
        let back = location(&olga.post("/organizer/lists/columns", &chosen).await);
        assert_eq!(back, format!("{PEOPLE}?{query}&done=columns"));
        let page = olga.page(&back).await;
        assert!(page.contains("Minutes</th>") && page.contains(">42</td>") && !page.contains("ada@one.example"), "{page}");
        assert!(vera.page(PEOPLE).await.contains("ada@one.example"), "each their own");
        // A view for all; what was typed is not kept.
        let view = [("list", key.as_str()), ("query", query), ("name", "Sales <b>"), ("shared", "yes")];
        assert!(location(&olga.post("/organizer/lists/views", &view).await).ends_with("&done=view"));
        let page = vera.page(PEOPLE).await;
        assert!(page.contains(&format!("href=\"{PEOPLE}?attendance=attended&#38;sort=name\"><bdi>Sales &#60;b&#62;</bdi>")), "{page}");
        assert!(!vera.page(&format!("{PEOPLE}?attendance=attended&sort=name")).await.contains("/forget"), "not theirs to forget");
        // One of a session is of use in this webcast alone.
        let of_session = format!("session={session}");
        let view = [("list", key.as_str()), ("query", of_session.as_str()), ("name", "The first airing")];
        olga.post("/organizer/lists/views", &view).await;
        assert!(olga.page(PEOPLE).await.contains("The first airing") && !vera.page(PEOPLE).await.contains("The first airing"));
        let page = olga.page(&format!("{PEOPLE}?attendance=attended&sort=name")).await;
        let forget = page.split("action=\"/organizer/views/").nth(1).unwrap().split('"').next().unwrap();
        let path = format!("/organizer/views/{forget}");
        vera.post(&path, &[("list", key.as_str())]).await;
        assert!(olga.page(PEOPLE).await.contains("Sales &#60;b&#62;"), "a stranger's click forgets nothing");
        olga.post(&path, &[("list", key.as_str())]).await;
        assert!(!vera.page(PEOPLE).await.contains("Sales &#60;b&#62;"));
        let long = "n".repeat(61);
        for name in ["", long.as_str()] {
            assert!(location(&olga.post("/organizer/lists/views", &[("list", "people"), ("query", "confirmed=yes"), ("name", name)]).await).ends_with("done=view-name"), "{name:?}");
        }
        for n in 0..31 {
            let name = format!("View {n}");
            let back = location(&olga.post("/organizer/lists/views", &[("list", "people"), ("query", "confirmed=yes"), ("name", name.as_str())]).await);
            assert!(back.ends_with(if n < 30 { "done=view" } else { "done=views" }), "{n}: {back}");
        }
        site.running.stop().await;
    }

    async fn whoever_sees_initials_cannot_guess_names(test: TestDb) {
        let site = Site::start(&test).await;
        for (email, role) in [("olga@example.org", Role::Owner), ("vera@example.org", Role::Viewer)] {
            site.add(email, role).await;
        }
        site.six().await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        olga.post("/organizer/settings/team", &[("viewers_see", "initials")]).await;
        let vera = Browser::signed_in(&site, "vera@example.org").await;
        let page = vera.page(&format!("{PEOPLE}?q=ada")).await;
        assert_eq!(count(&page), "6 registrations", "{page}");
        assert!(page.contains("A. Å.") && !page.contains("Åkesson") && !page.contains("ada@one.example") && !page.contains("name=\"q\""), "{page}");
        assert!(!page.contains("name=\"row\"") && !page.contains("/organizer/exports"), "nothing to do or to take: {page}");
        site.running.stop().await;
    }
}
