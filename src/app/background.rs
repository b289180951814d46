//! What runs beside the web server for as long as it serves: due work, of every feature, and what is to be forgotten.

use std::time::Duration;

use actix_web::web;
use jiff::SignedDuration;

use crate::contacts::Traces;
use crate::contacts::store::notes;
use crate::db::{DbError, size};
use crate::mail::{Composers, outbox};
use crate::schedule::Work;
use crate::tallies::{self, TalliedTable};
use crate::undo::{self, UNDO_FOR};
use crate::web::AppState;
use crate::{assessment, contacts, doctor, imports, lists, organizers, privacy, site, webcasts, whitepapers};

/// How often it is looked for what was erased and is still in the log.
const FORGET_EVERY: Duration = Duration::from_secs(10);
/// How often it is looked for what organizers have set.
const READ_EVERY: Duration = Duration::from_secs(10);
/// How often the database is measured.
const MEASURE_EVERY: Duration = Duration::from_hours(1);
/// How often it is looked for what cannot be undone any more.
const FORGET_ACTS_EVERY: Duration = Duration::from_mins(1);
/// For so long it is known what was done to many.
const BULK_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How often it is looked for old mail.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// What is added up.
pub(super) const TALLIED: [TalliedTable; 3] = [
    webcasts::roster::REGISTRATIONS,
    webcasts::roster::ATTENDANCE,
    whitepapers::roster::REQUESTS,
];

/// Adds up what came, now: what the work for it does every half minute.
///
/// # Errors
/// When the database fails.
pub async fn add_up(state: &AppState) -> Result<(), DbError> {
    tallies::add_up_all(&state.db, &state.clock, &TALLIED).await
}

/// Ends offers and gives turns on waiting lists, now: what the work for it does every half minute.
///
/// # Errors
/// When the database fails.
pub async fn give_turns(state: &AppState) -> Result<(), DbError> {
    webcasts::waiting::look(state).await
}

/// Notes who was not in the sessions that are over, now: what the work for it does every minute.
///
/// # Errors
/// When the database fails.
pub async fn note_absences(state: &AppState) -> Result<(), DbError> {
    webcasts::absence::note_all(state).await
}

/// Takes away files of lists whose day is over, now: what the work for it does every ten minutes.
///
/// # Errors
/// When the database fails.
pub async fn forget_files(state: &AppState) -> Result<(), DbError> {
    lists::files::forget_old(state).await
}

/// Removes what is older than the rules say that are on, now: what the work for it does every hour. Gives how much, by rule.
///
/// # Errors
/// When the database fails.
pub async fn remove_old(state: &AppState) -> Result<Vec<(&'static str, u64)>, DbError> {
    privacy::retention::run(&state.db, &super::traces(), state.clock.now()).await
}

/// Makes the airings of series that are to be made, now: what the work for it does every hour.
///
/// # Errors
/// When the database fails.
pub async fn make_airings(state: &AppState) -> Result<(), DbError> {
    webcasts::change::series::make_all(state).await
}

/// What somebody's act makes due.
pub(super) fn asked_for(state: &AppState, traces: &Traces) -> Vec<Work> {
    vec![
        webcasts::fan_out::work(state),
        lists::bulk::work(state, traces),
        lists::files::work(state),
        imports::work(state, traces),
        doctor::backup::work(state),
    ]
}

/// What comes again by itself.
pub(super) fn recurring(state: &AppState, composers: &Composers, traces: &Traces) -> Vec<Work> {
    let mut works = assessment::jobs::recurring(state, traces);
    works.push(prune_outbox(state, composers));
    works.push(webcasts::holding::work(state));
    works.push(webcasts::waiting::work(state));
    works.push(webcasts::absence::work(state));
    works.push(webcasts::change::series::work(state));
    works.push(note_size(state));
    works.push(contacts::search::work(&state.db, &state.clock));
    works.push(tallies::work(&state.db, &state.clock, &TALLIED));
    works.push(forget_acts(state));
    works.push(lists::files::forget(state));
    works.push(imports::forget(state));
    works.push(privacy::work(state));
    works.push(privacy::retention::work(state, traces));
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

/// Forgets what cannot be undone any more, erases the notes that were kept for it, and links of accounts that have run out.
fn forget_acts(state: &AppState) -> Work {
    let state = state.clone();
    Work::every("undo_forget", FORGET_ACTS_EVERY, move || {
        let state = state.clone();
        Box::pin(async move {
            let now = state.clock.now();
            let forgotten = state.db.write(move |tx| {
                Box::pin(async move {
                    undo::forget_old(tx, now - UNDO_FOR).await?;
                    lists::bulk::store::forget_old(tx, now - BULK_KEPT, now).await?;
                    let links = organizers::store::forget_account_links(tx, now).await?;
                    Ok(notes::erase_deleted(tx, now - UNDO_FOR).await? + links)
                })
            });
            if forgotten.await? > 0 {
                state.db.forget_deleted().await;
            }
            Ok::<_, DbError>(())
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

/// Reads what organizers, perhaps at another copy of the program, have set.
pub(super) async fn read_limits(state: web::Data<AppState>) {
    loop {
        webcasts::read_limits(&state).await;
        if let Err(error) = site::read_settings(&state).await {
            tracing::debug!(%error, "what organizers have set could not be read");
        }
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
