//! Who is there: arguments of handlers that let nobody else in.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;

use super::acts::{Act, ActRules};
use super::desk::SignInDesk;
use super::store::{self, SignIn};
use super::{Organizer, Role, SEEN_EVERY, cookie};
use crate::web::{AppState, OurPage, WebError};

/// Somebody who is signed in and may do what this route does. Everybody else is sent to the sign-in page, and whoever may
/// not is told who may.
pub struct SignedIn(pub Organizer);

impl FromRequest for SignedIn {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            OurPage::require(&request)?;
            let state = AppState::of(&request)?;
            let Some(organizer) = sign_in(&state, &request).await? else {
                return Err(WebError::GoTo(sign_in_path(&request)));
            };
            let act = act_of(&request)?;
            if organizer.role.may(act) {
                Ok(Self(organizer))
            } else {
                Err(refusal(&state, organizer.role, act).await?)
            }
        })
    }
}

/// What the route does.
fn act_of(request: &HttpRequest) -> Result<Act, WebError> {
    let route = request.match_pattern().unwrap_or_default();
    let rules = request.app_data::<Data<ActRules>>();
    let rule = rules.and_then(|rules| rules.find(request.method().as_str(), &route));
    rule.map(|rule| rule.act)
        .ok_or_else(|| WebError::internal(format!("{} {route} is no act of organizers", request.method())))
}

/// "Viewers cannot download lists. Ask Olga (owner)."
async fn refusal(state: &AppState, role: Role, act: Act) -> Result<WebError, WebError> {
    let accounts = store::list(&mut state.db.read().await?).await?;
    let able: Vec<String> = accounts
        .iter()
        .filter(|account| account.role == Role::Owner)
        .map(|account| format!("{} ({})", account.name.as_str(), account.role.as_str()))
        .collect();
    Ok(WebError::NotAllowed(format!(
        "{} cannot {}. Ask {}.",
        role.plural(),
        act.in_words(),
        able.join(" or ")
    )))
}

/// Whose sign-in a browser brings.
pub(in crate::organizers) async fn sign_in(
    state: &Data<AppState>,
    request: &HttpRequest,
) -> Result<Option<Organizer>, WebError> {
    Ok(find_sign_in(state, request).await?.map(|found| found.organizer))
}

/// A sign-in that a browser brings.
pub(in crate::organizers) struct FoundSignIn {
    /// Whose it is.
    pub(in crate::organizers) organizer: Organizer,
    /// Whether the password was typed a moment ago.
    pub(in crate::organizers) is_fresh: bool,
}

/// The same, and whether the password was typed a moment ago.
pub(in crate::organizers) async fn find_sign_in(
    state: &Data<AppState>,
    request: &HttpRequest,
) -> Result<Option<FoundSignIn>, WebError> {
    let Some(token) = cookie::token(state, request) else {
        return Ok(None);
    };
    let now = state.clock.now();
    let conn = &mut state.db.read().await?;
    let found = store::who_is(conn, &token.hash(), now).await?;
    if let Some(sign_in) = found {
        note_use(state, &sign_in, now);
        return Ok(Some(FoundSignIn {
            is_fresh: sign_in.fresh_until.is_some_and(|until| until > now),
            organizer: sign_in.organizer,
        }));
    }
    let Some(desk) = request.app_data::<Data<SignInDesk>>() else {
        return Ok(None);
    };
    let kept = desk.kept.find(conn, &token, now).await?;
    Ok(kept.map(|organizer| FoundSignIn {
        organizer,
        is_fresh: false,
    }))
}

/// What the sign-in of a browser is told by among those of its owner.
pub(crate) fn this_sign_in(state: &AppState, request: &HttpRequest) -> Option<Vec<u8>> {
    cookie::token(state, request).map(|token| token.hash())
}

/// Whether whoever is signed in typed the password a moment ago: for pages that a link leads to.
///
/// # Errors
/// When the database fails.
pub(crate) async fn typed_password(state: &Data<AppState>, request: &HttpRequest) -> Result<bool, WebError> {
    Ok(find_sign_in(state, request).await?.is_some_and(|found| found.is_fresh))
}

/// Beside the request: no page waits for it, and where it fails the next one tries again.
fn note_use(state: &Data<AppState>, sign_in: &SignIn, now: Timestamp) {
    if now.duration_since(sign_in.last_seen) < SEEN_EVERY {
        return;
    }
    let (db, id) = (state.db.clone(), sign_in.id);
    actix_web::rt::spawn(async move {
        let noted = db.write(move |tx| Box::pin(store::seen(tx, id, now))).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the use of a sign-in was not noted");
        }
    });
}

/// Leads back to where somebody wanted to go, for pages; what was posted is gone either way.
fn sign_in_path(request: &HttpRequest) -> String {
    if request.method() != Method::GET {
        return "/organizer/sign-in".to_owned();
    }
    let wanted = request
        .uri()
        .path_and_query()
        .map_or("/organizer", |path| path.as_str());
    let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
    format!("/organizer/sign-in?next={next}")
}
