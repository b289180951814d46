//! Every kind of mail about an assessment, and each kind of page a respondent sees, as they were last looked at.

use super::*;
use crate::support::db::TestDb;
use crate::support::snapshot::{self, assert_kept};

impl Visit {
    async fn page_kept(&self, name: &str, path: &str) {
        let html = self.get(path).await.text().await.unwrap();
        assert_kept(&format!("page_{name}"), &snapshot::page(&html));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_about_an_assessment() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let path = visit.finished(&CONTOSO).await;
    visit
        .do_on_mine(&path, "mail", &[("email", "ada@example.net"), ("report", "yes")])
        .await;
    assert_kept(
        "mail_assessment_report",
        &snapshot::mail(visit.mails(1).await.last().unwrap()),
    );
    let fields = [
        ("inviter_name", "Ada of Contoso"),
        ("partner_email", "ben@visitors.example"),
    ];
    visit.do_on_mine(&path, "invite", &fields).await;
    assert_kept(
        "mail_assessment_invitation",
        &snapshot::mail(visit.mails(2).await.last().unwrap()),
    );
    visit
        .do_on_mine(&path, "mail", &[("email", "ada@example.net"), ("remind", "yes")])
        .await;
    visit.clock.advance(jiff::SignedDuration::from_hours(24 * 91));
    visit.running.state.bell.ring();
    assert_kept(
        "mail_assessment_reminder",
        &snapshot::mail(visit.mails(3).await.last().unwrap()),
    );
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_respondents_see() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    visit.page_kept("assessment_start", "/assessment").await;
    let path = visit.begin(&NAMES).await;
    visit.page_kept("assessment_cards", &path).await;
    visit.page_kept("assessment_last", &format!("{path}?page=6")).await;
    visit.answer(&path, &CONTOSO, "To grow together").await;
    visit.page_kept("assessment_mine", &format!("{path}/mine")).await;
    visit.page_kept("assessment_delete", &format!("{path}/delete")).await;
    let mine = visit
        .do_on_mine(&path, "invite", &[("inviter_name", "Ada of Contoso")])
        .await;
    visit
        .page_kept("assessment_invitation", &href(&mine, "/assessment/invitations/"))
        .await;
    visit
        .page_kept(
            "assessment_view",
            &href(&mine, "/assessment/results/").replace("/report.pdf", ""),
        )
        .await;
    visit.page_kept("assessment_rounds", "/assessment/rounds").await;
    visit.end().await;
}
