//! Lists as files of every kind: the same rows in all of them, whole.

use std::collections::BTreeMap;
use std::io::Read;

use super::*;

const NASTY: [&str; 9] = [
    "=cmd|' /C calc'!A0",
    "a;=1",
    "+49 30 1234",
    "-2.5",
    "\u{5de}\u{5e9}\u{5d4} \u{5db}\u{5d4}\u{5df}",
    "_x0041_ <b> & \"c\"",
    "two\nlines, and a comma",
    "\u{1f642}\u{200d}",
    "'quoted'",
];

impl Site {
    /// People whose company is each of these, registered for a session.
    async fn people_of(&self, companies: &[&str]) -> PublicId {
        let session = self.upcoming().await;
        for (number, company) in companies.iter().enumerate() {
            self.seat(session, &format!("Person {number}"), &format!("p{number}@example.org"))
                .await;
            let text = format!(
                "UPDATE registrations SET company = '{}' WHERE contact_id = (SELECT id FROM contacts WHERE email = 'p{number}@example.org')",
                company.replace('\'', "''")
            );
            self.run(text.leak()).await;
        }
        session
    }
}

/// The cells of a sheet of a workbook, by their names.
fn cells(bytes: &[u8], sheet: usize) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut xml = String::new();
    archive
        .by_name(&format!("xl/worksheets/sheet{sheet}.xml"))
        .unwrap()
        .read_to_string(&mut xml)
        .unwrap();
    let mut cells = BTreeMap::new();
    for cell in xml.split("<c r=\"").skip(1) {
        let (name, rest) = cell.split_once('"').unwrap();
        let value = ["<v>", "preserve\">"]
            .iter()
            .find_map(|start| rest.split_once(start))
            .unwrap()
            .1;
        let value = value
            .split('<')
            .next()
            .unwrap()
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
            .replace("_x005F_", "_");
        cells.insert(name.to_owned(), value);
    }
    cells
}

