//! Where comparing with the partner stands, as the respondent's own page says it.

use super::day;
use crate::assessment::assessment::Assessment;
use crate::assessment::invitation::{Invitation, Party, Shared};
use crate::assessment::links;
use crate::assessment::store::{invitations, rounds};
use crate::db::{Conn, DbError};
use crate::web::AppState;
use crate::web::layout::When;

/// What the respondent's own page says about comparing two views.
pub(super) enum Comparing {
    /// Nobody was asked yet, or there is nothing to wait for any more.
    CanInvite {
        /// For the form, so that it makes one invitation.
        draft: String,
        /// There was something to compare; there is nothing any more.
        over: bool,
    },
    /// Asked. Whether the other side has begun or finished is nobody's business.
    Waiting {
        /// The link to pass on, for who asks; `None` for who was asked.
        link: Option<String>,
        until: Option<When>,
        shared: Shared,
        has_purpose: bool,
    },
    /// Both have finished and agreed.
    Revealed { path: String },
    /// This answer belongs to a round of several.
    InRound,
}

/// Where comparing stands for an assessment.
pub(super) async fn comparing(
    state: &AppState,
    conn: &mut Conn,
    assessment: &Assessment,
) -> Result<Comparing, DbError> {
    if rounds::seat_of_assessment(conn, assessment.id).await?.is_some() {
        return Ok(Comparing::InRound);
    }
    let now = state.clock.now();
    let found = invitations::of_assessment(conn, assessment.id).await?;
    let was_there = found.is_some();
    let Some(invitation) = found.filter(|found| found.is_alive(now)) else {
        // Frozen without an invitation: there was a report, and the other side has deleted its answers.
        return Ok(Comparing::CanInvite {
            draft: super::start::new_draft(state),
            over: was_there || assessment.frozen,
        });
    };
    if invitation.revealed_at.is_some() {
        let path = links::joint_path(state, &invitation);
        return Ok(Comparing::Revealed { path });
    }
    Ok(waiting(state, assessment, &invitation))
}

fn waiting(state: &AppState, assessment: &Assessment, invitation: &Invitation) -> Comparing {
    let party = invitation.party(assessment.id).unwrap_or(Party::Inviter);
    let is_inviter = party == Party::Inviter;
    let url = || state.config.public_url.link(&links::invitation_path(state, invitation));
    Comparing::Waiting {
        link: is_inviter.then(url),
        until: is_inviter.then(|| day(invitation.expires_at)),
        shared: invitation.shared(party),
        has_purpose: assessment.closing.purpose.is_some(),
    }
}
