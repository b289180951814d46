//! The write door, on real files and a real server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use commonground::db::{Db, DbError, DoorOptions, Tx, settings};
use commonground::on_db;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::{Barrier, Notify};

use crate::on_both_databases;
use crate::support::db::TestDb;

/// A job that keeps one setting.
fn keep(key: String) -> impl for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<(), DbError>> + Send + Sync + 'static {
    move |tx| {
        let key = key.clone();
        Box::pin(async move { settings::put(tx, &key, "kept").await })
    }
}

async fn is_kept(db: &Db, key: &str) -> bool {
    settings::find(&mut db.read().await.unwrap(), key)
        .await
        .unwrap()
        .is_some()
}

/// Breaks a constraint after it has written.
async fn write_and_break(tx: &mut Tx) -> Result<(), DbError> {
    settings::put(tx, "broken", "written").await?;
    on_db!(tx, c => sqlx::query("INSERT INTO settings (key, value) VALUES ('a', '1'), ('a', '2')").execute(c).await.map(drop))?;
    Ok(())
}

on_both_databases! {
    async fn a_failing_job_leaves_its_neighbours_alone(test: TestDb) {
        let db = &test.db;
        let good = join_all((0..10).map(|n| db.write(keep(format!("good-{n}")))));
        let bad = join_all((0..5).map(|_| db.write(|tx| Box::pin(write_and_break(tx)))));
        let (good, bad) = tokio::join!(good, bad);
        assert!(good.iter().all(Result::is_ok), "{good:?}");
        assert!(bad.iter().all(|result| matches!(result, Err(DbError::Sql(_)))), "{bad:?}");
        for n in 0..10 {
            assert!(is_kept(db, &format!("good-{n}")).await, "{n}");
        }
        assert!(!is_kept(db, "broken").await, "a failed job leaves nothing");
    }

    async fn a_panic_is_that_jobs_error(test: TestDb) {
        let db = &test.db;
        let good = join_all((0..8).map(|n| db.write(keep(format!("good-{n}")))));
        let bad = db.write::<(), _>(|tx| Box::pin(async move {
            settings::put(tx, "panicked", "written").await?;
            panic!("on purpose")
        }));
        let (good, bad) = tokio::join!(good, bad);
        assert!(good.iter().all(Result::is_ok), "{good:?}");
        assert!(matches!(bad, Err(DbError::Panicked)), "{bad:?}");
        assert!(!is_kept(db, "panicked").await);
        db.write(keep("after".to_owned())).await.unwrap();
    }

    async fn a_dropped_request_does_not_poison_the_writer(test: TestDb) {
        let db = test.db.clone();
        for n in 0..50 {
            let write = db.write(keep(format!("dropped-{n}")));
            drop(tokio::time::timeout(Duration::from_millis(n / 5), write).await);
        }
        db.write(keep("after".to_owned())).await.unwrap();
        assert!(is_kept(&db, "after").await);
    }

    async fn a_stored_answer_is_there_for_the_next_reader(test: TestDb) {
        for n in 0..50 {
            test.db.write(keep(format!("key-{n}"))).await.unwrap();
            assert!(is_kept(&test.db, &format!("key-{n}")).await);
        }
    }

    async fn of_several_first_values_one_wins(test: TestDb) {
        let kept = join_all((0..10).map(|n| test.db.write(move |tx| Box::pin(async move {
            settings::put_first(tx, "first", &n.to_string()).await
        })))).await;
        let kept: Vec<String> = kept.into_iter().map(Result::unwrap).collect();
        assert!(kept.iter().all(|value| *value == kept[0]), "{kept:?}");
    }
}

