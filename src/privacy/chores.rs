//! What erasing leaves for later: the last mail to somebody goes, and then its row; acts that were under way when somebody was
//! erased are forgotten when they have ended; and what a command on the server erased leaves the log of a program that serves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;

use crate::contacts::store::erasures;
use crate::db::{DbError, instant};
use crate::mail::outbox;
use crate::schedule::Work;
use crate::web::AppState;
use crate::{imports, lists};

/// How often it is looked for.
const EVERY: Duration = Duration::from_mins(5);
/// The last mail is kept for so long, whether it has gone or not.
const LAST_MAIL: SignedDuration = SignedDuration::from_hours(24);

/// The work that sees to it.
#[must_use]
pub(crate) fn work(state: &AppState) -> Work {
    let (state, seen) = (state.clone(), Arc::new(AtomicI64::new(i64::MIN)));
    Work::every("erasures", EVERY, move || {
        let (state, seen) = (state.clone(), Arc::clone(&seen));
        Box::pin(async move { see_to_it(&state, &seen).await })
    })
}

async fn see_to_it(state: &AppState, seen: &AtomicI64) -> Result<(), DbError> {
    let now = state.clock.now();
    let Some(last) = erasures::last(&mut state.db.read().await?).await? else {
        return Ok(());
    };
    let last_erased = instant(last)?;
    let forgotten = state.db.write(move |tx| {
        Box::pin(async move {
            let acts = lists::bulk::store::forget_ended_since(tx, last_erased).await?
                + imports::store::empty_since(tx, last_erased).await?;
            Ok(acts + outbox::forget_last_mails(tx, now - LAST_MAIL).await?)
        })
    });
    let forgotten = forgotten.await?;
    let is_new = seen.swap(last, Ordering::Relaxed) != last;
    if forgotten > 0 || is_new {
        state.db.forget_deleted().await;
    }
    Ok(())
}
