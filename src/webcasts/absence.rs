//! Who was not seen in a session was not there: due work that notes it a day after the end, when a video service's own list
//! would be there too. A session that was moved since is waited for again.

use std::time::{Duration, Instant};

use super::store;
use crate::db::DbError;
use crate::schedule::Work;
use crate::web::AppState;

/// How often it is looked for sessions that have been over for so long.
const EVERY: Duration = Duration::from_mins(1);
/// Registrations in one job: those who register meanwhile wait for no more.
const STEP: i64 = 500;
/// Then they have their turn, so many times as long as the job took.
const TURNS: u32 = 2;

/// The work that notes it.
#[must_use]
pub(crate) fn work(state: &AppState) -> Work {
    let state = state.clone();
    Work::every("absences", EVERY, move || {
        let state = state.clone();
        Box::pin(async move { note_all(&state).await })
    })
}

/// Notes it, now.
///
/// # Errors
/// When the database fails.
pub(crate) async fn note_all(state: &AppState) -> Result<(), DbError> {
    loop {
        let now = state.clock.now();
        let Some(absences) = store::next_absences(&mut state.db.read().await?, now).await? else {
            return Ok(());
        };
        let began = Instant::now();
        let write = state
            .db
            .write(move |tx| Box::pin(async move { store::note_absences(tx, absences, STEP).await }));
        if write.await? > 0 {
            tokio::time::sleep(began.elapsed().saturating_mul(TURNS)).await;
        }
    }
}
