//! The links of assessments, each for one purpose.

use super::report::About;
use crate::assessment::model::assessment::Assessment;
use crate::assessment::model::invitation::Invitation;
use crate::assessment::model::round::{Place, Round};
use crate::values::{LinkPurpose, PublicId, Zone};
use crate::web::AppState;

/// The respondent's own pages: `/assessment/{token}`.
#[must_use]
pub(crate) fn edit_path(state: &AppState, id: PublicId) -> String {
    format!("/assessment/{}", state.links.sign(LinkPurpose::AssessmentEdit, id, 0))
}

/// The respondent's own result.
#[must_use]
pub(crate) fn mine_path(state: &AppState, id: PublicId) -> String {
    format!("{}/mine", edit_path(state, id))
}

/// The same, absolute.
#[must_use]
pub(crate) fn mine_url(state: &AppState, assessment: &Assessment) -> String {
    state.config.public_url.link(&mine_path(state, assessment.public_id))
}

/// What may be shown to others.
#[must_use]
pub(crate) fn view_path(state: &AppState, assessment: &Assessment) -> String {
    let token = state.links.sign(
        LinkPurpose::AssessmentView,
        assessment.public_id,
        assessment.view_generation,
    );
    format!("/assessment/results/{token}")
}

/// The partner's way in.
#[must_use]
pub(crate) fn invitation_path(state: &AppState, invitation: &Invitation) -> String {
    let token = state
        .links
        .sign(LinkPurpose::AssessmentInvitation, invitation.public_id, 0);
    format!("/assessment/invitations/{token}")
}

/// The joint report.
#[must_use]
pub(crate) fn joint_path(state: &AppState, invitation: &Invitation) -> String {
    let token = state.links.sign(LinkPurpose::AssessmentJoint, invitation.public_id, 0);
    format!("/assessment/joint/{token}")
}

/// A round, for who opened it.
#[must_use]
pub(crate) fn round_path(state: &AppState, id: PublicId) -> String {
    format!(
        "/assessment/rounds/{}",
        state.links.sign(LinkPurpose::AssessmentRound, id, 0)
    )
}

/// A respondent's place in a round.
#[must_use]
pub(crate) fn place_path(state: &AppState, place: &Place) -> String {
    format!(
        "/assessment/rounds/{}",
        state.links.sign(LinkPurpose::AssessmentPlace, place.public_id, 0)
    )
}

/// What stands on a report besides the result.
#[must_use]
pub(crate) fn about(state: &AppState, assessment: &Assessment) -> About {
    About {
        organization: state.organization().as_str().to_owned(),
        headline: None,
        nameless: false,
        relationship: assessment.parties.relationship.in_words(),
        date: Zone::utc().at(assessment.dated()).date(),
        home_url: state.config.public_url.link(""),
        kept_until: assessment.keep_until.strftime("%B %-d, %Y").to_string(),
    }
}

/// The same of two views: they were compared when they were revealed, and go when the first of them goes.
#[must_use]
pub(crate) fn about_both(state: &AppState, invitation: &Invitation, a: &Assessment, b: &Assessment) -> About {
    let compared = invitation.revealed_at.unwrap_or(a.changed_at);
    let kept_until = a.keep_until.min(b.keep_until);
    About {
        date: Zone::utc().at(compared).date(),
        kept_until: kept_until.strftime("%B %-d, %Y").to_string(),
        ..about(state, a)
    }
}

/// The title of a round.
#[must_use]
pub(crate) fn round_title(round: &Round) -> String {
    let parties = round.parties_for_all();
    format!("{} and {}, round {}", parties.us, parties.partner, round.number)
}
