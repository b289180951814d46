//! Whoever is signed in and looks at a visitor's page is told so there. Only who brings the cookie of a sign-in is looked
//! up, so that the pages of everybody else cost nothing more.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::{cookie, guard};
use crate::web::AppState;
use crate::web::visitor::SignedInHere;

/// The middleware. Where the database cannot say who is there, the page goes without.
///
/// # Errors
/// Carries on what the layers beneath answer with.
pub(crate) async fn recognise<B: MessageBody + 'static>(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_page = request.method() == Method::GET && !request.path().starts_with("/static/");
    let is_ours = request.path().starts_with("/organizer");
    if is_page && !is_ours && cookie::token(&state, request.request()).is_some() {
        let found = guard::find_sign_in(&state, request.request()).await;
        if matches!(found, Ok(Some(_))) {
            request.extensions_mut().insert(SignedInHere);
        }
    }
    next.call(request).await
}
