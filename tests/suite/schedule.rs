//! Due work, with two copies of the program on one database.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use commonground::clock::Clock;
use commonground::db::{Db, DbError};
use commonground::on_db;
use commonground::schedule::{Schedule, Work, store};
use jiff::SignedDuration;
use tokio::sync::Semaphore;

use crate::on_both_databases;
use crate::support::db::TestDb;

const REPORT: &str = "report";

fn noon() -> Clock {
    Clock::fixed("2026-11-23T12:00:00Z".parse().unwrap())
}

/// Counts how often it is done.
#[derive(Clone, Default)]
struct Tally(Arc<AtomicUsize>);

impl Tally {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn done(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn once(&self) -> Work {
        let tally = self.clone();
        Work::once(REPORT, move |_| {
            tally.count();
            Box::pin(async { Ok(()) })
        })
    }
}

async fn copy(test: &TestDb, clock: &Clock, works: Vec<Work>) -> Schedule {
    Schedule::open(test.db.clone(), clock.clone(), works).await.unwrap()
}

async fn put(db: &Db, subject: &'static str, clock: &Clock) {
    let now = clock.now();
    db.write(move |tx| Box::pin(store::put(tx, REPORT, subject, now)))
        .await
        .unwrap();
}

async fn rows(db: &Db) -> i64 {
    let mut conn = db.read().await.unwrap();
    on_db!(conn, c => sqlx::query_scalar("SELECT COUNT(*) FROM due_work").fetch_one(c).await).unwrap()
}

on_both_databases! {
    async fn what_was_put_in_is_done_once_by_two_copies(test: TestDb) {
        let (clock, tally) = (noon(), Tally::default());
        let one = copy(&test, &clock, vec![tally.once()]).await;
        let other = copy(&test, &clock, vec![tally.once()]).await;
        for subject in ["a", "b", "c", "d", "e"] {
            put(&test.db, subject, &clock).await;
        }
        let work = |schedule: Schedule| async move { while schedule.run_once().await.unwrap() {} };
        tokio::join!(work(one), work(other));
        assert_eq!(tally.done(), 5);
        assert_eq!(rows(&test.db).await, 0, "what is done goes");
    }

    async fn work_in_hand_is_left_alone_and_taken_over_when_its_lease_ran_out(test: TestDb) {
        let (clock, tally) = (noon(), Tally::default());
        let schedule = copy(&test, &clock, vec![tally.once()]).await;
        put(&test.db, "a", &clock).await;
        let claim = |hold: Duration| {
            let (db, now) = (test.db.clone(), clock.now());
            async move { db.write(move |tx| Box::pin(store::claim(tx, &[REPORT], 7, hold, now))).await.unwrap() }
        };
        let taken = claim(Duration::from_mins(1)).await.unwrap();
        assert!(!schedule.run_once().await.unwrap(), "a copy that was killed held it a moment ago");
        let now = clock.now();
        let renewed = test.db.write(move |tx| Box::pin(store::renew(tx, taken.id, 7, Duration::ZERO, now))).await;
        assert!(renewed.unwrap());
        clock.advance(SignedDuration::from_secs(1));
        assert!(schedule.run_once().await.unwrap());
        assert_eq!(tally.done(), 1);
        let now = clock.now();
        let renewed = test.db.write(move |tx| Box::pin(store::renew(tx, taken.id, 7, Duration::ZERO, now))).await;
        assert!(!renewed.unwrap(), "whoever lost it is told");
    }

    async fn what_is_put_in_again_while_it_runs_is_done_again(test: TestDb) {
        let (clock, tally) = (noon(), Tally::default());
        let (go_on, has_begun) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let work = {
            let (tally, go_on, has_begun) = (tally.clone(), Arc::clone(&go_on), Arc::clone(&has_begun));
            Work::once(REPORT, move |_| {
                let (tally, go_on) = (tally.clone(), Arc::clone(&go_on));
                has_begun.add_permits(1);
                Box::pin(async move {
                    go_on.acquire().await.unwrap().forget();
                    tally.count();
                    Ok(())
                })
            })
        };
        let schedule = copy(&test, &clock, vec![work]).await;
        put(&test.db, "a", &clock).await;
        let running = tokio::spawn({
            let schedule = schedule.clone();
            async move { schedule.run_once().await.unwrap() }
        });
        has_begun.acquire().await.unwrap().forget();
        // In the same microsecond, for all that anybody knows.
        put(&test.db, "a", &clock).await;
        go_on.add_permits(2);
        assert!(running.await.unwrap());
        assert!(schedule.run_once().await.unwrap(), "it was asked for once more");
        assert!(!schedule.run_once().await.unwrap());
        assert_eq!(tally.done(), 2);
    }

    async fn what_fails_or_panics_is_tried_again_later(test: TestDb) {
        let (clock, tally) = (noon(), Tally::default());
        let work = {
            let tally = tally.clone();
            Work::once(REPORT, move |_| {
                tally.count();
                let tries = tally.done();
                Box::pin(async move {
                    assert_ne!(tries, 2, "the second time it panics");
                    if tries == 1 { Err(DbError::Busy) } else { Ok(()) }
                })
            })
        };
        let schedule = copy(&test, &clock, vec![work]).await;
        put(&test.db, "a", &clock).await;
        for minutes in [0, 1, 2] {
            clock.advance(SignedDuration::from_mins(minutes));
            assert!(schedule.run_once().await.unwrap(), "after {minutes} minutes");
            assert!(!schedule.run_once().await.unwrap(), "not at once");
        }
        assert_eq!(tally.done(), 3);
        assert_eq!(rows(&test.db).await, 0);
    }

    async fn what_comes_again_keeps_its_time_over_a_restart(test: TestDb) {
        let (clock, tally) = (noon(), Tally::default());
        let daily = || {
            let tally = tally.clone();
            Work::every("nightly", Duration::from_hours(24), move || {
                tally.count();
                Box::pin(async { Ok(()) })
            })
        };
        let schedule = copy(&test, &clock, vec![daily()]).await;
        assert!(schedule.run_once().await.unwrap(), "the first time at once");
        assert!(!schedule.run_once().await.unwrap());
        clock.advance(SignedDuration::from_hours(23));
        let schedule = copy(&test, &clock, vec![daily()]).await;
        assert!(!schedule.run_once().await.unwrap(), "a restart does not bring it forward");
        clock.advance(SignedDuration::from_hours(1));
        assert!(schedule.run_once().await.unwrap());
        assert_eq!((tally.done(), rows(&test.db).await), (2, 1));
    }

    async fn a_kind_nobody_here_knows_waits_for_a_copy_that_does(test: TestDb) {
        let (clock, tally) = (noon(), Tally::default());
        put(&test.db, "a", &clock).await;
        let old = copy(&test, &clock, Vec::new()).await;
        assert!(!old.run_once().await.unwrap());
        let new = copy(&test, &clock, vec![tally.once()]).await;
        assert!(new.run_once().await.unwrap());
        assert_eq!(tally.done(), 1);
    }

    async fn after_a_restore_what_somebody_asked_for_waits_until_it_is_let_go(test: TestDb) {
        let (clock, tally) = (noon(), Tally::default());
        let schedule = copy(&test, &clock, vec![tally.once()]).await;
        put(&test.db, "a", &clock).await;
        let hold = test.db.write(|tx| Box::pin(async move {
            on_db!(tx, c => sqlx::query(store::HOLD_ALL).execute(c).await.map(drop))?;
            Ok(())
        }));
        hold.await.unwrap();
        clock.advance(SignedDuration::from_hours(24 * 365));
        assert!(!schedule.run_once().await.unwrap());
        let now = clock.now();
        test.db.write(move |tx| Box::pin(store::release_held(tx, now))).await.unwrap();
        assert!(schedule.run_once().await.unwrap());
        assert_eq!(tally.done(), 1);
    }
}
