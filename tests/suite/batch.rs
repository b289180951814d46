//! Callers who are served by one job, on both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use commonground::db::{Batch, DbError, Tx, settings};
use commonground::on_db;
use futures_util::future::{BoxFuture, join_all};

use crate::on_both_databases;
use crate::support::db::TestDb;

#[derive(Clone)]
struct Wish {
    key: String,
    /// How many were in the job, over all jobs that ran.
    largest: Arc<AtomicUsize>,
}

/// Puts a setting in for each; one whose key is not there fails.
fn fulfil<'t>(tx: &'t mut Tx, wishes: &'t [Wish]) -> BoxFuture<'t, Result<Vec<String>, DbError>> {
    Box::pin(async move {
        for wish in wishes {
            wish.largest.fetch_max(wishes.len(), Ordering::Relaxed);
            assert_ne!(wish.key, "panic", "as the test wants it");
            if wish.key == "bad" {
                on_db!(tx, c => sqlx::query("INSERT INTO settings (key, value) VALUES (NULL, '')")
                    .execute(c).await.map(drop))?;
            }
            settings::put(tx, &wish.key, "yes").await?;
        }
        Ok(wishes.iter().map(|wish| wish.key.clone()).collect())
    })
}

async fn settings_there(test: &TestDb) -> i64 {
    let mut conn = test.db.read().await.unwrap();
    on_db!(conn, c => sqlx::query_scalar("SELECT COUNT(*) FROM settings WHERE value = 'yes'").fetch_one(c).await)
        .unwrap()
}

on_both_databases! {
    async fn everybody_gets_their_own_answer_and_one_bad_wish_fails_alone(test: TestDb) {
        let batch = Batch::open(test.db.clone(), 16, fulfil);
        let largest = Arc::new(AtomicUsize::new(0));
        let wishes = (0..60).map(|n| match n {
            20 => "bad".to_owned(),
            40 => "panic".to_owned(),
            n => format!("wish-{n}"),
        });
        let answers = join_all(wishes.map(|key| {
            let wish = Wish { key: key.clone(), largest: Arc::clone(&largest) };
            let answer = batch.run(wish);
            async move { (key, answer.await) }
        })).await;
        for (key, answer) in answers {
            match key.as_str() {
                "bad" => assert!(matches!(answer, Err(DbError::Sql(_))), "{answer:?}"),
                "panic" => assert!(matches!(answer, Err(DbError::Panicked)), "{answer:?}"),
                _ => assert_eq!(answer.unwrap(), key),
            }
        }
        assert_eq!(settings_there(&test).await, 58);
        assert_eq!(largest.load(Ordering::Relaxed), 16, "those who waited went together");
    }

    async fn after_the_database_is_closed_everybody_is_told(test: TestDb) {
        let batch = Batch::open(test.db.clone(), 16, fulfil);
        test.db.close().await;
        let largest = Arc::new(AtomicUsize::new(0));
        let answers = join_all((0..20).map(|n| {
            batch.run(Wish { key: format!("wish-{n}"), largest: Arc::clone(&largest) })
        })).await;
        assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(DbError::is_passing)), "{answers:?}");
    }
}
