//! `/organizer/password`: who is signed in types the password again before what is hard to take back.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use secrecy::SecretString;

use super::HOME;
use super::interrupted::Interrupted;
use super::sign_in::comes_from;
use crate::framed;
use crate::organizers::desk::SignInDesk;
use crate::organizers::{FRESH_FOR, cookie, guard, store};
use crate::web::form::CarryingForm;
use crate::web::gate::Admission;
use crate::web::layout::{Layout, Section};
use crate::web::{Answer, AppState, OurPage, page, see_other, too_many};

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
    let (account, is_known_here) = {
        let conn = &mut state.db.read().await?;
        let from = comes_from(&state, &request);
        let account = store::find(conn, &organizer.email).await?;
        (account, store::knows_network(conn, organizer.id, &from.hash).await?)
    };
    let network = state.network_of(&request);
    let charged = desk
        .limit
        .charge(&state, &organizer.email, network, account.as_ref(), is_known_here);
    let guess = match charged {
        Ok(guess) => guess,
        Err(wait) => return refuse_for_now(shown, wait),
    };
    tokio::time::sleep(guess.pause).await;
    let stored = account.map(|account| account.password_hash);
    if !desk
        .hasher
        .verify(SecretString::from(form.text("password")), stored)
        .await?
    {
        admission.keep();
        return page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &shown.refused("The password is wrong."),
        );
    }
    admission.give_back();
    guess.give_back(&state.limits, state.clock.now());
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

fn refuse_for_now(shown: PasswordPage, wait: Duration) -> Answer {
    let shown = shown.refused(&format!("Too many attempts. Try again {}.", too_many::in_words(wait)));
    too_many::answer(page(StatusCode::TOO_MANY_REQUESTS, &shown), wait)
}
