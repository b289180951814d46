//! Backup and restore, from both databases into both.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use commonground::config::DatabaseUrl;
use commonground::db::copy::{CopyError, Rules, backup, restore};
use commonground::db::{Conn, Db, settings};
use commonground::on_db;
use commonground::organizers::store::{self, NewOrganizer};
use commonground::organizers::{Organizer, Role};
use commonground::values::{EmailAddress, Label};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

use crate::on_both_databases;
use crate::support::db::TestDb;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

const RULES: Rules<'_> = Rules {
    ignored: &["settings", "setup_link"],
    sample_marker: "seeded",
    sample: &["audit_log"],
    finish: &["DELETE FROM sign_ins"],
};

async fn add(db: &Db, email: &str) -> Organizer {
    let new = NewOrganizer {
        email: EmailAddress::parse(email).unwrap(),
        name: Label::parse("Ölga “Owner” 🙂").unwrap(),
        role: Role::Owner,
        password_hash: "a hash".to_owned(),
    };
    let made = db.write(move |tx| {
        let new = new.clone();
        Box::pin(async move { store::create(tx, &new, NOW).await })
    });
    made.await.unwrap().unwrap()
}

async fn put(db: &Db, key: &'static str) {
    db.write(move |tx| Box::pin(async move { settings::put(tx, key, "yes").await }))
        .await
        .unwrap();
}

