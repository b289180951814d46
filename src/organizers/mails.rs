//! What mails to organizers about their account say.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Organizer, store};
use crate::db::{Conn, DbError, Tx, instant};
use crate::mail::outbox::{self, Claimed, NewMail};
use crate::mail::{Compose, Composed, Composition, Kind, Priority};
use crate::mail_pair;
use crate::values::{HourCycle, PublicId, Zone};
use crate::web::AppState;
use crate::web::mail_frame::MailFrame;
use crate::web::time::with_zone;

/// Somebody signed in from a network that the account was not used from before.
pub(crate) const ACCOUNT_NOTICE: Kind = Kind::new("account-notice", Priority::Note);

/// An organizer asked whether mail arrives.
pub(crate) const TEST_MAIL: Kind = Kind::new("test-mail", Priority::Confirmation);

/// A file that an organizer asked for is written.
pub(crate) const FILE_READY: Kind = Kind::new("file-ready", Priority::Note);

/// All of them.
pub(crate) const KINDS: [Kind; 3] = [ACCOUNT_NOTICE, TEST_MAIL, FILE_READY];

/// What the row of a mail about a file remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct ReadyFile {
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

/// What a notice's row remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Notice {
    /// In words, cut.
    pub(super) network: String,
    /// Microseconds.
    pub(super) at: i64,
}

/// Composes them.
pub(crate) struct AccountMails {
    /// What links, names and settings come from.
    pub state: AppState,
}

impl Compose for AccountMails {
    fn kinds(&self) -> &[Kind] {
        &KINDS
    }

    fn load<'a>(
        &'a self,
        conn: &'a mut Conn,
        mails: &'a [Claimed],
    ) -> BoxFuture<'a, Result<Vec<Composition>, DbError>> {
        Box::pin(async move {
            let ids: Vec<i64> = mails.iter().map(|mail| mail.subject_id).collect();
            let organizers = store::by_ids(conn, &ids).await?;
            let composition = |mail: &Claimed| -> Composition {
                let organizer = organizers
                    .iter()
                    .find(|organizer| organizer.id == mail.subject_id)
                    .cloned();
                let state = self.state.clone();
                if mail.kind == TEST_MAIL.name {
                    return Box::new(move || test(&state, organizer.as_ref()));
                }
                if mail.kind == FILE_READY.name {
                    let file: ReadyFile = mail.params().unwrap_or_default();
                    return Box::new(move || file_ready(&state, organizer.as_ref(), &file));
                }
                let notice = mail.params().unwrap_or_default();
                Box::new(move || notify(&state, organizer.as_ref(), &notice))
            };
            Ok(mails.iter().map(composition).collect())
        })
    }
}

fn notify(state: &AppState, organizer: Option<&Organizer>, notice: &Notice) -> Composed {
    let Some(organizer) = organizer else {
        return Composed::Skip("the account is gone".to_owned());
    };
    let Ok(at) = instant(notice.at) else {
        return Composed::Poison("the time of the sign-in cannot be read".to_owned());
    };
    let mail = AccountNotice {
        frame: MailFrame::new(
            state,
            "From a network that it was not used from before.",
            "You get this mail because this address has an organizer’s account.",
        ),
        name: organizer.name.as_str().to_owned(),
        when: with_zone(at, &Zone::utc(), HourCycle::default()),
        network: notice.network.clone(),
        sign_in_url: state.config.public_url.link("/organizer/sign-in"),
    };
    mail.message()
        .map_or_else(|error| Composed::Poison(error.to_string()), Composed::from)
}

struct AccountNotice {
    frame: MailFrame,
    name: String,
    when: String,
    network: String,
    sign_in_url: String,
}

mail_pair!(
    AccountNotice,
    AccountNoticeHtml = "mails/account_notice.html",
    AccountNoticeText = "mails/account_notice.txt"
);

impl AccountNotice {
    fn subject(&self) -> String {
        format!("A new sign-in to your account: {}", self.frame.organization)
    }
}

fn test(state: &AppState, organizer: Option<&Organizer>) -> Composed {
    let Some(organizer) = organizer else {
        return Composed::Skip("the account is gone".to_owned());
    };
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

fn file_ready(state: &AppState, organizer: Option<&Organizer>, file: &ReadyFile) -> Composed {
    let Some(organizer) = organizer else {
        return Composed::Skip("the account is gone".to_owned());
    };
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
