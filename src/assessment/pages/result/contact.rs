//! Leaving an address: the report by mail, a reminder, or a talk with the firm. Each is asked for by itself.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Data, Path};
use jiff::Timestamp;

use crate::assessment::mails::kinds::{REMINDER, REPORT};
use crate::assessment::model::assessment::Assessment;
use crate::assessment::pages::result::mine::{self, ContactForm, back};
use crate::assessment::pages::taking::form_id;
use crate::assessment::pages::{open, open_finished};
use crate::assessment::store::contact_requests;
use crate::assessment::words::bank::Bank;
use crate::assessment::{REMIND_AFTER, RESULT_LIFE};
use crate::contacts::Traces;
use crate::contacts::pages::address;
use crate::db::DbError;
use crate::mail::outbox::{self, NewMail};
use crate::values::{EmailAddress, PersonName, PublicId};
use crate::web::gate::Admission;
use crate::web::layout::Field;
use crate::web::limits::{Allowance, Limit, LimitKey};
use crate::web::{Answer, AppState, Form};

/// The mail that is asked for.
struct ContactMail {
    email: EmailAddress,
    report: bool,
    remind: bool,
}

impl ContactMail {
    /// `Err`: the form as it was typed, with what is wrong.
    fn parse(form: &Form) -> Result<Self, Box<ContactForm>> {
        let mut typed = Self::typed(form);
        match address::read(form, "email") {
            Ok(email) if typed.report || typed.remind => {
                return Ok(Self {
                    email,
                    report: typed.report,
                    remind: typed.remind,
                });
            }
            Ok(_) => typed.email.error = Some("Choose the report, the reminder, or both.".to_owned()),
            Err(field) => typed.email = field,
        }
        Err(Box::new(typed))
    }

    fn typed(form: &Form) -> ContactForm {
        ContactForm {
            email: address::shown(form, "email"),
            report: form.is_checked("report"),
            remind: form.is_checked("remind"),
            ..ContactForm::default()
        }
    }

    /// What the page says when it is done.
    fn done(&self) -> &'static str {
        match (self.report, self.remind) {
            (true, true) => "both",
            (true, false) => "mailed",
            _ => "reminder",
        }
    }
}

/// `POST /assessment/{token}/mail`: `email`, and `report`, `remind` or both.
pub(crate) async fn mail(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    admission: Admission,
    token: Path<String>,
    form: Form,
) -> Answer {
    let assessment = open_finished(&state, &token).await?;
    let wanted = match ContactMail::parse(&form) {
        Ok(wanted) => wanted,
        Err(typed) => return mine::refuse(&state, &bank, &assessment, *typed).await,
    };
    if wanted.remind && !can_remind(&assessment, state.clock.now()) {
        let mut typed = ContactMail::typed(&form);
        typed.remind_error = Some(too_short(&assessment, state.clock.now()));
        return mine::refuse(&state, &bank, &assessment, typed).await;
    }
    let refused = admission
        .refused()
        .or_else(|| too_much_mail(&state, REPORT.name, &wanted.email));
    if let Some(wait) = refused {
        return mine::refuse_for_now(&state, &bank, &assessment, ContactMail::typed(&form), wait).await;
    }
    enqueue(&state, &assessment, &wanted, form_id::read(&state, &form)).await?;
    state.bell.ring();
    Ok(back(&state, &assessment, wanted.done()))
}

/// Why there can be no reminder, and what to do.
fn too_short(assessment: &Assessment, now: Timestamp) -> String {
    let longest = assessment.finished_at.unwrap_or(now) + RESULT_LIFE;
    let instead = if now + REMIND_AFTER < longest {
        "Choose below that we keep it longer, then ask again."
    } else {
        "Answer again, and ask for a reminder of the new result."
    };
    format!("This result is deleted before 90 days are over, so we could not remind you. {instead}")
}

/// False where the result is gone before its reminder would go.
fn can_remind(assessment: &Assessment, now: Timestamp) -> bool {
    now + REMIND_AFTER < assessment.keep_until
}

