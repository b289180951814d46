//! Telling everybody of a session what changed: due work that puts a few hundred mails a job into the outbox, until all
//! are in.

use std::time::Instant;

use jiff::Timestamp;

use super::SessionState;
use super::mails::kinds;
use super::store::{self, FanOut};
use crate::clock::Clock;
use crate::db::{Db, DbError, Tx, instant};
use crate::mail::outbox::{self, NewMail};
use crate::schedule::{self, Work};
use crate::web::AppState;

/// Seats in one job: those who register meanwhile wait for no more.
const STEP: i64 = 200;
/// Then they have their turn, so many times as long as the job took.
const TURNS: u32 = 3;
/// As the schedule knows it.
const FAN_OUT: &str = "fan_out";

/// Notes that everybody in a session is to be told, from now on.
pub async fn begin(tx: &mut Tx, session_id: i64, previous_start: Timestamp, now: Timestamp) -> Result<(), DbError> {
    let id = store::insert_fan_out(tx, session_id, previous_start, now).await?;
    schedule::store::put(tx, FAN_OUT, &id.to_string(), now).await
}

/// The work that tells them.
#[must_use]
pub fn work(state: &AppState) -> Work {
    let (db, clock, bell) = (state.db.clone(), state.clock.clone(), state.bell.clone());
    Work::once(FAN_OUT, move |due| {
        let (db, clock, bell) = (db.clone(), clock.clone(), bell.clone());
        Box::pin(async move {
            let id = due.subject.parse().map_err(DbError::stored)?;
            loop {
                let began = Instant::now();
                if expand_once(&db, &clock, id).await? == 0 {
                    return Ok(());
                }
                bell.ring();
                tokio::time::sleep(began.elapsed().saturating_mul(TURNS)).await;
            }
        })
    })
}

/// Puts the next mails of a change into the outbox; gives how many. 0: nobody is left to tell.
async fn expand_once(db: &Db, clock: &Clock, id: i64) -> Result<usize, DbError> {
    let Some(fan_out) = store::fan_out(&mut db.read().await?, id).await? else {
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
    if last.session.state == SessionState::Cancelled {
        let mails: Vec<NewMail> = seats
            .iter()
            .map(|seat| kinds::of_change(&kinds::CANCELLATION, seat))
            .collect();
        outbox::enqueue_all(tx, &mails, now).await?;
    } else {
        // A move to a time that has passed is told to nobody, so the way back from it names no time before.
        let was_to_come = fan_out.previous_starts_at > fan_out.created_at;
        let previous = was_to_come.then(|| instant(fan_out.previous_starts_at)).transpose()?;
        kinds::enqueue_updates(tx, &kinds::SESSION_UPDATE, &seats, previous, now).await?;
    }
    Ok(seats.len())
}
