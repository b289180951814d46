//! Keeps the words by which people are found, beside the contacts: no registration waits for them.

use std::time::{Duration, Instant};

use super::store::words;
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::schedule::Work;

/// How often new people are looked for.
const EVERY: Duration = Duration::from_secs(30);
/// After each job the others have their turn, so many times as long as it took. Where many register at once, it takes
/// longer, and the words are kept later.
const TURNS: u32 = 49;
/// But no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// Keeps the words of those who came since it last did.
pub(crate) fn work(db: &Db, clock: &Clock) -> Work {
    let (db, clock) = (db.clone(), clock.clone());
    Work::every("search_words", EVERY, move || {
        let (db, clock) = (db.clone(), clock.clone());
        Box::pin(async move { keep(&db, &clock, TURNS).await })
    })
}

/// Batch after batch without a rest, until nobody is left.
///
/// # Errors
/// When the database fails.
pub async fn keep_all(db: &Db, clock: &Clock) -> Result<(), DbError> {
    keep(db, clock, 0).await
}

async fn keep(db: &Db, clock: &Clock, turns: u32) -> Result<(), DbError> {
    loop {
        let now = clock.now();
        // Without anybody it must not wake the writer.
        let began = Instant::now();
        if words::are_wanted(&mut db.read().await?, now).await? {
            db.write(move |tx| Box::pin(async move { words::keep_next(tx, now).await }))
                .await?;
        } else if words::are_unsorted(&mut db.read().await?).await? {
            db.write(|tx| Box::pin(words::sort_next(tx))).await?;
        } else {
            return Ok(());
        }
        tokio::time::sleep(began.elapsed().saturating_mul(turns).min(LONGEST_REST)).await;
    }
}
