//! Comparing with the partner: asking, answering, sharing, and taking it back. While one invitation is alive there is no
//! second one: a report has two sides.

use jiff::Timestamp;

use super::taking_up::{TakenUp, begin, begun_by};
use crate::assessment::mails::kinds::INVITATION;
use crate::assessment::model::assessment::AnsweredAs;
use crate::assessment::model::invitation::{InvitationState, Party, Shared};
use crate::assessment::store::counts::{InvitationOutcome, add_outcome};
use crate::assessment::store::invitations::{self, NewInvitation};
use crate::assessment::store::{assessments, mail as addresses};
use crate::db::{DbError, Tx};
use crate::mail::outbox::{self, NewMail};
use crate::values::{EmailAddress, PublicId};

/// What came of making an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invited {
    /// It is made, by this form.
    Yes,
    /// None was made: another one is alive.
    Before,
    /// It is made, but this address was written to already.
    NotAgain,
    /// The form made one before, which is over.
    Used,
}

/// Makes an invitation, and mails it where an address was given.
///
/// Where the address refuses our mail, nothing is sent, and nobody is told. Whoever asked at it before is told that we
/// write once.
pub(crate) async fn invite(
    tx: &mut Tx,
    new: &NewInvitation,
    to: Option<&EmailAddress>,
    now: Timestamp,
) -> Result<Invited, DbError> {
    assessments::lock(tx, new.inviter_id).await?;
    let before = invitations::of_assessment(tx, new.inviter_id).await?;
    if let Some(before) = before.filter(|before| before.is_alive(now)) {
        return Ok(if before.public_id == new.public_id {
            Invited::Yes
        } else {
            Invited::Before
        });
    }
    let (was_invited, is_refused) = match &new.address_hash {
        Some(hash) => (
            addresses::was_invited(tx, new.inviter_id, hash).await?,
            addresses::is_refused(tx, hash).await?,
        ),
        None => (false, false),
    };
    let new = NewInvitation {
        // This one comes by hand.
        address_hash: new.address_hash.clone().filter(|_| !was_invited),
        ..new.clone()
    };
    let Some(id) = invitations::insert(tx, &new, now).await? else {
        return Ok(Invited::Used);
    };
    add_outcome(tx, InvitationOutcome::Invited).await?;
    if was_invited {
        return Ok(Invited::NotAgain);
    }
    if let Some(email) = to.filter(|_| !is_refused) {
        let key = outbox::key(&INVITATION, &new.public_id, 1);
        outbox::enqueue(tx, &NewMail::new(&INVITATION, key, email, id), now).await?;
    }
    Ok(Invited::Yes)
}

/// Takes an invitation up: the partner's assessment begins, with the sides swapped.
pub(crate) async fn accept(
    tx: &mut Tx,
    invitation: PublicId,
    form: PublicId,
    now: Timestamp,
) -> Result<TakenUp, DbError> {
    let Some(found) = invitations::by_public_id(tx, invitation).await? else {
        return Ok(TakenUp::No);
    };
    let is_used = assessments::by_public_id(tx, form).await?.is_some();
    let open = [InvitationState::Open];
    if is_used || !found.is_open(now) || !invitations::move_on(tx, found.id, &open, InvitationState::Accepted).await? {
        // Read again: a click of the same form may have been quicker.
        let taken = invitations::by_public_id(tx, invitation).await?;
        return begun_by(tx, taken.and_then(|taken| taken.guest_id), form).await;
    }
    let Some(inviter) = assessments::by_id(tx, found.inviter_id).await? else {
        return Ok(TakenUp::No);
    };
    let Some(guest_id) = begin(tx, form, AnsweredAs::Guest, inviter.parties.mirrored(), now).await? else {
        return Ok(TakenUp::No);
    };
    invitations::set_guest(tx, found.id, guest_id).await?;
    add_outcome(tx, InvitationOutcome::Accepted).await?;
    addresses::forget_address(tx, found.id).await?;
    begun_by(tx, Some(guest_id), form).await
}

