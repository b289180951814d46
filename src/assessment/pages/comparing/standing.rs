//! Where comparing with the partner stands, as the respondent's own page says it.

use jiff::Timestamp;

use crate::assessment::links;
use crate::assessment::model::assessment::{AnsweredAs, Assessment};
use crate::assessment::model::invitation::{Invitation, Party, Shared};
use crate::assessment::pages::day;
use crate::assessment::pages::taking::form_id;
use crate::assessment::store::{invitations, rounds};
use crate::db::{Conn, DbError};
use crate::web::AppState;
use crate::web::layout::When;

/// What the respondent's own page says about comparing two views.
pub(crate) enum Comparing {
    /// Nobody was asked yet, or there is nothing to wait for any more.
    CanInvite {
        /// For the form, so that it makes one invitation.
        form_id: String,
        /// There was something to compare; there is nothing any more.
        over: bool,
    },
    /// Asked. Whether the other side has begun or finished is nobody's business.
    Waiting {
        way_in: WayIn,
        shared: Shared,
        has_purpose: bool,
    },
    /// Both have finished and agreed.
    Revealed { path: String },
    /// This answer belongs to a round of several.
    InRound,
    /// It did, and whoever opened the round has deleted it, or its time is over.
    RoundGone,
}

/// How the partner comes to answer.
pub(crate) enum WayIn {
    /// By a link that is to be passed on; `mailed`: we were asked to send it.
    Link { url: String, until: When, mailed: bool },
    /// By a link that takes nobody in any more.
    RunOut,
    /// The partner has asked.
    ByPartner,
}

/// Where comparing stands for an assessment.
pub(crate) async fn comparing(
    state: &AppState,
    conn: &mut Conn,
    assessment: &Assessment,
) -> Result<Comparing, DbError> {
    if assessment.answered_as == AnsweredAs::OneOfSeveral {
        let place = rounds::place_of_assessment(conn, assessment.id).await?;
        return Ok(place.map_or(Comparing::RoundGone, |_| Comparing::InRound));
    }
    let now = state.clock.now();
    let found = invitations::of_assessment(conn, assessment.id).await?;
    let was_there = found.is_some();
    let Some(invitation) = found.filter(|found| found.is_alive(now)) else {
        // Without an invitation: the other side has deleted its answers, and with them what there was to compare.
        return Ok(Comparing::CanInvite {
            form_id: form_id::fresh(state),
            over: was_there || assessment.frozen || assessment.answered_as == AnsweredAs::Guest,
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
    let way_in = match party {
        Party::Guest => WayIn::ByPartner,
        Party::Inviter if invitation.expires_at <= state.clock.now() => WayIn::RunOut,
        Party::Inviter => WayIn::Link {
            url: state.config.public_url.link(&links::invitation_path(state, invitation)),
            until: day(invitation.expires_at),
            mailed: invitation.address_hash.is_some(),
        },
    };
    Comparing::Waiting {
        way_in,
        shared: invitation.shared(party),
        has_purpose: assessment.closing.purpose.is_some(),
    }
}

/// Whether a report that others see, or may see, goes with these answers.
pub(crate) async fn is_shared(conn: &mut Conn, assessment: &Assessment, now: Timestamp) -> Result<bool, DbError> {
    if !assessment.frozen {
        return Ok(false);
    }
    if assessment.answered_as == AnsweredAs::OneOfSeveral {
        return Ok(rounds::place_of_assessment(conn, assessment.id).await?.is_some());
    }
    let found = invitations::of_assessment(conn, assessment.id).await?;
    Ok(found.is_some_and(|found| found.revealed_at.is_some() && found.is_alive(now)))
}
