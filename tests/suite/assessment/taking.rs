//! Taking it: the start, the cards, going on on another device, and what can go wrong with a post.

use super::*;
use crate::on_both_databases;

on_both_databases! {
    async fn the_cards_lead_from_the_first_statement_to_the_result(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        let mut at = path.clone();
        for (letters, us, partner) in [CONTOSO[3], CONTOSO[0], CONTOSO[1], CONTOSO[2], CONTOSO[4]] {
            let page = visit.page(&at).await;
            assert!(page.contains(&format!("name=\"p_{letters}1\"")), "{at}");
            let partner_first = page.find(&format!("p_{letters}1")).unwrap();
            assert!(partner_first < page.find(&format!("u_{letters}1")).unwrap(), "the partner is rated first");
            let number = if at.contains('?') { String::new() } else { "?page=1".to_owned() };
            let saved = visit.send(&format!("{at}{number}"), &fields(&[(letters, us, partner)])).await;
            assert_eq!(saved.status(), StatusCode::SEE_OTHER);
            at = location(&saved);
        }
        assert!(at.ends_with("?page=6"));
        assert!(visit.page(&at).await.contains("Three last questions"));
        let done = visit.post(&at, &[("O1", "most"), ("O2", "probably")]).await;
        assert_eq!(location(&done), format!("{path}/mine"));
        let result = visit.mine(&path).await;
        for words in ["57", "Partly aligned", "Contoso carries more of the risk (lopsided, gap 50).", "74 (+17)"] {
            assert!(result.contains(words), "{words}");
        }
        visit.end().await;
    }

    async fn it_goes_on_where_it_was_left_on_another_device(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        let first = visit.send(&format!("{path}?page=1"), &fields(&[CONTOSO[3]])).await;
        assert_eq!(location(&first), format!("{path}?page=2"));
        let page = visit.page(&path).await;
        assert!(page.contains("Page 2 of 6"), "the first page that is open");
        let again = visit.page(&format!("{path}?page=1")).await;
        assert_eq!(again.matches("checked").count(), 8);
        visit.end().await;
    }

    async fn a_page_is_saved_on_the_way_back_too(test: TestDb) {
        let visit = Visit::start(&test).await;
        let begun = visit.post("/assessment", &NAMES).await;
        assert!(visit::location(&begun).ends_with("?page=1"), "a reload after the first answers stays there");
        let path = location(&begun);
        visit.send(&format!("{path}?page=1"), &fields(&[CONTOSO[3]])).await;
        let second = format!("{path}?page=2");
        assert!(visit.page(&second).await.contains("Save and go back"));
        let mut some = fields(&[("RI", "3---", "-1--")]);
        some.push(("go".to_owned(), "back".to_owned()));
        assert_eq!(visit::location(&visit.send(&second, &some).await), format!("{path}?page=1"));
        assert_eq!(visit.page(&second).await.matches("checked").count(), 2);
        let last = [("O1".to_owned(), "most".to_owned()), ("go".to_owned(), "back".to_owned())];
        let back = visit.send(&format!("{path}?page=6"), &last).await;
        assert_eq!(visit::location(&back), format!("{path}?page=5"), "it is not finished by going back");
        visit.end().await;
    }

    async fn two_devices_that_answer_one_page_lose_nothing(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        let page = format!("{path}?page=1");
        let mut one = fields(&[("VI", "34--", "----")]);
        let mut other = fields(&[("VI", "----", "21--")]);
        for fields in [&mut one, &mut other] {
            fields.push(("seen".to_owned(), "--------".to_owned()));
        }
        let (one, other) = tokio::join!(visit.send(&page, &one), visit.send(&page, &other));
        assert_eq!((one.status(), other.status()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        let answers = visit.answers_json(&path).await;
        let of = |id: &str| (answers["answers"][id]["us"].clone(), answers["answers"][id]["partner"].clone());
        assert_eq!(of("VI1"), (3.into(), 2.into()));
        assert_eq!(of("VI2"), (4.into(), 1.into()));
        assert_eq!(of("VI3"), (Value::Null, Value::Null));
        visit.end().await;
    }

    async fn of_the_last_page_what_a_post_does_not_hold_stays(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        visit.answer(&path, &CONTOSO, "Sell more together").await;
        let page = format!("{path}?page=6");
        visit.send(&path, &fields(&[CONTOSO[0]])).await;
        visit.post(&page, &[]).await;
        visit.post(&path, &[("O1", "most")]).await;
        let shown = visit.page(&page).await;
        assert!(shown.contains("value=\"most\" checked") && shown.contains("value=\"probably\" checked"));
        assert!(shown.contains(">Sell more together</textarea>"));
        assert!(shown.contains("name=\"go\" value=\"back\">Save and go back</button>"));
        let seen = [("seen_O1", "most"), ("seen_O2", "probably"), ("seen_O3", "Sell more together")];
        let one = [&seen[..], &[("O1", "most"), ("O2", "not_sure"), ("O3", "Sell more together")]].concat();
        let other = [&seen[..], &[("O1", "all"), ("O2", "probably"), ("O3", "")]].concat();
        for fields in [one, other] {
            assert_eq!(visit.post(&page, &fields).await.status(), StatusCode::SEE_OTHER);
        }
        let shown = visit.page(&page).await;
        assert!(shown.contains("value=\"all\" checked") && shown.contains("value=\"not_sure\" checked"), "two devices");
        assert!(shown.contains("></textarea>"), "what was shown and emptied is gone");
        visit.post(&page, &[("O3", "Sell more")]).await;
        let wrong = visit.post(&path, &[("O1", "never")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().await.unwrap().contains(">Sell more</textarea>"), "what is shown again is what is stored");
        visit.end().await;
    }

    async fn a_form_that_is_posted_twice_starts_one(test: TestDb) {
        let visit = Visit::start(&test).await;
        let draft = draft_in(&visit.page("/assessment").await);
        let fields = [NAMES.as_slice(), &[("draft", draft.as_str())]].concat();
        let (one, other) = tokio::join!(visit.begin(&fields), visit.begin(&fields));
        assert_eq!(one, other);
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessments").await, 1);
        assert_eq!(visit.count("SELECT CAST(SUM(started) AS BIGINT) FROM assessment_counts").await, 1);
        visit.end().await;
    }

    async fn a_start_with_mistakes_keeps_what_was_typed(test: TestDb) {
        let visit = Visit::start(&test).await;
        let long = "x".repeat(61);
        for (fields, words) in [
            (vec![("us", "Contoso")], "Choose what kind of partnership it is."),
            (vec![("type", "customer"), ("us", "Contoso")], "Choose which side you are on."),
            (vec![("type", "partner"), ("us", "Contoso"), ("partner", "contoso")], "different names"),
            (vec![("type", "internal"), ("us", "Contoso"), ("partner", long.as_str())], "at most 60 characters"),
            (vec![("type", "other"), ("us", "Contoso")], "Choose what kind"),
        ] {
            let answer = visit.post("/assessment", &fields).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
            let page = answer.text().await.unwrap();
            assert!(page.contains(words) && page.contains("value=\"Contoso\""), "{words}");
        }
        let refused = visit.post("/assessment", &[("us", "Contoso")]).await.text().await.unwrap();
        assert!(refused.contains("action=\"/assessment\""), "a fragment would take the focus from the list of mistakes");
        assert!(refused.find("id=\"mistakes\"") < refused.find("id=\"start\""), "it is seen without a script, too");
        for body in ["type=partner&us=a%00b", "type=partner&us=%ff%fe"] {
            let answer = visit.post_body("/assessment", body.into()).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        }
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessments").await, 0);
        visit.end().await;
    }

    async fn sides_without_names_get_the_usual_ones(test: TestDb) {
        let visit = Visit::start(&test).await;
        for (fields, us, partner) in [
            (vec![("type", "partner")], "Our organisation", "Our partner"),
            (vec![("type", "internal")], "Our team", "The other team"),
            (vec![("type", "customer"), ("side", "supplier")], "The supplier", "The customer"),
            (vec![("type", "customer"), ("side", "customer")], "The customer", "The supplier"),
        ] {
            let path = visit.begin(&fields).await;
            let answers = visit.answers_json(&path).await;
            assert_eq!((answers["us"].as_str(), answers["partner"].as_str()), (Some(us), Some(partner)));
        }
        visit.end().await;
    }

    async fn wrong_answers_are_told_and_the_right_ones_kept(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        let page = format!("{path}?page=1");
        for wrong in ["5", "-1", "dont", "04", "dk ", "%00"] {
            let answer = visit.post_body(&page, format!("p_VI1=3&u_VI1={wrong}&p_VI2=4").into()).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
            let text = answer.text().await.unwrap();
            assert!(text.contains("Choose one of the answers."), "{wrong}");
            assert_eq!(text.matches("checked").count(), 2, "what was chosen is kept");
        }
        for twice in ["u_VI1=3&u_VI1=4", "O1=half&O1=most"] {
            let answer = visit.post_body(&path, twice.into()).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{twice}");
        }
        let unknown = visit.post_body(&path, "u_XX9=3".into()).await;
        assert_eq!(unknown.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(unknown.text().await.unwrap().contains("There is no such statement."));
        let long = visit.post(&format!("{path}?page=6"), &[("O3", "x".repeat(141).as_str())]).await;
        assert_eq!(long.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(long.text().await.unwrap().contains("Shorten this to 140 characters."));
        let answers = visit.answers_json(&path).await;
        assert_eq!(answers["answers"]["VI1"]["partner"], Value::Null, "nothing was stored");
        visit.end().await;
    }

    async fn a_link_of_one_kind_opens_no_page_of_another(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let edit = path.rsplit('/').next().unwrap().to_owned();
        let mine = visit.mine(&path).await;
        let view = href(&mine, "/assessment/results/").replace("/report.pdf", "");
        let view = view.rsplit('/').next().unwrap().to_owned();
        visit.do_on_mine(&path, "invite", &[("inviter_name", "Ada")]).await;
        let invited = href(&visit.mine(&path).await, "/assessment/invitations/");
        let invitation = invited.rsplit('/').next().unwrap().to_owned();
        let pages = |token: &str| {
            [
                format!("/assessment/{token}"),
                format!("/assessment/{token}/mine"),
                format!("/assessment/{token}/answers.json"),
                format!("/assessment/{token}/answers.csv"),
                format!("/assessment/{token}/delete"),
                format!("/assessment/{token}/check"),
                format!("/assessment/results/{token}"),
                format!("/assessment/results/{token}/report.pdf"),
                format!("/assessment/invitations/{token}"),
                format!("/assessment/joint/{token}"),
                format!("/assessment/joint/{token}/report.pdf"),
                format!("/assessment/rounds/{token}"),
                format!("/registrations/{token}"),
                format!("/join/{token}"),
                format!("/downloads/{token}"),
            ]
        };
        let cut = &edit[..42];
        let turned: String = edit.chars().rev().collect();
        for (token, opens) in [
            (edit.as_str(), vec![0, 1, 2, 3, 4, 5]),
            (view.as_str(), vec![6, 7]),
            (invitation.as_str(), vec![8]),
            (cut, vec![]),
            (turned.as_str(), vec![]),
            ("x", vec![]),
        ] {
            for (number, page) in pages(token).iter().enumerate() {
                let status = visit.get(page).await.status();
                let is_open = status == StatusCode::OK || status == StatusCode::SEE_OTHER;
                assert_eq!(is_open, opens.contains(&number), "{page}: {status}");
                assert!(is_open || status == StatusCode::NOT_FOUND, "{page}: {status}");
            }
        }
        visit.end().await;
    }

    async fn an_id_out_of_another_link_is_no_way_in(test: TestDb) {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let view = href(&visit.mine(&path).await, "/assessment/results/").replace("/report.pdf", "");
        let token = view.rsplit('/').next().unwrap().to_owned();
        let id = URL_SAFE_NO_PAD.encode(&URL_SAFE_NO_PAD.decode(&token).unwrap()[..16]);
        let page = visit.do_on_mine(&path, "invite", &[]).await;
        let invitation = href(&page, "/assessment/invitations/");
        for draft in [id.as_str(), token.as_str()] {
            for (form, fields) in [
                ("/assessment", NAMES.to_vec()),
                ("/assessment/rounds", NAMES.to_vec()),
                (invitation.as_str(), vec![("answer", "accept")]),
            ] {
                let answer = visit.post(form, &[fields, vec![("draft", draft)]].concat()).await;
                assert_ne!(location(&answer), path, "{form}");
            }
        }
        visit.end().await;
    }

    async fn a_get_changes_nothing(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        visit.get(&path).await;
        visit.get(&format!("{path}?page=6")).await;
        visit.get(&format!("{path}/check")).await;
        visit.get(&format!("{path}/delete")).await;
        let finished = visit.count("SELECT COUNT(*) FROM assessments WHERE finished_at IS NOT NULL").await;
        assert_eq!(finished, 0);
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessments").await, 1);
        visit.end().await;
    }

    async fn careless_answers_are_asked_about_once(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        let mut everything = fields(&MOSTLY);
        everything.push(("O2".to_owned(), "probably".to_owned()));
        let asked = visit.send(&path, &everything).await;
        assert_eq!(location(&asked), format!("{path}/check"));
        let page = visit.page(&format!("{path}/check")).await;
        assert!(page.contains("You gave the same answer everywhere. Look again?"));
        let again = visit.send(&path, &everything).await;
        assert_eq!(location(&again), format!("{path}/mine"), "asked once, never blocked");
        let careless = visit.count("SELECT COUNT(*) FROM assessment_results WHERE careless").await;
        assert_eq!(careless, 1);
        visit.end().await;
    }

    async fn contradictory_answers_are_asked_about(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        let mut best = fields(&MOSTLY);
        for (number, (_, value)) in best.iter_mut().enumerate() {
            *value = if number == 0 { "3".to_owned() } else { "4".to_owned() };
        }
        best.push(("O2".to_owned(), "definitely_not".to_owned()));
        assert_eq!(location(&visit.send(&path, &best).await), format!("{path}/check"));
        assert!(visit.page(&format!("{path}/check")).await.contains("Want to look at your answers again?"));
        let shown = visit.post(&format!("{path}/check"), &[]).await;
        assert_eq!(location(&shown), format!("{path}/mine"));
        visit.end().await;
    }

    async fn hurried_answers_are_noticed_without_keeping_times(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        let shown = NOW.as_microsecond().to_string();
        let pages = [CONTOSO[3], CONTOSO[0], CONTOSO[1], CONTOSO[2], CONTOSO[4]];
        for (number, page) in (1..).zip(pages) {
            let mut fields = fields(&[page]);
            fields.push(("shown_at".to_owned(), shown.clone()));
            // The first two pages take a minute, the others no time at all.
            let took = jiff::SignedDuration::from_secs(if number <= 2 { 60 } else { 0 });
            visit.clock.advance(took);
            visit.send(&format!("{path}?page={number}"), &fields).await;
            visit.clock.advance(-took);
        }
        let end = visit.post(&format!("{path}?page=6"), &[("O1", "half")]).await;
        assert_eq!(location(&end), format!("{path}/check"));
        assert!(visit.page(&format!("{path}/check")).await.contains("That was quick."));
        visit.end().await;
    }

    async fn many_starts_from_one_network_are_refused_after_a_while(test: TestDb) {
        let visit = Visit::start_with(&test, &[("rate_limit_ip", "1/h")]).await;
        for _ in 0..10 {
            visit.begin(&NAMES).await;
        }
        let refused = visit.post("/assessment", &NAMES).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(refused.headers().contains_key("retry-after"));
        assert!(refused.text().await.unwrap().contains("value=\"Contoso\""));
        visit.end().await;
    }
}
