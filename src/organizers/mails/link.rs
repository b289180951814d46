//! A link that makes an account, or gives it a new password.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::{Conn, DbError, Tx};
use crate::mail::outbox::{self, Claimed, NewMail};
use crate::mail::{Composed, Composition, Kind, Priority};
use crate::mail_pair;
use crate::organizers::Organizer;
use crate::organizers::account_paths::{invitation_path, reset_path};
use crate::organizers::store::{self, AccountLink, AccountLinkKind};
use crate::values::{HourCycle, PublicId, Zone};
use crate::web::AppState;
use crate::web::mail_frame::MailFrame;
use crate::web::time::with_zone;

/// Somebody is to have an account.
pub(super) const INVITATION: Kind = Kind::new("account-invitation", Priority::Confirmation);
/// Somebody has forgotten a password.
pub(super) const RESET: Kind = Kind::new("account-reset", Priority::Confirmation);

/// What a row remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct LinkParams {
    /// The link's public id.
    link: String,
}

/// Sends an invitation.
///
/// # Errors
/// When the database fails.
pub(in crate::organizers) async fn enqueue_invitation(
    tx: &mut Tx,
    link: &AccountLink,
    now: Timestamp,
) -> Result<(), DbError> {
    let mail = NewMail::new(
        &INVITATION,
        outbox::key(&INVITATION, &link.public_id, 0),
        &link.email,
        link.id,
    );
    outbox::enqueue(tx, &with_link(mail, link)?, now).await?;
    Ok(())
}

/// Sends a link that gives an account a new password. False: three went within a day.
///
/// # Errors
/// When the database fails.
pub(in crate::organizers) async fn enqueue_reset(
    tx: &mut Tx,
    organizer: &Organizer,
    link: &AccountLink,
    now: Timestamp,
) -> Result<bool, DbError> {
    let mail = NewMail::new(
        &RESET,
        outbox::key(&RESET, &link.public_id, 0),
        &link.email,
        organizer.id,
    );
    outbox::enqueue_again(tx, &with_link(mail, link)?, now).await
}

/// It goes only while the link works.
fn with_link(mail: NewMail, link: &AccountLink) -> Result<NewMail, DbError> {
    let params = LinkParams {
        link: link.public_id.to_string(),
    };
    Ok(mail
        .with_params(&params)
        .map_err(DbError::stored)?
        .deadline(link.expires_at))
}

pub(super) async fn composition(conn: &mut Conn, state: &AppState, mail: &Claimed) -> Result<Composition, DbError> {
    let kind = if mail.kind == INVITATION.name {
        AccountLinkKind::Invite
    } else {
        AccountLinkKind::Reset
    };
    let params: LinkParams = mail.params().unwrap_or_default();
    let found = match PublicId::parse(&params.link) {
        Some(id) => store::find_account_link(conn, kind, id, state.clock.now()).await?,
        None => None,
    };
    let state = state.clone();
    Ok(Box::new(move || match (found, kind) {
        (None, _) => Composed::Skip("the link was used, or works no longer".to_owned()),
        (Some(link), AccountLinkKind::Invite) => invite(&state, &link),
        (Some(link), AccountLinkKind::Reset) => reset(&state, &link),
    }))
}

fn invite(state: &AppState, link: &AccountLink) -> Composed {
    let mail = AccountInvitationMail {
        frame: MailFrame::new(
            state,
            "The link makes your account.",
            "You get this mail because somebody invited this address. If it was not meant for you, you need not do anything.",
        ),
        role: link.role.as_str(),
        until: with_zone(link.expires_at, &Zone::utc(), HourCycle::default()),
        invitation_url: state.config.public_url.link(&invitation_path(&state.links, link)),
    };
    mail.message()
        .map_or_else(|error| Composed::Poison(error.to_string()), Composed::from)
}

struct AccountInvitationMail {
    frame: MailFrame,
    role: &'static str,
    until: String,
    invitation_url: String,
}

mail_pair!(
    AccountInvitationMail,
    InvitationHtml = "mails/account_invitation.html",
    InvitationText = "mails/account_invitation.txt"
);

impl AccountInvitationMail {
    fn subject(&self) -> String {
        format!("Your account with {}", self.frame.organization)
    }
}

fn reset(state: &AppState, link: &AccountLink) -> Composed {
    let mail = ResetMail {
        frame: MailFrame::new(
            state,
            "The link works for an hour, once.",
            "You get this mail because this address has an organizer’s account, and somebody asked for a new password.",
        ),
        reset_url: state.config.public_url.link(&reset_path(&state.links, link)),
    };
    mail.message()
        .map_or_else(|error| Composed::Poison(error.to_string()), Composed::from)
}

struct ResetMail {
    frame: MailFrame,
    reset_url: String,
}

mail_pair!(
    ResetMail,
    ResetHtml = "mails/account_reset.html",
    ResetText = "mails/account_reset.txt"
);

impl ResetMail {
    fn subject(&self) -> String {
        format!("A new password for your account: {}", self.frame.organization)
    }
}
