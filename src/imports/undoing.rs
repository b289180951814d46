//! Undoing an import: people and registrations that it put in and nobody has touched since go; attendance that it brought is
//! taken back.

use jiff::Timestamp;

use super::ImportKind;
use super::plan::ImportPlan;
use super::store::{self, Made};
use crate::contacts::{Traces, erase};
use crate::db::{DbError, Tx};
use crate::mail::outbox;
use crate::webcasts;
use crate::webcasts::mails::kinds;

/// Rows in one job.
const STEP: i64 = 50;

/// Takes the next ones back. True: nothing is left.
pub(super) async fn step(tx: &mut Tx, plan: &ImportPlan, traces: &Traces, now: Timestamp) -> Result<bool, DbError> {
    if let ImportKind::Attendance(_) = plan.kind {
        let taken = store::take_back_stays(tx, plan.id, STEP).await?;
        if taken == 0
            && let Some(session) = &plan.session
        {
            store::decide_absences(tx, session.id, false, now).await?;
        }
        return Ok(taken == 0);
    }
    let made = store::next_made(tx, plan.id, STEP).await?;
    let Some(last) = made.last() else {
        return Ok(true);
    };
    take_back_seats(tx, &made, now).await?;
    take_back_people(tx, &made, traces, now).await?;
    store::forget_made(tx, plan.id, last.contact_id).await?;
    Ok(false)
}

async fn take_back_seats(tx: &mut Tx, made: &[Made], now: Timestamp) -> Result<(), DbError> {
    let ids: Vec<i64> = made.iter().filter_map(|made| made.registration_id).collect();
    let untouched = store::untouched_seats(tx, &ids).await?;
    let mut gone = Vec::new();
    for id in untouched {
        // Whoever has read of it keeps it: it is cancelled as any other.
        if !outbox::was_told(tx, &[kinds::CONFIRMATION], id).await?
            || outbox::is_unsent(tx, &kinds::CONFIRMATION, id).await?
        {
            gone.push(id);
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    let seats = webcasts::store::seats_by_ids(tx, &gone).await?;
    outbox::forget_about_rows(tx, &kinds::KINDS, &gone).await?;
    for seat in &seats {
        webcasts::store::free_place(tx, seat.session.public_id, now).await?;
    }
    webcasts::store::delete_seats(tx, &gone).await
}

async fn take_back_people(tx: &mut Tx, made: &[Made], traces: &Traces, now: Timestamp) -> Result<(), DbError> {
    let new: Vec<i64> = made
        .iter()
        .filter(|made| made.is_new == 1)
        .map(|made| made.contact_id)
        .collect();
    // What the import brought itself, tags and a note, keeps nobody.
    let unused = traces.without("c.id", &["notes", "contact_tags"]);
    for contact in store::untouched_contacts(tx, &new, &unused).await? {
        erase::erase_contact(tx, contact, traces, now).await?;
    }
    Ok(())
}