async fn run(db: &Db, statement: &'static str) {
    db.write(move |tx| {
        Box::pin(async move {
            on_db!(tx, c => sqlx::query(statement).execute(c).await.map(drop))?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

/// Some rows with text, bytes, empty cells and references.
async fn fill(db: &Db) -> Organizer {
    let olga = add(db, "olga@example.org").await;
    add(db, "eve@example.org").await;
    run(
        db,
        "INSERT INTO audit_log (at, actor, organizer_id, action, subject, detail)
             SELECT 1, 'organizer', id, 'a', '', 'b' FROM organizers",
    )
    .await;
    run(
        db,
        "INSERT INTO audit_log (at, actor, action, subject, detail) VALUES (2, 'command line', 'c', '', '')",
    )
    .await;
    run(
        db,
        "INSERT INTO sign_ins (organizer_id, token_hash, created_at, last_seen)
             SELECT id, public_id, 1, 1 FROM organizers",
    )
    .await;
    put(db, "seeded").await;
    olga
}

async fn count(db: &Db, table: &str) -> i64 {
    let mut conn: Conn = db.read().await.unwrap();
    let statement = format!("SELECT COUNT(*) FROM {table}");
    on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(c).await).unwrap()
}

async fn is_whole(db: &Db, olga: &Organizer) {
    let found = store::find(&mut db.read().await.unwrap(), &olga.email)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&found.organizer, olga);
    for (table, rows) in [("organizers", 2), ("audit_log", 3), ("sign_ins", 0), ("settings", 1)] {
        assert_eq!(count(db, table).await, rows, "{table}");
    }
    // Ids go on where they were, and references hold.
    assert!(add(db, "new@example.org").await.id > olga.id);
    run(db, "DELETE FROM organizers").await;
    let mut conn = db.read().await.unwrap();
    let left: i64 = on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM audit_log WHERE organizer_id IS NOT NULL").fetch_one(c).await)
    .unwrap();
    assert_eq!(left, 0);
}

fn parse(url: &str) -> DatabaseUrl {
    DatabaseUrl::parse(url).unwrap()
}

/// Restores into a place without a database, and opens it.
async fn restored(url: &str, file: &Path) -> Result<Db, CopyError> {
    let url = parse(url);
    restore(&url, file, &RULES).await?;
    Ok(Db::open(&url).await.unwrap())
}

fn new_file(directory: &TempDir) -> String {
    format!("sqlite://{}", directory.path().join("deep/er/restored.db").display())
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

on_both_databases! {
    async fn a_backup_restores_into_both(test: TestDb) {
        let olga = fill(&test.db).await;
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("backup.db");
        let copied = backup(&parse(&test.url), &file).await.unwrap();
        assert_eq!(copied.rows, 2 + 3 + 2 + 1);
        assert_eq!(copied.bytes, file.metadata().unwrap().len());
        assert_eq!(files(directory.path()), vec![file.clone()], "nothing temporary is left");
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "a backup opens every link");
        is_whole(&restored(&new_file(&directory), &file).await.unwrap(), &olga).await;
        is_whole(&restored(&crate::support::db::fresh_postgres().await, &file).await.unwrap(), &olga).await;
    }

    async fn only_an_empty_database_takes_a_backup(test: TestDb) {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("backup.db");
        backup(&parse(&test.url), &file).await.unwrap();
        assert!(matches!(backup(&parse(&test.url), &file).await, Err(CopyError::Exists(_))), "never over another one");
        // Sample content alone counts as empty, but only where the marker says that it is some.
        run(&test.db, "INSERT INTO audit_log (at, actor, action, subject, detail) VALUES (2, 'x', 'c', '', '')").await;
        test.db.close().await;
        let refused = restore(&parse(&test.url), &file, &RULES).await;
        assert!(matches!(&refused, Err(CopyError::NotEmpty(tables)) if tables == "audit_log"), "{refused:?}");
        let db = Db::open(&parse(&test.url)).await.unwrap();
        put(&db, "seeded").await;
        db.close().await;
        restore(&parse(&test.url), &file, &RULES).await.unwrap();
        let db = Db::open(&parse(&test.url)).await.unwrap();
        assert_eq!(count(&db, "audit_log").await, 0);
        add(&db, "olga@example.org").await;
        db.close().await;
        let refused = restore(&parse(&test.url), &file, &RULES).await;
        assert!(matches!(&refused, Err(CopyError::NotEmpty(tables)) if tables == "organizers"), "{refused:?}");
    }

    async fn a_bad_backup_changes_nothing(test: TestDb) {
        let directory = TempDir::new().unwrap();
        let path = |name: &str| directory.path().join(name);
        backup(&parse(&test.url), &path("good.db")).await.unwrap();
        put(&test.db, "mine").await;
        test.db.close().await;
        let bytes = std::fs::read(path("good.db")).unwrap();
        std::fs::write(path("cut.db"), &bytes[..bytes.len() / 2]).unwrap();
        std::fs::write(path("text.db"), "no database").unwrap();
        std::fs::write(path("empty.db"), "").unwrap();
        std::fs::copy(path("good.db"), path("newer.db")).unwrap();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path("newer.db"));
        let mut newer = options.connect().await.unwrap();
        sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                     VALUES (9999, 'later', 1, x'00', 0)").execute(&mut newer).await.unwrap();
        newer.close().await.unwrap();
        for (name, words) in [
            ("none.db", "is not there"),
            ("cut.db", "damaged"),
            ("text.db", "damaged"),
            ("empty.db", "another program"),
            ("newer.db", "newer version"),
        ] {
            let error = restore(&parse(&test.url), &path(name), &RULES).await.unwrap_err().to_string();
            assert!(error.contains(words), "{name}: {error}");
        }
        let db = Db::open(&parse(&test.url)).await.unwrap();
        assert_eq!(count(&db, "settings").await, 1);
        assert_eq!(files(directory.path()).len(), 5, "nothing temporary is left");
    }

    async fn a_backup_leaves_the_version_of_the_database_alone(test: TestDb) {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("older.db");
        let url = parse(&test.url);
        let steps = count(&test.db, "_sqlx_migrations").await;
        run(&test.db, "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)").await;
        match (backup(&url, &file).await, &url) {
            (Ok(_), DatabaseUrl::Sqlite(_)) | (Err(CopyError::Older(1)), DatabaseUrl::Postgres(_)) => {}
            (other, _) => panic!("{other:?}"),
        }
        assert_eq!(count(&test.db, "_sqlx_migrations").await, steps - 1, "nothing was migrated");
        run(&test.db, "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)").await;
        let newer = backup(&url, &directory.path().join("newer.db")).await.unwrap_err().to_string();
        assert!(newer.contains("newer version"), "{newer}");
    }

    async fn a_backup_under_writes_holds_one_moment(test: TestDb) {
        let directory = TempDir::new().unwrap();
        let (db, stop) = (test.db.clone(), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let writes = tokio::spawn(async move {
            let mut n = 0;
            while !stopped.load(Ordering::SeqCst) {
                n += 1;
                // Both rows or none.
                db.write(move |tx| Box::pin(async move {
                    settings::put(tx, &format!("a-{n}"), "").await?;
                    settings::put(tx, &format!("b-{n}"), "").await
                })).await.unwrap();
            }
            n
        });
        for n in 0..5 {
            let file = directory.path().join(format!("{n}.db"));
            backup(&parse(&test.url), &file).await.unwrap();
            let copy = restored(&format!("sqlite://{}", directory.path().join(format!("{n}-restored.db")).display()), &file).await.unwrap();
            assert_eq!(count(&copy, "settings").await % 2, 0);
            copy.close().await;
        }
        stop.store(true, Ordering::SeqCst);
        assert!(writes.await.unwrap() > 5, "it was written to meanwhile");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_served_takes_no_backup() {
    let test = TestDb::sqlite().await;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("backup.db");
    backup(&parse(&test.url), &file).await.unwrap();
    let _serving = commonground::db::ServeLock::acquire(test.db.path().unwrap()).unwrap();
    let refused = restore(&parse(&test.url), &file, &RULES).await;
    assert!(matches!(refused, Err(CopyError::Lock(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_nothing_makes_neither_a_database_nor_a_file() {
    let directory = TempDir::new().unwrap();
    let url = format!("sqlite://{}", directory.path().join("none.db").display());
    for url in [url, crate::support::db::fresh_postgres().await] {
        let refused = backup(&parse(&url), &directory.path().join("backup.db")).await;
        assert!(matches!(refused, Err(CopyError::Nothing)), "{refused:?}");
    }
    assert!(files(directory.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_goes_where_a_link_leads_to() {
    let test = TestDb::sqlite().await;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("backup.db");
    backup(&parse(&test.url), &file).await.unwrap();
    let real = directory.path().join("volume/real.db");
    std::fs::create_dir(real.parent().unwrap()).unwrap();
    std::fs::write(&real, "").unwrap();
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    restore(&parse(&format!("sqlite://{}", link.display())), &file, &RULES)
        .await
        .unwrap();
    assert!(link.is_symlink() && std::fs::metadata(&real).unwrap().len() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_restore_leaves_no_database_behind() {
    let directory = TempDir::new().unwrap();
    let url = new_file(&directory);
    assert!(restored(&url, Path::new("/nowhere")).await.is_err());
    assert!(files(&directory.path().join("deep/er")).is_empty());
}
