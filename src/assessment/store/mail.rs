//! Addresses: they are in the outbox only, and go from there as soon as they are not needed.

use jiff::Timestamp;

use crate::assessment::mails::kinds::{INVITATION, REMINDER, REPORT};
use crate::db::{Conn, DbError, Tx, micros};
use crate::mail::outbox::{self, MailState};
use crate::on_db;

/// Forgets the mails about an assessment and about its invitations.
pub(crate) async fn forget_about_assessment(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    for kind in [REPORT, REMINDER] {
        outbox::forget_about(tx, &kind, id).await?;
    }
    let invitations: Vec<i64> = on_db!(tx, c => sqlx::query_scalar(
        "SELECT id FROM assessment_invitations WHERE inviter_id = $1 OR guest_id = $1")
        .bind(id)
        .fetch_all(c)
        .await)?;
    for invitation in invitations {
        forget_about_invitation(tx, invitation).await?;
    }
    Ok(())
}

/// Forgets the mail of an invitation that was taken back. That the address was written to is kept until the time of the
/// invitation is over, so that it is not written to again. Where the mail has not gone, nobody was asked by it.
pub(crate) async fn forget_about_invitation(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let mails = outbox::about(tx, &[INVITATION], id).await?;
    let waits = |mail: &outbox::OutboxRow| matches!(mail.state, MailState::Queued | MailState::Held);
    if mails.iter().any(waits) {
        return forget_address(tx, id).await;
    }
    outbox::forget_about(tx, &INVITATION, id).await?;
    Ok(())
}

/// Forgets the mail of an invitation that was answered or ran out, and all that is known of its address. What is left
/// says that it came by mail: its page must read the same to whoever asked, who would else learn of the answer.
pub(crate) async fn forget_address(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE assessment_invitations SET address_hash = $2 WHERE id = $1 AND address_hash IS NOT NULL")
        .bind(id)
        .bind(Vec::<u8>::new())
        .execute(c)
        .await
        .map(drop))?;
    outbox::forget_about(tx, &INVITATION, id).await?;
    Ok(())
}

/// Keeps the keyed hash of an address that is never to be written to again.
pub(crate) async fn refuse(tx: &mut Tx, address_hash: &[u8], now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO assessment_refusals (address_hash, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(address_hash)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Whether an address asked never to be written to again.
pub(crate) async fn is_refused(conn: &mut Conn, address_hash: &[u8]) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT created_at FROM assessment_refusals WHERE address_hash = $1")
        .bind(address_hash)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// Whether an assessment has asked at this address before.
pub(crate) async fn was_invited(conn: &mut Conn, inviter_id: i64, address_hash: &[u8]) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM assessment_invitations WHERE inviter_id = $1 AND address_hash = $2 LIMIT 1")
        .bind(inviter_id)
        .bind(address_hash)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}