async fn a_job_that_takes_too_long_is_cut_off_alone(db: &Db) {
    let slow = db.write::<(), _>(|tx| {
        Box::pin(async move {
            settings::put(tx, "slow", "written").await?;
            std::future::pending().await
        })
    });
    let good = join_all((0..8).map(|n| db.write(keep(format!("good-{n}")))));
    let (slow, good) = tokio::join!(slow, good);
    assert!(matches!(slow, Err(DbError::TooLong)), "{slow:?}");
    assert!(good.iter().all(Result::is_ok), "{good:?}");
    assert!(!is_kept(db, "slow").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_job_that_takes_too_long_is_cut_off_alone() {
    let test = TestDb::sqlite_with(&DoorOptions::default()).await;
    a_job_that_takes_too_long_is_cut_off_alone(&test.db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_a_job_that_takes_too_long_is_cut_off_alone() {
    let test = TestDb::postgres_with(&DoorOptions::default()).await;
    a_job_that_takes_too_long_is_cut_off_alone(&test.db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_is_kept() {
    let test = TestDb::sqlite().await;
    let writes: Vec<_> = (0..200)
        .map(|n: i32| {
            test.db.write(move |tx| {
                Box::pin(async move {
                    let before = settings::find(tx, "order").await?.unwrap_or_default();
                    settings::put(tx, "order", &format!("{before}{n},")).await
                })
            })
        })
        .collect();
    join_all(writes).await;
    let order = settings::find(&mut test.db.read().await.unwrap(), "order")
        .await
        .unwrap()
        .unwrap();
    let expected = (0..200).fold(String::new(), |order, n| format!("{order}{n},"));
    assert_eq!(order, expected);
}

async fn break_commit(tx: &mut Tx) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("INSERT INTO child VALUES (1)").execute(c).await.map(drop))?;
    Ok(())
}

/// A deferred foreign key is checked at COMMIT: the one fault that only the commit shows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_commit_is_an_error_for_every_job_in_it() {
    let test = TestDb::sqlite().await;
    test.db
        .write(|tx| {
            Box::pin(async move {
                on_db!(tx, c => sqlx::raw_sql(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (parent_id INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)")
            .execute(c).await.map(drop))?;
                Ok(())
            })
        })
        .await
        .unwrap();
    // The first job holds the writer until the others wait, so that they share the next batch.
    let (holding, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = {
        let (db, holding, go) = (test.db.clone(), Arc::clone(&holding), Arc::clone(&go));
        tokio::spawn(async move {
            db.write(move |_| {
                let (holding, go) = (Arc::clone(&holding), Arc::clone(&go));
                Box::pin(async move {
                    holding.notify_one();
                    go.notified().await;
                    Ok(())
                })
            })
            .await
        })
    };
    holding.notified().await;
    let (good, bad, ()) = tokio::join!(
        biased;
        join_all((0..4).map(|n| test.db.write(keep(format!("key-{n}"))))),
        test.db.write(|tx| Box::pin(break_commit(tx))),
        async { go.notify_one() }
    );
    held.await.unwrap().unwrap();
    assert!(matches!(bad, Err(DbError::Commit(_))), "{bad:?}");
    for (n, result) in good.iter().enumerate() {
        assert!(matches!(result, Err(DbError::Commit(_))), "{result:?}");
        assert!(!is_kept(&test.db, &format!("key-{n}")).await);
    }
    test.db.write(keep("after".to_owned())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_channel_holds_up_and_then_refuses() {
    let options = DoorOptions {
        batch: 1,
        waiting: 2,
        patience: Duration::from_millis(50),
        ..DoorOptions::default()
    };
    let test = TestDb::sqlite_with(&options).await;
    let slow = join_all((0..10).map(|_| {
        test.db.write(|_| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(200)).await;
                Ok(())
            })
        })
    }));
    let results = slow.await;
    assert!(
        results.iter().any(|result| matches!(result, Err(DbError::Busy))),
        "{results:?}"
    );
    assert!(
        results.iter().any(Result::is_ok),
        "those who got in are served: {results:?}"
    );
    test.db.write(keep("after".to_owned())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_that_writes_makes_us_wait_or_refuse() {
    use sqlx::Connection;
    let test = TestDb::sqlite().await;
    let mut other = sqlx::SqliteConnection::connect(&test.url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let write = test.db.write(keep("key".to_owned()));
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    };
    let (written, ()) = tokio::join!(write, release);
    written.unwrap();
    assert!(is_kept(&test.db, "key").await);
}

/// The server undoes a transaction that lost a race; the door runs the job again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadlocks_on_postgres_are_run_again() {
    let test = TestDb::postgres().await;
    test.db.write(keep("a".to_owned())).await.unwrap();
    test.db.write(keep("b".to_owned())).await.unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let both_hold_one = Arc::new(Barrier::new(2));
    let cross = |first: &'static str, second: &'static str| {
        let (runs, both_hold_one) = (Arc::clone(&runs), Arc::clone(&both_hold_one));
        test.db.write(move |tx| {
            let (runs, both_hold_one) = (Arc::clone(&runs), Arc::clone(&both_hold_one));
            Box::pin(async move {
                let run = runs.fetch_add(1, Ordering::SeqCst);
                settings::put(tx, first, "x").await?;
                // Only the first two runs meet, each with its row locked; the next one finds its way free.
                if run < 2 {
                    both_hold_one.wait().await;
                }
                settings::put(tx, second, "x").await
            })
        })
    };
    let (one, two) = tokio::join!(cross("a", "b"), cross("b", "a"));
    one.unwrap();
    two.unwrap();
    assert!(runs.load(Ordering::SeqCst) >= 3, "one of them was run again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_lets_the_waiting_jobs_run() {
    let test = TestDb::sqlite().await;
    // The writes come first: each has taken its place when the door begins to close.
    let writes = join_all((0..25).map(|n| test.db.write(keep(format!("key-{n}")))));
    let (results, ()) = tokio::join!(biased; writes, test.db.close());
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert!(matches!(
        test.db.write(keep("late".to_owned())).await,
        Err(DbError::Closed)
    ));
}
