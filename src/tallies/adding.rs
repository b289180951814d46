//! The work that adds up what came since it last did.

use std::time::Duration;

use super::{TalliedTable, store};
use crate::clock::Clock;
use crate::db::{Db, DbError, watermark};
use crate::schedule::Work;

/// How often it is looked for new rows.
const EVERY: Duration = Duration::from_secs(30);
/// Then the others have their turn.
const BREATH: Duration = Duration::from_millis(50);

/// Adds up the rows of these tables.
pub(crate) fn work(db: &Db, clock: &Clock, tables: &'static [TalliedTable]) -> Work {
    let (db, clock) = (db.clone(), clock.clone());
    Work::every("tallies", EVERY, move || {
        let (db, clock) = (db.clone(), clock.clone());
        Box::pin(async move { add_up_all(&db, &clock, tables).await })
    })
}

/// Batch after batch, until all rows of all tables are added up.
///
/// # Errors
/// When the database fails.
pub(crate) async fn add_up_all(db: &Db, clock: &Clock, tables: &[TalliedTable]) -> Result<(), DbError> {
    for table in tables {
        while add_up_some(db, clock, *table).await? {
            tokio::time::sleep(BREATH).await;
        }
    }
    Ok(())
}

/// False: nothing was left to add up.
async fn add_up_some(db: &Db, clock: &Clock, table: TalliedTable) -> Result<bool, DbError> {
    let conn = &mut db.read().await?;
    let from = watermark::up_to(conn, table.name).await?;
    let Some(to) = store::next(conn, table.name, from, clock.now()).await? else {
        return Ok(false);
    };
    let tallies = (table.between)(conn, from, to).await?;
    db.write(move |tx| {
        let tallies = tallies.clone();
        Box::pin(async move {
            if watermark::advance(tx, table.name, from, to).await? {
                store::add(tx, &tallies).await?;
            }
            Ok(true)
        })
    })
    .await
}
