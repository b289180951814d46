//! Keeps the words by which people are found, beside the contacts: no registration waits for them.

use std::time::{Duration, Instant};

use super::store;
use crate::db::{Db, DbError};
use crate::schedule::Work;

/// How often new people are looked for.
const EVERY: Duration = Duration::from_secs(30);
/// People whose words one job keeps; it must not hold up others.
const BATCH: i64 = 200;
/// Then the others have their turn, so many times as long as the job took. Where many register at once, it takes longer, and
/// the words are kept later.
const TURNS: u32 = 19;
/// But no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// Keeps the words of those whose are not kept, or whose name changed.
pub(crate) fn work(db: &Db) -> Work {
    let db = db.clone();
    Work::every("search_words", EVERY, move || {
        let db = db.clone();
        Box::pin(async move { keep(&db, TURNS).await })
    })
}

/// Batch after batch without a rest, until nobody is left.
///
/// # Errors
/// When the database fails.
pub async fn keep_all(db: &Db) -> Result<(), DbError> {
    keep(db, 0).await
}

async fn keep(db: &Db, turns: u32) -> Result<(), DbError> {
    let mut after = 0;
    loop {
        let began = Instant::now();
        let Some(last) = keep_some(db, after).await? else {
            return Ok(());
        };
        after = last;
        tokio::time::sleep(began.elapsed().saturating_mul(turns).min(LONGEST_REST)).await;
    }
}

/// Those after this row; gives the last one.
async fn keep_some(db: &Db, after: i64) -> Result<Option<i64>, DbError> {
    let people = store::without_words(&mut db.read().await?, after, BATCH).await?;
    let Some(last) = people.last().map(|person| person.id) else {
        return Ok(None);
    };
    db.write(move |tx| {
        let people = people.clone();
        Box::pin(async move { store::keep_words(tx, &people).await })
    })
    .await?;
    Ok(Some(last))
}
