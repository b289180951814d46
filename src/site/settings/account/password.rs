//! `POST /organizer/settings/account/password`: another one, for whoever knows the one before.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use super::{AccountPage, PATH};
use crate::audit::Actor;
use crate::console::Console;
use crate::organizers::accounts;
use crate::organizers::desk::SignInDesk;
use crate::organizers::pages::{PasswordCheck, check_password, sign_in_anew};
use crate::organizers::password::Password;
use crate::organizers::store;
use crate::web::{Answer, Form, WebError, page as shown, see_other, too_many};

/// The sign-in of this browser goes on under another token; all others end. Fields whose names speak of a password are not carried
/// along where a sign-in has ended.
pub(super) async fn save(console: Console, desk: Data<SignInDesk>, request: HttpRequest, form: Form) -> Answer {
    let (state, who) = (&console.state, &console.who);
    let mut page = AccountPage::read(&console, &request).await?;
    let about = [who.email.as_str(), who.name.as_str()];
    let wanted = match Password::parse(form.text("password"), &about) {
        Ok(wanted) => wanted,
        Err(problem) => {
            page.password.error = Some(problem.to_string());
            return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    match check_password(state, &desk, &request, &who.email, form.text("current_password")).await? {
        PasswordCheck::Right => {}
        PasswordCheck::Wrong => {
            page.current.error = Some("This is not your password.".to_owned());
            return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        PasswordCheck::TooMany(wait) => {
            page.current.error = Some(format!("Too many attempts. Try again {}.", too_many::in_words(wait)));
            return too_many::answer(shown(StatusCode::TOO_MANY_REQUESTS, &page), wait);
        }
    }
    let (hash, now) = (desk.hasher.hash(wanted).await?, state.clock.now());
    let organizer = who.clone();
    let write = state.db.write(move |tx| {
        let (organizer, hash) = (organizer.clone(), hash.clone());
        Box::pin(async move {
            let by = (Actor::from(&organizer), "password.change");
            accounts::change_password(tx, by, &organizer, &hash, now).await
        })
    });
    write.await?;
    desk.forget_sign_ins(who.id);
    let account = store::find_by_id(&mut state.db.read().await?, who.id).await?;
    let account = account.ok_or(WebError::NotFound)?;
    sign_in_anew(
        state,
        &desk,
        &request,
        &account,
        see_other(&format!("{PATH}?done=password")),
    )
    .await
}
