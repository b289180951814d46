//! What runs beside the web server for as long as it serves: due work, of every feature, and what is to be forgotten.

use std::time::Duration;

use actix_web::web;

use crate::contacts::Traces;
use crate::db::{DbError, size};
use crate::mail::{Composers, outbox};
use crate::schedule::Work;
use crate::web::AppState;
use crate::{assessment, contacts, webcasts};

/// How often it is looked for what was erased and is still in the log.
const FORGET_EVERY: Duration = Duration::from_secs(10);
/// How often it is looked for what organizers have set.
const READ_EVERY: Duration = Duration::from_secs(10);
/// How often the database is measured.
const MEASURE_EVERY: Duration = Duration::from_hours(1);
/// How often it is looked for old mail.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// What somebody's act makes due.
pub(super) fn asked_for(state: &AppState) -> Vec<Work> {
    vec![webcasts::fan_out::work(state)]
}

/// What comes again by itself.
pub(super) fn recurring(state: &AppState, composers: &Composers, traces: &Traces) -> Vec<Work> {
    let mut works = assessment::jobs::recurring(state, traces);
    works.push(prune_outbox(state, composers));
    works.push(webcasts::holding::work(state));
    works.push(note_size(state));
    works.push(contacts::search::work(&state.db));
    works
}

/// Notes how large the database is, so that organizers see how it grows.
fn note_size(state: &AppState) -> Work {
    let state = state.clone();
    Work::every("database_size", MEASURE_EVERY, move || {
        let state = state.clone();
        Box::pin(async move {
            let now = state.clock.now();
            state.db.write(move |tx| Box::pin(size::note(tx, now))).await
        })
    })
}

/// Forgets mails that ended long ago.
fn prune_outbox(state: &AppState, composers: &Composers) -> Work {
    let (state, kinds) = (state.clone(), composers.kinds());
    Work::every("outbox_prune", PRUNE_EVERY, move || {
        let (state, kinds) = (state.clone(), kinds.clone());
        Box::pin(async move {
            let count = outbox::prune(&state.db, &kinds, state.clock.now()).await?;
            if count > 0 {
                tracing::info!(count, "old mails were removed from the outbox");
                state.db.forget_deleted().await;
            }
            Ok::<_, DbError>(())
        })
    })
}

/// Reads what organizers, perhaps at another copy of the program, have set for single webcasts.
pub(super) async fn read_limits(state: web::Data<AppState>) {
    loop {
        webcasts::read_limits(&state).await;
        tokio::time::sleep(READ_EVERY).await;
    }
}

/// Takes what was erased out of the write-ahead log, where readers were in the way.
pub(super) async fn forget_the_rest(state: web::Data<AppState>) {
    loop {
        state.db.forget_the_rest().await;
        tokio::time::sleep(FORGET_EVERY).await;
    }
}
