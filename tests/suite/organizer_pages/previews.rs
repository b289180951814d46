//! Previews of other people's mails: no private link in any of them, for no role, and it is noted who looked.

use super::*;
use crate::on_both_databases;

/// Private links as they stand in mails: 32 bytes in base64url.
fn private_links(page: &str) -> Vec<&str> {
    let words = page.split(|c: char| c.is_whitespace() || "<>\"&".contains(c));
    words
        .filter(|word| word.contains("http"))
        .filter(|word| {
            word.split('/').any(|part| {
                part.len() >= 43
                    && part
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            })
        })
        .collect()
}

/// One mail of each kind that is owed to visitors.
async fn one_of_each_kind(site: &Site) {
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let post = async |path: &str, fields: &[(&str, &str)]| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let answer = client
            .post(format!("{}{path}", site.base))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        location(&answer)
    };
    let session = site.upcoming().await.to_string();
    let seat = [
        ("name", "Ada"),
        ("email", "ada@example.org"),
        ("session", session.as_str()),
    ];
    let paper = [("name", "Ada"), ("email", "ada@example.org")];
    for _ in 0..2 {
        post("/webcasts/partnering-for-growth/register", &seat).await;
        post("/whitepapers/creating-effective-strategic-partnerships/request", &paper).await;
        site.clock.advance(SignedDuration::from_mins(2));
    }
    let path = post(
        "/assessment",
        &[("type", "partner"), ("us", "Contoso"), ("partner", "Northwind")],
    )
    .await;
    let path = path.trim_end_matches("?page=1");
    let mut answers = Vec::new();
    for factor in ["RI", "RE", "RW", "VI", "VA"] {
        for side in ["u", "p"] {
            answers.extend((1..=4).map(|number| (format!("{side}_{factor}{number}"), (number % 4).to_string())));
        }
    }
    answers.extend(["O1", "O2", "O3"].map(|name| (name.to_owned(), String::new())));
    let answers: Vec<(&str, &str)> = answers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    post(path, &answers).await;
    post(&format!("{path}/check"), &[]).await;
    post(
        &format!("{path}/mail"),
        &[("email", "ada@example.org"), ("report", "yes"), ("remind", "yes")],
    )
    .await;
    post(
        &format!("{path}/invite"),
        &[
            ("partner_email", "ben@example.org"),
            ("inviter_name", "Ada"),
            ("share", "yes"),
        ],
    )
    .await;
    // The kinds that tell of a change, about the same seat.
    site.run(
        "INSERT INTO outbox (dedupe_key, kind, priority, recipient, subject_id, params, state, attempts, ambiguous, next_at, created_at, message_id)
         SELECT 'other-' || k.column1, k.column1, 10, recipient, subject_id, '{}', 'queued', 0, 0, next_at, created_at, 'other-' || k.column1
           FROM outbox, (VALUES ('session-update'), ('registration-update'), ('place-held'), ('cancellation')) AS k
          WHERE kind = 'confirmation'",
    )
    .await;
}

on_both_databases! {
    async fn no_preview_holds_a_private_link_and_each_is_noted(test: TestDb) {
        let site = Site::start(&test).await;
        for (email, role) in [("olga@example.org", Role::Owner), ("ed@example.org", Role::Editor), ("vera@example.org", Role::Viewer)] {
            site.add(email, role).await;
        }
        one_of_each_kind(&site).await;
        let keys: Vec<(String, String)> = {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_as("SELECT kind, dedupe_key FROM outbox ORDER BY kind").fetch_all(c).await).unwrap()
        };
        let mut kinds: Vec<&str> = keys.iter().map(|(kind, _)| kind.as_str()).collect();
        kinds.dedup();
        assert_eq!(kinds, [
            "assessment-invitation", "assessment-reminder", "assessment-report", "cancellation", "confirmation", "place-held",
            "registration-again", "registration-update", "session-update", "whitepaper", "whitepaper-link",
        ]);
        let mut opened = 0;
        for email in ["olga@example.org", "ed@example.org", "vera@example.org"] {
            let browser = Browser::signed_in(&site, email).await;
            for (kind, key) in &keys {
                let page = browser.page(&format!("/organizer/mail/{key}")).await;
                assert_eq!(private_links(&page), Vec::<&str>::new(), "{kind} for {email}");
                let is_hidden = email.starts_with("vera") && kind.starts_with("assessment");
                assert_eq!(page.contains("What it says"), !is_hidden, "{kind} for {email}");
                opened += i64::from(!is_hidden);
            }
        }
        let started = std::time::Instant::now();
        while count(&site, "audit_log WHERE action = 'outbox.preview'").await < opened {
            assert!(started.elapsed().as_secs() < 20);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        site.running.stop().await;
    }
}
