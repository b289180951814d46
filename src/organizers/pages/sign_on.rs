//! `/organizer/oidc` and `/organizer/oidc/callback`: to the provider and back. The one GET that signs in is the one that brings back
//! what this site sealed into the same browser ten minutes ago at most.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::safe_path;
use super::sign_in::{comes_from, start_sign_in};
use crate::framed;
use crate::organizers::desk::SignInDesk;
use crate::organizers::guard;
use crate::organizers::sign_on::{self, Begun, Bound, IdClaims, Provider, SignOnError, SignOnPurpose};
use crate::organizers::signing_in::SecondStep;
use crate::organizers::store::{self, Account};
use crate::web::layout::{Layout, Section};
use crate::web::{Answer, AppState, WebError, ok, page, see_other};

/// Where somebody's own account is.
const ACCOUNT: &str = "/organizer/settings/account";

#[derive(Template)]
#[template(path = "organizers/sign_on_failed.html")]
struct SignOnFailedPage {
    layout: Layout,
    words: String,
}

framed!(SignOnFailedPage);

fn failed(state: &AppState, status: StatusCode, words: impl Into<String>) -> Answer {
    page(
        status,
        &SignOnFailedPage {
            layout: state.personal_layout(Section::None, "You are not signed in"),
            words: words.into(),
        },
    )
}

#[derive(Deserialize)]
pub(super) struct SignOnQuery {
    #[serde(default)]
    next: String,
}

/// `GET /organizer/oidc`
pub(super) async fn begin(state: Data<AppState>, desk: Data<SignInDesk>, wanted: Query<SignOnQuery>) -> Answer {
    let next = safe_path(&wanted.next).to_owned();
    lead(&state, desk.provider()?, SignOnPurpose::SignIn { next }).await
}

/// Leads to the provider, to bind what it says to this account.
///
/// # Errors
/// Where there is none.
pub(crate) async fn connect(state: &AppState, desk: &SignInDesk, organizer: i64) -> Answer {
    lead(state, desk.provider()?, SignOnPurpose::Connect { organizer }).await
}

async fn lead(state: &AppState, provider: &Arc<Provider>, purpose: SignOnPurpose) -> Answer {
    let (now, is_form) = (state.clock.now(), matches!(purpose, SignOnPurpose::Connect { .. }));
    let begun = Begun::new(purpose, now);
    match provider.page(&begun, now).await {
        Ok(address) => {
            // Browsers let no form of ours lead elsewhere (`form-action`): a link does.
            let mut answer = if is_form {
                let layout = state.personal_layout(Section::None, "On to your provider");
                let host = provider.host();
                ok(&OnToProviderPage { layout, host, address })?
            } else {
                see_other(&address)
            };
            answer.add_cookie(&begun.cookie(state)).map_err(WebError::internal)?;
            Ok(answer)
        }
        Err(error) => not_now(state, provider, &error),
    }
}

#[derive(Template)]
#[template(path = "organizers/on_to_provider.html")]
struct OnToProviderPage {
    layout: Layout,
    host: String,
    address: String,
}

framed!(OnToProviderPage);

/// What it is stands in the log; whoever signs in reads what to do.
fn not_now(state: &AppState, provider: &Provider, error: &SignOnError) -> Answer {
    tracing::warn!(%error, "a sign-on failed");
    let host = provider.host();
    match error {
        SignOnError::Down(_) => failed(
            state,
            StatusCode::BAD_GATEWAY,
            format!("{host} cannot be used now. Try again in some minutes, or sign in with your password."),
        ),
        SignOnError::Refused(_) => failed(
            state,
            StatusCode::BAD_GATEWAY,
            format!(
                "{host} did not take what this site asked of it. Begin again; if it happens once more, tell whoever runs this server: the log says why."
            ),
        ),
        SignOnError::Token(_) => failed(
            state,
            StatusCode::FORBIDDEN,
            format!(
                "What {host} says of you cannot be believed, so nobody was signed in. Begin again; if it happens once more, tell whoever runs this server."
            ),
        ),
    }
}

#[derive(Deserialize)]
pub(super) struct Callback {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    error: Option<String>,
}

