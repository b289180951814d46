//! `POST /organizer/settings/account/sign-on`: one's own account is bound to the provider, or not any more.

use actix_web::web::Data;

use super::PATH;
use crate::console::Console;
use crate::organizers::desk::SignInDesk;
use crate::organizers::pages;
use crate::web::{Answer, Form, WebError, see_other};

/// `act`: connect or disconnect.
pub(super) async fn change(console: Console, desk: Data<SignInDesk>, form: Form) -> Answer {
    match form.text("act") {
        "connect" => pages::connect(&console.state, &desk, console.who.id).await,
        "disconnect" => {
            pages::disconnect(&console.state, console.who.id).await?;
            Ok(see_other(&format!("{PATH}?done=disconnected")))
        }
        _ => Err(WebError::NotFound),
    }
}
