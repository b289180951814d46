//! The jobs of the sign-in: it starts and leaves a trace, or fails and leaves one. From a network that the account was not
//! used from before, its owner is told.

use jiff::Timestamp;

use super::Organizer;
use super::mails::{ACCOUNT_NOTICE, Notice};
use super::store::{self, Account};
use crate::audit::{self, Actor, Entry};
use crate::db::{DbError, Tx};
use crate::mail::outbox::{self, NewMail};
use crate::values::PublicId;

/// Where a sign-in comes from.
#[derive(Debug, Clone)]
pub struct ComesFrom {
    /// The keyed hash of the network.
    pub hash: Vec<u8>,
    /// The network in words, cut: "192.0.2.0/24".
    pub words: String,
    /// The token's hash of the sign-in that this browser had: it ends.
    pub replaces: Option<Vec<u8>>,
    /// The account was made a moment ago: nobody needs to be told.
    pub with_new_account: bool,
}

/// Signs a browser in. False where the password was changed since it was checked.
///
/// # Errors
/// When the database fails.
pub async fn start(
    tx: &mut Tx,
    account: &Account,
    token_hash: &[u8],
    from: &ComesFrom,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !store::sign_in(tx, account, token_hash, now).await? {
        return Ok(false);
    }
    if let Some(replaced) = &from.replaces {
        store::sign_out(tx, replaced).await?;
    }
    let organizer = &account.organizer;
    let is_known = store::knows_network(tx, organizer.id, &from.hash).await?;
    store::know_network(tx, organizer.id, &from.hash, now).await?;
    audit::record(tx, &entry(Actor::from(organizer), "sign-in", Some(account), from), now).await?;
    if !is_known && !from.with_new_account {
        let key = outbox::key(&ACCOUNT_NOTICE, &PublicId::random(), 0);
        let notice = Notice {
            network: from.words.clone(),
            at: now.as_microsecond(),
        };
        let mail = NewMail::new(&ACCOUNT_NOTICE, key, &organizer.email, organizer.id);
        outbox::enqueue(tx, &mail.with_params(&notice).map_err(DbError::stored)?, now).await?;
    }
    Ok(true)
}

/// Ends all sign-ins of an account.
///
/// # Errors
/// When the database fails.
pub async fn end_everywhere(tx: &mut Tx, organizer: &Organizer, now: Timestamp) -> Result<(), DbError> {
    store::end_sign_ins(tx, organizer.id).await?;
    let entry = Entry {
        actor: Actor::from(organizer),
        action: "sign-out.everywhere",
        subject: organizer.public_id.to_string(),
        detail: String::new(),
    };
    audit::record(tx, &entry, now).await
}

/// Notes that somebody was not let in.
///
/// # Errors
/// When the database fails.
pub async fn note_failure(
    tx: &mut Tx,
    account: Option<&Account>,
    from: &ComesFrom,
    now: Timestamp,
) -> Result<(), DbError> {
    audit::record(tx, &entry(Actor::Visitor, "sign-in.failed", account, from), now).await
}

/// Never with what was typed.
fn entry(actor: Actor, action: &'static str, account: Option<&Account>, from: &ComesFrom) -> Entry {
    Entry {
        actor,
        action,
        subject: account
            .map(|account| account.organizer.public_id.to_string())
            .unwrap_or_default(),
        detail: format!("from {}", from.words),
    }
}
