//! Leaving an address: the report by mail, a reminder, or a talk with the firm. Each is asked for by itself.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::mine::{self, ContactForm, back};
use super::{open, open_finished};
use crate::assessment::assessment::Assessment;
use crate::assessment::bank::Bank;
use crate::assessment::store::talks;
use crate::assessment::{REMIND_AFTER, mails};
use crate::contacts::visitor::{self, Gate};
use crate::mail::outbox::{self, NewMail};
use crate::values::{EmailAddress, PersonName};
use crate::web::layout::Field;
use crate::web::limits::Key;
use crate::web::{Allowance, Answer, AppState, Form};

/// `POST /assessment/{token}/mail`: `email`, and `report`, `remind` or both.
pub(super) async fn mail(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    request: HttpRequest,
    token: Path<String>,
    form: Form,
) -> Answer {
    let assessment = open_finished(&state, &token).await?;
    let mut typed = ContactForm {
        email: Field::of(form.text("email")),
        report: form.is_checked("report"),
        remind: form.is_checked("remind"),
        ..ContactForm::default()
    };
    let email = EmailAddress::parse(form.text("email"));
    typed.email.error = email.as_ref().err().map(ToString::to_string);
    if typed.email.error.is_none() && !(typed.report || typed.remind) {
        typed.email.error = Some("Choose the report, the reminder, or both.".to_owned());
    }
    let Ok(email) = email else {
        return mine::refuse(&state, &bank, &assessment, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    if typed.email.error.is_some() {
        return mine::refuse(&state, &bank, &assessment, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let gate = Gate::new(&state, &request, "assessment-mail");
    if let Err(wait) = pass(&state, &gate, &email).await {
        let again = mine::refuse(&state, &bank, &assessment, typed, StatusCode::TOO_MANY_REQUESTS).await;
        return visitor::too_many(again, wait);
    }
    let done = match (typed.report, typed.remind) {
        (true, true) => "both",
        (true, false) => "mailed",
        _ => "reminder",
    };
    enqueue(&state, &assessment, &email, typed.report, typed.remind).await?;
    gate.charge_if(true);
    state.bell.ring();
    Ok(back(&state, &assessment, done))
}

/// May this network post this, and may strangers cause more mail to this address? Charges the address.
pub(super) async fn pass(state: &AppState, gate: &Gate<'_>, email: &EmailAddress) -> Result<(), std::time::Duration> {
    gate.pass().await?;
    let (key, now) = (Key::Recipient(state.links.fingerprint(email)), state.clock.now());
    if let Allowance::Refuse(wait) = state.recipient_limit.check(&key, now) {
        return Err(wait);
    }
    state.recipient_limit.charge(key, now);
    Ok(())
}

async fn enqueue(
    state: &AppState,
    assessment: &Assessment,
    email: &EmailAddress,
    report: bool,
    remind: bool,
) -> Result<(), crate::db::DbError> {
    let now = state.clock.now();
    let mut wanted = Vec::new();
    let key = |kind| outbox::key(kind, &assessment.public_id, now.as_microsecond());
    if report {
        wanted.push(NewMail::new(&mails::REPORT, key(&mails::REPORT), email, assessment.id));
    }
    let reminder = NewMail::new(&mails::REMINDER, key(&mails::REMINDER), email, assessment.id);
    if remind {
        wanted.push(reminder.not_before(now + REMIND_AFTER));
    }
    let id = assessment.id;
    state
        .db
        .write(move |tx| {
            let wanted = wanted.clone();
            Box::pin(async move {
                if remind {
                    // There is one reminder; a later address takes the place of an earlier one.
                    outbox::forget_about(tx, mails::REMINDER.name, id).await?;
                }
                for mail in &wanted {
                    outbox::enqueue(tx, mail, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// `POST /assessment/{token}/talk`: name and address for the firm, with the factor scores.
pub(super) async fn talk(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    request: HttpRequest,
    token: Path<String>,
    form: Form,
) -> Answer {
    let assessment = open_finished(&state, &token).await?;
    let (name, email) = (
        PersonName::parse(form.text("talk_name")),
        EmailAddress::parse(form.text("talk_email")),
    );
    let (Ok(name), Ok(email)) = (&name, &email) else {
        let mut typed = ContactForm {
            talk_name: Field::of(form.text("talk_name")),
            talk_email: Field::of(form.text("talk_email")),
            ..ContactForm::default()
        };
        typed.talk_name.error = name.err().map(|problem| problem.to_string());
        typed.talk_email.error = email.err().map(|problem| problem.to_string());
        return mine::refuse(&state, &bank, &assessment, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let gate = Gate::new(&state, &request, "assessment-talk");
    if let Err(wait) = gate.pass().await {
        let typed = ContactForm {
            talk_name: Field::of(form.text("talk_name")),
            talk_email: Field::of(form.text("talk_email")),
            ..ContactForm::default()
        };
        let again = mine::refuse(&state, &bank, &assessment, typed, StatusCode::TOO_MANY_REQUESTS).await;
        return visitor::too_many(again, wait);
    }
    let (id, now, name, email) = (assessment.id, state.clock.now(), name.clone(), email.clone());
    state
        .db
        .write(move |tx| {
            let (name, email) = (name.clone(), email.clone());
            Box::pin(async move { talks::put(tx, id, &name, &email, now).await })
        })
        .await?;
    gate.charge_if(true);
    Ok(back(&state, &assessment, "talk"))
}

/// `POST /assessment/{token}/talk/remove`
pub(super) async fn remove_talk(state: Data<AppState>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    let id = assessment.id;
    state.db.write(move |tx| Box::pin(talks::remove(tx, id))).await?;
    state.db.forget_deleted().await;
    Ok(back(&state, &assessment, "talk-removed"))
}
