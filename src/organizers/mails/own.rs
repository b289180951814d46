//! What an organizer asked for themselves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::{DbError, Tx};
use crate::mail::outbox::{self, NewMail};
use crate::mail::{Composed, Kind, Priority};
use crate::mail_pair;
use crate::organizers::{Organizer, store};
use crate::values::PublicId;
use crate::web::AppState;
use crate::web::mail_frame::MailFrame;

/// An organizer asked whether mail arrives.
pub(crate) const TEST_MAIL: Kind = Kind::new("test-mail", Priority::Confirmation);
/// A file that an organizer asked for is written.
pub(super) const FILE_READY: Kind = Kind::new("file-ready", Priority::Note);

/// What the row of a mail about a file remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ReadyFile {
    /// Its name in the address of its page.
    id: String,
}

/// Tells an organizer that the file of this name is written.
///
/// # Errors
/// When the database fails.
pub(crate) async fn enqueue_file_ready(
    tx: &mut Tx,
    organizer: i64,
    file: PublicId,
    now: Timestamp,
) -> Result<(), DbError> {
    let Some(organizer) = store::by_ids(tx, &[organizer]).await?.pop() else {
        return Ok(());
    };
    let key = outbox::key(&FILE_READY, &file, 0);
    let mail = NewMail::new(&FILE_READY, key, &organizer.email, organizer.id);
    let ready = ReadyFile { id: file.to_string() };
    let mail = mail.with_params(&ready).map_err(DbError::stored)?;
    outbox::enqueue(tx, &mail, now).await?;
    Ok(())
}

pub(super) fn test(state: &AppState, organizer: &Organizer) -> Composed {
    let mail = TestMail {
        frame: MailFrame::new(
            state,
            "It arrived: so will those to your visitors.",
            "You get this mail because you asked for it.",
        ),
        name: organizer.name.as_str().to_owned(),
        start_url: state.config.public_url.link("/organizer/start"),
    };
    mail.message()
        .map_or_else(|error| Composed::Poison(error.to_string()), Composed::from)
}

struct TestMail {
    frame: MailFrame,
    name: String,
    start_url: String,
}

mail_pair!(
    TestMail,
    TestMailHtml = "mails/test_mail.html",
    TestMailText = "mails/test_mail.txt"
);

impl TestMail {
    fn subject(&self) -> String {
        format!("A test: {}", self.frame.organization)
    }
}

pub(super) fn file_ready(state: &AppState, organizer: &Organizer, file: &ReadyFile) -> Composed {
    let mail = FileReadyMail {
        frame: MailFrame::new(
            state,
            "It is kept for a day, and opens for you alone.",
            "You get this mail because you asked for the file.",
        ),
        name: organizer.name.as_str().to_owned(),
        file_url: state
            .config
            .public_url
            .link(&format!("/organizer/exports/files/{}", file.id)),
    };
    mail.message()
        .map_or_else(|error| Composed::Poison(error.to_string()), Composed::from)
}

struct FileReadyMail {
    frame: MailFrame,
    name: String,
    file_url: String,
}

mail_pair!(
    FileReadyMail,
    FileReadyHtml = "mails/file_ready.html",
    FileReadyText = "mails/file_ready.txt"
);

impl FileReadyMail {
    fn subject(&self) -> String {
        format!("Your file is ready: {}", self.frame.organization)
    }
}
