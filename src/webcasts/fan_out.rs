//! Telling everybody of a session what changed: a few hundred mails a job, until all are in the outbox.

use jiff::Timestamp;

use super::{mails, store};
use crate::clock::Clock;
use crate::db::{Db, DbError, Tx, instant};
use crate::webcasts::SessionState;
use crate::webcasts::store::FanOut;

/// Seats in one job.
const STEP: i64 = 500;

/// Puts the next mails into the outbox; gives how many. 0: nobody is left to tell.
pub async fn expand_once(db: &Db, clock: &Clock) -> Result<usize, DbError> {
    let Some(fan_out) = store::next_fan_out(&mut db.read().await?).await? else {
        return Ok(0);
    };
    let now = clock.now();
    db.write(move |tx| {
        let fan_out = fan_out.clone();
        Box::pin(async move { expand(tx, &fan_out, now).await })
    })
    .await
}

async fn expand(tx: &mut Tx, fan_out: &FanOut, now: Timestamp) -> Result<usize, DbError> {
    let seats = store::registered_before(tx, fan_out, STEP).await?;
    let Some(last) = seats.last() else {
        store::finish_fan_out(tx, fan_out.id).await?;
        return Ok(0);
    };
    if !store::move_fan_out(tx, fan_out.id, fan_out.after_registration, last.id).await? {
        return Ok(0);
    }
    let previous = instant(fan_out.previous_starts_at)?;
    // A move to a time that has passed is told to nobody, so the way back from it names no time before.
    let was_to_come = fan_out.previous_starts_at > fan_out.created_at;
    for seat in &seats {
        if seat.session.state == SessionState::Cancelled {
            mails::enqueue(tx, &mails::CANCELLATION, seat, now).await?;
        } else {
            let told = was_to_come.then_some(previous);
            mails::enqueue_update(tx, &mails::SESSION_UPDATE, seat, told, now).await?;
        }
    }
    Ok(seats.len())
}
