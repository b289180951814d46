//! How the program stands, and a backup at the press of a button.

use super::*;

const SYSTEM: &str = "/organizer/settings/system";

on_both_databases! {
    async fn owners_see_how_the_program_stands(test: TestDb) {
        let site = Site::start_with(&test, &[("smtp_url", "smtp://ada:pa55word@127.0.0.1:1?tls=none"), ("mail_from", "events@example.org")]).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ed@example.org", Role::Editor).await;
        assert_eq!(Browser::signed_in(&site, "ed@example.org").await.get(SYSTEM).await.status(), StatusCode::FORBIDDEN);
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        let page = olga.page(SYSTEM).await;
        for words in [env!("CARGO_PKG_VERSION"), "127.0.0.1:1", "backup_dir is not set", "No mail waits", "smtp_url", "flag", "Nobody has said where they go"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("pa55word"), "{page}");
        assert_eq!(page.contains("SQLite"), test.url.starts_with("sqlite"), "{page}");
        site.running.stop().await;
    }

    async fn a_backup_is_made_at_the_press_of_a_button(test: TestDb) {
        let directory = tempfile::TempDir::new().unwrap();
        let backups = directory.path().join("deep/backups");
        let site = Site::start_with(&test, &[("backup_dir", backups.to_str().unwrap()), ("backup_keep", "1")]).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        assert!(olga.page(SYSTEM).await.contains("There is none yet."));
        assert_eq!(location(&olga.post(&format!("{SYSTEM}/backup"), &[]).await), format!("{SYSTEM}?done=backup"));
        let page = olga.page_with(SYSTEM, "The last one,").await;
        assert!(page.contains("commonground-2026-"), "{page}");
        let made: Vec<_> = std::fs::read_dir(&backups).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(made.len(), 1, "whole, and nothing beside it: {made:?}");
        assert!(site.audit().await.iter().any(|(action, ..)| action == "system.backup"));
        // One that cannot be made says why.
        std::fs::remove_dir_all(&backups).unwrap();
        std::fs::write(&backups, "a file").unwrap();
        olga.post(&format!("{SYSTEM}/backup"), &[]).await;
        let page = olga.page_with(SYSTEM, "could not be made").await;
        assert!(page.contains("Make it writable"), "{page}");
        site.running.stop().await;
    }
}
