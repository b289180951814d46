//! What people and organizers write is text on every page, whatever it looks like.

use super::*;

/// Ends an attribute, a tag, a script and a comment, and runs where any of them is left open.
const PAYLOAD: &str = "\"'--></title></script></textarea><script>alert(1)</script><img src=x onerror=alert(1)>";

/// Every column that holds what somebody wrote and that no type of ours bounds.
const COLUMNS: [(&str, &str); 41] = [
    ("contacts", "name"),
    ("contacts", "company"),
    ("contacts", "own_name"),
    ("contacts", "job_title"),
    ("contacts", "phone"),
    ("registrations", "name"),
    ("registrations", "company"),
    ("registrations", "job_title"),
    ("questions", "label"),
    ("questions", "help"),
    ("answers", "value"),
    ("answers", "value_key"),
    ("registrations", "utm_source"),
    ("registrations", "utm_medium"),
    ("registrations", "utm_campaign"),
    ("registrations", "utm_term"),
    ("registrations", "utm_content"),
    ("registrations", "referrer"),
    ("registrations", "time_zone"),
    ("registrations", "locale"),
    ("registrations", "cancel_reason"),
    ("requests", "name"),
    ("requests", "utm_source"),
    ("requests", "referrer"),
    ("webcasts", "title"),
    ("webcasts", "summary"),
    ("webcasts", "description"),
    ("presenters", "name"),
    ("presenters", "role"),
    ("presenters", "firm"),
    ("presenters", "bio"),
    ("whitepapers", "title"),
    ("whitepapers", "summary"),
    ("whitepapers", "description"),
    ("notes", "body"),
    ("notes", "author"),
    ("tags", "name"),
    ("consents", "version"),
    ("organizers", "name"),
    ("audit_log", "subject"),
    ("audit_log", "detail"),
];

/// The public id of some row of a table.
async fn id_of(site: &Site, table: &str) -> PublicId {
    let mut conn = site.running.state.db.read().await.unwrap();
    let text = format!("SELECT public_id FROM {table} LIMIT 1");
    let id: Vec<u8> = on_db!(conn, c => sqlx::query_scalar(sqlx::AssertSqlSafe(text)).fetch_one(c).await).unwrap();
    PublicId::from_slice(&id).unwrap()
}

const PAPER: &str = "creating-effective-strategic-partnerships";

/// A question of a list on each form and one that hangs on it, answers, and a series.
async fn ask(site: &Site, browser: &Browser<'_>) {
    for form in [
        format!("/organizer/webcasts/{SLUG}/form"),
        format!("/organizer/papers/{PAPER}/form"),
    ] {
        for (kind, fields) in [
            ("one_of", [("label", "One"), ("options", "A\nB")]),
            ("text", [("label", "Two"), ("asked_if", "one=a")]),
        ] {
            let made = browser
                .post(&format!("{form}/questions/new?kind={kind}"), &fields)
                .await;
            assert_eq!(made.status(), StatusCode::SEE_OTHER, "{form}");
        }
    }
    let airing = [
        ("date", "2026-12-11"),
        ("time", "11:00"),
        ("time_zone", "UTC"),
        ("duration", "60"),
        ("repeats", "weekly"),
        ("every", "1"),
    ];
    let begun = browser
        .post(&format!("/organizer/webcasts/{SLUG}/series/new"), &airing)
        .await;
    assert_eq!(begun.status(), StatusCode::SEE_OTHER);
    site.run(
        "INSERT INTO answers (question_id, registration_id, value, value_key)
              SELECT q.id, r.id, 'x', 'x' FROM questions q, registrations r WHERE q.webcast_id IS NOT NULL",
    )
    .await;
}

