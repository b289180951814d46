//! What organizers do with a mail that is owed, on its page and on the command line. The audit log keeps it.

use jiff::Timestamp;

use crate::db::{DbError, Tx};
use crate::mail::outbox;
use crate::organizers::audit::{self, Actor, Entry};

/// What can be done with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Try it again now, from the beginning.
    Retry,
    /// Stop it.
    Cancel,
}

/// Changes the mail of this name. False where its state does not allow it, or it does not exist.
///
/// # Errors
/// When the database fails.
pub async fn apply(tx: &mut Tx, name: &str, change: Change, actor: Actor, now: Timestamp) -> Result<bool, DbError> {
    let (changed, action) = match change {
        Change::Retry => (outbox::retry(tx, name, now).await?, "outbox.retry"),
        Change::Cancel => (outbox::cancel(tx, name, now).await?, "outbox.cancel"),
    };
    if changed {
        let entry = Entry {
            actor,
            action,
            subject: name.to_owned(),
            detail: String::new(),
        };
        audit::record(tx, &entry, now).await?;
    }
    Ok(changed)
}
