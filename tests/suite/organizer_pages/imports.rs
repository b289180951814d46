//! Lists and reports from elsewhere: sent, looked at, put in, undone.

use super::*;

const IMPORT: &str = "/organizer/people/import";

fn file(name: &str) -> Vec<u8> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/files/imports")
            .join(name),
    )
    .unwrap()
}

impl Browser<'_> {
    /// Sends a file; gives where that leads.
    pub(super) async fn sends(&self, name: &str, bytes: &[u8]) -> Response {
        let mut body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend(bytes);
        body.extend(b"\r\n--edge\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\r\n--edge--\r\n");
        self.client
            .post(format!("{}{IMPORT}", self.site.base))
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// Chooses what the columns page proposes, with these in their place; gives where that leads.
    async fn chooses(&self, path: &str, changes: &[(&str, &str)]) -> Response {
        let page = self.page(path).await;
        let mut fields = selected(&page);
        for (name, value) in changes {
            fields.retain(|(field, _)| field != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(path, &fields).await
    }

    /// All steps at once; gives the page that says what became of it.
    async fn imports(&self, name: &str, bytes: &[u8], changes: &[(&str, &str)]) -> (String, String) {
        let path = location(&self.sends(name, bytes).await);
        let chosen = self.chooses(&path, changes).await;
        assert_eq!(
            chosen.status(),
            StatusCode::SEE_OTHER,
            "{name}: {}",
            chosen.text().await.unwrap()
        );
        let preview = location(&chosen);
        assert_eq!(preview, format!("{path}/preview"));
        self.page(&preview).await;
        self.starts(&path).await
    }

    async fn starts(&self, path: &str) -> (String, String) {
        assert_eq!(location(&self.post(&format!("{path}/start"), &[]).await), path);
        let page = self.page_with(path, "What became of it").await;
        (path.to_owned(), page)
    }
}

/// The fields of the columns page, as it shows them.
fn selected(page: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for select in page.split("<select ").skip(1) {
        let name = select.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
        let body = select.split("</select>").next().unwrap();
        let chosen = body.split("<option ").find(|option| option.contains(" selected"));
        let value = chosen.map(|option| option.split("value=\"").nth(1).unwrap().split('"').next().unwrap());
        fields.push((name.to_owned(), value.unwrap_or_default().to_owned()));
    }
    fields
}

const PEOPLE: &str = "Name,E-mail,Company,Phone,Tags,Consent,Consent at,Consent source,Notes\r\n\
    Ada Åkesson,ada@example.org,Contoso,+49 30 123456,hot; cold,yes,2026-10-01,Fair in Berlin,Met at the fair\r\n\
    ,Ben Berg <ben@example.org>,,,,yes,,,\r\n\
    Nobody,not an address,,,,,,,\r\n\
    Twice,ADA@example.org,,,,,,,\r\n\
    =cmd|x,cmd@example.org,,,,,,,\r\n";

on_both_databases! {
    async fn a_list_goes_in_and_its_bad_rows_come_back(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        assert!(browser.page("/organizer/people").await.contains(IMPORT));
        let path = location(&browser.sends("people.csv", PEOPLE.as_bytes()).await);
        let columns = browser.page(&path).await;
        assert!(columns.contains("people.csv") && columns.contains("5 rows") && columns.contains("Ada Åkesson"), "{columns}");
        let preview = location(&browser.chooses(&path, &[("tag", "fair 2026")]).await);
        let page = browser.page(&preview).await;
        for words in ["New: 3 people.", "Known: 0 people.", "Row 4", "is not an e-mail address", "Row 5", "the same address stands in row 2", "Nobody gets a mail.", "Import 3 people", "ada@example.org"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(count(&site, "contacts").await, 0, "nothing is put in before it is said");
        let (path, page) = browser.starts(&path).await;
        assert!(page.contains("New: 3.") && page.contains("Not taken: 2.") && page.contains("Undo the import"), "{page}");
        assert_eq!(count(&site, "contacts WHERE company = 'Contoso' AND phone = '+4930123456'").await, 1);
        assert_eq!(count(&site, "contacts WHERE name = 'Ben Berg'").await, 1);
        assert_eq!(count(&site, "contact_tags").await, 5, "two of her own, and one of all");
        assert_eq!(count(&site, "notes WHERE body = 'Met at the fair'").await, 1);
        assert_eq!(count(&site, "consents WHERE source = 'import' AND subject = 'Fair in Berlin'").await, 1, "only with date and source");
        assert_eq!(count(&site, "outbox").await, 0, "nobody was told");
        assert_eq!(count(&site, "import_parts").await, 0, "the file is gone");
        let bad = browser.page(&format!("{path}/not-taken.csv")).await;
        assert!(bad.starts_with("\u{feff}Name,E-mail,Company,Phone,Tags,Consent,Consent at,Consent source,Notes,reason\r\n"), "{bad}");
        assert!(bad.contains("Nobody,not an address,") && bad.contains("Twice,ADA@example.org,"), "{bad}");
        // Once more: nothing changes.
        let (_, again) = browser.imports("people.csv", PEOPLE.as_bytes(), &[("tag", "fair 2026")]).await;
        assert!(again.contains("New: 0.") && again.contains("Known before: 3."), "{again}");
        for (table, rows) in [("contacts", 3), ("contact_tags", 5), ("notes", 1), ("consents", 1)] {
            assert_eq!(count(&site, table).await, rows, "{table}");
        }
        site.running.stop().await;
    }

    #[ignore = "long"]
    async fn a_hundred_thousand_rows_go_in_but_for_those_that_are_bad(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let row = |n: usize| format!("Person {n},p{n}{}example.org\n", if n.is_multiple_of(100) { " at " } else { "@" });
        let list: String = std::iter::once("Name,Email\n".to_owned()).chain((0..100_000).map(row)).collect();
        let path = location(&browser.sends("list.csv", list.as_bytes()).await);
        browser.page(&location(&browser.chooses(&path, &[]).await)).await;
        browser.post(&format!("{path}/start"), &[]).await;
        let started = std::time::Instant::now();
        while count(&site, "imports WHERE state = 'done'").await == 0 {
            assert!(started.elapsed().as_secs() < 600, "it does not end");
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        let page = browser.page(&path).await;
        assert!(page.contains("New: 99,000.") && page.contains("Not taken: 1,000."), "{page}");
        assert_eq!(count(&site, "contacts").await, 99_000);
        let bad = browser.page(&format!("{path}/not-taken.csv")).await;
        assert_eq!(bad.lines().count(), 1_001);
        site.running.stop().await;
    }

    async fn what_nobody_touched_since_is_undone(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let list = "Name,Email\nAda,ada@example.org\nBen,ben@example.org\nCem,cem@example.org\nDora,dora@example.org\n";
        site.seat(site.upcoming().await, "Dora", "dora@example.org").await;
        let (path, _) = browser.imports("list.csv", list.as_bytes(), &[]).await;
        assert_eq!(count(&site, "contacts").await, 4);
        // Ben registers, and somebody corrects Cem.
        site.seat(site.upcoming().await, "Ben", "ben@example.org").await;
        site.run("UPDATE contacts SET version = 1 WHERE email = 'cem@example.org'").await;
        assert_eq!(location(&browser.post(&format!("{path}/undo"), &[]).await), path);
        browser.page_with(&path, "Undone.").await;
        let mut conn = site.running.state.db.read().await.unwrap();
        let left: Vec<String> = on_db!(conn, c => sqlx::query_scalar("SELECT email FROM contacts ORDER BY email").fetch_all(c).await).unwrap();
        assert_eq!(left, ["ben@example.org", "cem@example.org", "dora@example.org"]);
        drop(conn);
        let late = browser.post(&format!("{path}/undo"), &[]).await;
        assert!(late.text().await.unwrap().contains("too late"));
        site.running.stop().await;
    }

    async fn whoever_was_erased_stays_so(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let list = "Name,Email\nAda,ada@example.org\nBen,ben@example.org\n";
        browser.imports("list.csv", list.as_bytes(), &[]).await;
        // One is looked at while she is erased.
        let waiting = location(&browser.sends("list.csv", list.as_bytes()).await);
        let id: Vec<u8> = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM contacts WHERE email = 'ada@example.org'").fetch_one(c).await).unwrap()
        };
        let page = format!("/organizer/people/{}", PublicId::try_from(id).unwrap());
        browser.post(&format!("{page}/erase"), &[("email", "ada@example.org")]).await;
        assert!(browser.page(&waiting).await.contains("The file is not here any more"));
        let path = location(&browser.sends("list.csv", list.as_bytes()).await);
        let preview = location(&browser.chooses(&path, &[]).await);
        assert!(browser.page(&preview).await.contains("Erased once, and not put in again: 1 person."));
        let (path, page) = browser.starts(&path).await;
        assert!(page.contains("Known before: 1.") && page.contains("Not taken: 1."), "{page}");
        assert_eq!(count(&site, "contacts").await, 1);
        let bad = browser.page(&format!("{path}/not-taken.csv")).await;
        assert!(bad.contains("This person was erased.") && !bad.contains("ada@example.org"), "{bad}");
        // She comes again by herself: she is welcome, and an import leaves her alone.
        site.seat(site.upcoming().await, "Ada", "ada@example.org").await;
        let path = location(&browser.sends("list.csv", list.as_bytes()).await);
        let page = browser.page(&location(&browser.chooses(&path, &[]).await)).await;
        for words in ["New: 0 people.", "Known: 1 person.", "Erased once, and not put in again: 1 person."] {
            assert!(page.contains(words), "{words}: {page}");
        }
        site.running.stop().await;
    }

    async fn registrations_bring_their_own_way_in(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = site.upcoming().await;
        let session_id = session.to_string();
        site.run("UPDATE sessions SET capacity = 3, seats_taken = 1, join_url = 'https://everybody.example.org/'").await;
        let path = location(&browser.sends("registrants.csv", &file("zoom-registrants.csv")).await);
        let lacking = browser.chooses(&path, &[]).await;
        assert_eq!(lacking.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(lacking.text().await.unwrap().contains("Choose the session."));
        assert_eq!(location(&browser.chooses(&path, &[("session", &session_id)]).await), path, "its questions are looked at first");
        let preview = location(&browser.chooses(&path, &[("session", &session_id), ("tell", "yes")]).await);
        let page = browser.page(&preview).await;
        assert!(page.contains("Import 2 people, and tell those who are registered by it") && page.contains("You are registered"), "{page}");
        let (_, page) = browser.starts(&path).await;
        assert!(page.contains("New: 2."), "{page}");
        assert_eq!(count(&site, "registrations WHERE channel = 'import' AND state = 'registered' AND company IS NOT NULL").await, 2);
        assert_eq!(count(&site, "outbox WHERE kind = 'confirmation'").await, 2);
        assert_eq!(count(&site, "sessions WHERE seats_taken = 3").await, 1);
        // A third one finds no place, and comes back with that reason.
        let more = "Name,Email,Registration Time\nLate,late@example.org,2026-11-20 10:00\n";
        let path = location(&browser.sends("more.csv", more.as_bytes()).await);
        browser.chooses(&path, &[("session", &session_id)]).await;
        browser.chooses(&path, &[("session", &session_id)]).await;
        let (path, page) = browser.starts(&path).await;
        assert!(page.contains("Not taken: 1."), "{page}");
        assert!(browser.page(&format!("{path}/not-taken.csv")).await.contains("late@example.org,2026-11-20 10:00,\"No place was left"));
        // Each is led to their own way in.
        site.run("UPDATE sessions SET doors_open_at = 5").await;
        let ada: Vec<u8> = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar(
                "SELECT r.public_id FROM registrations r JOIN contacts c ON c.id = r.contact_id WHERE c.email = 'ada@example.org'")
                .fetch_one(c).await).unwrap()
        };
        let token = site.running.state.links.sign(commonground::values::LinkPurpose::Join, PublicId::try_from(ada).unwrap(), 0);
        let visitor = Browser::new(&site);
        let on = location(&visitor.post(&format!("/join/{token}"), &[]).await);
        assert!(visitor.page(&on).await.contains("https://video.example.com/w/83920012345?tk=abc"));
        site.running.stop().await;
    }

    async fn a_report_says_who_was_there(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = site.upcoming().await;
        // The session of the report: November 26, 14:00, on the clock of Los Angeles.
        site.run("UPDATE sessions SET starts_at = 1795730400000000, ends_at = 1795734000000000 WHERE id = (SELECT MAX(id) FROM sessions)").await;
        for (name, email) in [("Ada Lovelace", "ada@example.org"), ("Grace Hopper", "grace@example.org"), ("Zoe O", "zoe.private@example.net")] {
            site.seat(session, name, email).await;
        }
        site.clock.advance(SignedDuration::from_hours(24 * 4));
        let session_id = session.to_string();
        let (path, page) = browser.imports("attendees.csv", &file("zoom-webinar.csv"), &[("session", &session_id)]).await;
        assert!(page.contains("The attendance of 1 person is noted.") && page.contains("Zoë Okafor") && page.contains("Caller 1"), "{page}");
        assert_eq!(count(&site, "registrations WHERE attendance = 'attended' AND minutes = 66").await, 1, "the union of her stays");
        assert_eq!(count(&site, "registrations WHERE attendance = 'no_show'").await, 2, "decided by the report, before a day is over");
        let one = page.split("name=\"one\" value=\"").skip(1).find(|part| part.contains("Address of Zoë Okafor")).unwrap().split('"').next().unwrap();
        let nobody = browser.post(&format!("{path}/match"), &[("one", one), ("email", "nobody@example.org")]).await;
        assert!(nobody.text().await.unwrap().contains("nobody with this address is registered"));
        let matched = browser.post(&format!("{path}/match"), &[("one", one), ("email", "Zoe.private@example.net")]).await;
        let page = matched.text().await.unwrap();
        assert!(page.contains("Noted.") && !page.contains("Zoë Okafor"), "{page}");
        assert_eq!(count(&site, "registrations WHERE attendance = 'attended'").await, 2);
        // The same report again changes nothing, and knows who she is.
        let (again, page) = browser.imports("attendees.csv", &file("zoom-webinar.csv"), &[("session", &session_id)]).await;
        assert!(page.contains("The attendance of 2 people is noted.") && !page.contains("Zoë Okafor"), "{page}");
        assert_eq!(count(&site, "attendance WHERE source = 'import'").await, 3);
        // Undone, nobody knows.
        browser.post(&format!("{again}/undo"), &[]).await;
        browser.page_with(&again, "Undone.").await;
        assert_eq!(count(&site, "attendance WHERE source = 'import'").await, 0);
        assert_eq!(count(&site, "registrations WHERE attendance = 'unknown'").await, 3);
        site.running.stop().await;
    }

    async fn teams_and_goto_go_in_too(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = site.upcoming().await;
        site.run("UPDATE sessions SET starts_at = 1795730400000000, ends_at = 1795734000000000 WHERE id = (SELECT MAX(id) FROM sessions)").await;
        for (name, email) in [("Ada Lovelace", "ada@example.org"), ("Zoë Okafor", "zoe@example.org")] {
            site.seat(session, name, email).await;
        }
        site.clock.advance(SignedDuration::from_hours(24 * 4));
        let session_id = session.to_string();
        for (name, attended) in [("teams-new.csv", 1), ("teams-old.csv", 1), ("goto.csv", 2), ("goto.xlsx", 2), ("zoom-meeting.csv", 1)] {
            let path = location(&browser.sends(name, &file(name)).await);
            let preview = location(&browser.chooses(&path, &[("session", &session_id)]).await);
            assert_eq!(preview, format!("{path}/preview"), "{name}");
            let (_, page) = browser.starts(&path).await;
            assert!(page.contains("is noted."), "{name}: {page}");
            let seen = count(&site, "registrations WHERE attendance = 'attended'").await;
            assert!(seen >= attended, "{name}: {seen}");
        }
        site.running.stop().await;
    }

    async fn workbooks_and_other_charsets_go_in(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let (_, page) = browser.imports("leute.csv", &file("people-german.csv"), &[]).await;
        assert!(page.contains("New: 2.") && page.contains("Not taken: 1."), "{page}");
        assert_eq!(count(&site, "contacts WHERE name = 'Jürgen Weiß' AND company = 'Müller & Söhne' AND country = 'DE'").await, 1);
        // It says when somebody registered, so it is taken for registrations; here it is to be people alone.
        let path = location(&browser.sends("people.xlsx", &file("people.xlsx")).await);
        assert_eq!(location(&browser.chooses(&path, &[("kind", "people")]).await), path, "other columns are looked at first");
        browser.chooses(&path, &[]).await;
        let (_, page) = browser.starts(&path).await;
        assert!(!page.contains("New: 0."), "{page}");
        for (name, bytes, words) in [
            ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old".as_slice(), "old Excel file"),
            ("list.pdf", b"%PDF-1.7 list", "This is a PDF."),
            ("none.csv", b"Colour,Size\nred,7\n", "No row has the heading of a column with e-mail addresses"),
            ("empty.csv", b"", "Choose a file"),
        ] {
            let refused = browser.sends(name, bytes).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            let page = refused.text().await.unwrap();
            assert!(page.contains(words), "{name}: {page}");
        }
        site.running.stop().await;
    }

    async fn viewers_and_others_see_nobodys_import(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ed@example.org", Role::Editor).await;
        site.add("vic@example.org", Role::Viewer).await;
        let owner = Browser::signed_in(&site, "olga@example.org").await;
        let path = location(&owner.sends("list.csv", b"Name,Email\nAda,ada@example.org\n").await);
        let editor = Browser::signed_in(&site, "ed@example.org").await;
        assert_eq!(editor.get(IMPORT).await.status(), StatusCode::OK);
        for page in [path.clone(), format!("{path}/preview"), format!("{path}/not-taken.csv")] {
            assert_eq!(editor.get(&page).await.status(), StatusCode::NOT_FOUND, "{page}");
        }
        assert_eq!(editor.post(&format!("{path}/start"), &[]).await.status(), StatusCode::NOT_FOUND);
        let viewer = Browser::signed_in(&site, "vic@example.org").await;
        assert_eq!(viewer.get(IMPORT).await.status(), StatusCode::FORBIDDEN);
        assert!(!viewer.page("/organizer/people").await.contains(IMPORT));
        site.running.stop().await;
    }
}
