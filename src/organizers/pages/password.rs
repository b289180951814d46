//! `/organizer/password`: who is signed in types the password again before what is hard to take back.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use secrecy::SecretString;

use super::HOME;
use super::interrupted::Interrupted;
use super::sign_in::{comes_from, look_up, start_sign_in};
use crate::framed;
use crate::organizers::desk::SignInDesk;
use crate::organizers::signing_in::SecondStep;
use crate::organizers::store::Account;
use crate::organizers::{FRESH_FOR, cookie, guard, store};
use crate::values::EmailAddress;
use crate::web::form::CarryingForm;
use crate::web::gate::Admission;
use crate::web::layout::{Layout, Section};
use crate::web::{Answer, AppState, OurPage, WebError, page, see_other, too_many};

/// The question.
#[derive(Template)]
#[template(path = "organizers/password.html")]
pub(super) struct PasswordPage {
    layout: Layout,
    hidden: Vec<(String, String)>,
    refused: Option<String>,
}

framed!(PasswordPage);

impl PasswordPage {
    /// Before a post that was interrupted.
    pub(super) fn before(state: &AppState, interrupted: &Interrupted) -> Self {
        Self {
            layout: state.personal_layout(Section::None, "Your password, please"),
            hidden: interrupted.hidden(),
            refused: None,
        }
    }

    fn refused(self, words: &str) -> Self {
        Self {
            refused: Some(words.to_owned()),
            ..self
        }
    }
}

/// `POST /organizer/password`
pub(super) async fn confirm(
    _: OurPage,
    state: Data<AppState>,
    desk: Data<SignInDesk>,
    admission: Admission,
    request: HttpRequest,
    form: CarryingForm,
) -> Answer {
    let form = form.0;
    let Some(interrupted) = Interrupted::carried(&form) else {
        return Ok(see_other(HOME));
    };
    let shown = PasswordPage::before(&state, &interrupted);
    if let Some(wait) = admission.refused() {
        return refuse_for_now(shown, wait);
    }
    let Some(organizer) = guard::find_sign_in(&state, &request)
        .await?
        .map(|found| found.organizer)
    else {
        return Ok(see_other("/organizer/sign-in"));
    };
    match check_password(&state, &desk, &request, &organizer.email, form.text("password")).await? {
        PasswordCheck::Right => admission.give_back(),
        PasswordCheck::TooMany(wait) => return refuse_for_now(shown, wait),
        PasswordCheck::Wrong => {
            admission.keep();
            return page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &shown.refused("The password is wrong."),
            );
        }
    }
    if let Some(token) = cookie::token(&state, &request) {
        let (hash, until) = (token.hash(), state.clock.now() + FRESH_FOR);
        let write = state.db.write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move { store::freshen(tx, &hash, until).await })
        });
        write.await?;
    }
    interrupted.go_on(&state)
}

/// What a password is worth that somebody types who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordCheck {
    /// It is theirs.
    Right,
    /// It is not.
    Wrong,
    /// There were too many; so long to stay away.
    TooMany(Duration),
}

/// Checks it. Every try counts as a guess until it is right.
///
/// # Errors
/// When the database fails, or too many passwords wait.
pub(crate) async fn check_password(
    state: &AppState,
    desk: &SignInDesk,
    request: &HttpRequest,
    email: &EmailAddress,
    typed: &str,
) -> Result<PasswordCheck, WebError> {
    let (account, is_known_here) = look_up(state, Some(email), &comes_from(state, request)).await?;
    let network = state.network_of(request);
    let charged = desk
        .limit
        .charge(state, email, network, account.as_ref(), is_known_here);
    let guess = match charged {
        Ok(guess) => guess,
        Err(wait) => return Ok(PasswordCheck::TooMany(wait)),
    };
    tokio::time::sleep(guess.pause).await;
    let stored = account.map(|account| account.password_hash);
    if !desk.hasher.verify(SecretString::from(typed), stored).await? {
        return Ok(PasswordCheck::Wrong);
    }
    guess.give_back(&state.limits, state.clock.now());
    Ok(PasswordCheck::Right)
}

/// Signs the browser in once more, in place of the sign-in that it had.
///
/// # Errors
/// When the database fails.
pub(crate) async fn sign_in_anew(
    state: &AppState,
    desk: &SignInDesk,
    request: &HttpRequest,
    account: &Account,
    then: HttpResponse,
) -> Answer {
    let second = match account.second_factor {
        Some(_) => SecondStep::Earlier,
        None => SecondStep::None,
    };
    let from = comes_from(state, request);
    let started = start_sign_in(state, &desk.kept, account, (from, second), then).await?;
    Ok(started.unwrap_or_else(|| see_other("/organizer/sign-in")))
}

fn refuse_for_now(shown: PasswordPage, wait: Duration) -> Answer {
    let shown = shown.refused(&format!("Too many attempts. Try again {}.", too_many::in_words(wait)));
    too_many::answer(page(StatusCode::TOO_MANY_REQUESTS, &shown), wait)
}