/// The partner says no; with the hash of the address it was written to, for good. False: it was not open any more.
pub(crate) async fn decline(tx: &mut Tx, id: i64, never_again: Option<&[u8]>, now: Timestamp) -> Result<bool, DbError> {
    if let Some(hash) = never_again {
        addresses::refuse(tx, hash, now).await?;
    }
    let declined = invitations::move_on(tx, id, &[InvitationState::Open], InvitationState::Declined).await?;
    if declined {
        let outcome = if never_again.is_some() {
            InvitationOutcome::Refused
        } else {
            InvitationOutcome::Declined
        };
        add_outcome(tx, outcome).await?;
        addresses::forget_address(tx, id).await?;
    }
    Ok(declined)
}

/// What came of saying what is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// It holds from now on.
    Saved,
    /// The report was revealed before, and holds something else.
    Revealed,
    /// There is nothing to share with.
    Over,
}

/// Says what is shared once both have finished and agreed.
pub(crate) async fn share(tx: &mut Tx, assessment_id: i64, shared: Shared, now: Timestamp) -> Result<Sharing, DbError> {
    if let Some(found) = invitations::of_assessment(tx, assessment_id).await? {
        invitations::lock(tx, found.id).await?;
    }
    let found = invitations::of_assessment(tx, assessment_id).await?;
    let Some((invitation, party)) = found.and_then(|found| Some((found.clone(), found.party(assessment_id)?))) else {
        return Ok(Sharing::Over);
    };
    if !invitation.is_alive(now) {
        return Ok(Sharing::Over);
    }
    let saved = invitations::set_shares(tx, invitation.id, party, shared).await?;
    if !saved && invitation.shared(party) != shared {
        return Ok(Sharing::Revealed);
    }
    reveal_if_ready(tx, invitation.id, now).await?;
    Ok(Sharing::Saved)
}

/// Reveals the joint report once both have finished and agreed: from then on neither changes. True: it is revealed.
pub(crate) async fn reveal_if_ready(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, DbError> {
    let revealed = invitations::mark_revealed(tx, id, now).await?;
    let Some(invitation) = invitations::by_id(tx, id).await? else {
        return Ok(false);
    };
    if revealed {
        add_outcome(tx, InvitationOutcome::Revealed).await?;
        assessments::freeze(tx, invitation.inviter_id).await?;
        if let Some(guest_id) = invitation.guest_id {
            assessments::freeze(tx, guest_id).await?;
        }
    }
    Ok(invitation.revealed_at.is_some() && invitation.state == InvitationState::Accepted)
}

/// One of the two takes back what an assessment shares; a joint report is gone for both.
pub(crate) async fn withdraw(tx: &mut Tx, assessment_id: i64) -> Result<(), DbError> {
    let found = invitations::of_assessment(tx, assessment_id).await?;
    if let Some((invitation, party)) = found.and_then(|found| Some((found.id, found.party(assessment_id)?))) {
        end(tx, invitation, party).await?;
    }
    Ok(())
}

/// Where one of the two erases the answers, that is a withdrawal of all there ever was.
pub(super) async fn leave(tx: &mut Tx, assessment_id: i64) -> Result<(), DbError> {
    for invitation in invitations::all_of_assessment(tx, assessment_id).await? {
        let party = invitation.party(assessment_id).unwrap_or(Party::Guest);
        end(tx, invitation.id, party).await?;
    }
    Ok(())
}

/// Who was asked leaves it as declined: by the link, whoever asked does not see which of the two it was.
async fn end(tx: &mut Tx, id: i64, party: Party) -> Result<(), DbError> {
    let from = [InvitationState::Open, InvitationState::Accepted];
    let to = match party {
        Party::Inviter => InvitationState::Withdrawn,
        Party::Guest => InvitationState::Declined,
    };
    if invitations::move_on(tx, id, &from, to).await? {
        add_outcome(tx, InvitationOutcome::Withdrawn).await?;
        addresses::forget_about_invitation(tx, id).await?;
    }
    Ok(())
}

/// Ends an invitation that nobody took up.
pub(super) async fn expire(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    if invitations::move_on(tx, id, &[InvitationState::Open], InvitationState::Withdrawn).await? {
        add_outcome(tx, InvitationOutcome::Expired).await?;
        addresses::forget_address(tx, id).await?;
    }
    Ok(())
}
