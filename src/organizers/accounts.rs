//! What is done to accounts, in a browser and on the command line alike: each act with its line in the audit log, and with a mail
//! to whoever it concerns.

use jiff::Timestamp;

use super::mails::{self, NoticeOf};
use super::store::{self, AccountChange, AccountLink, AccountLinkKind, NewAccountLink, NewOrganizer};
use super::{Organizer, Role};
use crate::audit::{self, Actor, Change, Entry};
use crate::db::{DbError, Tx};
use crate::values::EmailAddress;

/// Something that is done to somebody's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountAct {
    /// Another role; their sign-ins end.
    Role(Role),
    /// Their sign-ins end.
    EndSignIns,
    /// Nobody can sign in with it; it stays, and so does what it did.
    Disable,
    /// It can be used again.
    Enable,
    /// It goes.
    Remove,
}

impl AccountAct {
    const fn action(self) -> &'static str {
        match self {
            Self::Role(_) => "organizer.set-role",
            Self::EndSignIns => "organizer.end-sign-ins",
            Self::Disable => "organizer.disable",
            Self::Enable => "organizer.enable",
            Self::Remove => "organizer.remove",
        }
    }

    fn change(self, organizer: &Organizer) -> Change {
        match self {
            Self::Role(role) => Change::of("role", organizer.role.as_str(), role.as_str()),
            Self::Remove => Change::of("role", organizer.role.as_str(), ""),
            Self::EndSignIns | Self::Disable | Self::Enable => Change::default(),
        }
    }
}

/// Does it. What is so already is [`AccountChange::Done`], without a line in the log.
///
/// # Errors
/// When the database fails.
pub async fn act(
    tx: &mut Tx,
    actor: Actor,
    organizer: &Organizer,
    act: AccountAct,
    now: Timestamp,
) -> Result<AccountChange, DbError> {
    if act == AccountAct::Role(organizer.role) {
        return Ok(AccountChange::Done);
    }
    let id = organizer.id;
    let changed = match act {
        AccountAct::Role(role) => store::set_role(tx, id, role).await?,
        AccountAct::EndSignIns => {
            store::end_sign_ins(tx, id).await?;
            AccountChange::Done
        }
        AccountAct::Disable => store::disable(tx, id, now).await?,
        AccountAct::Enable => store::enable(tx, id).await?,
        AccountAct::Remove => store::remove(tx, id).await?,
    };
    if changed == AccountChange::Done {
        let entry = entry(actor, act.action(), organizer);
        audit::record_change(tx, &entry, &act.change(organizer), now).await?;
    }
    Ok(changed)
}

fn entry(actor: Actor, action: &'static str, organizer: &Organizer) -> Entry {
    Entry {
        actor,
        action,
        subject: organizer.public_id.to_string(),
        detail: String::new(),
    }
}

/// What became of an invitation.
#[derive(Debug, Clone)]
pub enum InviteOutcome {
    /// The link; a mail with it waits.
    Yes(AccountLink),
    /// The address has an account.
    HasAccount,
}

/// Invites somebody, in place of an earlier invitation to the same address.
///
/// # Errors
/// When the database fails.
pub async fn invite(
    tx: &mut Tx,
    actor: Actor,
    (email, role): (&EmailAddress, Role),
    now: Timestamp,
) -> Result<InviteOutcome, DbError> {
    if store::find(tx, email).await?.is_some() {
        return Ok(InviteOutcome::HasAccount);
    }
    let new = NewAccountLink {
        kind: AccountLinkKind::Invite,
        organizer: None,
        email: email.clone(),
        role,
        made_by: actor.organizer_id(),
    };
    let link = store::put_account_link(tx, &new, now).await?;
    let entry = Entry {
        actor,
        action: "organizer.invite",
        subject: link.public_id.to_string(),
        detail: format!("role {}", role.as_str()),
    };
    audit::record(tx, &entry, now).await?;
    mails::enqueue_invitation(tx, &link, now).await?;
    Ok(InviteOutcome::Yes(link))
}

/// Takes an invitation back. False: it was used meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(tx: &mut Tx, actor: Actor, link: &AccountLink, now: Timestamp) -> Result<bool, DbError> {
    if !store::use_account_link(tx, link.id).await? {
        return Ok(false);
    }
    let entry = Entry {
        actor,
        action: "organizer.withdraw-invitation",
        subject: link.public_id.to_string(),
        detail: String::new(),
    };
    audit::record(tx, &entry, now).await?;
    Ok(true)
}

