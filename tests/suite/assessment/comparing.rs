//! Two views of one partnership: invited, answered, revealed to both at once, withdrawn.

use jiff::SignedDuration;

use super::*;
use crate::on_both_databases;

/// One partner has asked the other; both have finished. Gives the paths of the two.
async fn both_finished(visit: &Visit, inviter_shares: bool) -> (String, String) {
    let a = visit.begin(&NAMES).await;
    visit.answer(&a, &CONTOSO, "Sell more together").await;
    let b = accept(visit, &invite(visit, &a, inviter_shares).await).await;
    visit.answer(&b, &NORTHWIND, "Enter the north").await;
    (a, b)
}

/// Makes an invitation; gives the path of its link.
async fn invite(visit: &Visit, path: &str, shares: bool) -> String {
    let mut fields = vec![("inviter_name", "Ada of Contoso")];
    if shares {
        fields.extend([("share", "yes"), ("share_purpose", "yes")]);
    }
    href(
        &visit.do_on_mine(path, "invite", &fields).await,
        "/assessment/invitations/",
    )
}

async fn accept(visit: &Visit, invitation: &str) -> String {
    let accepted = visit.post(invitation, &[("answer", "accept")]).await;
    assert_eq!(accepted.status(), StatusCode::SEE_OTHER);
    location(&accepted)
}

/// The path of the joint report, where one's own page leads to it.
async fn joint_of(visit: &Visit, path: &str) -> Option<String> {
    let page = visit.mine(path).await;
    page.contains("/assessment/joint/")
        .then(|| href(&page, "/assessment/joint/"))
}

/// A page without what is drawn for it anew each time.
fn without_draft(page: &str) -> String {
    let parts: Vec<&str> = page.split("name=\"draft\" value=\"").collect();
    let rest = parts.iter().skip(1).map(|part| part.split_once('"').unwrap().1);
    [parts[0]].into_iter().chain(rest).collect()
}

const SHARE: [(&str, &str); 2] = [("share", "yes"), ("share_purpose", "yes")];

