//! `/organizer/sign-in` and `/organizer/sign-out`.

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use secrecy::SecretString;
use serde::Deserialize;

use super::code::CodePage;
use super::interrupted::Interrupted;
use super::{HOME, safe_path};
use crate::config::SignOnConfig;
use crate::framed;
use crate::organizers::desk::SignInDesk;
use crate::organizers::kept_sign_ins::KeptSignIns;
use crate::organizers::sign_in_limit::SignInLimit;
use crate::organizers::signing_in::{self, ComesFrom, SecondStep, Started};
use crate::organizers::store::{self, Account};
use crate::organizers::{cookie, device, guard};
use crate::values::{EmailAddress, SecretToken};
use crate::web::form::CarryingForm;
use crate::web::gate::Admission;
use crate::web::layout::{Field, Layout, Section};
use crate::web::{Answer, AppState, Form, OurPage, WebError, ok, page, see_other, too_many};

/// The sign-in.
#[derive(Template)]
#[template(path = "organizers/sign_in.html")]
pub(super) struct SignInPage {
    layout: Layout,
    email: Field,
    password: Field,
    /// Where to go afterwards, a path of this site.
    next: String,
    /// Never says which of the two is wrong.
    refused: Option<String>,
    signed_out: bool,
    /// The password was changed a moment ago.
    new_password: bool,
    /// The provider through which one may sign in besides.
    sign_on: Option<String>,
    /// What was typed before the sign-in had ended.
    hidden: Vec<(String, String)>,
}

framed!(SignInPage);

/// What the sign-in page may be asked with.
#[derive(Deserialize)]
pub(super) struct SignInQuery {
    #[serde(default)]
    next: String,
    signed_out: Option<String>,
    new_password: Option<String>,
}

/// `GET /organizer/sign-in`
pub(super) async fn show(state: Data<AppState>, request: HttpRequest, wanted: Query<SignInQuery>) -> Answer {
    if guard::sign_in(&state, &request).await?.is_some() {
        return Ok(see_other(safe_path(&wanted.next)));
    }
    if !store::has_owner(&mut state.db.read().await?).await? {
        return Ok(see_other(HOME));
    }
    let mut shown = SignInPage::new(&state, &wanted.next);
    shown.signed_out = wanted.signed_out.is_some();
    shown.new_password = wanted.new_password.is_some();
    ok(&shown)
}

impl SignInPage {
    /// As it was filled in, without the password.
    fn typed(state: &AppState, form: &Form) -> Self {
        Self {
            email: Field::of(form.text("email")),
            hidden: Interrupted::carried(form)
                .map(|interrupted| interrupted.hidden())
                .unwrap_or_default(),
            ..Self::new(state, form.text("next"))
        }
    }

    /// As it was filled in, with why it is shown again.
    pub(super) fn again(state: &AppState, form: &Form, why: &str) -> Self {
        Self {
            refused: Some(why.to_owned()),
            ..Self::typed(state, form)
        }
    }

    /// In place of a post of which nothing can be carried along.
    pub(super) fn instead(state: &AppState) -> Self {
        Self::new(state, HOME)
    }

    /// Before a post that was interrupted.
    pub(super) fn before(state: &AppState, interrupted: &Interrupted) -> Self {
        Self {
            hidden: interrupted.hidden(),
            ..Self::new(state, HOME)
        }
    }

    fn new(state: &AppState, next: &str) -> Self {
        Self {
            layout: state.personal_layout(Section::None, "Sign in"),
            email: Field::default(),
            password: Field::default(),
            next: safe_path(next).to_owned(),
            refused: None,
            signed_out: false,
            new_password: false,
            sign_on: state.config.sign_on.as_ref().map(SignOnConfig::host),
            hidden: Vec::new(),
        }
    }
}

