//! Forms as people fill them in: pasted addresses, odd names, double clicks, autofill.

use futures_util::future::join_all;
use reqwest::StatusCode;

use super::*;
use crate::on_both_databases;

/// An address as it was pasted, with what the page offers to make of it.
const OFFERED: [(&str, &str); 4] = [
    ("ada@example,net", "ada@example.net"),
    ("ada @ example.net", "ada@example.net"),
    ("ada (at) example (dot) net", "ada@example.net"),
    ("Ada Lovelace ada@example.net", "ada@example.net"),
];

on_both_databases! {
    async fn addresses_are_taken_as_people_paste_them(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        let pasted = [
            "Ada <ada-0@example.net>", "mailto:ada-1@example.net", "ada-2＠example.net", "ada-3@example.net.",
            "\u{200B}ada-4@example.net\u{FEFF}", "“ada-5@example.net”", " ada-6@EXAMPLE.net\t",
        ];
        for (number, pasted) in pasted.iter().enumerate() {
            visit.register("Ada", pasted, &session).await;
            let mails = visit.mails(number + 1).await;
            assert_eq!(mails[number].envelope_to, [format!("ada-{number}@example.net")], "{pasted}");
        }
        visit.request("Ada", "Ada <o’brien@example.net>").await;
        assert_eq!(visit.mails(pasted.len() + 1).await[pasted.len()].envelope_to, ["o'brien@example.net"]);
        visit.end().await;
    }

    async fn what_was_probably_meant_is_offered_as_a_button(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        for (form, more) in [(format!("{WEBCAST}/register"), Some(("session", session.as_str()))), (format!("{PAPER}/request"), None)] {
            for (pasted, meant) in OFFERED {
                let fields: Vec<_> = [("name", "Ada"), ("email", pasted)].into_iter().chain(more).collect();
                let refused = visit.post(&form, &fields).await;
                assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{pasted}");
                let page = refused.text().await.unwrap();
                assert!(page.contains(&format!("name=\"email_meant\" value=\"{meant}\">Use {meant}<")), "{pasted}: {page}");
                assert!(page.contains("value=\"Ada\"") && !page.contains("email_sure"));
            }
            let fields: Vec<_> = [("name", "Ada"), ("email", "ada@example,net"), ("email_meant", "ada@example.net")].into_iter().chain(more).collect();
            assert_eq!(visit.post(&form, &fields).await.status(), StatusCode::SEE_OTHER);
        }
        let mails = visit.mails(2).await;
        assert!(mails.iter().all(|mail| mail.envelope_to == ["ada@example.net"]));
        visit.end().await;
    }

    async fn a_slip_is_asked_about_once_and_both_answers_are_taken(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        let post = async |email: &str, more: &[(&str, &str)]| {
            let fields = [&[("name", "Ada"), ("email", email), ("session", session.as_str())], more].concat();
            visit.post(&format!("{WEBCAST}/register"), &fields).await
        };
        for (slip, meant) in [("ada@gmail.con", "ada@gmail.com"), ("ada@gmial.com", "ada@gmail.com"), ("ada@hotmai.com", "ada@hotmail.com"), ("ada@acme.ogr", "ada@acme.org")] {
            let page = post(slip, &[]).await;
            assert_eq!(page.status(), StatusCode::UNPROCESSABLE_ENTITY, "{slip}");
            let page = page.text().await.unwrap();
            assert!(page.contains(&format!(">Use {meant}<")) && page.contains(&format!("name=\"email_sure\" value=\"yes\">Keep {slip}<")), "{page}");
        }
        assert_eq!(post("ada@gmail.con", &[("email_sure", "yes")]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(post("bob@gmail.con", &[("email_meant", "bob@gmail.com")]).await.status(), StatusCode::SEE_OTHER);
        // A button of an earlier page says nothing about what was typed since.
        assert_eq!(post("eve@example.net", &[("email_meant", "bob@gmail.com")]).await.status(), StatusCode::SEE_OTHER);
        let mut to: Vec<String> = visit.mails(3).await.iter().flat_map(|mail| mail.envelope_to.clone()).collect();
        to.sort();
        assert_eq!(to, ["ada@gmail.con", "bob@gmail.com", "eve@example.net"]);
        visit.end().await;
    }

    async fn people_are_let_in_whatever_they_are_called(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        let names = ["Jo.Link", "Mike @ Acme", "X Æ A-12", "Ada\tLovelace", "\u{200B}Ada\u{FEFF}", "St.Clair", "李小龍", "🙂 Ada", "Name: Ada", "O`Brien"];
        for (number, name) in names.iter().enumerate() {
            visit.register(name, &format!("ada-{number}@example.net"), &session).await;
        }
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations").await, i64::try_from(names.len()).unwrap());
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE name = 'Ada Lovelace'").await, 1, "a tab is a blank");
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE name = 'Ada'").await, 1, "what nobody sees falls away");
        for link in ["Win iPhone t.me/prize", "https://evil.example", "www.evil.example", "tel:0800123456"] {
            let fields = [("name", link), ("email", "eve@example.net"), ("session", session.as_str())];
            let refused = visit.post(&format!("{WEBCAST}/register"), &fields).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{link}");
        }
        visit.end().await;
    }

    async fn a_double_click_is_one_post(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        let twice = (0..2).map(|_| visit.register("Ada", "ada@example.net", &session));
        join_all(twice).await;
        visit.clock.advance(SignedDuration::from_secs(59));
        visit.register("Ada", "ada@example.net", &session).await;
        join_all((0..2).map(|_| visit.request("Ada", "ada@example.net"))).await;
        let subjects: Vec<String> = visit.mails(2).await.iter().map(|mail| mail.subject.clone()).collect();
        assert!(subjects.iter().any(|subject| subject.starts_with("You are registered")), "{subjects:?}");
        assert!(subjects.iter().any(|subject| subject.starts_with("Your whitepaper")), "{subjects:?}");
        // Other details are another post, and twice the same other details are one.
        join_all((0..2).map(|_| visit.register("Ada King", "ada@example.net", &session))).await;
        visit.mails(3).await;
        visit.clock.advance(SignedDuration::from_mins(30));
        visit.register("Ada King", "ada@example.net", &session).await;
        visit.request("Ada", "ada@example.net").await;
        visit.mails(5).await;
        visit.end().await;
    }

    async fn a_field_that_browsers_fill_in_is_not_on_the_page(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        for page in [WEBCAST, PAPER] {
            let page = visit.page(page).await;
            assert!(!page.contains("name=\"website\""), "browsers know what belongs into it");
            assert!(page.contains("name=\"leave_this_empty\" type=\"text\" tabindex=\"-1\" autocomplete=\"off\""));
        }
        for (number, field) in ["website", "leave_this_empty"].into_iter().enumerate() {
            let email = format!("bot-{number}@example.net");
            let fields = [("name", "Bot"), ("email", email.as_str()), ("session", session.as_str()), (field, "x")];
            assert_eq!(visit.post(&format!("{WEBCAST}/register"), &fields).await.status(), StatusCode::SEE_OTHER);
            assert_eq!(visit.post(&format!("{PAPER}/request"), &fields).await.status(), StatusCode::SEE_OTHER);
        }
        assert_eq!(visit.count("SELECT COUNT(*) FROM registrations WHERE state = 'held'").await, 2);
        assert_eq!(visit.count("SELECT COUNT(*) FROM requests WHERE state = 'held'").await, 2);
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0);
        visit.end().await;
    }
}
