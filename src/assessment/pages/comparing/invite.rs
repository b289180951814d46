//! Asking the partner, and what each side shares: forms on the respondent's own page.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Data, Path};
use jiff::Timestamp;

use crate::assessment::Parties;
use crate::assessment::jobs::comparing::{self, Invited, Sharing};
use crate::assessment::mails::kinds::INVITATION;
use crate::assessment::model::assessment::AnsweredAs;
use crate::assessment::model::invitation::Shared;
use crate::assessment::pages::result::contact;
use crate::assessment::pages::result::mine::{self, ContactForm, back};
use crate::assessment::pages::taking::form_id;
use crate::assessment::pages::{open, open_finished};
use crate::assessment::store::invitations::{self, NewInvitation};
use crate::assessment::words::bank::Bank;
use crate::contacts::pages::address;
use crate::db::DbError;
use crate::values::EmailAddress;
use crate::web::gate::{Admission, Quota};
use crate::web::layout::Field;
use crate::web::limits::{Allowance, LimitKey};
use crate::web::{Answer, AppState, Form, WebError};

/// Invitations that one assessment may make in a day.
const MOST_A_DAY: i64 = 5;
const A_DAY: Duration = Duration::from_hours(24);

/// `POST /assessment/{token}/invite`: makes the invitation; with `partner_email`, mails it once.
pub(crate) async fn invite(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    admission: Admission,
    token: Path<String>,
    form: Form,
) -> Answer {
    let assessment = open_finished(&state, &token).await?;
    if assessment.answered_as == AnsweredAs::OneOfSeveral {
        return Err(WebError::Unprocessable(
            "You answered as one of several in a round, so the round compares the two sides.".to_owned(),
        ));
    }
    let asked = match Asked::parse(&form) {
        Ok(asked) => asked,
        Err(typed) => return mine::refuse(&state, &bank, &assessment, *typed).await,
    };
    let now = state.clock.now();
    let since = now - A_DAY;
    if invitations::made_since(&mut state.db.read().await?, assessment.id, since).await? >= MOST_A_DAY {
        return mine::refuse_for_now(&state, &bank, &assessment, Asked::typed(&form), A_DAY).await;
    }
    let too_much = || asked.email.as_ref().and_then(|email| too_much_to(&state, email));
    if let Some(wait) = admission.refused().or_else(too_much) {
        return mine::refuse_for_now(&state, &bank, &assessment, Asked::typed(&form), wait).await;
    }
    let new = NewInvitation {
        public_id: form_id::read(&state, &form),
        inviter_id: assessment.id,
        inviter_name: asked.name,
        shared: shared(&form),
        address_hash: asked.email.as_ref().map(|email| state.links.fingerprint(email)),
    };
    let by_mail = asked.email.is_some();
    let made = make(&state, new, asked.email, now).await?;
    state.bell.ring();
    let done = match made {
        Invited::Used => "invitation-used",
        Invited::Before => "invited-already",
        Invited::NotAgain => "invited-before",
        Invited::Yes if by_mail => "invited-by-mail",
        Invited::Yes => "invited",
    };
    Ok(back(&state, &assessment, done))
}

/// Who asks, and the address to ask at, if any.
struct Asked {
    name: String,
    email: Option<EmailAddress>,
}

impl Asked {
    /// `Err`: the form as it was typed, with what is wrong.
    fn parse(form: &Form) -> Result<Self, Box<ContactForm>> {
        let name = Parties::parse_name(form.text("inviter_name"), "");
        let is_by_mail = !form.text("partner_email").trim().is_empty();
        let email = is_by_mail.then(|| address::read(form, "partner_email"));
        match (name, email.transpose()) {
            (Ok(name), Ok(email)) => Ok(Self { name, email }),
            (name, email) => {
                let mut typed = Self::typed(form);
                typed.inviter_name.error = name.err().map(|problem| problem.to_string());
                typed.partner_email = email.err().unwrap_or(typed.partner_email);
                Err(Box::new(typed))
            }
        }
    }

    fn typed(form: &Form) -> ContactForm {
        ContactForm {
            partner_email: address::shown(form, "partner_email"),
            inviter_name: Field::of(form.text("inviter_name")),
            shares: shared(form),
            ..ContactForm::default()
        }
    }
}

fn shared(form: &Form) -> Shared {
    Shared {
        scores: form.is_checked("share"),
        purpose: form.is_checked("share_purpose"),
    }
}

/// Charges the address and its domain. `Some`: enough was sent there, whoever asked for it.
fn too_much_to(state: &AppState, email: &EmailAddress) -> Option<Duration> {
    let domain = LimitKey::Domain(state.links.hidden("domain", email.domain().as_bytes()));
    let (limit, now) = (Quota::Room.limit(state, None), state.clock.now());
    if let Allowance::Refuse(wait) = state.limits.charge(domain.clone(), limit, now) {
        return Some(wait);
    }
    let too_much = contact::too_much_mail(state, INVITATION.name, email);
    if too_much.is_some() {
        state.limits.give_back(&domain, limit, now);
    }
    too_much
}

async fn make(
    state: &AppState,
    new: NewInvitation,
    email: Option<EmailAddress>,
    now: Timestamp,
) -> Result<Invited, DbError> {
    state
        .db
        .write(move |tx| {
            let (new, email) = (new.clone(), email.clone());
            Box::pin(async move { comparing::invite(tx, &new, email.as_ref(), now).await })
        })
        .await
}

/// `POST /assessment/{token}/share`: what is shared once both have finished and agreed.
pub(crate) async fn share(state: Data<AppState>, token: Path<String>, form: Form) -> Answer {
    let assessment = open(&state, &token).await?;
    let shared = shared(&form);
    let (id, now) = (assessment.id, state.clock.now());
    let changed = state
        .db
        .write(move |tx| Box::pin(async move { comparing::share(tx, id, shared, now).await }))
        .await?;
    match changed {
        Sharing::Saved => Ok(back(&state, &assessment, "shared")),
        Sharing::Revealed => Ok(back(&state, &assessment, "share-late")),
        Sharing::Over => Err(WebError::Unprocessable(
            "There is no joint report to share with any more. You can ask your partner again.".to_owned(),
        )),
    }
}

/// `POST /assessment/{token}/withdraw`: before the reveal or after it; the joint report is gone for both.
pub(crate) async fn withdraw(state: Data<AppState>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    let id = assessment.id;
    state
        .db
        .write(move |tx| Box::pin(async move { comparing::withdraw(tx, id).await }))
        .await?;
    state.db.forget_deleted().await;
    Ok(back(&state, &assessment, "withdrawn"))
}
