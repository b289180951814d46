//! Keeps the words by which people are found, beside the contacts: no registration waits for them.

use std::time::Duration;

use super::store;
use crate::db::{Db, DbError};
use crate::schedule::Work;

/// How often new people are looked for.
const EVERY: Duration = Duration::from_secs(30);
/// People whose words one job keeps; it must not hold up others.
const BATCH: i64 = 500;
/// Then the others have their turn.
const BREATH: Duration = Duration::from_millis(50);

/// Keeps the words of those whose are not kept, or whose name changed.
pub(crate) fn work(db: &Db) -> Work {
    let db = db.clone();
    Work::every("search_words", EVERY, move || {
        let db = db.clone();
        Box::pin(async move { keep_all(&db).await })
    })
}

/// Batch after batch, until nobody is left.
///
/// # Errors
/// When the database fails.
pub async fn keep_all(db: &Db) -> Result<(), DbError> {
    let mut after = 0;
    while let Some(last) = keep_some(db, after).await? {
        after = last;
        tokio::time::sleep(BREATH).await;
    }
    Ok(())
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
