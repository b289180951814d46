//! Asking for a whitepaper, and downloading it.

use commonground::whitepapers::store::{self as papers, NewEdition};
use reqwest::StatusCode;

use super::*;
use crate::on_both_databases;

const PDF: &[u8] = include_bytes!("../../../assets/whitepaper/creating-effective-strategic-partnerships.pdf");

async fn add_edition(visit: &Visit, bytes: Vec<u8>) {
    let write = visit.running.state.db.write(move |tx| {
        let bytes = bytes.clone();
        Box::pin(async move {
            let slug = Slug::parse("creating-effective-strategic-partnerships").unwrap();
            let paper = papers::whitepaper_by_slug(tx, &slug).await?.unwrap();
            let edition = NewEdition {
                file_name: "large.pdf",
                bytes: &bytes,
                pages: None,
                contents: &[],
                pictures: &[],
            };
            papers::insert_edition(tx, paper.id, &edition, NOW).await
        })
    });
    write.await.unwrap();
}

fn large_file() -> Vec<u8> {
    (0..3_000_000_u32).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect()
}

on_both_databases! {
    async fn the_paper_comes_attached_and_whole(test: TestDb) {
        let visit = Visit::start(&test).await;
        let page = visit.page(PAPER).await;
        assert!(page.contains("14 pages, PDF") && page.contains("Level times balance"));
        let picture = page.split("src=\"").find(|part| part.starts_with("/editions/")).unwrap();
        let picture = visit.get(picture.split('"').next().unwrap()).await;
        assert_eq!(picture.headers()["content-type"], "image/png");
        visit.request("Ada Lovelace", "ada@example.net").await;
        let mail = visit.mails(1).await.pop().unwrap();
        assert_eq!(mail.attachments.len(), 1);
        assert_eq!(mail.attachments[0].content_type, "application/pdf");
        assert!(mail.attachments[0].bytes == PDF, "byte for byte");
        visit.end().await;
    }

    async fn a_second_request_within_a_day_sends_a_link(test: TestDb) {
        let visit = Visit::start(&test).await;
        visit.request("Ada", "ada@example.net").await;
        visit.mails(1).await;
        for _ in 0..2 {
            visit.clock.advance(SignedDuration::from_mins(2));
            visit.request("Ada", "ada@example.net").await;
        }
        let second = visit.mails(2).await.pop().unwrap();
        assert!(second.attachments.is_empty());
        let download = visit.get(&link(&second, "/downloads/")).await;
        assert_eq!(download.headers()["content-type"], "application/pdf");
        assert!(download.bytes().await.unwrap() == PDF);
        assert_eq!(visit.count("SELECT COUNT(*) FROM requests").await, 1);
        visit.clock.advance(SignedDuration::from_hours(25));
        visit.running.state.bell.ring();
        visit.mails(3).await;
        visit.request("Ada", "ada@example.net").await;
        assert_eq!(visit.mails(4).await[3].attachments.len(), 1, "a day later the paper itself again");
        visit.end().await;
    }

    async fn a_large_paper_goes_as_a_link_that_is_counted_and_runs_out(test: TestDb) {
        let visit = Visit::start(&test).await;
        let file = large_file();
        add_edition(&visit, file.clone()).await;
        visit.request("Ada", "ada@example.net").await;
        let mail = visit.mails(1).await.pop().unwrap();
        assert!(mail.attachments.is_empty() && mail.text.contains("too large for a mail"));
        let path = link(&mail, "/downloads/");
        assert!(visit.get(&path).await.bytes().await.unwrap() == file);
        for (range, expected) in [("bytes=0-9", &file[..10]), ("bytes=262100-262200", &file[262_100..=262_200]), ("bytes=-5", &file[2_999_995..])] {
            let part = visit.client.get(format!("{}{path}", visit.base)).header("range", range).send().await.unwrap();
            assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
            assert!(part.bytes().await.unwrap() == expected, "{range}");
        }
        let none = visit.client.get(format!("{}{path}", visit.base)).header("range", "bytes=3000000-").send().await.unwrap();
        assert_eq!(none.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        // Who has a part of another file gets this one whole.
        let tag = visit.client.head(format!("{}{path}", visit.base)).send().await.unwrap().headers()["etag"].clone();
        for (known, status) in [(tag.to_str().unwrap(), StatusCode::PARTIAL_CONTENT), ("\"another\"", StatusCode::OK)] {
            let ask = visit.client.get(format!("{}{path}", visit.base)).header("range", "bytes=5-9").header("if-range", known);
            assert_eq!(ask.send().await.unwrap().status(), status, "{known}");
        }
        // Probes do not count, and ask for no part.
        let head = visit.client.head(format!("{}{path}", visit.base)).header("range", "bytes=5-9").send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);
        visit.until("SELECT downloads FROM requests", 2).await;
        // More at once than there are connections: none waits for another that waits for it.
        let downloads = (0..40).map(|_| visit.get(&path));
        for download in futures_util::future::join_all(downloads).await {
            assert_eq!(download.status(), StatusCode::OK);
        }
        visit.until("SELECT downloads FROM requests", 42).await;
        visit.clock.advance(SignedDuration::from_hours(24 * 15));
        let over = visit.get(&path).await;
        assert_eq!(over.status(), StatusCode::GONE);
        assert!(over.text().await.unwrap().contains("Ask again"));
        visit.end().await;
    }

    async fn bad_input_is_refused_with_everything_kept(test: TestDb) {
        let visit = Visit::start(&test).await;
        let fields = [("name", "http://example.net"), ("email", "nobody"), ("consent", "yes")];
        let answer = visit.post(&format!("{PAPER}/request"), &fields).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = answer.text().await.unwrap();
        assert!(page.contains("2 things need your attention") && page.contains("value=\"nobody\"") && page.contains("checked"));
        let missing = visit.post("/whitepapers/no-such-paper/request", &[("name", "Ada"), ("email", "ada@example.net")]).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        assert_eq!(visit.count("SELECT COUNT(*) FROM contacts").await, 0);
        visit.end().await;
    }

    async fn a_filled_honeypot_is_held(test: TestDb) {
        let visit = Visit::start(&test).await;
        let fields = [("name", "Ada"), ("email", "ada@example.net"), ("website", "x")];
        assert_eq!(visit.post(&format!("{PAPER}/request"), &fields).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(visit.count("SELECT COUNT(*) FROM requests WHERE state = 'held'").await, 1);
        assert_eq!(visit.count("SELECT COUNT(*) FROM outbox").await, 0);
        visit.request("Ada", "ada@example.net").await;
        assert_eq!(visit.mails(1).await[0].attachments.len(), 1);
        visit.end().await;
    }
}
