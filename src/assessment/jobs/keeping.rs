//! How long a result is kept, and erasing it: the one place that knows all that hangs on it.

use jiff::Timestamp;

use super::comparing;
use crate::assessment::mails::kinds::REMINDER;
use crate::assessment::store::{assessments, contact_requests, mail, results, rounds};
use crate::contacts::Traces;
use crate::db::{DbError, Tx};
use crate::mail::outbox::{self, MailState};

/// Keeps it until then. True: a reminder was planned for a day when the result is gone, and is forgotten.
pub(crate) async fn keep_until(tx: &mut Tx, id: i64, until: Timestamp) -> Result<bool, DbError> {
    assessments::set_keep_until(tx, id, until).await?;
    let rows = outbox::about(tx, &[REMINDER], id).await?;
    for row in rows.iter().filter(|row| row.state == MailState::Queued) {
        if row.next_at()? >= until {
            outbox::forget_about(tx, &REMINDER, id).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Erases it with all that hangs on it: figures, invitations and joint reports, its place in a round, mail about it.
pub(crate) async fn erase(tx: &mut Tx, id: i64, traces: &Traces) -> Result<(), DbError> {
    rounds::note_withdrawal(tx, id).await?;
    comparing::leave(tx, id).await?;
    mail::forget_about_assessment(tx, id).await?;
    contact_requests::remove(tx, id, traces).await?;
    if let Some(found) = assessments::by_id(tx, id).await? {
        results::pass_on_counted(tx, &found).await?;
    }
    assessments::pass_on_first(tx, id).await?;
    assessments::delete(tx, id).await
}