/// `POST /organizer/sign-in`
pub(super) async fn sign_in(
    _: OurPage,
    state: Data<AppState>,
    desk: Data<SignInDesk>,
    admission: Admission,
    request: HttpRequest,
    form: CarryingForm,
) -> Answer {
    let form = form.0;
    if let Some(wait) = admission.refused() {
        return refuse_for_now(&state, &form, wait);
    }
    let network = state.network_of(&request);
    let from = comes_from(&state, &request);
    let email = EmailAddress::parse(form.text("email")).ok();
    let (account, is_known_here) = look_up(&state, email.as_ref(), &from).await?;
    // Charged before it is checked, so that many at once cannot slip through.
    let charged = email.as_ref().map(|email| {
        desk.limit
            .charge(&state, email, network, account.as_ref(), is_known_here)
    });
    let guess = match charged.transpose() {
        Ok(guess) => guess,
        Err(wait) => return refuse_for_now(&state, &form, wait),
    };
    if let Some(guess) = &guess {
        tokio::time::sleep(guess.pause).await;
    }
    let open = account.as_ref().filter(|account| account.is_open());
    let stored = open.map(|account| account.password_hash.clone());
    let password = SecretString::from(form.text("password"));
    let proved = desk.hasher.verify(password, stored).await?;
    if let (true, Some(account)) = (proved, account.as_ref()) {
        SignInLimit::charge_right(&state, &account.organizer.email).map_err(WebError::TooMany)?;
        admission.give_back();
        guess.inspect(|guess| guess.give_back(&state.limits, state.clock.now()));
        if account.second_factor.is_some() {
            return ok(&CodePage::after(&state, account, &form));
        }
        let then = match Interrupted::carried(&form) {
            Some(interrupted) => interrupted.go_on(&state)?,
            None => see_other(safe_path(form.text("next"))),
        };
        let started = start_sign_in(&state, &desk.kept, account, (from, SecondStep::None), then).await?;
        return Ok(started.unwrap_or_else(|| see_other("/organizer/sign-in")));
    }
    admission.keep();
    note_failure(&state, account, from);
    let shown = SignInPage::again(&state, &form, "Address or password is wrong.");
    page(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

/// The account of an address, and whether it was signed in to from here before.
pub(super) async fn look_up(
    state: &AppState,
    email: Option<&EmailAddress>,
    from: &ComesFrom,
) -> Result<(Option<Account>, bool), WebError> {
    let Some(email) = email else { return Ok((None, false)) };
    let conn = &mut state.db.read().await?;
    let account = store::find(conn, email).await?;
    // Asked of nobody too: the same work whether there is an account or not.
    let id = account.as_ref().map_or(0, |account| account.organizer.id);
    Ok((account, store::knows_network(conn, id, &from.hash).await?))
}

fn user_agent(request: &HttpRequest) -> &str {
    let value = request.headers().get(header::USER_AGENT);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

pub(super) fn comes_from(state: &AppState, request: &HttpRequest) -> ComesFrom {
    let network = state.network_of(request);
    ComesFrom {
        replaces: cookie::token(state, request).map(|token| token.hash()),
        hash: state.links.hidden("network", &network.surroundings()),
        words: network.in_words(),
        device: device::in_words(user_agent(request)),
        with_new_account: false,
    }
}

/// The form again, and when to try again.
fn refuse_for_now(state: &AppState, form: &Form, wait: Duration) -> Answer {
    let words = format!("Too many attempts. Try again {}.", too_many::in_words(wait));
    let shown = SignInPage::again(state, form, &words);
    too_many::answer(page(StatusCode::TOO_MANY_REQUESTS, &shown), wait)
}

pub(super) fn note_failure(state: &AppState, account: Option<Account>, from: ComesFrom) {
    let now = state.clock.now();
    state.note("a failed sign-in", move |tx| {
        let (account, from) = (account.clone(), from.clone());
        Box::pin(async move { signing_in::note_failure(tx, account.as_ref(), &from, now).await })
    });
}

/// A new token each time, so that nobody can plant one before. Where the database cannot store it, it is kept in memory; but
/// not with a second factor, whose codes could then be used twice. `None`: the code does not count.
pub(super) async fn start_sign_in(
    state: &AppState,
    kept: &KeptSignIns,
    account: &Account,
    (from, second): (ComesFrom, SecondStep),
    then: HttpResponse,
) -> Result<Option<HttpResponse>, WebError> {
    let has_second = second != SecondStep::None;
    let (token, now) = (SecretToken::random(), state.clock.now());
    let (job_account, hash) = (account.clone(), token.hash());
    let started = state
        .db
        .write(move |tx| {
            let (account, hash, from, second) = (job_account.clone(), hash.clone(), from.clone(), second.clone());
            Box::pin(async move { signing_in::start(tx, &account, &hash, (&from, &second), now).await })
        })
        .await;
    match started {
        Ok(Started::Yes) => state.bell.ring(),
        Ok(Started::CodeUsed) => return Ok(None),
        Ok(Started::Changed) => return Ok(Some(see_other("/organizer/sign-in"))),
        Err(error) if error.is_passing() && !has_second => {
            tracing::warn!(%error, account = %account.organizer.public_id, "a sign-in could not be stored and lasts an hour");
            kept.keep(&token, account.clone(), now);
        }
        Err(error) => return Err(error.into()),
    }
    let mut answer = then;
    answer
        .add_cookie(&cookie::keep(state, &token))
        .map_err(WebError::internal)?;
    Ok(Some(answer))
}

/// `POST /organizer/sign-out`
pub(super) async fn sign_out(
    _: OurPage,
    state: Data<AppState>,
    desk: Data<SignInDesk>,
    request: HttpRequest,
    form: Form,
) -> Answer {
    let everywhere = form.is_checked("everywhere");
    if everywhere && let Some(organizer) = guard::sign_in(&state, &request).await? {
        desk.kept.forget_all(organizer.id);
        let now = state.clock.now();
        state
            .db
            .write(move |tx| {
                let organizer = organizer.clone();
                Box::pin(async move { signing_in::end_everywhere(tx, &organizer, now).await })
            })
            .await?;
    } else if let Some(token) = cookie::token(&state, &request) {
        desk.kept.forget(&token);
        let hash = token.hash();
        state
            .db
            .write(move |tx| {
                let hash = hash.clone();
                Box::pin(async move { store::sign_out(tx, &hash).await })
            })
            .await?;
    }
    let mut answer: HttpResponse = see_other("/organizer/sign-in?signed_out=yes");
    answer.add_cookie(&cookie::forget(&state)).map_err(WebError::internal)?;
    Ok(answer)
}
