//! `/organizer/invitations/{token}`: whoever is invited makes an account.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::link_gone;
use super::sign_in::{comes_from, start_sign_in};
use crate::framed;
use crate::organizers::accounts;
use crate::organizers::desk::SignInDesk;
use crate::organizers::password::{LEAST, Password};
use crate::organizers::signing_in::{ComesFrom, SecondStep};
use crate::organizers::store::{self, Account, AccountLink, AccountLinkKind, NewOrganizer};
use crate::values::{Label, LinkPurpose};
use crate::web::layout::{Field, Layout, Mistake, Section, mistakes};
use crate::web::{Answer, AppState, Form, OurPage, WebError, ok, page, see_other};

/// Longest name, in characters: it stands at the top of every page.
pub(crate) const LONGEST_NAME: usize = 100;

#[derive(Template)]
#[template(path = "organizers/invitation.html")]
struct AccountInvitationPage {
    layout: Layout,
    token: String,
    email: String,
    role: &'static str,
    name: Field,
    password: Field,
    password_length: usize,
}

framed!(AccountInvitationPage);

impl AccountInvitationPage {
    fn new(state: &AppState, token: &str, link: &AccountLink) -> Self {
        Self {
            layout: state.personal_layout(Section::None, "Make your account"),
            token: token.to_owned(),
            email: link.email.to_string(),
            role: link.role.as_str(),
            name: Field::default(),
            password: Field::default(),
            password_length: LEAST,
        }
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[("name", &self.name), ("password", &self.password)])
    }

    /// Reads the form, all mistakes at once.
    fn read(&mut self, form: &Form) -> Option<(Label, Password)> {
        self.name = Field::of(form.text("name"));
        let name = self.name.read(read_name);
        let about = [self.email.as_str(), self.name.value.trim()];
        let password = Password::parse(form.text("password"), &about)
            .map_err(|problem| self.password.error = Some(problem.to_string()));
        Some((name?, password.ok()?))
    }
}

/// A name as others see it.
pub(crate) fn read_name(raw: &str) -> Result<Label, &'static str> {
    let name = Label::parse(raw).map_err(|_| "Enter your name.")?;
    if name.as_str().chars().count() > LONGEST_NAME {
        return Err("Use at most 100 characters.");
    }
    Ok(name)
}

async fn find(state: &AppState, token: &str) -> Result<Option<AccountLink>, WebError> {
    let Some(link) = state.links.read(LinkPurpose::AccountInvitation, token) else {
        return Ok(None);
    };
    let (conn, now) = (&mut state.db.read().await?, state.clock.now());
    Ok(store::find_account_link(conn, AccountLinkKind::Invite, link.id, now).await?)
}

/// `GET /organizer/invitations/{token}`
pub(super) async fn show(state: Data<AppState>, token: Path<String>) -> Answer {
    match find(&state, &token).await? {
        Some(link) => ok(&AccountInvitationPage::new(&state, &token, &link)),
        None => link_gone::invitation(&state),
    }
}

/// `POST /organizer/invitations/{token}`
pub(super) async fn accept(
    _: OurPage,
    state: Data<AppState>,
    desk: Data<SignInDesk>,
    request: HttpRequest,
    token: Path<String>,
    form: Form,
) -> Answer {
    let Some(link) = find(&state, &token).await? else {
        return link_gone::invitation(&state);
    };
    let mut shown = AccountInvitationPage::new(&state, &token, &link);
    let Some((name, password)) = shown.read(&form) else {
        return page(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };
    let new = Arc::new(NewOrganizer {
        email: link.email.clone(),
        name,
        role: link.role,
        password_hash: desk.hasher.hash(password).await?,
    });
    let (made, now) = (Arc::clone(&new), state.clock.now());
    let write = state.db.write(move |tx| {
        let (link, new) = (link.clone(), Arc::clone(&made));
        Box::pin(async move { accounts::accept(tx, &link, &new, now).await })
    });
    let Some(organizer) = write.await? else {
        return link_gone::invitation(&state);
    };
    let account = Account::new(organizer, new.password_hash.clone());
    let from = ComesFrom {
        with_new_account: true,
        ..comes_from(&state, &request)
    };
    let started = start_sign_in(
        &state,
        &desk.kept,
        &account,
        (from, SecondStep::None),
        see_other("/organizer"),
    )
    .await?;
    Ok(started.unwrap_or_else(|| see_other("/organizer/sign-in")))
}
