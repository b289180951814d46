//! A stranger's words in mails to other people: no mail program finds a link in them, in no part of the mail.

use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::on_both_databases;

/// What our own words bring along: hosts and addresses that stand in every mail.
const OURS: [&str; 4] = ["localhost:8080", "events@example.org", "@commonground", "mailto:events"];

/// Web and mail addresses as a mail program finds them: a host with a dot and an ending of letters, an `@` within a word, a
/// scheme, a long row of digits.
fn links(text: &str) -> Vec<String> {
    let is_host = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.rsplit_once('.').is_some_and(|(name, ending)| {
            !name.is_empty()
                && ending.chars().take_while(|c| c.is_alphanumeric()).count() >= 2
                && ending.chars().next().is_some_and(char::is_alphabetic)
        })
    };
    let words = text.split(|c: char| c.is_whitespace() || "<>\"(),;=".contains(c));
    words
        .filter(|word| !OURS.iter().any(|ours| word.contains(ours)))
        .filter(|word| is_host(word) || word.contains('@') || word.contains("://") || word.contains("www."))
        .map(str::to_owned)
        .collect()
}

/// Every part of a mail as its reader's program sees it, without what is the recipient's own address.
fn seen(mail: &CaughtMail) -> String {
    let parsed = MessageParser::default().parse(mail.raw.as_slice()).unwrap();
    let calendars = parsed
        .attachments()
        .filter(|part| part.is_content_type("text", "calendar"));
    let calendars: String = calendars
        .map(|part| String::from_utf8_lossy(part.contents()).into_owned())
        .collect();
    let named = parsed
        .to()
        .and_then(|to| to.first())
        .and_then(|to| to.name())
        .unwrap_or_default();
    let body = mail.html.split("<body").nth(1).unwrap_or_default();
    let texts: Vec<&str> = body
        .split('<')
        .filter_map(|tag| tag.split_once('>'))
        .map(|(_, text)| text)
        .collect();
    let html = texts.join(" ");
    let calendars = calendars.replace("\r\n ", "").replace(&mail.envelope_to[0], "");
    [&mail.subject, named, &mail.text, &html, &calendars]
        .map(str::to_owned)
        .join("\n")
        .replace(&mail.envelope_to[0], "")
}

on_both_databases! {
    async fn no_link_and_no_message_reaches_a_stranger(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "known@example.net", &session).await;
        let usual = links(&seen(&visit.mails(1).await[0]));
        let names = [
            "Jo.Link", "evil.example now", "Win t.me prize", "mike@acme.example", "Mike @ Acme.example", "see: evil.example",
            "ｅｖｉｌ．ｅｘａｍｐｌｅ", "evil\u{200B}.example", "пример.рф", "Account locked! Call 0800 123456 or evil.de",
        ];
        for (number, name) in names.iter().enumerate() {
            let email = format!("victim-{number}@example.net");
            visit.register(name, &email, &session).await;
            visit.request(name, &email).await;
        }
        let mails = visit.mails(1 + 2 * names.len()).await;
        for mail in &mails {
            let found = links(&seen(mail));
            assert_eq!(found, links(&seen(mail)).into_iter().filter(|link| usual.contains(link)).collect::<Vec<_>>(), "{}", mail.text);
            assert!(!mail.text.contains("0800") && !mail.headers.contains("0800"), "{}", mail.headers);
        }
        visit.end().await;
    }

    async fn who_has_confirmed_a_name_is_greeted_by_it_and_nobody_else(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Jo.Link", "jo@example.net", &session).await;
        let first = visit.mails(1).await.remove(0);
        assert!(first.text.starts_with("Hello,\r\n") && first.to == "jo@example.net", "{} {}", first.to, first.text);
        let personal = link(&first, "/registrations/");
        visit.post(&format!("{personal}/edit"), &[("name", "Jo.Link")]).await;
        visit.post(&format!("{personal}/cancel"), &[]).await;
        let second = visit.mails(2).await.remove(1);
        assert!(second.text.starts_with("Hello Jo.Link,"), "{}", second.text);
        // A stranger asks for the paper with the confirmed address and another name.
        visit.request("Call 0800 now! evil.example", "jo@example.net").await;
        let third = visit.mails(3).await.remove(2);
        assert!(third.text.starts_with("Hello,\r\n") && !third.headers.contains("0800"), "{}", third.text);
        visit.end().await;
    }

    async fn who_joins_has_not_seen_the_name_either(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.change(|update| update.join_url = Some(commonground::values::HttpUrl::parse("https://video.example.org/1").unwrap())).await;
        visit.register("Claim 0800 123456 now", "victim@example.net", &session).await;
        let first = visit.mails(1).await.remove(0);
        visit.clock.advance(visit.upcoming().await.starts_at.duration_since(NOW));
        visit.post(&link(&first, "/join/"), &[]).await;
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts WHERE confirmed_at IS NOT NULL").await, 1);
        visit.register("Claim 0800 999999 now", "victim@example.net", &session).await;
        let again = visit.mails(2).await.remove(1);
        assert!(again.text.starts_with("Hello Claim now,"), "{}", again.text);
        visit.end().await;
    }

    async fn who_only_cancels_has_not_taken_the_name_for_theirs(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Claim 0800 123456 now", "victim@example.net", &session).await;
        let personal = link(&visit.mails(1).await[0], "/registrations/");
        visit.post(&format!("{personal}/cancel"), &[]).await;
        let cancelled = visit.mails(2).await.remove(1);
        assert!(cancelled.text.starts_with("Hello Claim now,"), "{}", cancelled.text);
        visit.end().await;
    }
}

/// Names of all kinds, many of them drawn: whatever is typed, the mail finds no link in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_name_is_no_mail_makes_a_link_of_it() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let session = visit.session_id().await;
    let mut runner = TestRunner::deterministic();
    let names = "[\\p{L}\\p{M}\\p{N}]{1,12}[ .@:/\u{3002}\u{FF0E}\u{200B}-]{1,2}[a-z\\p{L}]{2,8}[ !?.,0-9\\p{So}]{0,8}";
    let strategy = proptest::string::string_regex(names).unwrap();
    let mut sent = 0;
    for number in 0..150 {
        let name = strategy.new_tree(&mut runner).unwrap().current();
        let email = format!("victim-{number}@example.net");
        let fields = [
            ("name", name.as_str()),
            ("email", email.as_str()),
            ("session", session.as_str()),
        ];
        let answer = visit.post(&format!("{WEBCAST}/register"), &fields).await;
        sent += usize::from(answer.status() == StatusCode::SEE_OTHER);
    }
    assert!(sent > 100, "most of them are names: {sent}");
    let mails = visit.mails(sent).await;
    let usual = links(&seen(&mails[0]));
    for mail in mails {
        for found in links(&seen(&mail)) {
            let is_ours = usual.contains(&found) || found.contains("/registrations/") || found.contains("/join/");
            assert!(is_ours, "{found} in {}", mail.text);
        }
    }
    visit.end().await;
}
