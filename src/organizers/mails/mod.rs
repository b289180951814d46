//! What mails to organizers about their account say.

mod link;
mod notice;
mod own;

use futures_util::future::BoxFuture;

use super::{Organizer, store};
use crate::db::{Conn, DbError};
use crate::mail::outbox::Claimed;
use crate::mail::{Compose, Composed, Composition, Kind};
use crate::web::AppState;

pub(super) use link::{enqueue_invitation, enqueue_reset};
pub(super) use notice::{NoticeOf, enqueue_notice};
pub(crate) use own::{TEST_MAIL, enqueue_file_ready};

/// All of them.
pub(crate) const KINDS: [Kind; 5] = [
    notice::ACCOUNT_NOTICE,
    link::INVITATION,
    link::RESET,
    own::TEST_MAIL,
    own::FILE_READY,
];

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
            let mut compositions = Vec::with_capacity(mails.len());
            for mail in mails {
                let organizer = organizers.iter().find(|organizer| organizer.id == mail.subject_id);
                compositions.push(self.composition(conn, mail, organizer.cloned()).await?);
            }
            Ok(compositions)
        })
    }
}

impl AccountMails {
    /// `organizer`: whose row the mail is about, where it is about an account's.
    async fn composition(
        &self,
        conn: &mut Conn,
        mail: &Claimed,
        organizer: Option<Organizer>,
    ) -> Result<Composition, DbError> {
        let state = self.state.clone();
        if mail.kind == link::INVITATION.name || mail.kind == link::RESET.name {
            return link::composition(conn, &state, mail).await;
        }
        let Some(organizer) = organizer else {
            return Ok(Box::new(|| Composed::Skip("the account is gone".to_owned())));
        };
        if mail.kind == own::TEST_MAIL.name {
            return Ok(Box::new(move || own::test(&state, &organizer)));
        }
        if mail.kind == own::FILE_READY.name {
            let file = mail.params().unwrap_or_default();
            return Ok(Box::new(move || own::file_ready(&state, &organizer, &file)));
        }
        let notice = mail.params().unwrap_or_default();
        Ok(Box::new(move || notice::compose(&state, &organizer, &notice)))
    }
}