/// Makes the account that an invitation is for. `None`: it was used meanwhile, or the address has an account by now.
///
/// # Errors
/// When the database fails.
pub async fn accept(
    tx: &mut Tx,
    link: &AccountLink,
    new: &NewOrganizer,
    now: Timestamp,
) -> Result<Option<Organizer>, DbError> {
    if !store::use_account_link(tx, link.id).await? {
        return Ok(None);
    }
    let Some(made) = store::create(tx, new, now).await? else {
        return Ok(None);
    };
    let added = Entry {
        detail: "by an invitation".to_owned(),
        ..entry(Actor::Organizer(made.id), "organizer.add", &made)
    };
    audit::record_change(tx, &added, &Change::of("role", "", made.role.as_str()), now).await?;
    Ok(Some(made))
}

/// Sends a link that gives the account a new password. False: three went within a day.
///
/// # Errors
/// When the database fails.
pub async fn ask_for_reset(tx: &mut Tx, organizer: &Organizer, now: Timestamp) -> Result<bool, DbError> {
    let new = NewAccountLink {
        kind: AccountLinkKind::Reset,
        organizer: Some(organizer.id),
        email: organizer.email.clone(),
        role: organizer.role,
        made_by: None,
    };
    let link = store::put_account_link(tx, &new, now).await?;
    if !mails::enqueue_reset(tx, organizer, &link, now).await? {
        store::use_account_link(tx, link.id).await?;
        return Ok(false);
    }
    audit::record(tx, &entry(Actor::Visitor, "password.ask", organizer), now).await?;
    Ok(true)
}

/// Gives an account the password that a link is for. False: the link was used meanwhile. A second factor stays.
///
/// # Errors
/// When the database fails.
pub async fn reset(
    tx: &mut Tx,
    (link, organizer): (&AccountLink, &Organizer),
    password_hash: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !store::use_account_link(tx, link.id).await? {
        return Ok(false);
    }
    change_password(tx, (Actor::Visitor, "password.reset"), organizer, password_hash, now).await?;
    Ok(true)
}

/// Gives an account another password; all its sign-ins end, and its owner is told.
///
/// # Errors
/// When the database fails.
pub async fn change_password(
    tx: &mut Tx,
    (actor, action): (Actor, &'static str),
    organizer: &Organizer,
    password_hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    store::set_password(tx, organizer.id, password_hash).await?;
    audit::record(tx, &entry(actor, action, organizer), now).await?;
    mails::enqueue_notice(tx, organizer, &NoticeOf::Password, now).await
}

/// Switches a second factor off. False: it was off.
///
/// # Errors
/// When the database fails.
pub async fn switch_off_second_factor(
    tx: &mut Tx,
    actor: Actor,
    organizer: &Organizer,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !store::switch_off(tx, organizer.id).await? {
        return Ok(false);
    }
    audit::record(tx, &entry(actor, "second-factor.off", organizer), now).await?;
    mails::enqueue_notice(tx, organizer, &NoticeOf::SecondFactorOff, now).await?;
    Ok(true)
}

/// Switches it on: the sealed secret, the step of the code that confirmed it, and the hashes of its recovery codes.
///
/// # Errors
/// When the database fails.
pub async fn switch_on_second_factor(
    tx: &mut Tx,
    organizer: &Organizer,
    secret: (&[u8], i64),
    codes: &[Vec<u8>],
    now: Timestamp,
) -> Result<(), DbError> {
    store::switch_on(tx, organizer.id, secret, codes, now).await?;
    audit::record(tx, &entry(Actor::from(organizer), "second-factor.on", organizer), now).await?;
    mails::enqueue_notice(tx, organizer, &NoticeOf::SecondFactorOn, now).await
}

/// Puts new recovery codes in place of the ones before.
///
/// # Errors
/// When the database fails.
pub async fn renew_recovery_codes(
    tx: &mut Tx,
    organizer: &Organizer,
    codes: &[Vec<u8>],
    now: Timestamp,
) -> Result<(), DbError> {
    store::put_recovery_codes(tx, organizer.id, codes).await?;
    audit::record(
        tx,
        &entry(Actor::from(organizer), "second-factor.codes", organizer),
        now,
    )
    .await
}
