//! What search engines may keep: pages that belong to nobody. All else says that it is private, without being listed.

use super::*;
use crate::on_both_databases;

on_both_databases! {
    async fn what_does_not_say_that_it_is_public_is_private(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.net", &session).await;
        let personal = link(&visit.mails(1).await[0], "/registrations/");
        let calendar = format!("{personal}/calendar.ics");
        for path in ["/", "/webcasts", WEBCAST, "/whitepapers", "/assessment", "/robots.txt"] {
            assert_eq!(robots(&visit, path).await, None, "{path}");
        }
        let thanks = format!("{WEBCAST}/thanks");
        for path in [&personal, &calendar, &thanks, "/organizer", "/organizer/sign-in", "/join/nothing", "/nowhere"] {
            assert_eq!(robots(&visit, path).await.as_deref(), Some("noindex, nofollow"), "{path}");
        }
        visit.end().await;
    }
}

async fn robots(visit: &Visit, path: &str) -> Option<String> {
    let answer = visit.get(path).await;
    let said = answer.headers().get("x-robots-tag")?;
    Some(said.to_str().unwrap().to_owned())
}