/// Charges the address. `Some`: strangers caused enough mail of this kind to it; more can be asked for after this long.
pub(crate) fn too_much_mail(state: &AppState, kind: &'static str, email: &EmailAddress) -> Option<Duration> {
    let key = LimitKey::Recipient(kind, state.links.fingerprint(email));
    let limit = state.config.rate_limit_recipient.map(Limit::at_once);
    match state.limits.charge(key, limit, state.clock.now()) {
        Allowance::Refuse(wait) => Some(wait),
        Allowance::Pass | Allowance::Slow(_) => None,
    }
}

/// `once`: drawn where the form was shown, so that a form posted twice sends one mail.
async fn enqueue(
    state: &AppState,
    assessment: &Assessment,
    wanted: &ContactMail,
    once: PublicId,
) -> Result<(), DbError> {
    let now = state.clock.now();
    let new = |kind| {
        let key = outbox::key(kind, &once, 0);
        NewMail::new(kind, key, &wanted.email, assessment.id)
    };
    let report = wanted.report.then(|| new(&REPORT));
    let reminder = wanted.remind.then(|| new(&REMINDER).not_before(now + REMIND_AFTER));
    let id = assessment.id;
    state
        .db
        .write(move |tx| {
            let (report, reminder) = (report.clone(), reminder.clone());
            Box::pin(async move {
                if reminder.is_some() {
                    // There is one reminder; a later address takes the place of an earlier one.
                    outbox::forget_about(tx, &REMINDER, id).await?;
                }
                for mail in report.iter().chain(&reminder) {
                    outbox::enqueue(tx, mail, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Who wants to talk.
struct ContactRequestForm {
    name: PersonName,
    email: EmailAddress,
}

impl ContactRequestForm {
    /// `Err`: the form as it was typed, with what is wrong.
    fn parse(form: &Form) -> Result<Self, Box<ContactForm>> {
        let name = PersonName::parse(form.text("talk_name"));
        let email = address::read(form, "talk_email");
        match (name, email) {
            (Ok(name), Ok(email)) => Ok(Self { name, email }),
            (name, email) => {
                let mut typed = Self::typed(form);
                typed.talk_name.error = name.err().map(|problem| problem.to_string());
                typed.talk_email = email.err().unwrap_or(typed.talk_email);
                Err(Box::new(typed))
            }
        }
    }

    fn typed(form: &Form) -> ContactForm {
        ContactForm {
            talk_name: Field::of(form.text("talk_name")),
            talk_email: address::shown(form, "talk_email"),
            ..ContactForm::default()
        }
    }
}

/// `POST /assessment/{token}/talk`: name and address for the firm, with the factor scores.
pub(crate) async fn talk(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    traces: Data<Traces>,
    admission: Admission,
    token: Path<String>,
    form: Form,
) -> Answer {
    let assessment = open_finished(&state, &token).await?;
    let caller = match ContactRequestForm::parse(&form) {
        Ok(caller) => caller,
        Err(typed) => return mine::refuse(&state, &bank, &assessment, *typed).await,
    };
    if let Some(wait) = admission.refused() {
        return mine::refuse_for_now(&state, &bank, &assessment, ContactRequestForm::typed(&form), wait).await;
    }
    let (id, now) = (assessment.id, state.clock.now());
    state
        .db
        .write(move |tx| {
            let (name, email, traces) = (caller.name.clone(), caller.email.clone(), Data::clone(&traces));
            Box::pin(async move { contact_requests::put(tx, id, &name, &email, &traces, now).await })
        })
        .await?;
    Ok(back(&state, &assessment, "talk"))
}

/// `POST /assessment/{token}/talk/remove`
pub(crate) async fn remove_talk(state: Data<AppState>, traces: Data<Traces>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    let id = assessment.id;
    state
        .db
        .write(move |tx| {
            let traces = Data::clone(&traces);
            Box::pin(async move { contact_requests::remove(tx, id, &traces).await })
        })
        .await?;
    state.db.forget_deleted().await;
    Ok(back(&state, &assessment, "talk-removed"))
}