on_both_databases! {
    async fn every_kind_of_file_has_the_same_rows_whole(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = site.people_of(&NASTY).await;
        let columns = "columns=full_name,company,session_start,minutes_attended,consent_marketing";
        let file = |ending: &str, more: &str| format!("/organizer/exports/attendees.{ending}?session={session}&{columns}{more}");
        let json: Vec<serde_json::Value> = serde_json::from_str(&browser.page(&file("json", "")).await).unwrap();
        let lines: Vec<serde_json::Value> = browser.page(&file("jsonl", "")).await.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(json, lines);
        assert_eq!(json[0], serde_json::json!({"full_name": "Person 0", "company": NASTY[0], "session_start": "2026-12-04T11:00:00-08:00", "minutes_attended": null, "consent_marketing": "yes"}));
        let raw = browser.page(&file("csv", "&raw=yes")).await;
        let raw: Vec<csv::StringRecord> = csv::Reader::from_reader(raw.trim_start_matches('\u{feff}').as_bytes()).into_records().map(Result::unwrap).collect();
        let guarded = browser.page(&file("csv", "&separator=semicolon")).await;
        assert!(guarded.starts_with("\u{feff}Full name;Company;") && guarded.contains(";'=cmd|' /C calc'!A0;") && guarded.contains(";\"a;'=1\";") && guarded.contains(";+49 30 1234;"), "{guarded}");
        let answer = browser.get(&file("xlsx", "")).await;
        let name = answer.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
        assert_eq!(name, "attachment; filename=\"partnering-for-growth-attendees-2026-11-23.xlsx\"");
        let workbook = answer.bytes().await.unwrap();
        // Sizes of 32 bits: LibreOffice 7.4 reads no workbook whose parts have the others (APPNOTE 4.5.3).
        assert_ne!(workbook[18..26], [0xFF; 8]);
        let cells = cells(&workbook, 1);
        for (number, company) in NASTY.iter().enumerate() {
            assert_eq!(json[number]["company"], *company);
            assert_eq!(&raw[number][1], *company);
            assert_eq!(cells[&format!("B{}", number + 2)], *company);
            // A real date: 2026-12-04 11:00 in the session's zone.
            assert_eq!(cells[&format!("C{}", number + 2)], "46360.45833333333");
        }
        assert!(!cells.contains_key("D2"), "nothing is no cell");
        // Another zone, which a last column names.
        let there: Vec<serde_json::Value> = serde_json::from_str(&browser.page(&file("json", "&zone=Asia/Kolkata")).await).unwrap();
        assert_eq!((&there[0]["session_start"], &there[0]["file_tz"]), (&"2026-12-05T00:30:00+05:30".into(), &"Asia/Kolkata".into()));
        for wrong in [file("xml", ""), format!("/organizer/exports/attendees.csv?session={session}&preset=all"), file("csv", "&zone=Mars")] {
            assert!(matches!(browser.get(&wrong).await.status(), StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY), "{wrong}");
        }
        site.running.stop().await;
    }

    async fn for_sales_are_those_alone_whom_one_may_write_to(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = site.people_of(&["One", "Two", "Three", "Four"]).await;
        // The second one has not confirmed, the third one has taken it back, the fourth one has unsubscribed.
        site.run("UPDATE contacts SET confirmed_at = 1 WHERE email <> 'p1@example.org'").await;
        site.run("INSERT INTO consents (contact_id, purpose, version, act, at, source, subject) SELECT id, 'marketing', '2026-11', 'withdrawn', 9000000000000000, 'page', '' FROM contacts WHERE email = 'p2@example.org'").await;
        site.run("INSERT INTO suppressions (address_key, reason, created_at, detail) VALUES ('p3@example.org', 'unsubscribed', 1, '')").await;
        let sales: Vec<serde_json::Value> = serde_json::from_str(&browser.page(&format!("/organizer/exports/attendees.json?session={session}&preset=sales")).await).unwrap();
        assert_eq!(sales, [serde_json::json!({"first_name": null, "last_name": "Person 0", "email": "p0@example.org", "company": "One", "phone": null, "utm_source": "=spring", "attendance": "unknown", "consent_marketing": "yes"})]);
        let speaker = browser.page(&format!("/organizer/exports/attendees.jsonl?webcast={SLUG}&preset=speaker")).await;
        assert!(speaker.lines().count() == 4 && speaker.contains("\"Three\"") && !speaker.contains('@'), "{speaker}");
        site.running.stop().await;
    }

    async fn a_file_is_chosen_and_looked_at_before_it_is_made(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("vera@example.org", Role::Viewer).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let empty = browser.page("/organizer/exports").await;
        assert!(empty.contains("Nobody is in this list yet.") && empty.contains("Attendees of Partnering For Growth"), "{empty}");
        let session = site.people_of(&["<b>One</b>", "Two", "Three", "Four", "Five", "Six"]).await;
        let page = browser.page(&format!("/organizer/exports?session={session}")).await;
        assert!(page.contains("&#60;b&#62;One"), "{page}");
        assert!(page.contains("Person 4") && !page.contains("Person 5"), "five rows: {page}");
        let chosen = browser.page(&format!("/organizer/exports?list=session+{session}&preset=chosen&column=email&column=company&kind=csv-semicolon&zone=Europe%2FBerlin&cancelled=yes")).await;
        let link = chosen.split("class=\"button\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let file = browser.page(&link).await;
        assert!(file.starts_with("\u{feff}Email;Company;File time zone\r\np0@example.org;<b>One</b>;Europe/Berlin\r\n"), "{link}: {file}");
        let wrong = browser.page(&format!("/organizer/exports?list=session+{session}&preset=chosen&column=nothing")).await;
        assert!(wrong.contains("there is no column nothing. There are: first_name"), "{wrong}");
        let requests = browser.page("/organizer/exports?list=requests+&kind=json").await;
        assert!(requests.contains("/organizer/exports/requests.json?"), "{requests}");
        assert_eq!(Browser::signed_in(&site, "vera@example.org").await.get("/organizer/exports").await.status(), StatusCode::FORBIDDEN);
        let taken: Vec<_> = site.audit().await.into_iter().filter(|(action, ..)| action == "export.attendees").collect();
        assert_eq!(taken.len(), 1, "looking is no export");
        assert!(taken[0].2.contains("columns email,company") && taken[0].2.contains("6 rows"), "{taken:?}");
        site.running.stop().await;
    }

    async fn a_file_has_what_the_list_was_narrowed_to(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.people_of(&["One", "Two", "Three"]).await;
        site.run("UPDATE registrations SET state = 'cancelled' WHERE company = 'Two'").await;
        site.run("UPDATE registrations SET attendance = 'attended', first_join = 1764874800000000, minutes = 30 WHERE company = 'One'").await;
        site.keep_words().await;
        let list = format!("/organizer/webcasts/{SLUG}/people?attendance=attended&q=person");
        let page = browser.page(&list).await;
        let export = page.split("href=\"/organizer/exports").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let page = browser.page(&format!("/organizer/exports{export}&kind=csv")).await;
        assert!(page.contains("the list as you narrowed it") && page.contains("Person 0") && !page.contains("Person 2"), "{page}");
        let download = page.split("class=\"button\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let file = browser.page(&format!("{download}&columns=full_name,attendance,minutes_attended,attendance_pct")).await;
        assert_eq!(file, "\u{feff}Full name,Attendance,Minutes attended,Attendance %\r\nPerson 0,attended,30,50\r\n");
        // Whoever asks for those that were cancelled gets them.
        let cancelled = browser.page(&format!("/organizer/exports/attendees.csv?webcast={SLUG}&state=cancelled&columns=company")).await;
        assert_eq!(cancelled, "\u{feff}Company\r\nTwo\r\n");
        // Columns that have nothing in any row are left out, where that is wanted.
        let compact = browser.page(&format!("/organizer/exports/attendees.csv?webcast={SLUG}&compact=yes")).await;
        let headings = compact.lines().next().unwrap();
        assert!(headings.contains("Minutes attended") && !headings.contains("Job title") && !headings.contains("Cancel reason"), "{headings}");
        // Columns that were chosen are there the next time.
        browser.page(&format!("/organizer/exports/attendees.csv?webcast={SLUG}&columns=email,company")).await;
        let page = browser.page(&format!("/organizer/exports?list=attendees+{SLUG}&preset=chosen&kind=csv")).await;
        assert!(page.contains("value=\"email\" checked") && page.contains("value=\"company\" checked") && !page.contains("value=\"country\" checked"), "{page}");
        // The files of the day, for whoever took them.
        assert!(page.contains("Your files of the last day") && page.contains("partnering-for-growth-attendees-2026-11-23.csv"), "{page}");
        let taken: Vec<String> = site.audit().await.into_iter().filter(|(action, ..)| action == "export.attendees").map(|(_, _, detail)| detail).collect();
        assert_eq!(taken[0], "all sessions, by a search, attendance attended, columns full_name,attendance,minutes_attended,attendance_pct, 1 rows");
        site.running.stop().await;
    }

    async fn everybody_is_taken_away_by_whoever_types_the_password(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.people_of(&["One", "Two"]).await;
        site.run("UPDATE sign_ins SET fresh_until = NULL").await;
        let to = "/organizer/exports/people.json?tag=";
        assert!(location(&browser.get(to).await).starts_with("/organizer/exports?list=people"), "led to the page");
        let asked = browser.post("/organizer/exports/people", &[("to", to)]).await;
        assert_eq!(asked.status(), StatusCode::FORBIDDEN);
        let asked = asked.text().await.unwrap();
        assert!(asked.contains("Your password, please") && !asked.contains("p0@example.org"), "{asked}");
        site.run("UPDATE sign_ins SET fresh_until = 9000000000000000").await;
        assert_eq!(location(&browser.post("/organizer/exports/people", &[("to", to)]).await), to);
        let people: Vec<serde_json::Value> = serde_json::from_str(&browser.page(to).await).unwrap();
        assert_eq!(people.len(), 2);
        for (key, value) in [("full_name", "Person 0"), ("email", "p0@example.org"), ("consent_marketing", "yes"), ("mail_state", "ok")] {
            assert_eq!(people[0][key], value, "{key}");
        }
        assert_eq!((&people[0]["registrations"], &people[0]["papers"]), (&1.into(), &0.into()));
        assert_eq!(location(&browser.post("/organizer/exports/people", &[("to", "https://elsewhere.example")]).await), "/organizer/exports?list=people");
        site.running.stop().await;
    }

    async fn a_large_workbook_is_written_beside_the_pages(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ed@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.crowd(&test, 50_001).await;
        let page = location(&browser.get(&format!("/organizer/exports/attendees.xlsx?webcast={SLUG}&columns=full_name,email")).await);
        assert!(page.starts_with("/organizer/exports/files/"), "{page}");
        let started = std::time::Instant::now();
        let shown = loop {
            let shown = browser.page(&page).await;
            if !shown.contains("written beside the pages") {
                break shown;
            }
            assert!(started.elapsed().as_secs() < 120, "{shown}");
            site.clock.advance(SignedDuration::from_secs(30));
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        };
        assert!(shown.contains("50,001 rows"), "{shown}");
        let answer = browser.get(&format!("{page}/file")).await;
        assert_eq!(answer.headers()[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{SLUG}-attendees-2026-11-23.xlsx\"").as_str());
        let workbook = answer.bytes().await.unwrap();
        let cells = cells(&workbook, 1);
        assert_eq!(cells["A50002"], "Person 50001");
        let ready = { let mut conn = site.running.state.db.read().await.unwrap(); on_db!(conn, c => sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM outbox WHERE kind = 'file-ready' AND recipient = 'olga@example.org'").fetch_one(c).await).unwrap() };
        assert_eq!(ready, 1, "whoever asked is mailed");
        // Nobody else's, and gone after a day.
        let other = Browser::signed_in(&site, "ed@example.org").await;
        for path in [page.clone(), format!("{page}/file")] {
            assert_eq!(other.get(&path).await.status(), StatusCode::NOT_FOUND);
        }
        site.clock.advance(SignedDuration::from_hours(25));
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.run("UPDATE export_files SET keep_until = 1").await;
        commonground::app::forget_files(&site.running.state).await.unwrap();
        assert_eq!(browser.get(&page).await.status(), StatusCode::NOT_FOUND);
        site.running.stop().await;
    }
}
