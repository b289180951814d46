//! The published benchmark, counted anew: counts only, so that what is erased is gone with the next count.

use jiff::Timestamp;

use crate::assessment::Relationship;
use crate::assessment::scoring::benchmark::{Histogram, STEP};
use crate::assessment::scoring::shown;
use crate::assessment::store::results::{self, CountMark};
use crate::assessment::store::snapshots::{self, Published, Snapshot};
use crate::db::{Conn, Db, DbError};

/// Results that are read at once.
const PAGE: i64 = 10_000;
/// Results that one job marks as published; it must not hold up others.
const MARKED: usize = 1_000;

/// The benchmark of one kind of relationship, where there is one.
///
/// # Errors
/// When the database fails.
pub async fn published(conn: &mut Conn, relationship: Relationship) -> Result<Option<Snapshot<Histogram>>, DbError> {
    snapshots::find(conn, Published::Benchmark, relationship, Histogram::parse).await
}

/// What a count found in one kind of relationship.
#[derive(Default)]
struct Found {
    published: Histogram,
    /// New and changed ones: they count once there are enough of them.
    fresh: Vec<CountMark>,
    /// What counted before and does not any more, at least not as it did.
    stale: Vec<CountMark>,
    sample: bool,
}

/// Counts anew what counts: opted in, complete, not careless, the latest of its repeats. New results are taken in at
/// least five at a time. Gives how many count in all.
///
/// # Errors
/// When the database fails.
pub async fn rebuild(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    let mut total = 0;
    for relationship in Relationship::ALL {
        let mut found = look(db, relationship).await?;
        mark(db, &found.stale).await?;
        if found.fresh.len() >= STEP {
            mark(db, &found.fresh).await?;
            for index in found.fresh.iter().filter_map(|(_, index)| *index) {
                found.published.add(index);
            }
        }
        total += found.published.total();
        replace(db, relationship, &found, now).await?;
    }
    Ok(total)
}

async fn look(db: &Db, relationship: Relationship) -> Result<Found, DbError> {
    let mut found = Found::default();
    let mut after = 0;
    loop {
        let rows = results::benchmark_page(&mut db.read().await?, relationship, after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = last.0;
        for (id, index, counted, sample) in rows {
            found.sample |= sample && index.is_some();
            let index = index.map(shown);
            if let Some(index) = index.filter(|index| counted == Some(*index)) {
                found.published.add(index);
            } else {
                found.fresh.extend(index.map(|index| (id, Some(index))));
                found.stale.extend(counted.map(|_| (id, None)));
            }
        }
    }
}

async fn mark(db: &Db, marks: &[CountMark]) -> Result<(), DbError> {
    for some in marks.chunks(MARKED) {
        let some = some.to_vec();
        db.write(move |tx| {
            let some = some.clone();
            Box::pin(async move { results::mark_counted(tx, &some).await })
        })
        .await?;
    }
    Ok(())
}

/// Where nothing counts, there is no row: a database that nobody has used stays empty.
async fn replace(db: &Db, relationship: Relationship, found: &Found, now: Timestamp) -> Result<(), DbError> {
    if found.published.total() == 0 {
        if published(&mut db.read().await?, relationship).await?.is_some() {
            db.write(move |tx| Box::pin(snapshots::remove(tx, Published::Benchmark, relationship)))
                .await?;
        }
        return Ok(());
    }
    let snapshot = Snapshot {
        counted: found.published.store(),
        sample: found.sample,
        built_at: now,
    };
    db.write(move |tx| {
        let snapshot = snapshot.clone();
        Box::pin(async move { snapshots::put(tx, Published::Benchmark, relationship, &snapshot).await })
    })
    .await
}
