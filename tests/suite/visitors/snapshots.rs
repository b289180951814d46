//! Every kind of mail about seats and papers, and each kind of page a visitor sees, as they were last looked at.

use commonground::webcasts::fan_out;

use super::*;
use crate::support::db::TestDb;
use crate::support::snapshot::{self, assert_kept};

impl Visit {
    /// The mail that came last, of so many.
    async fn last_mail(&self, count: usize) -> String {
        snapshot::mail(self.mails(count).await.last().unwrap())
    }

    async fn shown(&self, path: &str) -> String {
        snapshot::page(&self.get(path).await.text().await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_about_a_seat() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let session = visit.session_id().await;
    let fields = [
        ("name", "Ada Lovelace"),
        ("email", "ada@example.net"),
        ("session", &session),
        ("time_zone", "Europe/Berlin"),
    ];
    visit.post(&format!("{WEBCAST}/register"), &fields).await;
    assert_kept("mail_confirmation", &visit.last_mail(1).await);
    visit.register("Ada King", "ada@example.net", &session).await;
    assert_kept("mail_registration-again", &visit.last_mail(2).await);
    let personal = link(&visit.mails(2).await[0], "/registrations/");
    let other = visit.add_session(None).await.to_string();
    visit
        .post(
            &format!("{personal}/edit"),
            &[("name", "Ada Lovelace"), ("session", &other)],
        )
        .await;
    assert_kept("mail_registration-update", &visit.last_mail(3).await);
    let moved = visit.upcoming().await;
    visit
        .change(|update| {
            update.starts_at += SignedDuration::from_hours(1);
            update.ends_at += SignedDuration::from_hours(1);
        })
        .await;
    let tell = visit
        .running
        .state
        .db
        .write(move |tx| Box::pin(fan_out::begin(tx, moved.id, moved.starts_at, NOW)));
    tell.await.unwrap();
    assert_kept("mail_session-update", &visit.last_mail(4).await);
    visit.post(&format!("{personal}/cancel"), &[]).await;
    assert_kept("mail_cancellation", &visit.last_mail(5).await);
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_about_a_place_that_is_held_back() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    visit.change(|update| update.capacity = Some(2)).await;
    let session = visit.session_id().await;
    visit.register("Ada Lovelace", "ben@example.net", &session).await;
    visit.last_mail(1).await;
    visit.register("Ada Lovelace", "ada@example.net", &session).await;
    assert_kept("mail_place-held", &visit.last_mail(2).await);
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_about_a_paper() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    visit.request("Ada Lovelace", "ada@example.net").await;
    assert_kept("mail_whitepaper", &visit.last_mail(1).await);
    visit.clock.advance(SignedDuration::from_mins(2));
    visit.request("Ada Lovelace", "ada@example.net").await;
    assert_kept("mail_whitepaper-link", &visit.last_mail(2).await);
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_visitors_see() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    let session = visit.session_id().await;
    for (name, path) in [
        ("front", "/"),
        ("webcasts", "/webcasts"),
        ("webcast", WEBCAST),
        ("whitepapers", "/whitepapers"),
        ("whitepaper", PAPER),
        ("thanks_webcast", &format!("{WEBCAST}/thanks")),
        ("thanks_whitepaper", &format!("{PAPER}/thanks")),
        ("not_found", "/nowhere"),
        ("link_expired", "/registrations/nothing"),
    ] {
        assert_kept(&format!("page_{name}"), &visit.shown(path).await);
    }
    let wrong = [("name", ""), ("email", "ada"), ("session", session.as_str())];
    let refused = visit
        .post(&format!("{WEBCAST}/register"), &wrong)
        .await
        .text()
        .await
        .unwrap();
    assert_kept("page_webcast_refused", &snapshot::page(&refused));
    visit.register("Ada Lovelace", "ada@example.net", &session).await;
    let mail = visit.mails(1).await.remove(0);
    assert_kept("page_registration", &visit.shown(&link(&mail, "/registrations/")).await);
    assert_kept("page_join", &visit.shown(&link(&mail, "/join/")).await);
    visit.end().await;
}
