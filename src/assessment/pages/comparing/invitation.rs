//! `GET, POST /assessment/invitations/{token}`: the partner's way in.

use actix_web::web::{Data, Path};
use askama::Template;

use crate::assessment::jobs::{TakenUp, comparing};
use crate::assessment::model::invitation::{Invitation, InvitationState};
use crate::assessment::pages::taking::form_id;
use crate::assessment::pages::taking::questions;
use crate::assessment::pages::{day, layout};
use crate::assessment::store::assessments;
use crate::assessment::store::invitations;
use crate::framed;
use crate::values::{LinkPurpose, PublicId};
use crate::web::layout::{Layout, When};
use crate::web::{Answer, AppState, Form, WebError, ok, see_other};

#[derive(Template)]
#[template(path = "assessment/invitation.html")]
struct InvitationPage {
    layout: Layout,
    token: String,
    /// For the form, so that a click that counts twice begins once.
    form_id: String,
    /// Who asks: a name that was typed, or the side's.
    who: String,
    /// The other side and the own one, where both have names that were typed.
    sides: Option<(String, String)>,
    /// The other side.
    partner: String,
    until: When,
    /// It came by a mail of ours.
    by_mail: bool,
}

framed!(InvitationPage);

#[derive(Template)]
#[template(path = "assessment/invitation_over.html")]
struct InvitationOverPage {
    layout: Layout,
    over: Over,
}

framed!(InvitationOverPage);

/// Why there is nothing to answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    NotOpen,
    Declined,
    /// And never to be written to again.
    Refused,
}

/// `GET /assessment/invitations/{token}`. Whoever asked has this link too: so it looks the same until its time is over,
/// whether somebody took it up, declined, or did nothing.
pub(crate) async fn show(state: Data<AppState>, token: Path<String>) -> Answer {
    let invitation = open(&state, &token).await?;
    if invitation.state == InvitationState::Withdrawn || state.clock.now() >= invitation.expires_at {
        return over(&state, Over::NotOpen);
    }
    let inviter = assessments::by_id(&mut state.db.read().await?, invitation.inviter_id).await?;
    let parties = inviter.ok_or(WebError::LinkExpired)?.parties.for_others();
    let typed = |name: &str| name.to_owned();
    let partner = parties.typed_us().map_or_else(|| "Your partner".to_owned(), typed);
    let named = Some(invitation.inviter_name.unlinked()).filter(|name| !name.is_empty());
    let who = named.unwrap_or_else(|| partner.clone());
    ok(&InvitationPage {
        layout: layout(&state, "How do you see your partnership?"),
        token: token.into_inner(),
        form_id: form_id::fresh(&state),
        who,
        sides: parties.typed_us().map(typed).zip(parties.typed_partner().map(typed)),
        partner,
        until: day(invitation.expires_at),
        by_mail: invitation.address_hash.is_some(),
    })
}

/// `GET /assessment/invitations/over`, `…/declined`, `…/refused`: what a post led to. They say nothing of any invitation.
pub(crate) async fn not_open(state: Data<AppState>) -> Answer {
    over(&state, Over::NotOpen)
}

/// See [`not_open`].
pub(crate) async fn declined(state: Data<AppState>) -> Answer {
    over(&state, Over::Declined)
}

/// See [`not_open`].
pub(crate) async fn refused(state: Data<AppState>) -> Answer {
    over(&state, Over::Refused)
}

/// `POST /assessment/invitations/{token}`: `answer` is `accept`, `decline` or `never`.
pub(crate) async fn answer(state: Data<AppState>, token: Path<String>, form: Form) -> Answer {
    let invitation = open(&state, &token).await?;
    match form.text("answer") {
        "accept" => accept(&state, &invitation, form_id::read(&state, &form)).await,
        "decline" => decline(&state, &invitation, false).await,
        "never" => decline(&state, &invitation, true).await,
        _ => Err(WebError::Unprocessable("Choose whether you want to answer.".to_owned())),
    }
}

async fn accept(state: &AppState, invitation: &Invitation, form: PublicId) -> Answer {
    let (id, now) = (invitation.public_id, state.clock.now());
    let accepted = state
        .db
        .write(move |tx| Box::pin(async move { comparing::accept(tx, id, form, now).await }))
        .await?;
    // The address has gone from the outbox.
    state.db.forget_deleted().await;
    match accepted {
        TakenUp::Yes(begun) => Ok(questions::begun(state, begun.public_id)),
        TakenUp::No => Ok(see_other("/assessment/invitations/over")),
    }
}

async fn decline(state: &AppState, invitation: &Invitation, never_again: bool) -> Answer {
    if !invitation.is_open(state.clock.now()) {
        return Ok(see_other("/assessment/invitations/over"));
    }
    let hash = invitation.address_hash.clone().filter(|_| never_again);
    let led_to = if hash.is_some() { "refused" } else { "declined" };
    let (id, now) = (invitation.id, state.clock.now());
    let declined = state
        .db
        .write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move { comparing::decline(tx, id, hash.as_deref(), now).await })
        })
        .await?;
    state.db.forget_deleted().await;
    // Somebody may have taken it up at the same moment.
    let led_to = if declined { led_to } else { "over" };
    Ok(see_other(&format!("/assessment/invitations/{led_to}")))
}

fn over(state: &AppState, over: Over) -> Answer {
    let title = match over {
        Over::NotOpen => "This invitation is not open any more",
        Over::Declined | Over::Refused => "You declined",
    };
    ok(&InvitationOverPage {
        layout: layout(state, title),
        over,
    })
}

async fn open(state: &AppState, token: &str) -> Result<Invitation, WebError> {
    let link = state
        .links
        .read(LinkPurpose::AssessmentInvitation, token)
        .filter(|link| link.generation == 0)
        .ok_or(WebError::LinkExpired)?;
    let found = invitations::by_public_id(&mut state.db.read().await?, link.id).await?;
    found.ok_or(WebError::LinkExpired)
}
