//! Erasing: by the respondent at once, and by itself when the time is over.

use std::fs;
use std::time::{Duration, Instant};

use commonground::assessment::{jobs::expiring, mails::kinds};
use commonground::mail::outbox;
use commonground::on_db;
use jiff::SignedDuration;

use super::*;
use crate::on_both_databases;

const TABLES: [&str; 5] = [
    "SELECT COUNT(*) FROM assessments",
    "SELECT COUNT(*) FROM assessment_results",
    "SELECT COUNT(*) FROM assessment_invitations",
    "SELECT COUNT(*) FROM assessment_talks",
    "SELECT COUNT(*) FROM outbox",
];

impl Visit {
    async fn expire(&self) -> usize {
        expiring::expire(&self.running.state.db, &commonground::app::traces(), self.clock.now())
            .await
            .unwrap()
    }

    async fn forget_mails(&self) -> u64 {
        let state = &self.running.state;
        outbox::prune(&state.db, &kinds::KINDS, self.clock.now()).await.unwrap()
    }

    /// On SQLite: neither in the file nor in the log beside it, at once or, where somebody was reading, a few seconds later.
    pub(super) async fn assert_no_trace_of(&self, words: &[&str]) {
        let Some(file) = self.running.state.db.path() else {
            return;
        };
        let started = Instant::now();
        loop {
            let mut bytes = fs::read(file).unwrap();
            bytes.extend(fs::read(file.with_extension("db-wal")).unwrap_or_default());
            let is_there = |word: &&&str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
            let Some(found) = words.iter().find(is_there) else {
                return;
            };
            assert!(started.elapsed() < Duration::from_secs(20), "{found} is still there");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn days_later(&self, days: i64) {
        self.clock.advance(SignedDuration::from_hours(24 * days));
    }
}

on_both_databases! {
    async fn deleting_leaves_nothing(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&[("type", "partner"), ("us", "Zanzibar Unlimited"), ("partner", "Northwind")]).await;
        visit.answer(&path, &CONTOSO, "Quixotic purposes").await;
        visit.do_on_mine(&path, "mail", &[("email", "zoe@visitors.example"), ("report", "yes"), ("remind", "yes")]).await;
        visit.do_on_mine(&path, "talk", &[("talk_name", "Zoe Example"), ("talk_email", "zoe@visitors.example")]).await;
        visit.do_on_mine(&path, "invite", &[("inviter_name", "Zoe"), ("partner_email", "yan@visitors.example")]).await;
        visit.mails(2).await;
        let view = href(&visit.mine(&path).await, "/assessment/results/").replace("/report.pdf", "");
        assert!(visit.page(&format!("{path}/delete")).await.contains("cannot be brought back"));
        let deleted = visit.post(&format!("{path}/delete"), &[]).await;
        let done = visit.page(&location(&deleted)).await;
        assert!(done.contains("Your answers are deleted"));
        for query in TABLES {
            assert_eq!(visit.count(query).await, 0, "{query}");
        }
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 0);
        for gone in [path.clone(), format!("{path}/mine"), format!("{path}/answers.json"), view] {
            assert_eq!(visit.get(&gone).await.status(), StatusCode::NOT_FOUND, "{gone}");
        }
        visit.assert_no_trace_of(&["Zanzibar", "Quixotic", "zoe@visitors", "yan@visitors", "Zoe Example"]).await;
        visit.end().await;
    }

