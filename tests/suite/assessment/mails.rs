//! What is mailed: the report, the reminder, the invitation. And what is not.

use mail_parser::{MessageParser, MimeHeaders};

use super::*;
use crate::on_both_databases;

/// What is kept of addresses that an invitation was mailed to.
pub(super) const FINGERPRINTS: &str = "SELECT COUNT(*) FROM assessment_invitations WHERE LENGTH(address_hash) > 0";

on_both_databases! {
    async fn the_report_comes_attached_with_the_private_link(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let form = [("email", "ada@visitors.example"), ("report", "yes")];
        assert!(visit.do_on_mine(&path, "mail", &form).await.contains("The report is on its way"));
        let mail = visit.mails(1).await.remove(0);
        assert_eq!(mail.subject, "Your alignment report");
        assert_eq!(link(&mail, "/assessment/"), format!("{path}/mine"));
        assert!(mail.text.contains("57 of 100: Partly aligned."));
        let parsed = MessageParser::default().parse(mail.raw.as_slice()).unwrap();
        let pdf = parsed.attachment(0).unwrap();
        assert_eq!(pdf.attachment_name(), Some("alignment-report.pdf"));
        assert!(pdf.contents().starts_with(b"%PDF-"));
        visit.end().await;
    }

    async fn a_form_for_mail_posted_twice_sends_one_mail(test: TestDb) {
        let visit = Visit::start_with(&test, &[("rate_limit_ip", "off"), ("smtp_url", "")]).await;
        let path = visit.finished(&CONTOSO).await;
        let page = visit.mine(&path).await;
        let form = page.split(&format!("action=\"{path}/mail\"")).nth(1).unwrap();
        let draft = form.split("name=\"draft\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let fields = [("email", "ada@visitors.example"), ("report", "yes"), ("draft", draft)];
        for _ in 0..2 {
            assert!(visit.do_on_mine(&path, "mail", &fields).await.contains("A report waits to be sent."));
        }
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 1);
        visit.end().await;
    }

    async fn what_strangers_type_stays_out_of_the_mails_words(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&[("type", "partner"), ("us", "Win at spam.example.com now 0800 123456"), ("partner", "Northwind")]).await;
        visit.answer(&path, &CONTOSO, "").await;
        visit.do_on_mine(&path, "mail", &[("email", "ada@visitors.example"), ("report", "yes")]).await;
        let inviting = [("inviter_name", "Account locked! Call 0800 123456 or spam.example.com"), ("partner_email", "ben@visitors.example")];
        visit.do_on_mine(&path, "invite", &inviting).await;
        for mail in visit.mails(2).await {
            let all = format!("{}\n{}\n{}", mail.subject, mail.text, mail.html);
            assert!(!all.contains("spam.example") && !all.contains("0800"), "{all}");
            assert!(!mail.subject.contains("Northwind") && !mail.subject.contains("locked"), "{}", mail.subject);
        }
        visit.end().await;
    }

    async fn the_reminder_waits_ninety_days_and_the_last_address_counts(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        for email in ["old@visitors.example", "ada@visitors.example"] {
            let page = visit.do_on_mine(&path, "mail", &[("email", email), ("remind", "yes")]).await;
            assert!(page.contains("We remind you on"));
        }
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 1);
        visit.clock.advance(jiff::SignedDuration::from_hours(91 * 24));
        visit.running.state.bell.ring();
        let mail = visit.mails(1).await.remove(0);
        assert_eq!(mail.subject, "Look at your partnership again");
        assert!(mail.raw.windows(20).any(|part| part == b"ada@visitors.example"));
        visit.end().await;
    }

    async fn no_reminder_is_promised_that_cannot_come(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let form = [("email", "ada@visitors.example"), ("remind", "yes")];
        visit.do_on_mine(&path, "mail", &form).await;
        let kept = visit.do_on_mine(&path, "keep", &[("months", "1")]).await;
        assert!(kept.contains("so we shall not remind you") && !kept.contains("We remind you on"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0, "the planned one goes, and the address");
        visit.assert_no_trace_of(&["ada@visitors"]).await;
        let refused = visit.post(&format!("{path}/mail"), &form).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await.unwrap();
        assert!(page.contains("value=\"ada@visitors.example\"") && page.contains("deleted before 90 days are over"));
        assert!(page.contains("Choose below that we keep it longer"));
        visit.do_on_mine(&path, "keep", &[("months", "24")]).await;
        let page = visit.do_on_mine(&path, "mail", &form).await;
        assert!(page.contains("We remind you on"));
        let kept = visit.do_on_mine(&path, "keep", &[("months", "24")]).await;
        assert!(kept.contains("is changed.") && kept.contains("We remind you on"));
        visit.clock.advance(jiff::SignedDuration::from_hours(650 * 24));
        let late = visit.post(&format!("{path}/mail"), &form).await;
        assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.text().await.unwrap().contains("Answer again, and ask for a reminder"), "no longer is possible");
        visit.end().await;
    }

    async fn the_partner_is_asked_by_one_mail(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let form = [("inviter_name", "Ada Example"), ("partner_email", "ben@visitors.example"), ("share", "yes")];
        visit.do_on_mine(&path, "invite", &form).await;
        let mail = visit.mails(1).await.remove(0);
        assert_eq!(mail.subject, "Your view of a partnership is asked for");
        assert!(mail.text.starts_with("Ada Example of Contoso asks how you see the partnership"));
        let invitation = link(&mail, "/assessment/invitations/");
        visit.do_on_mine(&path, "withdraw", &[]).await;
        let again = visit.do_on_mine(&path, "invite", &form).await;
        assert!(again.contains("no mail goes") && !again.contains("on its way"), "it is told");
        let by_hand = href(&again, "/assessment/invitations/");
        assert!(!visit.page(&by_hand).await.contains("never write to me again"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0, "one mail to one address, whatever follows");
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_invitations").await, 2);
        assert!(visit.page(&invitation).await.contains("not open any more"));
        assert_eq!(visit.mails(1).await.len(), 1);
        visit.end().await;
    }

    async fn an_invitation_taken_back_before_it_went_asked_nobody(test: TestDb) {
        let visit = Visit::start_with(&test, &[("smtp_url", "")]).await;
        let path = visit.finished(&CONTOSO).await;
        let form = [("inviter_name", "Ada Example"), ("partner_email", "ben@visitors.example")];
        for _ in 0..2 {
            visit.do_on_mine(&path, "invite", &form).await;
            assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 1, "it waits for a relay");
            visit.do_on_mine(&path, "withdraw", &[]).await;
            visit.assert_no_trace_of(&["ben@visitors"]).await;
        }
        visit.end().await;
    }

    async fn an_address_goes_when_the_partner_answers(test: TestDb) {
        let visit = Visit::start(&test).await;
        for (number, answer) in [(1, "accept"), (2, "decline")] {
            let path = visit.finished(&CONTOSO).await;
            let form = [("inviter_name", "Ada"), ("partner_email", "ben@visitors.example")];
            let page = visit.do_on_mine(&path, "invite", &form).await;
            visit.mails(number).await;
            let invitation = href(&page, "/assessment/invitations/");
            visit.post(&invitation, &[("answer", answer)]).await;
            assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0, "{answer}");
            assert_eq!(visit.count(FINGERPRINTS).await, 0, "{answer}");
            assert!(visit.page(&invitation).await.contains("never write to me again"), "nobody sees who answered");
            visit.assert_no_trace_of(&["ben@visitors"]).await;
        }
        visit.end().await;
    }

    async fn never_again_is_kept_without_the_address(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let form = [("inviter_name", "Ada"), ("partner_email", "Ben@visitors.example")];
        visit.do_on_mine(&path, "invite", &form).await;
        let mail = visit.mails(1).await.remove(0);
        let invitation = link(&mail, "/assessment/invitations/");
        assert!(visit.page(&invitation).await.contains("never write to me again"));
        let refused = visit.post(&invitation, &[("answer", "never")]).await;
        let done = visit.page(&location(&refused)).await;
        assert!(done.contains("nothing is sent to your address from here again"));
        let another = visit.finished(&NORTHWIND).await;
        let again = [("inviter_name", "Ada"), ("partner_email", "ben@visitors.example")];
        let told = visit.do_on_mine(&another, "invite", &again).await;
        assert!(told.contains("If that address takes mail from us"), "nobody is told who refused");
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0);
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_refusals").await, 1);
        visit.post(&href(&told, "/assessment/invitations/"), &[("answer", "decline")]).await;
        assert_eq!(visit.count(FINGERPRINTS).await, 0);
        visit.end().await;
    }

    async fn never_again_is_only_said_where_it_is_kept(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let page = visit.do_on_mine(&path, "invite", &[("inviter_name", "Ada")]).await;
        let invitation = href(&page, "/assessment/invitations/");
        assert!(!visit.page(&invitation).await.contains("never write to me again"), "it did not come by mail");
        let declined = visit.post(&invitation, &[("answer", "never")]).await;
        assert_eq!(location(&declined), "/assessment/invitations/declined");
        visit.end().await;
    }

    async fn never_again_can_be_said_as_long_as_the_invitation_lives(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        visit.do_on_mine(&path, "invite", &[("inviter_name", "Ada"), ("partner_email", "ben@visitors.example")]).await;
        let invitation = link(&visit.mails(1).await.remove(0), "/assessment/invitations/");
        visit.clock.advance(jiff::SignedDuration::from_hours(29 * 24));
        commonground::assessment::jobs::expiring::expire(&visit.running.state.db, &commonground::app::traces(), visit.clock.now()).await.unwrap();
        let refused = visit.post(&invitation, &[("answer", "never")]).await;
        assert_eq!(location(&refused), "/assessment/invitations/refused");
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_refusals").await, 1);
        visit.end().await;
    }

    async fn one_address_gets_only_so_much(test: TestDb) {
        let visit = Visit::start_with(&test, &[("rate_limit_ip", "off"), ("rate_limit_recipient", "2/day")]).await;
        for number in 0..3 {
            let path = visit.finished(&CONTOSO).await;
            let answer = visit.post(&format!("{path}/mail"), &[("email", "ada@visitors.example"), ("report", "yes")]).await;
            if number < 2 {
                assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            } else {
                assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
                let page = answer.text().await.unwrap();
                assert!(page.contains("value=\"ada@visitors.example\""));
                assert!(page.contains("<title>Please check: "));
                let told = page.split("role=\"alert\"").nth(1).unwrap();
                assert!(told.contains("Nothing was sent") && told.contains("Try again in about 12 hours."), "{told}");
            }
        }
        visit.end().await;
    }

    async fn a_form_for_mail_tells_what_is_wrong(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        for (fields, words) in [
            (vec![("email", "no address"), ("report", "yes")], "value=\"no address\""),
            (vec![("email", "ada@visitors.example")], "Choose the report, the reminder, or both."),
        ] {
            let answer = visit.post(&format!("{path}/mail"), &fields).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.text().await.unwrap().contains(words), "{words}");
        }
        let asking = [("partner_email", "no address"), ("share", "yes"), ("share_purpose", "yes")];
        let invited = visit.post(&format!("{path}/invite"), &asking).await;
        assert_eq!(invited.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = invited.text().await.unwrap();
        for tick in ["share", "share_purpose"] {
            assert!(page.contains(&format!("name=\"{tick}\" type=\"checkbox\" value=\"yes\" checked")), "{tick}");
        }
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_invitations").await, 0);
        visit.end().await;
    }
}
