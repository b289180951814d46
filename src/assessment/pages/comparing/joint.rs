//! `GET /assessment/joint/{token}`: two views side by side, once both have finished and agreed.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use jiff::Timestamp;

use crate::assessment::Parties;
use crate::assessment::charts::JointCharts;
use crate::assessment::links;
use crate::assessment::model::assessment::Assessment;
use crate::assessment::model::invitation::{INVITATION_SIDES, Invitation, InvitationState};
use crate::assessment::pages::result::results::{ReportQuery, pdf};
use crate::assessment::pages::{day, layout};
use crate::assessment::report::joint_pdf;
use crate::assessment::scoring::paired::compare;
use crate::assessment::store::{assessments, invitations};
use crate::assessment::words::bank::Bank;
use crate::assessment::words::reading::{JointReading, read_joint};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::typesetting::Fonts;
use crate::values::{LinkPurpose, Said};
use crate::web::layout::{Layout, When};
use crate::web::{Answer, AppState, WebError, ok, page};

#[derive(Template)]
#[template(path = "assessment/joint.html")]
struct JointPage {
    layout: Layout,
    joint: JointReading,
    charts: JointCharts,
    purposes: Option<(String, String)>,
    date: When,
    report_path: String,
}

framed!(JointPage);

#[derive(Template)]
#[template(path = "assessment/no_joint.html")]
struct NoJointPage {
    layout: Layout,
}

framed!(NoJointPage);

/// Both views, and what may be shown of them.
struct Revealed {
    invitation: Invitation,
    a: Assessment,
    b: Assessment,
}

impl Revealed {
    fn parties(&self) -> Parties {
        self.a.parties.for_both(INVITATION_SIDES).for_others()
    }

    fn reading(&self, bank: &Bank, parties: &Parties) -> JointReading {
        read_joint(bank, parties, &compare(&self.a.answers, &self.b.answers))
    }

    /// The two sentences, only where both agreed.
    fn purposes(&self) -> Option<(String, String)> {
        if !(self.invitation.inviter.purpose && self.invitation.guest.purpose) {
            return None;
        }
        let sentence =
            |assessment: &Assessment| Some(Said::new(assessment.closing.purpose.as_ref()?.as_str()).unlinked());
        sentence(&self.a).zip(sentence(&self.b))
    }
}

/// `GET /assessment/joint/{token}`
pub(crate) async fn show(state: Data<AppState>, bank: Data<Arc<Bank>>, token: Path<String>) -> Answer {
    let Some(revealed) = open(&state, &token).await? else {
        let layout = layout(&state, "There is no joint report");
        return page(StatusCode::NOT_FOUND, &NoJointPage { layout });
    };
    let joint = revealed.reading(&bank, &revealed.parties());
    let title = format!("{} and {}: two views", joint.a, joint.b);
    ok(&JointPage {
        layout: layout(&state, title),
        charts: JointCharts::new(&joint),
        purposes: revealed.purposes(),
        date: day(revealed.invitation.revealed_at.unwrap_or(revealed.a.changed_at)),
        report_path: format!("/assessment/joint/{token}/report.pdf"),
        joint,
    })
}

/// `GET /assessment/joint/{token}/report.pdf`
pub(crate) async fn report(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    fonts: Data<Fonts>,
    token: Path<String>,
    wanted: Query<ReportQuery>,
) -> Answer {
    let revealed = open(&state, &token).await?.ok_or(WebError::LinkExpired)?;
    let about = links::about_both(&state, &revealed.invitation, &revealed.a, &revealed.b);
    let paper = wanted.paper();
    pdf("joint-report.pdf", move || {
        let (about, parties) = about.naming(&fonts, &revealed.parties(), INVITATION_SIDES);
        let (joint, purposes) = (revealed.reading(&bank, &parties), revealed.purposes());
        let purposes = purposes.as_ref().map(|(a, b)| (a.as_str(), b.as_str()));
        joint_pdf(&fonts, paper, &about, &joint, purposes)
    })
    .await
}

/// `None`: there is none, not yet or not any more. Which of the two is nobody's business.
async fn open(state: &AppState, token: &str) -> Result<Option<Revealed>, WebError> {
    let link = state
        .links
        .read(LinkPurpose::AssessmentJoint, token)
        .filter(|link| link.generation == 0)
        .ok_or(WebError::LinkExpired)?;
    let conn = &mut state.db.read().await?;
    let Some(invitation) = invitations::by_public_id(conn, link.id).await? else {
        return Ok(None);
    };
    let is_revealed = invitation.revealed_at.is_some() && invitation.state == InvitationState::Accepted;
    if !is_revealed {
        return Ok(None);
    }
    Ok(both(conn, invitation, state.clock.now()).await?)
}

async fn both(conn: &mut Conn, invitation: Invitation, now: Timestamp) -> Result<Option<Revealed>, DbError> {
    let a = assessments::by_id(conn, invitation.inviter_id).await?;
    let b = match invitation.guest_id {
        Some(id) => assessments::by_id(conn, id).await?,
        None => None,
    };
    let both = a.zip(b).filter(|(a, b)| a.keep_until > now && b.keep_until > now);
    Ok(both.map(|(a, b)| Revealed { invitation, a, b }))
}