/// The same where a column holds a list, or what a server said.
async fn write_lists(site: &Site, quoted: &str) {
    let points = serde_json::to_string(&[PAYLOAD]).unwrap().replace('\'', "''");
    let rows = serde_json::json!([{"minute": 5, "what": PAYLOAD}])
        .to_string()
        .replace('\'', "''");
    let options =
        serde_json::json!({"live": [{"key": "a", "label": PAYLOAD}, {"key": "b", "label": PAYLOAD}], "retired": []})
            .to_string()
            .replace('\'', "''");
    let ineligible = serde_json::json!({"answers": ["a"], "words": PAYLOAD})
        .to_string()
        .replace('\'', "''");
    let change = serde_json::json!({PAYLOAD: PAYLOAD}).to_string().replace('\'', "''");
    for statement in [
        format!("UPDATE outbox SET last_reply = '5.1.1 {quoted}'"),
        format!("UPDATE audit_log SET before = '{change}', after = '{change}'"),
        format!("UPDATE suppressions SET detail = '{quoted}'"),
        format!("UPDATE webcasts SET takeaways = '{points}', agenda = '{rows}'"),
        format!("UPDATE tallies SET source = '{quoted}'"),
        format!("UPDATE questions SET options = '{options}', ineligible = '{ineligible}' WHERE kind = 'one_of'"),
        format!(
            "INSERT INTO saved_views (public_id, organizer_id, place, name, query) SELECT randomblob(16), id, 'people', '{quoted}', '{quoted}' FROM organizers"
        ),
        format!(
            "INSERT INTO bulk_acts (public_id, organizer_id, kind, place, chosen, word, state, created_at) SELECT randomblob(16), id, 'tag', 'people', '', '{quoted}', 'going', 1 FROM organizers"
        ),
        "INSERT INTO bulk_acts (public_id, organizer_id, kind, place, chosen, word, state, created_at) SELECT randomblob(16), id, 'erase', 'people', '{\"Matching\":{\"address\":\"\",\"as_of\":9000000000000000}}', '', 'asked', 1 FROM organizers".to_owned(),
        format!(
            "INSERT INTO export_files (public_id, organizer_id, list, query, name, state, expected, problem, created_at, keep_until) SELECT randomblob(16), id, 'people', '{quoted}', '{quoted}', 'failed', 0, '{quoted}', 1, 9000000000000000 FROM organizers"
        ),
    ] {
        site.run(statement.leak()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_anybody_wrote_is_text_on_every_page() {
    let test = TestDb::sqlite().await;
    let site = Site::start(&test).await;
    site.add("olga@example.org", Role::Owner).await;
    let id = site.upcoming().await;
    site.seat(id, "Jane", "jane@example.org").await;
    let browser = Browser::signed_in(&site, "olga@example.org").await;
    let person = id_of(&site, "contacts").await.to_string();
    let seat = id_of(&site, "registrations").await;
    browser
        .post(&format!("/organizer/people/{person}/notes"), &[("note", "x")])
        .await;
    browser
        .post(&format!("/organizer/people/{person}/tags"), &[("tag", "x")])
        .await;
    ask(&site, &browser).await;
    site.run("UPDATE outbox SET state = 'failed', last_code = 550, last_reply = '5.1.1 no', ended_at = 5")
        .await;
    site.run("INSERT INTO suppressions (address_key, reason, created_at, detail) VALUES ('jane@example.org', 'bounced', 1, '')").await;
    commonground::app::add_up(&site.running.state).await.unwrap();
    let quoted = PAYLOAD.replace('\'', "''");
    for (table, column) in COLUMNS {
        site.run(format!("UPDATE {table} SET {column} = '{quoted}'").leak())
            .await;
    }
    write_lists(&site, &quoted).await;
    let mail: String = {
        let mut conn = site.running.state.db.read().await.unwrap();
        on_db!(conn, c => sqlx::query_scalar("SELECT dedupe_key FROM outbox").fetch_one(c).await).unwrap()
    };
    let presenter = id_of(&site, "presenters").await.to_string();
    let series = id_of(&site, "series").await.to_string();
    let question = id_of(&site, "questions WHERE webcast_id IS NOT NULL").await.to_string();
    let paper_question = id_of(&site, "questions WHERE whitepaper_id IS NOT NULL")
        .await
        .to_string();
    let (bulk, export) = (
        id_of(&site, "bulk_acts WHERE state = 'going'").await.to_string(),
        id_of(&site, "export_files").await.to_string(),
    );
    let asked = id_of(&site, "bulk_acts WHERE state = 'asked'").await.to_string();
    let member = id_of(&site, "organizers").await.to_string();
    let import = imported(&browser).await;
    let is_page = |route: &str| {
        !["{ending}", "{fingerprint}", "not-taken.csv", "receipts.txt", "log.csv"]
            .iter()
            .any(|part| route.contains(part))
            && !route.ends_with("/file")
    };
    let mut shown = 0;
    for rule in ACTS.iter().filter(|rule| rule.method == "GET" && is_page(rule.route)) {
        let id = match rule.route {
            route if route.starts_with("/organizer/people/import") => import.clone(),
            route if route.starts_with("/organizer/people") => person.clone(),
            route if route.starts_with("/organizer/settings/team") => member.clone(),
            route if route.starts_with("/organizer/presenters") => presenter.clone(),
            "/organizer/bulk/{id}/erase" => asked.clone(),
            route if route.starts_with("/organizer/bulk") => bulk.clone(),
            route if route.starts_with("/organizer/exports/files") => export.clone(),
            route if route.starts_with("/organizer/papers") => paper_question.clone(),
            route if route.contains("/form/questions/") => question.clone(),
            route if route.contains("/series/") => series.clone(),
            route if route.starts_with("/organizer/registrations") => seat.to_string(),
            _ => id.to_string(),
        };
        let path = rule
            .route
            .replace(
                "{slug}",
                if rule.route.starts_with("/organizer/papers") {
                    PAPER
                } else {
                    SLUG
                },
            )
            .replace("{id}", &id)
            .replace("{name}", &mail);
        shown += usize::from(does_nothing(&browser, &path).await);
    }
    let link = site
        .running
        .state
        .links
        .sign(commonground::values::LinkPurpose::Registration, seat, 0);
    for path in [
        "/",
        "/webcasts",
        "/whitepapers",
        &format!("/webcasts/{SLUG}"),
        &format!("/registrations/{link}"),
        "/organizer/people?q=%3Cscript%3Ealert(1)",
    ] {
        shown += usize::from(does_nothing(&browser, path).await);
    }
    assert!(shown > 12, "the payload is shown on {shown} pages: as text");
    refused(&browser, &person).await;
    site.running.stop().await;
}

/// What an organizer typed is refused and shown again.
async fn refused(browser: &Browser<'_>, person: &str) {
    for path in [
        "/organizer/people/new".to_owned(),
        format!("/organizer/people/{person}/edit"),
    ] {
        let refused = browser
            .post(&path, &[("name", PAYLOAD), ("email", PAYLOAD), ("company", PAYLOAD)])
            .await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        is_text(&path, &refused.text().await.unwrap());
    }
}

/// A list whose name, headings and cells are the payload; gives its id.
async fn imported(browser: &Browser<'_>) -> String {
    let cell = PAYLOAD.replace('"', "\"\"");
    let list = format!("Email,Name,\"{cell}\"\nada@example.org,\"{cell}\",\"{cell}\"\n\"{cell}\",Ben,x\n");
    let sent = browser.sends("list.csv", list.as_bytes()).await;
    location(&sent).rsplit('/').next().unwrap().to_owned()
}

/// Whether the page shows the payload; never as anything but text.
async fn does_nothing(browser: &Browser<'_>, path: &str) -> bool {
    let answer = browser.get(path).await;
    let status = answer.status();
    assert!(
        status == StatusCode::OK || status == StatusCode::PERMANENT_REDIRECT,
        "{path}: {status}"
    );
    let page = answer.text().await.unwrap();
    is_text(path, &page);
    page.contains("alert(1)")
}

fn is_text(path: &str, page: &str) {
    for bad in ["<script>alert", "<img src=x", "</title></script>"] {
        assert!(!page.contains(bad), "{path}: {page}");
    }
}