/// `GET /organizer/oidc/callback`
pub(super) async fn callback(
    state: Data<AppState>,
    desk: Data<SignInDesk>,
    request: HttpRequest,
    brought: Query<Callback>,
) -> Answer {
    let provider = desk.provider()?;
    let Some(begun) = Begun::brought(&state, &request, &brought.state) else {
        return failed(
            &state,
            StatusCode::BAD_REQUEST,
            "This was begun in another browser, or too long ago. Begin again.",
        );
    };
    let mut answer = match &brought.error {
        Some(error) => {
            tracing::info!(error = %error.chars().take(100).collect::<String>(), "a provider signed nobody on");
            failed(
                &state,
                StatusCode::FORBIDDEN,
                format!("{} signed nobody in.", provider.host()),
            )?
        }
        None => come_back(&state, &desk, provider, &request, (&begun, &brought.code)).await?,
    };
    // It is used once, whatever came of it.
    answer.add_cookie(&Begun::forget(&state)).map_err(WebError::internal)?;
    Ok(answer)
}

async fn come_back(
    state: &Data<AppState>,
    desk: &SignInDesk,
    provider: &Arc<Provider>,
    request: &HttpRequest,
    (begun, code): (&Begun, &str),
) -> Answer {
    let claims = match provider.claims(code, begun, state.clock.now()).await {
        Ok(claims) => Arc::new(claims),
        Err(error) => return not_now(state, provider, &error),
    };
    match &begun.purpose {
        SignOnPurpose::Connect { organizer } => bind(state, request, *organizer, claims).await,
        SignOnPurpose::SignIn { next } => {
            let Some(account) = account_of(state, provider, claims).await? else {
                return failed(
                    state,
                    StatusCode::FORBIDDEN,
                    format!(
                        "{} knows you, and this site does not. Ask an owner to invite you, under an address that is confirmed there. If you \
                         have an account here, sign in with its password, and connect the two under My account.",
                        provider.host()
                    ),
                );
            };
            let from = (comes_from(state, request), SecondStep::None);
            let started = start_sign_in(state, &desk.kept, &account, from, see_other(safe_path(next))).await?;
            Ok(started.unwrap_or_else(|| see_other("/organizer/sign-in")))
        }
    }
}

/// Whose it is; of somebody who is invited the account is made. With the role that the provider says.
async fn account_of(state: &AppState, provider: &Provider, claims: Arc<IdClaims>) -> Result<Option<Account>, WebError> {
    let (role, now) = (sign_on::role_of(provider, &claims), state.clock.now());
    let write = state.db.write(move |tx| {
        let claims = Arc::clone(&claims);
        Box::pin(async move {
            let Some(known) = sign_on::signed_on(tx, &claims).await? else {
                return sign_on::bind_invited(tx, &claims, role, now).await;
            };
            sign_on::keep_role(tx, &known.organizer, role, now).await?;
            sign_on::signed_on(tx, &claims).await
        })
    });
    Ok(write.await?.filter(Account::is_open))
}

/// Whoever began it must be signed in still.
async fn bind(state: &Data<AppState>, request: &HttpRequest, organizer: i64, claims: Arc<IdClaims>) -> Answer {
    let found = guard::find_sign_in(state, request).await?;
    let Some(who) = found.map(|found| found.organizer).filter(|who| who.id == organizer) else {
        return Ok(see_other("/organizer/sign-in"));
    };
    let now = state.clock.now();
    let write = state.db.write(move |tx| {
        let (who, claims) = (who.clone(), Arc::clone(&claims));
        Box::pin(async move { sign_on::connect(tx, &who, &claims, now).await })
    });
    let done = match write.await? {
        Bound::Yes => "connected",
        Bound::Taken => "taken",
    };
    Ok(see_other(&format!("{ACCOUNT}?done={done}")))
}

/// Ends what binds an account to the provider.
///
/// # Errors
/// When the database fails.
pub(crate) async fn disconnect(state: &AppState, organizer: i64) -> Result<(), WebError> {
    let write = state
        .db
        .write(move |tx| Box::pin(async move { store::unbind_subject(tx, organizer).await }));
    Ok(write.await?)
}
