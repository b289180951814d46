//! The jobs of the sign-in: it starts and leaves a trace, or fails and leaves one. From a network that the account was not
//! used from before, its owner is told.

use jiff::Timestamp;

use super::Organizer;
use super::mails::{NoticeOf, enqueue_notice};
use super::store::{self, Account, NewSignIn};
use crate::audit::{self, Actor, Entry};
use crate::db::{DbError, Tx};

/// Where a sign-in comes from.
#[derive(Debug, Clone)]
pub struct ComesFrom {
    /// The keyed hash of the network.
    pub hash: Vec<u8>,
    /// The network in words, cut: "192.0.2.0/24".
    pub words: String,
    /// The browser and the system, in words: "Firefox on Windows".
    pub device: String,
    /// The token's hash of the sign-in that this browser had: it ends.
    pub replaces: Option<Vec<u8>>,
    /// The account was made a moment ago: nobody needs to be told.
    pub with_new_account: bool,
}

/// What was shown besides the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondStep {
    /// Nothing: the account has no second factor.
    None,
    /// What was shown for the sign-in that this one takes the place of.
    Earlier,
    /// A code of the app, by its step.
    Code(i64),
    /// A recovery code, by its hash.
    Recovery(Vec<u8>),
}

/// What became of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// The browser is signed in.
    Yes,
    /// The password was changed since it was checked, or the account was closed.
    Changed,
    /// The code was used before, or is none of theirs.
    CodeUsed,
}

/// Signs a browser in; a code is used up in the same transaction.
///
/// # Errors
/// When the database fails.
pub async fn start(
    tx: &mut Tx,
    account: &Account,
    token_hash: &[u8],
    (from, second): (&ComesFrom, &SecondStep),
    now: Timestamp,
) -> Result<Started, DbError> {
    if !use_up(tx, account, second, now).await? {
        return Ok(Started::CodeUsed);
    }
    let new = NewSignIn {
        token_hash: token_hash.to_vec(),
        network: from.words.clone(),
        device: from.device.clone(),
        with_second_factor: *second != SecondStep::None,
    };
    if !store::sign_in(tx, account, &new, now).await? {
        return Ok(Started::Changed);
    }
    if let Some(replaced) = &from.replaces {
        store::sign_out(tx, replaced).await?;
    }
    let organizer = &account.organizer;
    let is_known = store::knows_network(tx, organizer.id, &from.hash).await?;
    store::know_network(tx, organizer.id, &from.hash, now).await?;
    audit::record(tx, &entry(Actor::from(organizer), "sign-in", Some(account), from), now).await?;
    if !is_known && !from.with_new_account {
        let network = from.words.clone();
        enqueue_notice(tx, organizer, &NoticeOf::SignIn { network }, now).await?;
    }
    Ok(Started::Yes)
}

/// False: the code does not count.
async fn use_up(tx: &mut Tx, account: &Account, second: &SecondStep, now: Timestamp) -> Result<bool, DbError> {
    let organizer = &account.organizer;
    match second {
        SecondStep::None | SecondStep::Earlier => Ok(true),
        SecondStep::Code(step) => store::use_step(tx, organizer.id, *step).await,
        SecondStep::Recovery(hash) => {
            if !store::use_recovery_code(tx, organizer.id, hash, now).await? {
                return Ok(false);
            }
            let left = store::recovery_codes_left(tx, organizer.id).await?;
            enqueue_notice(tx, organizer, &NoticeOf::RecoveryCode { left }, now).await?;
            Ok(true)
        }
    }
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
