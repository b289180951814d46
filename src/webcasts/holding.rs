//! What ends by itself: a place that was held back and not confirmed, and the memory of where a registration came from.

use std::time::Duration;

use super::{HELD_FOR, store};
use crate::db::DbError;
use crate::schedule::Work;
use crate::web::AppState;

const EVERY: Duration = Duration::from_mins(10);

/// Looks for both.
pub(crate) fn work(state: &AppState) -> Work {
    let state = state.clone();
    Work::every("held_places", EVERY, move || {
        let state = state.clone();
        Box::pin(async move { end(&state).await })
    })
}

async fn end(state: &AppState) -> Result<(), DbError> {
    let now = state.clock.now();
    state
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::end_held(tx, now).await?;
                store::forget_networks(tx, now - HELD_FOR).await
            })
        })
        .await
}
