//! Answering: a page of cards is stored, the result is asked for.

use jiff::Timestamp;

use super::comparing::reveal_if_ready;
use crate::assessment::DRAFT_LIFE;
use crate::assessment::model::answers::{Answers, FactorAnswers};
use crate::assessment::model::assessment::{Assessment, Closing};
use crate::assessment::model::factor::PerFactor;
use crate::assessment::store::counts::{self, Counted};
use crate::assessment::store::{assessments, invitations};
use crate::db::{DbError, Tx};
use crate::values::PublicId;

/// What a post brings.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    /// The answers that the page showed; `None` where the post does not say.
    pub seen: Option<Answers>,
    /// The answers that were posted; what was not posted is as it was seen.
    pub answers: PerFactor<Option<FactorAnswers>>,
    /// The last page, where it was posted.
    pub closing: Option<PostedClosing>,
    /// A page, from 1, and whether it was answered too fast.
    pub pace: Option<(usize, bool)>,
}

/// The last page as it was shown, and as it was posted; what was not posted is as it was seen.
#[derive(Clone, Debug)]
pub(crate) struct PostedClosing {
    pub seen: Closing,
    pub posted: Closing,
}

/// What came of a save.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Saved {
    /// It is as it stands now.
    Stored(Box<Assessment>),
    /// It is part of a report that others saw, and changes no more.
    Frozen,
    /// It was erased meanwhile.
    Gone,
}

/// Stores what a post brings, over what stands there, losing nothing of another device's answers.
pub(crate) async fn save(tx: &mut Tx, id: PublicId, posted: &Posted, now: Timestamp) -> Result<Saved, DbError> {
    let Some(found) = assessments::by_public_id(tx, id).await? else {
        return Ok(Saved::Gone);
    };
    assessments::lock(tx, found.id).await?;
    let Some(stored) = assessments::by_id(tx, found.id).await? else {
        return Ok(Saved::Gone);
    };
    if stored.frozen {
        return Ok(Saved::Frozen);
    }
    let changed = applied(&stored, posted, now);
    assessments::replace(tx, &changed).await?;
    if changed.is_finished() {
        assessments::put_result(tx, &changed).await?;
    }
    Ok(Saved::Stored(Box::new(changed)))
}

fn applied(stored: &Assessment, posted: &Posted, now: Timestamp) -> Assessment {
    let mut changed = stored.clone();
    for (factor, answers) in posted.answers.iter() {
        if let Some(answers) = answers {
            let was = stored.answers.get(factor);
            let seen = posted.seen.as_ref().map_or(was, |seen| seen.get(factor));
            *changed.answers.get_mut(factor) = FactorAnswers::merged(was, seen, answers);
        }
    }
    if let Some(closing) = &posted.closing {
        changed.closing = Closing::merged(&stored.closing, &closing.seen, &closing.posted);
    }
    if let Some((page, too_fast)) = posted.pace {
        let bit = 1_i64 << page.min(8);
        changed.hurried = if too_fast {
            changed.hurried | bit
        } else {
            changed.hurried & !bit
        };
    }
    // The date of a result is that of its answers: a page that was only looked at again changes nothing.
    if changed.answers != stored.answers || changed.closing != stored.closing {
        changed.changed_at = now;
    }
    if !changed.is_finished() {
        changed.keep_until = now + DRAFT_LIFE;
    }
    changed
}

/// Finishes it: the result is there from now on. A second time changes nothing.
pub(crate) async fn finish(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), DbError> {
    if assessments::mark_finished(tx, id, now).await?
        && let Some(assessment) = assessments::by_id(tx, id).await?
    {
        assessments::put_result(tx, &assessment).await?;
        counts::add(tx, assessment.parties.relationship, Counted::Finished, now).await?;
    }
    Ok(())
}

/// The same, and where the partner has finished and both agreed, the joint report is there too.
pub(crate) async fn finish_and_reveal(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), DbError> {
    let invitation = invitations::of_assessment(tx, id).await?;
    if let Some(invitation) = &invitation {
        invitations::lock(tx, invitation.id).await?;
    }
    finish(tx, id, now).await?;
    if let Some(invitation) = invitation {
        reveal_if_ready(tx, invitation.id, now).await?;
    }
    Ok(())
}
