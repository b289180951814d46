//! What runs beside the web server for as long as it serves: mails about changed sessions, and what is over.

use std::time::Duration;

use actix_web::web;

use crate::assessment::chores;
use crate::mail::{Kind, outbox};
use crate::web::AppState;
use crate::webcasts::fan_out;

/// How often changes of sessions are looked for, besides at each bell.
const FAN_OUT_EVERY: Duration = Duration::from_secs(2);
/// How often it is looked for what was erased and is still in the log.
const FORGET_EVERY: Duration = Duration::from_secs(10);
/// How often it is looked for what is over.
const CHORES_EVERY: Duration = Duration::from_hours(1);

/// Puts the mails about changed sessions into the outbox.
pub(super) async fn expand_fan_outs(state: web::Data<AppState>) {
    loop {
        match fan_out::expand_once(&state.db, &state.clock).await {
            Ok(0) => tokio::time::sleep(FAN_OUT_EVERY).await,
            Ok(_) => state.bell.ring(),
            Err(error) => {
                tracing::warn!(%error, "the mails about a changed session could not be put into the outbox");
                tokio::time::sleep(FAN_OUT_EVERY).await;
            }
        }
    }
}

/// Takes what was erased out of the write-ahead log, where readers were in the way.
pub(super) async fn forget_the_rest(state: web::Data<AppState>) {
    loop {
        state.db.forget_the_rest().await;
        tokio::time::sleep(FORGET_EVERY).await;
    }
}

/// Forgets mails that are over, ends what else is, and counts the benchmark anew at night.
pub(super) async fn do_chores(state: web::Data<AppState>, kinds: Vec<Kind>) {
    loop {
        let now = state.clock.now();
        match outbox::prune(&state.db, &kinds, now).await {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(count, "old mails were removed from the outbox");
                state.db.forget_deleted().await;
            }
            Err(error) => tracing::warn!(%error, "old mails could not be removed"),
        }
        if let Err(error) = chores::expire(&state.db, now).await {
            tracing::warn!(%error, "what is over could not be erased; it is tried again");
        }
        if let Err(error) = chores::rebuild_averages_if_due(&state.db, now).await {
            tracing::warn!(%error, "the organizers' averages could not be counted anew");
        }
        match chores::rebuild_benchmark_if_due(&state.db, now).await {
            Ok(Some(results)) => tracing::info!(results, "the benchmark was counted anew"),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the benchmark could not be counted anew"),
        }
        tokio::time::sleep(CHORES_EVERY).await;
    }
}
