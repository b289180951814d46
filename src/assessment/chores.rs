//! What runs by itself: retention periods, the nightly benchmark, and the organizers' averages.

use jiff::{SignedDuration, Timestamp};

use super::store::{assessments, benchmarks, erase, figures, invitations, rounds};
use crate::db::{Db, DbError};

/// Rows of each kind that one round ends.
const AT_ONCE: i64 = 200;
/// How often the benchmark is counted anew.
const BENCHMARK_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Ends what is over by now. Gives how many rows were erased or ended.
///
/// # Errors
/// When the database fails.
pub async fn expire(db: &Db, now: Timestamp) -> Result<usize, DbError> {
    let mut ended = 0;
    loop {
        let conn = &mut db.read().await?;
        let old = assessments::expired(conn, now, AT_ONCE).await?;
        let over = rounds::expired(conn, now, AT_ONCE).await?;
        let unanswered = invitations::expired_with_mail(conn, now, AT_ONCE).await?;
        if old.is_empty() && over.is_empty() && unanswered.is_empty() {
            break;
        }
        ended += old.len() + over.len() + unanswered.len();
        for id in old {
            db.write(move |tx| Box::pin(erase::assessment(tx, id))).await?;
        }
        for id in over {
            db.write(move |tx| Box::pin(rounds::erase(tx, id))).await?;
        }
        for id in unanswered {
            db.write(move |tx| Box::pin(invitations::expire(tx, id))).await?;
        }
    }
    db.write(move |tx| Box::pin(invitations::forget_names(tx, now))).await?;
    if ended > 0 {
        db.forget_deleted().await;
    }
    Ok(ended)
}

/// Counts the organizers' averages anew where enough has changed since the last time.
///
/// # Errors
/// When the database fails.
pub async fn rebuild_averages_if_due(db: &Db, now: Timestamp) -> Result<(), DbError> {
    figures::rebuild_if_due(db, now).await
}

/// Counts the benchmark anew where the last one is a day old. Gives how many results count.
///
/// # Errors
/// When the database fails.
pub async fn rebuild_benchmark_if_due(db: &Db, now: Timestamp) -> Result<Option<u64>, DbError> {
    let built_at = benchmarks::built_at(&mut db.read().await?).await?;
    let built_at = built_at.map(crate::db::instant).transpose()?;
    if built_at.is_some_and(|at| now.duration_since(at) < BENCHMARK_EVERY) {
        return Ok(None);
    }
    benchmarks::rebuild(db, now).await.map(Some)
}
