//! What organizers see: averages of five and more, and those who want to talk. Never one person's answers.

use commonground::organizers::Role;
use commonground::organizers::password::{Hasher, Password};
use commonground::organizers::store::{self, NewOrganizer};
use commonground::values::{EmailAddress, Label};
use reqwest::header;

use super::*;
use crate::on_both_databases;

const PASSWORD: &str = "seven quiet herons at dawn";

/// Makes an owner and gives what an organizer sees at an address.
async fn as_organizer(visit: &Visit) -> String {
    let email = EmailAddress::parse("olga@example.org").unwrap();
    let hash = Hasher::default()
        .hash(Password::parse(PASSWORD, &[]).unwrap())
        .await
        .unwrap();
    let new = NewOrganizer {
        email: email.clone(),
        name: Label::parse("Olga Owner").unwrap(),
        role: Role::Owner,
        password_hash: hash,
    };
    let made = visit.running.state.db.write(move |tx| {
        let new = new.clone();
        Box::pin(async move { store::create(tx, &new, NOW).await })
    });
    made.await.unwrap();
    let fields = [("email", "olga@example.org"), ("password", PASSWORD)];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let answer = visit
        .client
        .post(format!("{}/organizer/sign-in", visit.base))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(body)
        .send()
        .await
        .unwrap();
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn figures(visit: &Visit, cookie: &str) -> String {
    let request = visit
        .client
        .get(format!("{}/organizer/assessment", visit.base))
        .header(header::COOKIE, cookie);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.unwrap()
}

async fn count(visit: &Visit) {
    let (db, now) = (&visit.running.state.db, visit.clock.now());
    commonground::assessment::jobs::averages::rebuild_if_due(db, now)
        .await
        .unwrap();
}

async fn tomorrow(visit: &Visit) {
    visit.clock.advance(jiff::SignedDuration::from_hours(24));
    count(visit).await;
}

on_both_databases! {
    async fn averages_need_five_results(test: TestDb) {
        let visit = Visit::start(&test).await;
        let signed_out = visit.get("/organizer/assessment").await;
        assert_eq!(signed_out.status(), StatusCode::SEE_OTHER, "strangers are sent to sign in");
        let cookie = as_organizer(&visit).await;
        for _ in 0..4 {
            visit.finished(&CONTOSO).await;
        }
        visit.begin(&NAMES).await;
        count(&visit).await;
        let four = figures(&visit, &cookie).await;
        assert_eq!(four.matches("Fewer than five results").count(), 3);
        assert!(four.contains("80 %"), "four of five were finished");
        visit.finished(&CONTOSO).await;
        count(&visit).await;
        let five = figures(&visit, &cookie).await;
        assert!(five.contains("5 results as of November 23, 2026"));
        assert!(five.contains("<td class=\"number\">48</td><td class=\"number\">±0</td>"), "risk, without spread");
        assert!(!five.contains("Northwind"), "nobody's names");
        visit.end().await;
    }

    async fn one_person_who_answers_again_is_one_result(test: TestDb) {
        let visit = Visit::start(&test).await;
        let cookie = as_organizer(&visit).await;
        let mut path = visit.finished(&CONTOSO).await;
        for _ in 0..4 {
            path = location(&visit.post(&format!("{path}/again"), &[]).await);
            visit.answer(&path, &CONTOSO, "").await;
        }
        count(&visit).await;
        assert_eq!(figures(&visit, &cookie).await.matches("Fewer than five results").count(), 3);
        visit.end().await;
    }

    async fn two_looks_at_averages_never_differ_by_one_person(test: TestDb) {
        let visit = Visit::start(&test).await;
        let cookie = as_organizer(&visit).await;
        let mut paths = Vec::new();
        for _ in 0..6 {
            paths.push(visit.finished(&CONTOSO).await);
        }
        count(&visit).await;
        let averages = |page: String| page.split("Averages of").nth(1).unwrap().split("</table>").next().unwrap().to_owned();
        let before = averages(figures(&visit, &cookie).await);
        visit.post(&format!("{}/delete", paths[0]), &[]).await;
        tomorrow(&visit).await;
        visit.send(&format!("{}?page=2", paths[1]), &fields(&[("RI", "0000", "0000")])).await;
        for _ in 0..3 {
            visit.finished(&NORTHWIND).await;
        }
        tomorrow(&visit).await;
        assert_eq!(averages(figures(&visit, &cookie).await), before, "one deleted, one changed, three new");
        visit.finished(&NORTHWIND).await;
        count(&visit).await;
        let page = figures(&visit, &cookie).await;
        assert!(page.contains("9 results as of November 25, 2026"));
        assert_ne!(averages(page), before);
        for _ in 0..5 {
            visit.finished(&NORTHWIND).await;
        }
        count(&visit).await;
        assert!(figures(&visit, &cookie).await.contains("9 results as of"), "once a day");
        visit.end().await;
    }

    async fn only_who_chose_to_talk_is_named(test: TestDb) {
        let visit = Visit::start(&test).await;
        let cookie = as_organizer(&visit).await;
        let path = visit.begin(&NAMES).await;
        visit.answer(&path, &CONTOSO, "A secret purpose").await;
        let wrong = visit.post(&format!("{path}/talk"), &[("talk_name", ""), ("talk_email", "no address")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().await.unwrap().contains("value=\"no address\""));
        let talk = [("talk_name", "Ada Example"), ("talk_email", "ada@visitors.example")];
        assert!(visit.do_on_mine(&path, "talk", &talk).await.contains("They have your name"));
        let page = figures(&visit, &cookie).await;
        for words in ["Ada Example", "ada@visitors.example", "Contoso and Northwind", "88 · 38"] {
            assert!(page.contains(words), "{words}");
        }
        assert!(!page.contains("A secret purpose"));
        visit.do_on_mine(&path, "talk/remove", &[]).await;
        assert!(!figures(&visit, &cookie).await.contains("ada@visitors.example"));
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 0);
        visit.end().await;
    }

    async fn what_became_of_invitations_is_counted(test: TestDb) {
        let visit = Visit::start(&test).await;
        let cookie = as_organizer(&visit).await;
        for answer in ["accept", "decline"] {
            let path = visit.finished(&CONTOSO).await;
            let page = visit.do_on_mine(&path, "invite", &[]).await;
            visit.post(&href(&page, "/assessment/invitations/"), &[("answer", answer)]).await;
        }
        let page = figures(&visit, &cookie).await;
        for words in ["<span class=\"count\">2</span> made", "<span class=\"count\">1</span> taken up",
                      "<span class=\"count\">1</span> declined", "<span class=\"count\">0</span> joint reports"] {
            assert!(page.contains(words), "{words}");
        }
        visit.end().await;
    }
}
