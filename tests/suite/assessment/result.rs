//! The result: one's own page, what others may see, the files to take along.

use super::*;
use crate::on_both_databases;
pub(super) use crate::support::pdf_tool;

/// As Python's `email` and spreadsheets would: the lines of a CSV file.
fn csv_lines(body: &[u8]) -> Vec<Vec<String>> {
    let text = body
        .strip_prefix("\u{feff}".as_bytes())
        .expect("spreadsheets need the mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

on_both_databases! {
    async fn the_files_hold_what_was_answered(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let answers = visit.answers_json(&path).await;
        assert_eq!(answers["type"], "partner");
        assert_eq!(answers["answers"]["RI1"]["us"], 4);
        assert_eq!(answers["answers"]["RI1"]["partner"], 2);
        let result = &answers["result"];
        assert_eq!(result["index"], 57.1104);
        assert_eq!(result["balance"], 84.3278);
        assert_eq!(result["band"], 3);
        assert_eq!(result["lost_imbalance"], 10.6139);
        assert_eq!(result["fair_exchange"], -17.1875);
        assert_eq!(result["factors"]["risk"]["gap_word"], "lopsided");
        assert_eq!(result["weakest"], "risk");
        assert_eq!(result["what_if"]["factor"], "risk");
        assert_eq!(result["unscored"], serde_json::json!([]));
        assert_eq!((&answers["item_bank_version"], &answers["scoring_version"]), (&1.into(), &1.into()));
        assert_eq!(answers["answers"].as_object().unwrap().len(), 20);

        let file = visit.get(&format!("{path}/answers.csv")).await;
        assert_eq!(file.headers()["cache-control"], "no-store");
        let lines = csv_lines(&file.bytes().await.unwrap());
        assert_eq!(lines.len(), 21);
        assert_eq!(lines[0], ["id", "factor", "statement", "us", "partner"]);
        assert_eq!(lines[1][0], "RI1");
        assert_eq!((lines[1][3].as_str(), lines[1][4].as_str()), ("4", "2"));
        visit.end().await;
    }

    async fn missing_answers_are_null_and_give_a_range(test: TestDb) {
        let visit = Visit::start(&test).await;
        let partly = [
            ("RI", "33d3", "2dd2"), ("RE", "3333", "3d32"), ("RW", "2323", "33dd"), ("VI", "3333", "3332"),
            ("VA", "4334", "3333"),
        ];
        let path = visit.finished(&partly).await;
        let answers = visit.answers_json(&path).await;
        assert_eq!(answers["answers"]["RI3"]["us"], "dk");
        assert_eq!(answers["result"]["low"], 42.5698);
        assert_eq!(answers["result"]["high"], 70.5077);
        let page = visit.mine(&path).await;
        assert!(page.contains("You may not know your partner well enough yet"));
        let none = [("RI", "3-d-", "3333"), CONTOSO[1], CONTOSO[2], CONTOSO[3], CONTOSO[4]];
        let path = visit.finished(&none).await;
        let answers = visit.answers_json(&path).await;
        assert_eq!(answers["answers"]["RI2"]["us"], Value::Null);
        assert_eq!(answers["result"]["index"], Value::Null);
        assert_eq!(answers["result"]["unscored"], serde_json::json!(["risk"]));
        assert!(visit.mine(&path).await.contains("No index yet"));
        let nought = [("RI", "0000", "dddd"), CONTOSO[1], ("RW", "dddd", "dddd"), ("VI", "33dd", "dd33"), ("VA", "dddd", "d333")];
        let page = visit.mine(&visit.finished(&nought).await).await;
        assert!(page.contains("The index is certain: 0") && !page.contains("from 0 to 0"));
        assert!(!page.contains("from <strong>0"), "one number");
        assert!(page.contains("Then, one step for the next<"), "only two factors are scored");
        assert!(page.contains("0 *</td>") && page.contains("* Each side was rated on different questions"));
        visit.end().await;
    }

    async fn others_see_the_result_and_no_answers(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        visit.answer(&path, &CONTOSO, "A secret purpose").await;
        let mine = visit.mine(&path).await;
        let view = href(&mine, "/assessment/results/").replace("/report.pdf", "");
        let answer = visit.get(&view).await;
        for (header, value) in [
            ("cache-control", "no-store"), ("x-robots-tag", "noindex, nofollow"), ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(answer.headers()[header], value);
        }
        let page = answer.text().await.unwrap();
        let token = path.rsplit('/').next().unwrap();
        assert!(page.contains("57") && page.contains("Partly aligned"));
        assert!(!page.contains("A secret purpose") && !page.contains(token), "nothing private");
        assert!(!page.contains("<form"), "nothing to change");
        let renewed = visit.do_on_mine(&path, "view-link", &[]).await;
        assert_eq!(visit.get(&view).await.status(), StatusCode::NOT_FOUND, "the old link stopped working");
        let view = href(&renewed, "/assessment/results/").replace("/report.pdf", "");
        assert_eq!(visit.get(&view).await.status(), StatusCode::OK);
        visit.end().await;
    }

    async fn on_paper_there_is_no_private_link(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        visit.do_on_mine(&path, "invite", &[]).await;
        let page = visit.mine(&path).await;
        let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        let printed: String = main.split("<section").filter(|part| !part.contains("not-printed\"")).collect();
        let style = include_str!("../../../assets/static/style.css");
        let on_paper = style.rsplit("@media print").next().unwrap();
        assert!(on_paper.split("{ display: none; }").next().unwrap().contains(".not-printed"));
        assert!(printed.contains("The five factors") && main.contains("private-link"));
        for hidden in ["<form", "<button", "/assessment/"] {
            assert!(!printed.contains(hidden), "{hidden}");
        }
        visit.end().await;
    }

    async fn a_draft_has_no_result_to_show(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        let mine = visit.get(&format!("{path}/mine")).await;
        assert_eq!(location(&mine), path);
        let before = visit.count("SELECT keep_until FROM assessments").await;
        let kept = visit.post(&format!("{path}/keep"), &[("months", "24")]).await;
        assert_eq!(location(&kept), path);
        assert_eq!(visit.count("SELECT keep_until FROM assessments").await, before, "a draft is kept as a draft");
        visit.end().await;
    }

    async fn the_report_has_two_pages_with_the_same_figures(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let report = format!("{}/report.pdf", href(&visit.mine(&path).await, "/assessment/results/").replace("/report.pdf", ""));
        for (query, size) in [("", "595"), ("?paper=letter", "612")] {
            let answer = visit.get(&format!("{report}{query}")).await;
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()["content-type"], "application/pdf");
            let pdf = answer.bytes().await.unwrap();
            let facts = pdf_tool("pdfinfo", &["-"], &pdf);
            assert!(facts.contains("Pages:           2") && facts.contains("Tagged:          yes"), "{facts}");
            assert!(facts.contains(size), "{facts}");
            let text = pdf_tool("pdftotext", &["-layout", "-", "-"], &pdf);
            for words in ["57", "Partly aligned", "Northwind", "lopsided", "Shared Risk", "for a conversation"] {
                assert!(text.contains(words), "{words} is not in\n{text}");
            }
        }
        visit.end().await;
    }

    async fn answers_can_be_looked_at_again_until_others_have_seen_them(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        visit.send(&format!("{path}?page=2"), &fields(&[("RI", "4444", "4444")])).await;
        let answers = visit.answers_json(&path).await;
        assert!(answers["result"]["index"].as_f64().unwrap() > 70.0);
        let stored = visit.count("SELECT COUNT(*) FROM assessment_results WHERE index_score > 70").await;
        assert_eq!(stored, 1, "the figures follow");
        assert_eq!(visit.count("SELECT CAST(SUM(finished) AS BIGINT) FROM assessment_counts").await, 1);
        visit.end().await;
    }

    async fn a_changed_result_has_the_date_of_the_change(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let date = |page: &str| page.split("As you see it, ").nth(1).unwrap().split("</p>").next().unwrap().to_owned();
        let first = date(&visit.mine(&path).await);
        let kept = visit.count("SELECT keep_until FROM assessments").await;
        visit.clock.advance(jiff::SignedDuration::from_hours(40 * 24));
        visit.send(&format!("{path}?page=2"), &fields(&[CONTOSO[0]])).await;
        assert_eq!(date(&visit.mine(&path).await), first, "nothing has changed");
        visit.send(&format!("{path}?page=2"), &fields(&[("RI", "4444", "4444")])).await;
        let today = visit.clock.now().strftime("%B %-d, %Y").to_string();
        let page = visit.mine(&path).await;
        assert!(date(&page).contains(&today), "{}", date(&page));
        assert_eq!(visit.count("SELECT keep_until FROM assessments").await, kept, "kept no longer for it");
        let report = format!("{}/report.pdf", href(&page, "/assessment/results/").replace("/report.pdf", ""));
        let text = pdf_tool("pdftotext", &["-raw", "-", "-"], &visit.get(&report).await.bytes().await.unwrap());
        assert!(text.contains(&today), "{text}");
        visit.end().await;
    }

    async fn answering_again_shows_the_change_since_last_time(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        let again = visit.post(&format!("{path}/again"), &[]).await;
        let second = location(&again);
        assert_ne!(second, path);
        visit.answer(&second, &NORTHWIND, "").await;
        let page = visit.mine(&second).await;
        assert!(page.contains("57 then, 64 now (+7): no clear change."), "below 8 points");
        let third = location(&visit.post(&format!("{second}/again"), &[]).await);
        let better = [("RI", "4443", "4443"), ("RE", "4444", "3343"), CONTOSO[2], CONTOSO[3], CONTOSO[4]];
        visit.answer(&third, &better, "").await;
        let unscored = location(&visit.post(&format!("{second}/again"), &[]).await);
        let silent = [("RI", "dddd", "dddd"), CONTOSO[1], CONTOSO[2], CONTOSO[3], CONTOSO[4]];
        visit.answer(&unscored, &silent, "").await;
        let fourth = location(&visit.post(&format!("{second}/again"), &[]).await);
        visit.answer(&fourth, &CONTOSO, "").await;
        assert!(visit.mine(&fourth).await.contains(" then, 57 now ("), "compared with the last one that has an index");
        assert!(visit.mine(&third).await.contains("that is a clear change."));
        visit.end().await;
    }
}
