//! The first steps of whoever runs the program: what is kept of them, and the test mail.

use jiff::Timestamp;

use super::Organizer;
use super::mails::TEST_MAIL;
use crate::db::{Conn, DbError, Tx, settings};
use crate::mail::outbox::{self, NewMail};
use crate::values::PublicId;

const ARRIVED: &str = "start.mail_arrived";
const PUT_AWAY: &str = "start.put_away";
const YES: &str = "yes";

/// What the program does not find out by itself: somebody says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstRunNote {
    /// The test mail arrived.
    MailArrived,
    /// The list is not to stand on the first page any more.
    PutAway,
}

impl FirstRunNote {
    const fn key(self) -> &'static str {
        match self {
            Self::MailArrived => ARRIVED,
            Self::PutAway => PUT_AWAY,
        }
    }
}

/// Whether somebody has noted it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn is_noted(conn: &mut Conn, what: FirstRunNote) -> Result<bool, DbError> {
    Ok(settings::find(conn, what.key()).await?.as_deref() == Some(YES))
}

/// Notes it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn note(tx: &mut Tx, what: FirstRunNote) -> Result<(), DbError> {
    settings::put(tx, what.key(), YES).await
}

/// Sends an organizer a mail, the way all mail goes. False: three were put in within a day.
///
/// # Errors
/// When the database fails.
pub(crate) async fn send_test(tx: &mut Tx, who: &Organizer, now: Timestamp) -> Result<bool, DbError> {
    let key = outbox::key(&TEST_MAIL, &PublicId::random(), 0);
    outbox::enqueue_again(tx, &NewMail::new(&TEST_MAIL, key, &who.email, who.id), now).await
}
