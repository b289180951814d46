//! What is kept of a person: all of it told, erased, or given to somebody who is the same.

use std::fs;
use std::time::{Duration, Instant};

use commonground::contacts::{Trace, TraceOf};
use sqlx::{Connection, PgConnection, Row, SqliteConnection};

use super::*;

const NAME: &str = "Zenobia Quillfeather";
const EMAIL: &str = "zenobia.q@example.org";
/// Whatever is known of her, and of nobody else.
const WORDS: [&str; 9] = [
    "Zenobia",
    "zenobia",
    "Quillfeather",
    "quillfeather",
    "Quill & Plume",
    "+493012345678",
    "prefers tea",
    "quilltag",
    "Answer of hers",
];

impl Site {
    pub(super) async fn page_of_person(&self, email: &str) -> String {
        let mut conn = self.running.state.db.read().await.unwrap();
        let id: Vec<u8> = on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM contacts WHERE email = $1")
            .bind(email).fetch_one(c).await)
        .unwrap();
        format!("/organizer/people/{}", PublicId::try_from(id).unwrap())
    }

    async fn number_of(&self, of: &str) -> i64 {
        let mut conn = self.running.state.db.read().await.unwrap();
        let text = sqlx::AssertSqlSafe(of.to_owned());
        on_db!(conn, c => sqlx::query_scalar(text).fetch_one(c).await).unwrap()
    }

    async fn say(&self, statement: &str) {
        self.run(statement.to_owned().leak()).await;
    }

    /// Everything that anything can be kept in about one person.
    async fn fill(&self, browser: &Browser<'_>) -> String {
        let session = self.upcoming().await;
        self.seat(session, NAME, EMAIL).await;
        self.seat(session, "Ben Bystander", "ben@example.org").await;
        let asked = browser
            .post(
                "/whitepapers/creating-effective-strategic-partnerships/request",
                &[("name", NAME), ("email", EMAIL), ("consent", "yes")],
            )
            .await;
        assert_eq!(asked.status(), StatusCode::SEE_OTHER);
        let page = self.page_of_person(EMAIL).await;
        browser
            .post(&format!("{page}/notes"), &[("note", "She prefers tea.")])
            .await;
        browser.post(&format!("{page}/tags"), &[("tag", "quilltag")]).await;
        let one = "(SELECT id FROM contacts WHERE email_key = 'zenobia.q@example.org')";
        let seat = format!("(SELECT id FROM registrations WHERE contact_id = {one})");
        for statement in [
            format!("UPDATE contacts SET company = 'Quill & Plume', phone = '+493012345678' WHERE id = {one}"),
            format!("UPDATE registrations SET company = 'Quill & Plume', phone = '+493012345678' WHERE id = {seat}"),
            format!("INSERT INTO invited (webcast_id, address_key) SELECT id, '{EMAIL}' FROM webcasts"),
            format!("INSERT INTO suppressions (address_key, reason, created_at, detail) VALUES ('{EMAIL}', 'unsubscribed', 1, '')"),
            format!("INSERT INTO merges (from_public_id, contact_id, at) SELECT (SELECT public_id FROM sessions ORDER BY id LIMIT 1), id, 1 FROM contacts WHERE id = {one}"),
            format!("INSERT INTO merged_registrations (public_id, link_generation, registration_id) SELECT (SELECT public_id FROM sessions ORDER BY id LIMIT 1), 7, id FROM registrations WHERE id = {seat}"),
            format!("INSERT INTO merged_requests (public_id, link_generation, request_id) SELECT (SELECT public_id FROM sessions ORDER BY id LIMIT 1), 7, id FROM requests WHERE contact_id = {one}"),
            "INSERT INTO questions (public_id, webcast_id, key, position, kind, label) SELECT public_id, id, 'why', 1, 'text', 'Why?' FROM webcasts".to_owned(),
            format!("INSERT INTO answers (question_id, registration_id, value, value_key) SELECT (SELECT MIN(id) FROM questions), {seat}, 'Answer of hers', ''"),
            format!("INSERT INTO attendance (registration_id, session_id, source, from_at) SELECT id, session_id, 'join', 5 FROM registrations WHERE id = {seat}"),
            format!("INSERT INTO assessments (public_id, relationship, us, partner, created_at, changed_at, keep_until) SELECT public_id, 'partner', 'One firm', 'Another', 1, 1, 9000000000000000 FROM contacts WHERE id = {one}"),
            format!("INSERT INTO assessment_talks (public_id, assessment_id, contact_id, name, created_at) SELECT c.public_id, a.id, c.id, '{NAME}', 1 FROM contacts c, assessments a WHERE c.id = {one}"),
            "INSERT INTO imports (public_id, organizer_id, kind, file_name, mapping, choices, state, created_at, keep_until) SELECT public_id, id, 'people', 'people.csv', '', '{}', 'read', 5, 9000000000000000 FROM organizers".to_owned(),
            "INSERT INTO import_parts (import_id, position, data) SELECT id, 0, CAST('Zenobia Quillfeather' AS BYTEA) FROM imports".replace("BYTEA", if self.running.state.db.path().is_some() { "BLOB" } else { "BYTEA" }),
            format!("INSERT INTO import_rows (import_id, line, cells, reason) SELECT id, 1, '[\"{NAME}\"]', 'no' FROM imports"),
            format!("INSERT INTO import_made (import_id, contact_id, is_new) SELECT i.id, {one}, 1 FROM imports i"),
            format!("INSERT INTO attendance_aliases (webcast_id, alias, contact_id) SELECT id, 'quillfeather z', {one} FROM webcasts"),
            format!("INSERT INTO attendance_unmatched (public_id, import_id, session_id, name, name_key, email, email_key, stays) SELECT i.public_id, i.id, s.id, '{NAME}', 'zenobia quillfeather', '{EMAIL}', '{EMAIL}', '[]' FROM imports i, sessions s WHERE s.id = (SELECT MIN(id) FROM sessions)"),
            format!("INSERT INTO seat_links (registration_id, join_url) VALUES ({seat}, 'https://video.example.org/zenobia')"),
            format!("INSERT INTO assessment_invitations (public_id, inviter_id, inviter_name, state, created_at, expires_at) SELECT public_id, id, '{NAME}', 'open', 1, 9 FROM assessments"),
        ] {
            self.say(&statement).await;
        }
        self.keep_words().await;
        // A file of the list, narrowed to her; an act on all who match her name.
        browser
            .page(&format!(
                "/organizer/exports/attendees.csv?webcast={SLUG}&q=quillfeather"
            ))
            .await;
        let list = browser
            .page(&format!("/organizer/webcasts/{SLUG}/people?q=quillfeather"))
            .await;
        let as_of = list
            .split("name=\"as_of\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let tagged = browser
            .post(
                "/organizer/bulk",
                &[
                    ("list", &format!("attendees {SLUG}")),
                    ("query", "q=quillfeather"),
                    ("as_of", as_of),
                    ("all", "yes"),
                    ("act", "tag"),
                    ("tag", "quilltag2"),
                ],
            )
            .await;
        let done = location(&tagged);
        browser.page_with(&done, "1 person").await;
        self.bulk_is_done().await;
        page
    }

    async fn bulk_is_done(&self) {
        let started = Instant::now();
        while self
            .number_of("SELECT COUNT(*) FROM bulk_acts WHERE state = 'going'")
            .await
            > 0
        {
            assert!(started.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What a trace's table holds of her.
    async fn holds(&self, trace: &Trace) -> i64 {
        let whose = match trace.of {
            TraceOf::Contact | TraceOf::Derived => {
                format!("contact_id = (SELECT id FROM contacts WHERE email_key = '{EMAIL}')")
            }
            TraceOf::Address(key) => format!("{key} = '{EMAIL}'"),
            TraceOf::Anybody => "1 = 1".to_owned(),
        };
        self.number_of(&format!("SELECT COUNT(*) FROM {} WHERE {whose}", trace.table))
            .await
    }

    /// Nothing of it is in any row; on SQLite neither in the file nor in the log beside it.
    async fn assert_nothing_of(&self, test: &TestDb, words: &[&str]) {
        let started = Instant::now();
        loop {
            let found = match self.running.state.db.path() {
                Some(file) => {
                    let mut bytes = fs::read(file).unwrap();
                    bytes.extend(fs::read(file.with_extension("db-wal")).unwrap_or_default());
                    let is_there = |word: &&&str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
                    words.iter().find(is_there).map(|word| (*word).to_owned())
                }
                None => found_in_rows(&test.url, words).await,
            };
            let Some(found) = found else { return };
            assert!(started.elapsed() < Duration::from_secs(20), "{found} is still there");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn found_in_rows(url: &str, words: &[&str]) -> Option<String> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
        .fetch_all(&mut connection).await.unwrap();
    assert!(tables.len() > 40);
    for table in tables {
        let text = sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t"));
        for row in sqlx::query(text).fetch_all(&mut connection).await.unwrap() {
            let row: String = row.get(0);
            if let Some(word) = words.iter().find(|word| row.contains(*word)) {
                return Some(format!("{word} in {table}"));
            }
        }
    }
    None
}

/// Addresses and names are kept in columns that are called so. Each is somebody's of whom a trace knows, or stands here with
/// the reason why not.
const NOT_OF_CONTACTS: [(&str, &str); 14] = [
    ("imports", "the name of a file"),
    ("contacts", "the person's own row"),
    ("organizers", "accounts"),
    ("account_links", "who is invited to the team, for a week"),
    ("registrations", "found by their contact"),
    ("requests", "found by their contact"),
    ("assessment_talks", "found by their contact"),
    ("assessment_seats", "emptied with their owner's wish to talk"),
    (
        "assessment_invitations",
        "the name is emptied with its owner's wish to talk; of addresses there is a keyed hash",
    ),
    ("assessment_refusals", "a keyed hash"),
    ("presenters", "those who speak, in public"),
    ("tags", "forgotten when nobody has them"),
    ("saved_views", "of a list; a search is never kept"),
    ("export_files", "of a file; a trace empties it"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_table_holds_an_address_that_nobody_knows_of() {
    let test = TestDb::sqlite().await;
    let mut connection = SqliteConnection::connect(&test.url).await.unwrap();
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let holds = |column: &str| {
        ["email", "address", "recipient", "name", "phone"].iter().any(|word| {
            column == *word || column.starts_with(&format!("{word}_")) || column.ends_with(&format!("_{word}"))
        })
    };
    let traces = commonground::app::traces();
    let unknown: Vec<&(String, String)> = columns
        .iter()
        .filter(|(table, column)| {
            holds(column)
                && !table.starts_with("_sqlx")
                && !traces.iter().any(|trace| trace.table == table)
                && !NOT_OF_CONTACTS.iter().any(|(known, _)| known == table)
                && !["editions.file_name"].contains(&format!("{table}.{column}").as_str())
        })
        .collect();
    assert!(unknown.is_empty(), "a trace, or a reason why not: {unknown:?}");
}

on_both_databases! {
    async fn erasing_leaves_nothing(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let page = site.fill(&browser).await;
        let traces = commonground::app::traces();
        for trace in traces.iter() {
            assert!(site.holds(trace).await > 0, "{} is not filled, so this would prove nothing", trace.table);
        }
        let ask = browser.page(&format!("{page}/erase")).await;
        for words in ["1 registration", "1 request for a paper", "1 note", "1 wish to talk about a result", "Type their address"] {
            assert!(ask.contains(words), "{words}: {ask}");
        }
        let wrong = browser.post(&format!("{page}/erase"), &[("email", "other@example.org")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page_of_mistake = wrong.text().await.unwrap();
        assert!(page_of_mistake.contains("other@example.org"), "what was typed stays");
        let receipt_at = location(&browser.post(&format!("{page}/erase"), &[("email", "Zenobia.Q@example.org")]).await);
        let receipt = browser.page(&receipt_at).await;
        assert!(receipt.contains("2026-11-23T12:00:00Z ") && receipt.contains("1 registration"), "{receipt}");
        site.assert_nothing_of(&test, &WORDS).await;
        for trace in traces.iter().filter(|trace| trace.of != TraceOf::Derived) {
            assert_eq!(site.holds(trace).await, 0, "{}", trace.table);
        }
        assert_eq!(browser.get(&page).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(count(&site, "contacts").await, 1, "nobody else");
        assert_eq!(count(&site, "registrations").await, 1);
        assert_eq!(count(&site, "erasures").await, 1);
        let audit = site.audit().await;
        let entry = audit.iter().find(|(action, _, _)| action == "person.erase").unwrap();
        assert!(entry.2.contains("1 registration") && !entry.2.contains("enobia"), "{entry:?}");
        site.running.stop().await;
    }

    async fn a_calendar_gives_its_entry_back_first(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let session = site.upcoming().await;
        site.say("UPDATE sessions SET capacity = 5").await;
        site.seat(session, NAME, EMAIL).await;
        site.seat(session, "Ben Bystander", "ben@example.org").await;
        let taken = "SELECT SUM(seats_taken) FROM sessions";
        assert_eq!(site.number_of(&format!("SELECT CAST(({taken}) AS BIGINT)")).await, 2);
        // Nobody has read of it: there is nothing to give back.
        let ben = site.page_of_person("ben@example.org").await;
        browser.post(&format!("{ben}/erase"), &[("email", "ben@example.org")]).await;
        assert_eq!(count(&site, "outbox WHERE kind = 'entry-withdrawn'").await, 0);
        site.say("UPDATE outbox SET state = 'sent', ended_at = 5").await;
        let page = site.page_of_person(EMAIL).await;
        browser.post(&format!("{page}/erase"), &[("email", EMAIL)]).await;
        assert_eq!(count(&site, "outbox").await, 1);
        assert_eq!(count(&site, "outbox WHERE kind = 'entry-withdrawn' AND recipient = 'zenobia.q@example.org'").await, 1);
        assert_eq!(site.number_of(&format!("SELECT CAST(({taken}) AS BIGINT)")).await, 0, "the places are free");
        site.running.stop().await;
    }

    async fn only_an_owner_erases_and_types_the_password(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ed@example.org", Role::Editor).await;
        site.seat(site.upcoming().await, NAME, EMAIL).await;
        let page = site.page_of_person(EMAIL).await;
        let editor = Browser::signed_in(&site, "ed@example.org").await;
        assert!(!editor.page(&page).await.contains("/erase"));
        assert_eq!(editor.get(&format!("{page}/erase")).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(editor.post(&format!("{page}/erase"), &[("email", EMAIL)]).await.status(), StatusCode::FORBIDDEN);
        let owner = Browser::signed_in(&site, "olga@example.org").await;
        assert!(owner.page(&page).await.contains("/erase"));
        site.clock.advance(SignedDuration::from_mins(11));
        let asked = owner.post(&format!("{page}/erase"), &[("email", EMAIL)]).await;
        assert!(asked.text().await.unwrap().contains("Your password, please"));
        assert_eq!(count(&site, "contacts").await, 1);
        site.running.stop().await;
    }

    async fn whoever_asks_is_told_everything(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let page = site.fill(&browser).await;
        let json: serde_json::Value = serde_json::from_str(&browser.page(&format!("{page}/data.json")).await).unwrap();
        assert_eq!(json["person"][0]["name"], NAME);
        assert_eq!(json["person"][0]["first_came"], "2026-11-23T12:00:00Z");
        assert_eq!(json["registrations"][0]["company"], "Quill & Plume");
        assert_eq!(json["answers"][0]["answer"], "Answer of hers");
        assert_eq!(json["answers"][0]["question"], "Why?");
        assert_eq!(json["notes"][0]["note"], "She prefers tea.");
        assert_eq!(json["attendance"][0]["source"], "join");
        assert_eq!(json["requests"][0]["paper"], "Creating Effective Strategic Partnerships");
        for part in ["tags", "mails", "no_mail", "consents", "wishes_to_talk", "guest_lists"] {
            assert!(!json[part].as_array().unwrap().is_empty(), "{part}");
        }
        let csv = browser.page(&format!("{page}/data.csv")).await;
        assert!(csv.starts_with("\u{feff}Part,Row,Field,Value\r\n"), "{csv}");
        assert!(csv.contains("registrations,1,phone,+493012345678\r\n") && csv.contains("notes,1,note,She prefers tea.\r\n"), "{csv}");
        assert_eq!(browser.get(&format!("{page}/data.pdf")).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(site.audit().await.iter().filter(|(action, _, _)| action == "export.person").count(), 2);
        site.running.stop().await;
    }

    async fn two_who_are_one_are_merged(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let old = site.fill(&browser).await;
        let session = site.upcoming().await;
        site.seat(session, "Zen Quill", "zen@example.net").await;
        let new = site.page_of_person("zen@example.net").await;
        site.keep_words().await;
        let found = browser.page(&format!("{new}/merge?q=quillf")).await;
        assert!(found.contains(NAME) && !found.contains("Ben Bystander"), "{found}");
        let (old_id, new_id) = (old.rsplit('/').next().unwrap(), new.rsplit('/').next().unwrap());
        let both = browser.page(&format!("{new}/merge?with={old_id}")).await;
        assert!(both.contains("zen@example.net") && both.contains(EMAIL) && both.contains("Quill &#38; Plume"), "{both}");
        assert_eq!(browser.get(&format!("{new}/merge?with={new_id}")).await.status(), StatusCode::NOT_FOUND, "with themselves");
        let link_of = |public_id: Vec<u8>| {
            let id = PublicId::try_from(public_id).unwrap();
            let sign = site.running.state.links.sign(commonground::values::LinkPurpose::Registration, id, 0);
            format!("/registrations/{sign}")
        };
        let links: Vec<String> = {
            let mut conn = site.running.state.db.read().await.unwrap();
            let ids: Vec<Vec<u8>> = on_db!(conn, c => sqlx::query_scalar(
                "SELECT r.public_id FROM registrations r JOIN contacts c ON c.id = r.contact_id WHERE c.email LIKE 'zen%' ORDER BY r.id")
                .fetch_all(c).await).unwrap();
            ids.into_iter().map(link_of).collect()
        };
        assert_eq!(links.len(), 2);
        let merged = browser.post(&format!("{new}/merge"), &[("with", old_id), ("keep", new_id)]).await;
        assert_eq!(location(&merged), format!("{new}?done=merged"));
        assert_eq!(count(&site, "contacts").await, 2);
        assert_eq!(count(&site, "registrations").await, 2, "one each");
        let page = browser.page(&new).await;
        for words in ["Quill &#38; Plume", "zen@example.net", "quilltag", "She prefers tea.", "Answer of hers", "Creating Effective"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(browser.get(&old).await.status(), StatusCode::PERMANENT_REDIRECT);
        for link in &links {
            assert!(Browser::new(&site).page(link).await.contains("zen@example.net"), "{link}");
        }
        assert_eq!(count(&site, "outbox WHERE LOWER(recipient) = 'zenobia.q@example.org'").await, 0);
        // And whoever erases them then erases both.
        browser.post(&format!("{new}/erase"), &[("email", "zen@example.net")]).await;
        site.assert_nothing_of(&test, &WORDS).await;
        site.running.stop().await;
    }

    async fn a_visitor_erases_themselves(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.fill(&browser).await;
        let id: Vec<u8> = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar(
                "SELECT r.public_id FROM registrations r JOIN contacts c ON c.id = r.contact_id WHERE c.name LIKE 'Zen%'")
                .fetch_one(c).await).unwrap()
        };
        let id = PublicId::try_from(id).unwrap();
        let token = site.running.state.links.sign(commonground::values::LinkPurpose::Registration, id, 0);
        let visitor = Browser::new(&site);
        let page = visitor.page(&format!("/registrations/{token}")).await;
        assert!(page.contains(&format!("/registrations/{token}/erase")) && page.contains("data.json"), "{page}");
        let mine: serde_json::Value =
            serde_json::from_str(&visitor.page(&format!("/registrations/{token}/data.json")).await).unwrap();
        assert_eq!(mine["person"][0]["email"], EMAIL);
        assert!(mine.get("notes").is_none() && mine.get("tags").is_none(), "what organizers write is theirs to tell");
        let ask = visitor.page(&format!("/registrations/{token}/erase")).await;
        assert!(ask.contains("1 registration") && !ask.contains("1 note"), "{ask}");
        assert_eq!(count(&site, "contacts").await, 2, "a GET changes nothing");
        let done = visitor.post(&format!("/registrations/{token}/erase"), &[]).await;
        assert_eq!(location(&done), "/erased");
        assert!(visitor.page("/erased").await.contains("is erased"));
        assert_eq!(visitor.get(&format!("/registrations/{token}")).await.status(), StatusCode::NOT_FOUND);
        site.assert_nothing_of(&test, &WORDS).await;
        // They may come back by themselves.
        site.seat(site.upcoming().await, NAME, EMAIL).await;
        assert_eq!(count(&site, "registrations").await, 2);
        site.running.stop().await;
    }
}

/// Every field of the retention form, with these in place of what it shows.
fn rules<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![
        ("registrations", "12"),
        ("requests", "12"),
        ("talks", "12"),
        ("unconfirmed", "60"),
        ("contacts", "12"),
        ("attendance", "6"),
        ("audit", "24"),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, value));
    }
    fields
}

const RETENTION: &str = "/organizer/settings/retention";

on_both_databases! {
    async fn what_is_too_old_goes_once_an_owner_says_so(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.fill(&browser).await;
        // Her session is two years ago; so is all else of hers. Ben confirmed, and comes to the one that is ahead.
        let long_ago = "1730000000000000";
        site.say(&format!("UPDATE contacts SET created_at = {long_ago}")).await;
        site.say("UPDATE contacts SET confirmed_at = 5 WHERE email = 'ben@example.org'").await;
        site.say(&format!(
            "UPDATE registrations SET session_id = (SELECT MIN(id) FROM sessions) WHERE contact_id IN (SELECT id FROM contacts WHERE email = '{EMAIL}')")).await;
        site.say(&format!("UPDATE attendance SET session_id = (SELECT MIN(id) FROM sessions), from_at = {long_ago}")).await;
        site.say(&format!("UPDATE requests SET created_at = {long_ago}, mailed_at = {long_ago}")).await;
        assert!(commonground::app::remove_old(&site.running.state).await.unwrap().is_empty(), "off until switched on");
        let page = browser.page(RETENTION).await;
        assert!(page.contains("1 registration is older today.") && page.contains("1 request is older today."), "{page}");
        let wrong = browser.post(RETENTION, &rules(&[("registrations", "soon"), ("registrations_on", "yes")])).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("value=\"soon\"") && page.contains("write a number from 1 to 1200"), "{page}");
        let changes = [("registrations_on", "yes"), ("requests_on", "yes"), ("talks_on", "yes"), ("talks", "1"), ("contacts_on", "yes"), ("contacts", "3")];
        let review = browser.post(RETENTION, &rules(&changes)).await;
        let review = review.text().await.unwrap();
        assert!(review.contains("Is this right?") && review.contains("Nothing is saved yet."), "{review}");
        assert_eq!(count(&site, "retention").await, 0);
        let mut sure = rules(&changes);
        sure.push(("sure", "yes"));
        assert_eq!(location(&browser.post(RETENTION, &sure).await), format!("{RETENTION}?done=saved"));
        let privacy = browser.page("/privacy").await;
        assert!(privacy.contains("are erased 12 months after their session") && !privacy.contains("never used a link"), "{privacy}");
        let removed = commonground::app::remove_old(&site.running.state).await.unwrap();
        assert_eq!(removed, [("registrations", 1), ("requests", 1), ("talks", 1)], "she agreed to news, so she stays");
        site.say("UPDATE consents SET act = 'withdrawn'").await;
        let removed = commonground::app::remove_old(&site.running.state).await.unwrap();
        assert_eq!(removed, [("contacts", 1)]);
        assert_eq!(count(&site, "contacts").await, 1, "Ben has a session ahead");
        assert_eq!(count(&site, "registrations").await, 1);
        assert!(commonground::app::remove_old(&site.running.state).await.unwrap().is_empty(), "nothing twice");
        site.running.stop().await;
    }

    async fn whoever_never_confirms_goes_but_not_before_their_session(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.seat(site.upcoming().await, NAME, EMAIL).await;
        let mut fields = rules(&[("unconfirmed_on", "yes"), ("unconfirmed", "1")]);
        fields.push(("sure", "yes"));
        browser.post(RETENTION, &fields).await;
        let state = &site.running.state;
        site.clock.advance(SignedDuration::from_hours(25));
        assert!(commonground::app::remove_old(state).await.unwrap().is_empty(), "their session is ahead");
        site.clock.advance(SignedDuration::from_hours(24 * 20));
        assert_eq!(commonground::app::remove_old(state).await.unwrap(), [("unconfirmed", 1)]);
        site.assert_nothing_of(&test, &["Zenobia", "zenobia"]).await;
        assert_eq!(count(&site, "erasures").await, 0, "they may be put in again");
        site.running.stop().await;
    }

    async fn the_privacy_page_says_what_is_set_and_nothing_else(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ed@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let visitor = Browser::new(&site);
        let before = visitor.page("/privacy").await;
        for words in ["Backups", "Legal basis", "complain", "How long we keep it", "Imprint"] {
            assert!(!before.contains(words), "{words}: {before}");
        }
        assert_eq!(visitor.get("/imprint").await.status(), StatusCode::NOT_FOUND);
        let path = "/organizer/settings/legal";
        assert!(browser.page(path).await.contains("leaves out what is not set: Who is responsible, Postal address"));
        let wrong = browser.post(path, &[("controller", "Acme <b>GmbH</b>"), ("contact", "nobody"), ("backup_days", "soon")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("2 things need your attention") && page.contains("Acme &#60;b&#62;GmbH"), "{page}");
        let saved = browser.post(path, &[
            ("controller", "Acme <b>GmbH</b>"), ("address", "1 Long Street\r\nBerlin"), ("contact", "data@example.org"),
            ("basis", "Because you asked."), ("authority", "The authority"), ("backup_days", "30"),
            ("imprint", "## Register\n\n<script>alert(1)</script> HRB 1"), ("privacy", ""),
        ]).await;
        assert_eq!(location(&saved), format!("{path}?done=saved"));
        let privacy = visitor.page("/privacy").await;
        for words in ["Acme &#60;b&#62;GmbH", "1 Long Street", "data@example.org", "Because you asked.", "The authority", "Backups are kept for 30 days", "/imprint"] {
            assert!(privacy.contains(words), "{words}: {privacy}");
        }
        let imprint = visitor.page("/imprint").await;
        assert!(imprint.contains("HRB 1") && imprint.contains("&lt;script&gt;") && !imprint.contains("<script>alert"), "{imprint}");
        let own = browser.post(path, &[("controller", "Acme"), ("privacy", "# Ours\n\nWe keep *little*.")]).await;
        assert_eq!(location(&own), format!("{path}?done=saved"));
        let privacy = visitor.page("/privacy").await;
        assert!(privacy.contains("We keep <em>little</em>.") && !privacy.contains("What we do not do"), "{privacy}");
        assert_eq!(visitor.get("/imprint").await.status(), StatusCode::NOT_FOUND, "no address, no text");
        let editor = Browser::signed_in(&site, "ed@example.org").await;
        for page in [path, RETENTION] {
            assert_eq!(editor.get(page).await.status(), StatusCode::FORBIDDEN);
            assert_eq!(editor.post(page, &[]).await.status(), StatusCode::FORBIDDEN);
        }
        let audit = site.audit().await;
        assert!(audit.iter().any(|(action, _, detail)| action == "settings.change" && detail.starts_with("controller, address")), "{audit:?}");
        site.running.stop().await;
    }
}

on_both_databases! {
    async fn what_somebody_agreed_to_can_be_read_for_ever(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let visitor = Browser::new(&site);
        let page = visitor.page(&format!("/webcasts/{SLUG}")).await;
        assert!(page.contains("Tell me about new webcasts") && page.contains("name=\"consent_version\" value=\"2026-11\""), "{page}");
        let path = "/organizer/settings/legal";
        let empty = browser.post(path, &[("consent", " ")]).await;
        assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(location(&browser.post(path, &[("consent", "Write to me about <b>partnerships</b>.")]).await), format!("{path}?done=saved"));
        let page = visitor.page(&format!("/webcasts/{SLUG}")).await;
        assert!(page.contains("Write to me about &#60;b&#62;partnerships") && page.contains("value=\"2026-11-23\""), "{page}");
        assert!(browser.page(path).await.contains("2026-11-23, asked now"));
        // Whoever had the page open before agreed to what it said then.
        let paper = "/whitepapers/creating-effective-strategic-partnerships/request";
        for (email, version) in [("old@example.org", "2026-11"), ("new@example.org", "2026-11-23"), ("none@example.org", ""), ("odd@example.org", "1'; DROP")] {
            let fields = [("name", "Somebody"), ("email", email), ("consent", "yes"), ("consent_version", version)];
            assert_eq!(visitor.post(paper, &fields).await.status(), StatusCode::SEE_OTHER);
        }
        let mut conn = site.running.state.db.read().await.unwrap();
        let versions: Vec<String> = on_db!(conn, c => sqlx::query_scalar("SELECT version FROM consents ORDER BY id").fetch_all(c).await).unwrap();
        assert_eq!(versions, ["2026-11", "2026-11-23", "2026-11-23", "2026-11-23"]);
        let versions: Vec<String> = on_db!(conn, c => sqlx::query_scalar("SELECT consent_version FROM requests ORDER BY id").fetch_all(c).await).unwrap();
        assert_eq!(versions, ["2026-11", "2026-11-23", "2026-11-23", "2026-11-23"]);
        drop(conn);
        site.running.stop().await;
    }
}
