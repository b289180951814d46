//! Whose sign-on it is: an account is bound to issuer and subject once, and from then on known by them alone.

use jiff::Timestamp;

use super::provider::Provider;
use super::token::IdClaims;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, DbError, Tx};
use crate::organizers::accounts::{self, AccountAct};
use crate::organizers::store::{self, Account, AccountLink, NewOrganizer};
use crate::organizers::{Organizer, Role};
use crate::values::{EmailAddress, Label};

/// What became of binding one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::organizers) enum Bound {
    /// It is theirs now.
    Yes,
    /// It is somebody else's.
    Taken,
}

/// Whose it is.
pub(in crate::organizers) async fn signed_on(conn: &mut Conn, claims: &IdClaims) -> Result<Option<Account>, DbError> {
    store::find_by_subject(conn, &claims.issuer, &claims.subject).await
}

/// Makes the account of whoever is invited under the address that the provider says is theirs. `None`: nobody is, or not any more.
pub(in crate::organizers) async fn bind_invited(
    tx: &mut Tx,
    claims: &IdClaims,
    role: Option<Role>,
    now: Timestamp,
) -> Result<Option<Account>, DbError> {
    let Some(link) = invitation(tx, claims, now).await? else {
        return Ok(None);
    };
    let name = claims.name.as_deref().and_then(Label::lenient);
    let new = NewOrganizer {
        name: match name {
            Some(name) => name,
            None => Label::parse(link.email.as_str()).map_err(DbError::stored)?,
        },
        email: link.email.clone(),
        role: role.unwrap_or(link.role),
        // None: with a password nobody signs in.
        password_hash: String::new(),
    };
    let Some(organizer) = accounts::accept(tx, &link, &new, now).await? else {
        return Ok(None);
    };
    store::bind_subject(tx, organizer.id, (&claims.issuer, &claims.subject)).await?;
    Ok(Some(Account::new(organizer, String::new())))
}

async fn invitation(conn: &mut Conn, claims: &IdClaims, now: Timestamp) -> Result<Option<AccountLink>, DbError> {
    let Some(email) = claims
        .verified_email
        .as_deref()
        .and_then(|raw| EmailAddress::parse(raw).ok())
    else {
        return Ok(None);
    };
    let open = store::open_invitations(conn, now).await?;
    Ok(open.into_iter().find(|link| link.email.key() == email.key()))
}

/// Binds it to the account of somebody who is signed in.
pub(in crate::organizers) async fn connect(
    tx: &mut Tx,
    organizer: &Organizer,
    claims: &IdClaims,
    now: Timestamp,
) -> Result<Bound, DbError> {
    let owner = store::find_by_subject(tx, &claims.issuer, &claims.subject).await?;
    match owner {
        Some(owner) if owner.organizer.id != organizer.id => return Ok(Bound::Taken),
        Some(_) => return Ok(Bound::Yes),
        None => {}
    }
    store::bind_subject(tx, organizer.id, (&claims.issuer, &claims.subject)).await?;
    let entry = Entry {
        actor: Actor::from(organizer),
        action: "account.sign-on",
        subject: organizer.public_id.to_string(),
        detail: String::new(),
    };
    audit::record(tx, &entry, now).await?;
    Ok(Bound::Yes)
}

/// Gives somebody the role that the provider says, where it says one. The last owner stays.
pub(in crate::organizers) async fn keep_role(
    tx: &mut Tx,
    organizer: &Organizer,
    role: Option<Role>,
    now: Timestamp,
) -> Result<(), DbError> {
    if let Some(role) = role {
        accounts::act(tx, Actor::Program, organizer, AccountAct::Role(role), now).await?;
    }
    Ok(())
}

/// The highest role that the provider says somebody has.
pub(in crate::organizers) fn role_of(provider: &Provider, claims: &IdClaims) -> Option<Role> {
    provider.role(claims).filter_map(Role::parse).max()
}
