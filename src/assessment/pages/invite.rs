//! Asking the partner, and what each side shares: forms on the respondent's own page.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use jiff::Timestamp;

use super::mine::{self, ContactForm, back};
use super::{contact, open, open_finished};
use crate::assessment::Parties;
use crate::assessment::assessment::AnsweredAs;
use crate::assessment::bank::Bank;
use crate::assessment::invitation::Shared;
use crate::assessment::mail_kinds::INVITATION;
use crate::assessment::store::invitations::{self, NewInvitation};
use crate::assessment::store::{assessments, mail as addresses};
use crate::contacts::visitor::Gate;
use crate::db::{DbError, Tx};
use crate::mail::outbox::{self, NewMail};
use crate::values::EmailAddress;
use crate::web::layout::Field;
use crate::web::limits::Key;
use crate::web::{Allowance, Answer, AppState, Form, WebError};

/// Invitations that one assessment may make in a day.
const MOST_A_DAY: i64 = 5;
const A_DAY: Duration = Duration::from_hours(24);

/// `POST /assessment/{token}/invite`: makes the invitation; with `partner_email`, mails it once.
pub(super) async fn invite(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    request: HttpRequest,
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
    let gate = Gate::new(&state, &request, "assessment-invite");
    if let Some(email) = &asked.email
        && let Err(wait) = may_write_to(&state, &gate, email).await
    {
        return mine::refuse_for_now(&state, &bank, &assessment, Asked::typed(&form), wait).await;
    }
    let new = NewInvitation {
        public_id: super::start::draft(&state, &form),
        inviter_id: assessment.id,
        inviter_name: asked.name,
        shared: shared(&form),
        address_hash: asked.email.as_ref().map(|email| state.links.fingerprint(email)),
    };
    let by_mail = asked.email.is_some();
    let made = make(&state, new, asked.email, now).await?;
    gate.charge_if(by_mail);
    state.bell.ring();
    let done = match made {
        Made::Used => "invitation-used",
        Made::NotAgain => "invited-before",
        Made::Yes if by_mail => "invited-by-mail",
        Made::Yes => "invited",
    };
    Ok(back(&state, &assessment, done))
}

/// What came of making an invitation.
enum Made {
    Yes,
    /// The same, but this address was written to already.
    NotAgain,
    /// The form made one before, which is over.
    Used,
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
        let email = Some(form.text("partner_email")).filter(|typed| !typed.trim().is_empty());
        match (name, email.map(EmailAddress::parse).transpose()) {
            (Ok(name), Ok(email)) => Ok(Self { name, email }),
            (name, email) => {
                let mut typed = Self::typed(form);
                typed.inviter_name.error = name.err().map(|problem| problem.to_string());
                typed.partner_email.error = email.err().map(|problem| problem.to_string());
                Err(Box::new(typed))
            }
        }
    }

    fn typed(form: &Form) -> ContactForm {
        ContactForm {
            partner_email: Field::of(form.text("partner_email")),
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

/// At most so much mail to one address, and to one domain, whoever asks for it.
async fn may_write_to(state: &AppState, gate: &Gate<'_>, email: &EmailAddress) -> Result<(), Duration> {
    contact::pass(state, gate, email).await?;
    let (key, now) = (Key::Recipient(email.domain().as_bytes().to_vec()), state.clock.now());
    if let Allowance::Refuse(wait) = state.wide_form_limit.check(&key, now) {
        return Err(wait);
    }
    state.wide_form_limit.charge(key, now);
    Ok(())
}

async fn make(
    state: &AppState,
    new: NewInvitation,
    email: Option<EmailAddress>,
    now: Timestamp,
) -> Result<Made, DbError> {
    state
        .db
        .write(move |tx| {
            let (new, email) = (new.clone(), email.clone());
            Box::pin(async move { make_in(tx, &new, email.as_ref(), now).await })
        })
        .await
}

/// While one invitation is alive there is no second one: a report has two sides.
///
/// Where the address refuses our mail, nothing is sent, and nobody is told. Whoever asked at it before is told that we
/// write once.
async fn make_in(tx: &mut Tx, new: &NewInvitation, to: Option<&EmailAddress>, now: Timestamp) -> Result<Made, DbError> {
    assessments::lock(tx, new.inviter_id).await?;
    let before = invitations::of_assessment(tx, new.inviter_id).await?;
    if before.is_some_and(|before| before.is_alive(now)) {
        return Ok(Made::Yes);
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
        return Ok(Made::Used);
    };
    if was_invited {
        return Ok(Made::NotAgain);
    }
    if let Some(email) = to.filter(|_| !is_refused) {
        let key = outbox::key(&INVITATION, &new.public_id, 1);
        outbox::enqueue(tx, &NewMail::new(&INVITATION, key, email, id), now).await?;
    }
    Ok(Made::Yes)
}

/// `POST /assessment/{token}/share`: what is shared once both have finished and agreed.
pub(super) async fn share(state: Data<AppState>, token: Path<String>, form: Form) -> Answer {
    let assessment = open(&state, &token).await?;
    let shared = shared(&form);
    let (id, now) = (assessment.id, state.clock.now());
    let changed = state
        .db
        .write(move |tx| Box::pin(async move { share_in(tx, id, shared, now).await }))
        .await?;
    match changed {
        Sharing::Saved => Ok(back(&state, &assessment, "shared")),
        Sharing::Revealed => Ok(back(&state, &assessment, "share-late")),
        Sharing::Over => Err(WebError::Unprocessable(
            "There is no joint report to share with any more. You can ask your partner again.".to_owned(),
        )),
    }
}

/// What came of saying what is shared.
enum Sharing {
    Saved,
    /// The report was revealed before, and holds something else.
    Revealed,
    /// There is nothing to share with.
    Over,
}

async fn share_in(tx: &mut Tx, id: i64, shared: Shared, now: Timestamp) -> Result<Sharing, DbError> {
    if let Some(found) = invitations::of_assessment(tx, id).await? {
        invitations::lock(tx, found.id).await?;
    }
    let found = invitations::of_assessment(tx, id).await?;
    let Some((invitation, party)) = found.and_then(|found| Some((found.clone(), found.party(id)?))) else {
        return Ok(Sharing::Over);
    };
    if !invitation.is_alive(now) {
        return Ok(Sharing::Over);
    }
    let saved = invitations::set_shares(tx, invitation.id, party, shared).await?;
    if !saved && invitation.shared(party) != shared {
        return Ok(Sharing::Revealed);
    }
    invitations::reveal_if_ready(tx, invitation.id, now).await?;
    Ok(Sharing::Saved)
}

/// `POST /assessment/{token}/withdraw`: before the reveal or after it; the joint report is gone for both.
pub(super) async fn withdraw(state: Data<AppState>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    let id = assessment.id;
    state
        .db
        .write(move |tx| Box::pin(async move { withdraw_in(tx, id).await }))
        .await?;
    state.db.forget_deleted().await;
    Ok(back(&state, &assessment, "withdrawn"))
}

async fn withdraw_in(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let found = invitations::of_assessment(tx, id).await?;
    if let Some((invitation, party)) = found.and_then(|found| Some((found.id, found.party(id)?))) {
        invitations::withdraw(tx, invitation, party).await?;
    }
    Ok(())
}
