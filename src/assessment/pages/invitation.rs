//! `GET, POST /assessment/invitations/{token}`: the partner's way in.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{day, layout, questions};
use crate::assessment::invitation::{Invitation, InvitationState};
use crate::assessment::store::invitations::{self, Accepted};
use crate::assessment::store::{assessments, mail as addresses};
use crate::assessment::{Parties, links};
use crate::db::{DbError, Tx};
use crate::values::{EmailAddress, PublicId, Purpose};
use crate::web::layout::{Layout, When};
use crate::web::{Answer, AppState, Form, WebError, ok, see_other};

/// The page says that nothing is sent to the address again.
const NEVER_AGAIN: &str = "never-again";

#[derive(Template)]
#[template(path = "assessment/invitation.html")]
struct InvitationPage {
    layout: Layout,
    token: String,
    /// For the form, so that a click that counts twice begins once.
    draft: String,
    /// Who asks: a name that was typed, or the side's.
    who: String,
    /// The sides as the invited one calls them.
    parties: Parties,
    until: When,
    /// It came by a mail of ours.
    by_mail: bool,
}

#[derive(Template)]
#[template(path = "assessment/invitation_over.html")]
struct InvitationOverPage {
    layout: Layout,
    /// The invited side said no.
    declined: bool,
    /// And is never written to again.
    never_again: bool,
}

/// `GET /assessment/invitations/{token}`
pub(super) async fn show(state: Data<AppState>, request: HttpRequest, token: Path<String>) -> Answer {
    let invitation = open(&state, &token).await?;
    if !invitation.is_open(state.clock.now()) {
        let declined = invitation.state == InvitationState::Declined;
        return over(&state, declined, declined && request.query_string() == NEVER_AGAIN);
    }
    let conn = &mut state.db.read().await?;
    let inviter = assessments::by_id(conn, invitation.inviter_id).await?;
    let parties = inviter.ok_or(WebError::LinkExpired)?.parties.mirrored();
    let who = if invitation.inviter_name.is_empty() {
        parties.partner.clone()
    } else {
        invitation.inviter_name.clone()
    };
    ok(&InvitationPage {
        layout: layout(&state, "How do you see your partnership?"),
        token: token.into_inner(),
        draft: PublicId::random().to_string(),
        who,
        parties,
        until: day(invitation.expires_at),
        by_mail: addresses::recipient(conn, invitation.id).await?.is_some(),
    })
}

/// `POST /assessment/invitations/{token}`: `answer` is `accept`, `decline` or `never`.
pub(super) async fn answer(state: Data<AppState>, token: Path<String>, form: Form) -> Answer {
    let invitation = open(&state, &token).await?;
    match form.text("answer") {
        "accept" => accept(&state, &invitation, super::start::draft(&form)).await,
        "decline" => decline(&state, &invitation, false).await,
        "never" => decline(&state, &invitation, true).await,
        _ => Err(WebError::Unprocessable("Choose whether you want to answer.".to_owned())),
    }
}

async fn accept(state: &AppState, invitation: &Invitation, draft: PublicId) -> Answer {
    let (id, now) = (invitation.public_id, state.clock.now());
    let accepted = state
        .db
        .write(move |tx| Box::pin(async move { invitations::accept(tx, id, draft, now).await }))
        .await?;
    match accepted {
        Accepted::Yes(begun) => Ok(questions::begun(state, begun.public_id)),
        Accepted::No => Ok(back(state, invitation, "")),
    }
}

async fn decline(state: &AppState, invitation: &Invitation, never_again: bool) -> Answer {
    if !invitation.is_open(state.clock.now()) {
        return Ok(back(state, invitation, ""));
    }
    let recipient = addresses::recipient(&mut state.db.read().await?, invitation.id).await?;
    let hash = recipient
        .filter(|_| never_again)
        .and_then(|recipient| EmailAddress::parse(&recipient).ok())
        .map(|address| state.links.fingerprint(&address));
    let (id, now) = (invitation.id, state.clock.now());
    state
        .db
        .write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move { decline_in(tx, id, hash.as_deref(), now).await })
        })
        .await?;
    state.db.forget_deleted().await;
    Ok(back(state, invitation, if never_again { NEVER_AGAIN } else { "" }))
}

/// To the page that says where the invitation stands now.
fn back(state: &AppState, invitation: &Invitation, query: &str) -> HttpResponse {
    let path = links::invitation_path(state, invitation);
    see_other(
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        }
        .as_str(),
    )
}

async fn decline_in(tx: &mut Tx, id: i64, hash: Option<&[u8]>, now: jiff::Timestamp) -> Result<(), DbError> {
    if let Some(hash) = hash {
        addresses::refuse(tx, hash, now).await?;
    }
    invitations::decline(tx, id, hash.is_some()).await.map(drop)
}

fn over(state: &AppState, declined: bool, never_again: bool) -> Answer {
    let title = if declined {
        "Thank you for answering"
    } else {
        "This invitation is not open any more"
    };
    ok(&InvitationOverPage {
        layout: layout(state, title),
        declined,
        never_again,
    })
}

async fn open(state: &AppState, token: &str) -> Result<Invitation, WebError> {
    let link = state
        .links
        .read(Purpose::AssessmentInvitation, token)
        .filter(|link| link.generation == 0)
        .ok_or(WebError::LinkExpired)?;
    let found = invitations::by_public_id(&mut state.db.read().await?, link.id).await?;
    found.ok_or(WebError::LinkExpired)
}