on_both_databases! {
    async fn both_see_the_joint_report_once_both_finished_and_agreed(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (a, b) = both_finished(&visit, true).await;
        assert_eq!((joint_of(&visit, &a).await, joint_of(&visit, &b).await), (None, None), "one has not agreed");
        visit.do_on_mine(&b, "share", &SHARE).await;
        let (of_a, of_b) = (joint_of(&visit, &a).await.unwrap(), joint_of(&visit, &b).await.unwrap());
        assert_eq!(of_a, of_b);
        let page = visit.page(&of_a).await;
        for words in [
            "Shared Values is where you both see most: at least 76 of 100.",
            "Contoso thinks that Northwind gains more than Northwind itself says.",
            "Contoso sees it lower.",
            "You see it much the same",
            "Northwind thinks it gives more here than Contoso can see. Show it, do not argue it.",
            "Sell more together",
            "Enter the north",
        ] {
            assert!(page.contains(words), "{words}");
        }
        let opening = page.find("where you both see most").unwrap();
        assert!(opening < page.find("the joint index").unwrap(), "something good comes first");
        let pdf = visit.get(&format!("{of_a}/report.pdf")).await.bytes().await.unwrap();
        let text = result::pdf_tool("pdftotext", &["-layout", "-", "-"], &pdf);
        assert!(text.contains("87") && text.contains("Enter the north"), "{text}");
        for own in ["Don’t know", "answered with a rating", "would lie between"] {
            assert!(!text.contains(own), "{own} was never previewed");
        }
        visit.end().await;
    }

    async fn the_report_is_of_the_day_of_the_reveal_and_goes_with_the_first_of_both(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (a, b) = both_finished(&visit, true).await;
        visit.clock.advance(jiff::SignedDuration::from_hours(60 * 24));
        visit.do_on_mine(&b, "share", &SHARE).await;
        visit.do_on_mine(&b, "keep", &[("months", "1")]).await;
        let joint = joint_of(&visit, &a).await.unwrap();
        let pdf = visit.get(&format!("{joint}/report.pdf")).await.bytes().await.unwrap();
        let text = result::pdf_tool("pdftotext", &["-raw", "-", "-"], &pdf);
        let text: Vec<&str> = text.split_whitespace().collect();
        let text = text.join(" ");
        let day = |days: i64| {
            let at = visit.clock.now() + jiff::SignedDuration::from_hours(days * 24);
            at.strftime("%B %-d, %Y").to_string()
        };
        assert!(text.contains(&format!("sees the partnership on {}", day(0))), "{text}");
        assert!(text.contains(&format!("each of us will do by {}", day(30))), "{text}");
        assert!(text.contains(&format!("They are kept until {}", day(30))), "{text}");
        visit.end().await;
    }

    async fn the_invited_side_sees_its_own_side_first(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.begin(&[("type", "customer"), ("side", "supplier"), ("us", "Contoso"), ("partner", "Northwind")]).await;
        visit.answer(&a, &CONTOSO, "").await;
        let invitation = invite(&visit, &a, false).await;
        let page = visit.page(&invitation).await;
        assert!(page.contains("Ada of Contoso"));
        let b = accept(&visit, &invitation).await;
        let answers = visit.answers_json(&b).await;
        assert_eq!((answers["us"].as_str(), answers["partner"].as_str()), (Some("Northwind"), Some("Contoso")));
        assert_eq!(answers["side"], "customer");
        visit.end().await;
    }

    async fn usual_names_mean_the_own_side_to_whoever_reads_them(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.begin(&[("type", "partner")]).await;
        visit.answer(&a, &CONTOSO, "").await;
        let page = visit.do_on_mine(&a, "invite", &[SHARE.as_slice(), &[("partner_email", "ben@visitors.example")]].concat()).await;
        let mail = visit.mails(1).await.remove(0);
        assert!(mail.text.starts_with("Somebody asks how you see the partnership"), "{}", mail.text);
        let invitation = href(&page, "/assessment/invitations/");
        let asked = visit.page(&invitation).await;
        assert!(asked.contains("<bdi>Your partner</bdi> asks how you see your partnership</h1>"));
        assert!(asked.contains(">Give your view</button>"));
        let b = accept(&visit, &invitation).await;
        let cards = visit.page(&b).await;
        assert!(cards.find("Our partner").unwrap() < cards.find("Our organisation").unwrap(), "the partner comes first");
        visit.answer(&b, &NORTHWIND, "").await;
        let answers = visit.answers_json(&b).await;
        assert_eq!((answers["us"].as_str(), answers["partner"].as_str()), (Some("Our organisation"), Some("Our partner")));
        visit.do_on_mine(&b, "share", &SHARE).await;
        let joint = visit.page(&joint_of(&visit, &a).await.unwrap()).await;
        assert!(joint.contains("<bdi>The inviting side</bdi> and <bdi>The invited side</bdi>"));
        assert!(joint.contains("The inviting side thinks that The invited side gains more than The invited side itself says."));
        assert!(!joint.contains("Our organisation") && !joint.contains("Our partner"));
        visit.end().await;
    }

    async fn nobody_learns_how_far_the_other_is(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.begin(&NAMES).await;
        visit.answer(&a, &CONTOSO, "").await;
        let invitation = invite(&visit, &a, true).await;
        let said = |page: String| page.split("id=\"compare\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
        let before = (said(visit.mine(&a).await), without_draft(&visit.page(&invitation).await));
        let b = accept(&visit, &invitation).await;
        let begun = (said(visit.mine(&a).await), without_draft(&visit.page(&invitation).await));
        assert_eq!(begun, before);
        visit.answer(&b, &NORTHWIND, "").await;
        let finished = (said(visit.mine(&a).await), without_draft(&visit.page(&invitation).await));
        assert_eq!(finished, before);
        visit.end().await;
    }

    async fn nothing_is_revealed_before_the_invited_side_finished(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.begin(&NAMES).await;
        visit.answer(&a, &CONTOSO, "").await;
        let b = accept(&visit, &invite(&visit, &a, true).await).await;
        let shared = visit.post(&format!("{b}/share"), &SHARE).await;
        assert_eq!(shared.status(), StatusCode::SEE_OTHER, "agreeing early is possible");
        assert_eq!(joint_of(&visit, &a).await, None);
        visit.answer(&b, &NORTHWIND, "").await;
        assert!(joint_of(&visit, &a).await.is_some(), "the last answer reveals");
        visit.end().await;
    }

    async fn one_sentence_alone_is_never_shown(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (a, b) = both_finished(&visit, true).await;
        visit.do_on_mine(&b, "share", &[("share", "yes")]).await;
        let page = visit.page(&joint_of(&visit, &a).await.unwrap()).await;
        assert!(!page.contains("Sell more together") && !page.contains("Enter the north"));
        visit.end().await;
    }

    async fn revealed_answers_change_no_more(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (a, b) = both_finished(&visit, true).await;
        visit.do_on_mine(&b, "share", &SHARE).await;
        let before = visit.answers_json(&a).await;
        let refused = visit.send(&format!("{a}?page=1"), &fields(&[("VI", "0000", "0000")])).await;
        assert_eq!(location(&refused), format!("{a}/mine?done=frozen"));
        assert_eq!(visit.answers_json(&a).await["answers"], before["answers"]);
        visit.end().await;
    }

    async fn an_invitation_is_taken_up_once(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.begin(&NAMES).await;
        visit.answer(&a, &CONTOSO, "").await;
        let invitation = invite(&visit, &a, true).await;
        let draft = draft_in(&visit.page(&invitation).await);
        let click = [("answer", "accept"), ("draft", draft.as_str())];
        let (one, other) = tokio::join!(visit.post(&invitation, &click), visit.post(&invitation, &click));
        assert_eq!(location(&one), location(&other), "a double click begins once and loses nothing");
        let later = visit.post(&invitation, &[("answer", "accept")]).await;
        assert_eq!(location(&later), "/assessment/invitations/over", "somebody else with the link");
        assert!(visit.page(&location(&later)).await.contains("not open any more"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessments").await, 2);
        visit.end().await;
    }

    async fn a_form_that_began_something_else_takes_no_invitation_up(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.begin(&NAMES).await;
        visit.answer(&a, &CONTOSO, "").await;
        let invitation = invite(&visit, &a, true).await;
        let draft = draft_in(&visit.page(&invitation).await);
        let own = visit.begin(&[NAMES.as_slice(), &[("draft", draft.as_str())]].concat()).await;
        let refused = visit.post(&invitation, &[("answer", "accept"), ("draft", draft.as_str())]).await;
        assert_eq!(location(&refused), "/assessment/invitations/over");
        assert!(visit.page(&own).await.contains("Contoso"), "what was begun is as it was");
        let b = accept(&visit, &invitation).await;
        visit.answer(&b, &NORTHWIND, "").await;
        visit.do_on_mine(&b, "share", &SHARE).await;
        assert!(joint_of(&visit, &a).await.is_some(), "the partner can still take it up");
        visit.end().await;
    }

    async fn two_who_finish_at_the_same_moment_see_each_other(test: TestDb) {
        let visit = Visit::start(&test).await;
        for _ in 0..5 {
            let a = visit.begin(&NAMES).await;
            visit.answer(&a, &CONTOSO, "").await;
            let again = location(&visit.post(&format!("{a}/again"), &[]).await);
            visit.answer(&again, &CONTOSO, "").await;
            let b = accept(&visit, &invite(&visit, &again, true).await).await;
            visit.send(&b, &fields(&NORTHWIND)).await;
            let share = format!("{b}/share");
            let end = format!("{b}?page=6");
            tokio::join!(visit.post(&share, &SHARE), visit.post(&end, &[("O1", "half")]));
            assert!(joint_of(&visit, &again).await.is_some());
        }
        visit.end().await;
    }

    async fn a_double_click_at_the_end_loses_nothing(test: TestDb) {
        let visit = Visit::start(&test).await;
        for _ in 0..5 {
            let path = visit.begin(&NAMES).await;
            visit.send(&path, &fields(&CONTOSO)).await;
            let end = format!("{path}?page=6");
            let last = [("O1", "half"), ("O3", "Sell more together")];
            // The page is read meanwhile: before the end it shows the cards, after it the way to the result.
            let (one, other, read) = tokio::join!(visit.post(&end, &last), visit.post(&end, &last), visit.get(&path));
            assert_eq!((one.status(), other.status()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
            assert!([StatusCode::OK, StatusCode::SEE_OTHER].contains(&read.status()), "{}", read.status());
            assert_eq!(visit.answers_json(&path).await["O3"], "Sell more together");
        }
        let soon = visit.count("SELECT COUNT(*) FROM assessments WHERE keep_until < finished_at + 60000000000000").await;
        assert_eq!(soon, 0, "kept as results, not as drafts");
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_results").await, 5);
        visit.end().await;
    }

    async fn there_is_one_invitation_at_a_time(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.begin(&NAMES).await;
        visit.answer(&a, &CONTOSO, "").await;
        let first = invite(&visit, &a, true).await;
        assert_eq!(invite(&visit, &a, true).await, first);
        let fields = [("inviter_name", "Ada"), ("partner_email", "ben@visitors.example")];
        let page = visit.do_on_mine(&a, "invite", &fields).await;
        assert!(page.contains("no mail goes: there is an invitation already"), "nothing is said to be on its way");
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_invitations").await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0);
        visit.end().await;
    }

    async fn declined_and_expired_look_the_same_to_who_asked(test: TestDb) {
        let visit = Visit::start(&test).await;
        let mut pages = Vec::new();
        for declines in [true, false] {
            let a = visit.begin(&NAMES).await;
            visit.answer(&a, &CONTOSO, "").await;
            let invitation = invite(&visit, &a, true).await;
            if declines {
                let before = without_draft(&visit.page(&invitation).await);
                let declined = visit.post(&invitation, &[("answer", "decline")]).await;
                assert!(visit.page(&location(&declined)).await.contains("You declined"));
                assert_eq!(without_draft(&visit.page(&invitation).await), before, "who asked has this link too");
            } else {
                visit.clock.advance(jiff::SignedDuration::from_hours(31 * 24));
                assert!(visit.page(&invitation).await.contains("not open any more"));
            }
            let page = visit.mine(&a).await;
            let said = page.split("id=\"compare\"").nth(1).unwrap().split("draft").next().unwrap().to_owned();
            assert!(said.contains("There is no joint report."));
            pages.push(said.replace(a.rsplit('/').next().unwrap(), "token"));
        }
        assert_eq!(pages[0], pages[1]);
        visit.end().await;
    }

    async fn a_partner_who_leaves_looks_like_one_who_declined(test: TestDb) {
        let visit = Visit::start(&test).await;
        let mut seen = Vec::new();
        for leaving in ["decline", "withdraw", "delete"] {
            let a = visit.begin(&NAMES).await;
            visit.answer(&a, &CONTOSO, "").await;
            let invitation = invite(&visit, &a, true).await;
            if leaving == "decline" {
                visit.post(&invitation, &[("answer", "decline")]).await;
            } else {
                let b = accept(&visit, &invitation).await;
                visit.post(&format!("{b}/{leaving}"), &[]).await;
            }
            let page = visit.mine(&a).await;
            assert!(page.contains("There is no joint report."), "{leaving}");
            seen.push(without_draft(&visit.page(&invitation).await).replace(&invitation, "link"));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0], seen[2]);
        visit.end().await;
    }

    async fn a_link_that_has_run_out_is_not_offered(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (a, _) = both_finished(&visit, true).await;
        assert!(visit.mine(&a).await.contains("Send this link to your partner"));
        visit.clock.advance(SignedDuration::from_hours(24 * 31));
        let page = visit.mine(&a).await;
        assert!(page.contains("takes nobody in any more") && !page.contains("Send this link"));
        visit.end().await;
    }

    async fn nobody_is_warned_of_a_report_that_is_gone(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (a, b) = both_finished(&visit, true).await;
        visit.do_on_mine(&b, "share", &SHARE).await;
        assert!(visit.page(&format!("{a}/delete")).await.contains("gone with them"));
        visit.post(&format!("{b}/withdraw"), &[]).await;
        assert!(!visit.page(&format!("{a}/delete")).await.contains("gone with them"));
        visit.end().await;
    }

    async fn yes_and_no_at_the_same_moment_are_not_both_taken(test: TestDb) {
        let visit = Visit::start(&test).await;
        for _ in 0..4 {
            let a = visit.finished(&CONTOSO).await;
            let invitation = invite(&visit, &a, true).await;
            let (yes, no) = ([("answer", "accept")], [("answer", "decline")]);
            let (yes, no) = tokio::join!(visit.post(&invitation, &yes), visit.post(&invitation, &no));
            let accepted = !location(&yes).ends_with("/over");
            let declined = location(&no).ends_with("/declined");
            assert!(accepted != declined, "{} {}", location(&yes), location(&no));
        }
        visit.end().await;
    }

    async fn a_side_that_is_left_behind_is_told(test: TestDb) {
        let visit = Visit::start(&test).await;
        for who_deletes in [0, 1] {
            let (a, b) = both_finished(&visit, true).await;
            visit.do_on_mine(&b, "share", &SHARE).await;
            let (gone, left) = if who_deletes == 0 { (&a, &b) } else { (&b, &a) };
            visit.post(&format!("{gone}/delete"), &[]).await;
            assert!(visit.mine(left).await.contains("There is no joint report."));
        }
        visit.end().await;
    }

    async fn who_answers_nothing_sees_nothing_of_the_other(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.begin(&NAMES).await;
        let ended = visit.post(&format!("{a}?page=6"), &[("O1", "half")]).await;
        if location(&ended).ends_with("/check") {
            visit.post(&location(&ended), &[]).await;
        }
        let b = accept(&visit, &invite(&visit, &a, true).await).await;
        visit.answer(&b, &NORTHWIND, "").await;
        visit.do_on_mine(&b, "share", &SHARE).await;
        let page = visit.page(&joint_of(&visit, &a).await.unwrap()).await;
        assert!(page.contains("No joint index yet"));
        assert!(page.contains("Not compared: both sides need to have rated it."));
        assert!(!page.contains("too few answers</span>") && !page.contains("gave too few answers"), "nobody is blamed");
        let (views, _) = page.split_once("How the score works").unwrap();
        for figure in ["64", "50", "81", "88"] {
            assert!(!views.contains(&format!(">{figure}<")), "{figure}");
        }
        visit.end().await;
    }

    async fn consent_taken_back_too_late_is_told(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (a, b) = both_finished(&visit, true).await;
        visit.do_on_mine(&b, "share", &SHARE).await;
        let late = visit.do_on_mine(&a, "share", &[]).await;
        assert!(!late.contains("What you share is saved."));
        assert!(late.contains("the joint report was revealed meanwhile") && late.contains("Withdraw from the joint report"));
        assert!(joint_of(&visit, &a).await.is_some());
        let twice = visit.do_on_mine(&b, "share", &SHARE).await;
        assert!(twice.contains("What you share is saved."), "a double click changes nothing");
        visit.end().await;
    }

    async fn a_form_whose_invitation_is_over_makes_none(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.finished(&CONTOSO).await;
        let page = visit.mine(&a).await;
        let (_, form) = page.split_once(&format!("{a}/invite")).unwrap();
        let draft = draft_in(form);
        let fields = [("inviter_name", "Ada"), ("draft", draft.as_str())];
        assert!(visit.do_on_mine(&a, "invite", &fields).await.contains("The invitation is made."));
        visit.do_on_mine(&a, "withdraw", &[]).await;
        let again = visit.do_on_mine(&a, "invite", &fields).await;
        assert!(!again.contains("The invitation is made.") && again.contains("Nothing was made"));
        visit.end().await;
    }

    async fn either_side_withdraws_before_or_after(test: TestDb) {
        let visit = Visit::start(&test).await;
        for (who_withdraws, revealed) in [(0, false), (1, false), (0, true), (1, true)] {
            let (a, b) = both_finished(&visit, true).await;
            if revealed {
                visit.do_on_mine(&b, "share", &SHARE).await;
            }
            let joint = joint_of(&visit, &a).await;
            assert_eq!(joint.is_some(), revealed);
            visit.do_on_mine(if who_withdraws == 0 { &a } else { &b }, "withdraw", &[]).await;
            if let Some(joint) = joint {
                let gone = visit.get(&joint).await;
                assert_eq!(gone.status(), StatusCode::NOT_FOUND);
                assert!(gone.text().await.unwrap().contains("There is no joint report"));
                assert_eq!(visit.get(&format!("{joint}/report.pdf")).await.status(), StatusCode::NOT_FOUND);
            }
            assert_eq!((joint_of(&visit, &a).await, joint_of(&visit, &b).await), (None, None));
            let refused = visit.post(&format!("{b}/share"), &SHARE).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        }
        visit.end().await;
    }

    async fn an_inviter_who_deletes_in_between_leaves_nothing_to_reveal(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (a, b) = both_finished(&visit, true).await;
        visit.post(&format!("{a}/delete"), &[]).await;
        let refused = visit.post(&format!("{b}/share"), &SHARE).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().await.unwrap().contains("no joint report"));
        let left = visit.mine(&b).await;
        assert!(left.contains("<span class=\"index-number\">64</span>"), "the other one's own result stays");
        assert!(left.contains("There is no joint report."), "and is told");
        let outcomes = "SELECT CAST(SUM(count) AS BIGINT) FROM assessment_outcomes WHERE outcome = 'withdrawn'";
        assert_eq!(visit.count(outcomes).await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_invitations").await, 0);
        visit.end().await;
    }

    async fn deleting_after_the_reveal_takes_the_joint_report_from_both(test: TestDb) {
        let visit = Visit::start(&test).await;
        let (a, b) = both_finished(&visit, true).await;
        visit.do_on_mine(&b, "share", &SHARE).await;
        let joint = joint_of(&visit, &a).await.unwrap();
        assert!(visit.page(&format!("{b}/delete")).await.contains("gone with them, for everybody"));
        visit.post(&format!("{b}/delete"), &[]).await;
        assert_eq!(visit.get(&joint).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(joint_of(&visit, &a).await, None);
        visit.end().await;
    }
}