    async fn what_is_deleted_while_somebody_reads_goes_when_they_are_done(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&[("type", "partner"), ("us", "Zanzibar Unlimited"), ("partner", "Northwind")]).await;
        let db = &visit.running.state.db;
        let mut export = db.read().await.unwrap();
        on_db!(export, c => sqlx::raw_sql("BEGIN; SELECT * FROM assessments").execute(c).await.map(drop)).unwrap();
        visit.post(&format!("{path}/delete"), &[]).await;
        on_db!(export, c => sqlx::raw_sql("COMMIT").execute(c).await.map(drop)).unwrap();
        drop(export);
        db.forget_the_rest().await;
        visit.assert_no_trace_of(&["Zanzibar"]).await;
        visit.end().await;
    }

    async fn a_name_in_a_round_goes_with_the_answers(test: TestDb) {
        let visit = Visit::start(&test).await;
        for is_closed in [false, true] {
            let round = location(&visit.post("/assessment/rounds", &NAMES).await);
            visit.post(&round, &[("do", "seats"), ("side", "us"), ("count", "1")]).await;
            let page = visit.page(&round).await;
            let links = page.split("<ol class=\"links\">").nth(1).unwrap();
            let seat = href(links, "/assessment/rounds/");
            let path = location(&visit.post(&seat, &[("named", "yes"), ("name", "Zebulon Quagmire")]).await);
            visit.answer(&path, &CONTOSO, "").await;
            if is_closed {
                visit.post(&round, &[("do", "close")]).await;
            }
            visit.post(&format!("{path}/delete"), &[]).await;
        }
        let named = "SELECT COUNT(*) FROM assessment_seats WHERE name IS NOT NULL";
        assert_eq!(visit.count(named).await, 0);
        visit.end().await;
    }

    async fn a_corrected_address_leaves_no_trace_of_the_wrong_one(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        for email in ["wrong@visitors.example", "right@visitors.example"] {
            visit.do_on_mine(&path, "talk", &[("talk_name", "Zoe Example"), ("talk_email", email)]).await;
        }
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 1);
        visit.end().await;
    }

    async fn drafts_go_thirty_days_after_the_last_change(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.begin(&NAMES).await;
        visit.days_later(29);
        visit.send(&format!("{path}?page=1"), &fields(&[CONTOSO[3]])).await;
        visit.days_later(29);
        assert_eq!(visit.expire().await, 0);
        visit.page(&path).await;
        visit.days_later(2);
        assert_eq!(visit.get(&path).await.status(), StatusCode::NOT_FOUND, "at the day, not at the next chore");
        assert_eq!(visit.expire().await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessments").await, 0);
        visit.end().await;
    }

    async fn results_go_after_24_months_or_sooner(test: TestDb) {
        let visit = Visit::start(&test).await;
        let long = visit.finished(&CONTOSO).await;
        let short = visit.finished(&CONTOSO).await;
        visit.do_on_mine(&short, "keep", &[("months", "0")]).await;
        let wrong = visit.post(&format!("{short}/keep"), &[("months", "9")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        visit.days_later(2);
        assert_eq!(visit.expire().await, 1);
        assert_eq!(visit.get(&short).await.status(), StatusCode::NOT_FOUND);
        visit.days_later(727);
        visit.mine(&long).await;
        visit.days_later(2);
        assert_eq!(visit.expire().await, 1);
        assert_eq!(visit.count("SELECT CAST(SUM(finished) AS BIGINT) FROM assessment_counts").await, 2, "counts stay");
        visit.end().await;
    }

    async fn addresses_go_seven_days_after_the_mail(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        visit.do_on_mine(&path, "mail", &[("email", "ada@visitors.example"), ("report", "yes")]).await;
        visit.mails(1).await;
        let is_sent = "SELECT COUNT(*) FROM outbox WHERE state = 'sent'";
        while visit.count(is_sent).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        visit.days_later(6);
        assert_eq!(visit.forget_mails().await, 0);
        visit.days_later(2);
        assert_eq!(visit.forget_mails().await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0);
        visit.end().await;
    }

    async fn invitations_that_nobody_took_up_end_with_their_address(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.finished(&CONTOSO).await;
        visit.do_on_mine(&path, "invite", &[("inviter_name", "Ada"), ("partner_email", "ben@visitors.example")]).await;
        visit.mails(1).await;
        let other = visit.finished(&CONTOSO).await;
        visit.do_on_mine(&other, "invite", &[("inviter_name", "Ada"), ("partner_email", "yan@visitors.example")]).await;
        visit.mails(2).await;
        visit.do_on_mine(&other, "withdraw", &[]).await;
        assert_eq!(visit.count(mails::FINGERPRINTS).await, 2, "until then neither is written to twice");
        visit.days_later(31);
        visit.expire().await;
        assert_eq!(visit.count(mails::FINGERPRINTS).await, 0);
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0);
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_invitations WHERE state = 'open'").await, 0);
        visit.end().await;
    }

    async fn rounds_go_after_24_months(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = location(&visit.post("/assessment/rounds", &NAMES).await);
        visit.post(&round, &[("do", "seats"), ("side", "us"), ("count", "3")]).await;
        visit.days_later(731);
        assert_eq!(visit.get(&round).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(visit.expire().await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_seats").await, 0);
        visit.end().await;
    }

    async fn whoever_is_erased_leaves_a_joint_report_to_their_partner(test: TestDb) {
        let visit = Visit::start(&test).await;
        let a = visit.begin(&NAMES).await;
        visit.answer(&a, &CONTOSO, "Sell more together").await;
        let invited = visit.do_on_mine(&a, "invite", &[("inviter_name", "Zoe Example"), ("share", "yes"), ("share_purpose", "yes")]).await;
        let b = location(&visit.post(&href(&invited, "/assessment/invitations/"), &[("answer", "accept")]).await);
        visit.answer(&b, &NORTHWIND, "Enter the north").await;
        visit.do_on_mine(&b, "share", &[("share", "yes"), ("share_purpose", "yes")]).await;
        visit.do_on_mine(&a, "talk", &[("talk_name", "Zoe Example"), ("talk_email", "zoe@visitors.example")]).await;
        let joint = href(&visit.mine(&b).await, "/assessment/joint/");
        let url = test.url.clone();
        let erased = tokio::task::spawn_blocking(move || {
            std::process::Command::new(env!("CARGO_BIN_EXE_commonground"))
                .args(["erase", "--email", "zoe@visitors.example", "--config", "/dev/null", "--database-url", &url])
                .env_clear()
                .output()
                .unwrap()
        });
        let erased = erased.await.unwrap();
        assert!(erased.status.success(), "{}", String::from_utf8_lossy(&erased.stderr));
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 0);
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_talks").await, 0);
        assert!(visit.page(&joint).await.contains("Enter the north"), "the partner reads it still");
        visit.assert_no_trace_of(&["Zoe Example", "zoe@visitors.example"]).await;
        visit.end().await;
    }
}
