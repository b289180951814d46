//! The organizers' averages, counted anew.

use jiff::{SignedDuration, Timestamp};

use crate::assessment::Relationship;
use crate::assessment::scoring::averages::{Averages, Figures};
use crate::assessment::scoring::benchmark::STEP;
use crate::assessment::store::results::{self, FiguresRow};
use crate::assessment::store::snapshots::{self, Published, Snapshot};
use crate::db::{Conn, Db, DbError};

/// Results that the averages look at, the latest ones.
const LOOKED_AT: i64 = 10_000;
/// Averages stand for as long at least.
const STAND_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The averages of a kind of relationship as of their last count; `None`: there were fewer than five results.
///
/// # Errors
/// When the database fails.
pub async fn published(conn: &mut Conn, relationship: Relationship) -> Result<Option<Snapshot<Averages>>, DbError> {
    snapshots::find(conn, Published::Averages, relationship, |json| {
        serde_json::from_str(json)
    })
    .await
}

/// Counts them anew: of each kind of relationship at most once in a day, and only where at least five results are new or
/// changed. What is deleted alone changes nothing: subtracting would tell whose it was.
///
/// # Errors
/// When the database fails.
pub async fn rebuild_if_due(db: &Db, now: Timestamp) -> Result<(), DbError> {
    for relationship in Relationship::ALL {
        let Some(next) = next(&mut db.read().await?, relationship, now).await? else {
            continue;
        };
        let stored = Snapshot {
            counted: serde_json::to_string(&next.counted).map_err(DbError::stored)?,
            sample: next.sample,
            built_at: next.built_at,
        };
        db.write(move |tx| {
            let stored = stored.clone();
            Box::pin(async move { snapshots::put(tx, Published::Averages, relationship, &stored).await })
        })
        .await?;
    }
    Ok(())
}

/// `None`: what stands is to stand.
async fn next(
    conn: &mut Conn,
    relationship: Relationship,
    now: Timestamp,
) -> Result<Option<Snapshot<Averages>>, DbError> {
    let before = published(conn, relationship).await?.map(|before| before.built_at);
    if before.is_some_and(|at| now.duration_since(at) < STAND_FOR) {
        return Ok(None);
    }
    let rows = results::counting(conn, relationship, LOOKED_AT).await?;
    let is_fresh = |row: &&FiguresRow| before.is_none_or(|at| row.is_newer_than(at));
    if rows.iter().filter(is_fresh).count() < STEP {
        return Ok(None);
    }
    let figures: Vec<Figures> = rows.iter().map(Figures::from).collect();
    Ok(Averages::of(&figures).map(|averages| Snapshot {
        counted: averages,
        sample: rows.iter().any(|row| row.sample),
        built_at: now,
    }))
}
