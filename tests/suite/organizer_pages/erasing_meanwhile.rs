//! Somebody is erased while something else is going on with what is kept of them.

use std::time::{Duration, Instant};

use super::*;

const EMAIL: &str = "zenobia.q@example.org";

/// Waits for so many rows.
async fn until(site: &Site, rows: &str, many: i64) {
    let started = Instant::now();
    while count(site, rows).await != many {
        assert!(started.elapsed() < Duration::from_secs(20), "not in time: {rows}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn erase(site: &Site, browser: &Browser<'_>) {
    let page = site.page_of_person(EMAIL).await;
    let done = browser.post(&format!("{page}/erase"), &[("email", EMAIL)]).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
}

on_both_databases! {
    /// The server takes its time over the confirmation. What it says afterwards brings nothing back, and the entry that may have
    /// arrived is taken out of the calendar.
    async fn a_mail_that_is_on_its_way_leaves_nothing_behind(test: TestDb) {
        let relay = FakeRelay::start(|at, _, before| match (at, before) {
            (At::Dot, 0) => Act::TakeSlowly(Duration::from_secs(2)),
            _ => Act::Well,
        })
        .await;
        let url = relay.url();
        let site = Site::start_with(&test, &[("smtp_url", url.as_str()), ("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.seat(site.upcoming().await, "Zenobia Quillfeather", EMAIL).await;
        site.running.state.bell.ring();
        until(&site, "outbox WHERE state = 'sending'", 1).await;
        erase(&site, &browser).await;
        assert_eq!(count(&site, "outbox WHERE kind = 'confirmation'").await, 0);
        until(&site, "outbox WHERE kind = 'entry-withdrawn' AND state = 'sent'", 1).await;
        let taken = relay.taken();
        assert_eq!(taken.len(), 2);
        assert!(String::from_utf8_lossy(&taken[1].data).contains("METHOD:CANCEL"), "the entry is taken back");
        assert_eq!(count(&site, "outbox").await, 1, "what the server said of the other one brought nothing back");
        assert_eq!(count(&site, "contacts").await + count(&site, "suppressions").await, 0);
        site.running.stop().await;
    }

    /// Whoever reads a file has all of it; nothing of it stays with us.
    async fn a_file_that_is_being_read_is_whole_and_goes(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        site.crowd(&test, 20_000).await;
        site.seat(site.upcoming().await, "Zenobia Quillfeather", EMAIL).await;
        let mut file = browser.get(&format!("/organizer/exports/attendees.csv?webcast={SLUG}")).await;
        let mut read = file.chunk().await.unwrap().unwrap().to_vec();
        erase(&site, &browser).await;
        while let Some(more) = file.chunk().await.unwrap() {
            read.extend(more);
        }
        let text = String::from_utf8(read).unwrap();
        assert_eq!(text.lines().count(), 20_002, "the headings, the crowd and her");
        assert_eq!(count(&site, "registrations").await, 20_000);
        let again = browser.page(&format!("/organizer/exports/attendees.csv?webcast={SLUG}")).await;
        assert!(!again.contains(EMAIL) && again.lines().count() == 20_001);
        if let Some(database) = site.running.state.db.path() {
            let left: Vec<_> = walk(database.parent().unwrap()).into_iter().filter(|path| {
                let bytes = std::fs::read(path).unwrap_or_default();
                bytes.windows(EMAIL.len()).any(|part| part == EMAIL.as_bytes())
            }).collect();
            assert!(left.is_empty(), "{left:?}");
        }
        site.running.stop().await;
    }
}

/// Every file beneath a directory.
fn walk(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files.extend(walk(&entry.path())),
            _ => files.push(entry.path()),
        }
    }
    files
}
