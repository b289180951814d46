//! `/organizer/setup/{token}`: the set-up link, which makes the first owner's account.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::sign_in::{comes_from, start_sign_in};
use crate::audit::{self, Actor, Entry};
use crate::framed;
use crate::organizers::Role;
use crate::organizers::desk::SignInDesk;
use crate::organizers::password::{LEAST, Password};
use crate::organizers::signing_in::{ComesFrom, SecondStep};
use crate::organizers::store::{self, Account, NewOrganizer, SetUp};
use crate::values::{EmailAddress, Label, SecretToken};
use crate::web::layout::{Field, Layout, Mistake, Section, mistakes};
use crate::web::{Answer, AppState, Form, OurPage, WebError, ok, page, see_other};

/// The form behind the set-up link.
/// Whoever has set the program up goes on here.
const FIRST_STEPS: &str = "/organizer/start";

#[derive(Template)]
#[template(path = "organizers/setup.html")]
struct SetupPage {
    layout: Layout,
    token: String,
    name: Field,
    email: Field,
    /// The value is never sent back.
    password: Field,
    password_length: usize,
}

framed!(SetupPage);

impl SetupPage {
    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("name", &self.name),
            ("email", &self.email),
            ("password", &self.password),
        ])
    }
}

/// A set-up link that was used, or is older than a day.
#[derive(Template)]
#[template(path = "organizers/setup_expired.html")]
struct SetupExpiredPage {
    layout: Layout,
    /// An owner exists: lead to the sign-in.
    owner_exists: bool,
}

framed!(SetupExpiredPage);

/// `GET /organizer/setup/{token}`
pub(super) async fn show(state: Data<AppState>, token: Path<String>) -> Answer {
    let Some(link) = valid_link(&state, &token).await? else {
        return setup_expired(&state).await;
    };
    ok(&SetupPage::new(&state, &link))
}

impl SetupPage {
    fn new(state: &AppState, link: &SecretToken) -> Self {
        Self {
            layout: state.personal_layout(Section::None, "Make the owner’s account"),
            token: link.reveal(),
            name: Field::default(),
            email: Field::default(),
            password: Field::default(),
            password_length: LEAST,
        }
    }
}

async fn valid_link(state: &AppState, token: &str) -> Result<Option<SecretToken>, WebError> {
    let Some(link) = SecretToken::parse(token) else {
        return Ok(None);
    };
    let valid = store::is_setup_link(&mut state.db.read().await?, &link, state.clock.now()).await?;
    Ok(valid.then_some(link))
}

async fn setup_expired(state: &AppState) -> Answer {
    let owner_exists = store::has_owner(&mut state.db.read().await?).await?;
    let template = SetupExpiredPage {
        layout: state.personal_layout(Section::None, "This set-up link no longer works"),
        owner_exists,
    };
    page(StatusCode::NOT_FOUND, &template)
}

/// `POST /organizer/setup/{token}`
pub(super) async fn set_up(
    _: OurPage,
    state: Data<AppState>,
    desk: Data<SignInDesk>,
    request: HttpRequest,
    token: Path<String>,
    form: Form,
) -> Answer {
    let Some(link) = valid_link(&state, &token).await? else {
        return setup_expired(&state).await;
    };
    let mut shown = SetupPage::new(&state, &link);
    let Some((email, name, password)) = shown.read(&form) else {
        return page(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };
    let new = NewOrganizer {
        email,
        name,
        role: Role::Owner,
        password_hash: desk.hasher.hash(password).await?,
    };
    match make_owner(&state, &link, new.clone()).await? {
        SetUp::Done(organizer) => {
            let account = Account::new(organizer, new.password_hash);
            let from = ComesFrom {
                with_new_account: true,
                ..comes_from(&state, &request)
            };
            let then = see_other(FIRST_STEPS);
            let started = start_sign_in(&state, &desk.kept, &account, (from, SecondStep::None), then).await?;
            Ok(started.unwrap_or_else(|| see_other(FIRST_STEPS)))
        }
        SetUp::Expired => setup_expired(&state).await,
        SetUp::Known => {
            shown.email.error = Some("This address has an account with another role. Use another one.".to_owned());
            page(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

impl SetupPage {
    /// Reads the form, all mistakes at once.
    fn read(&mut self, form: &Form) -> Option<(EmailAddress, Label, Password)> {
        let (name, email) = (form.text("name"), form.text("email"));
        self.name = Field::of(name);
        self.email = Field::of(email);
        let parsed = EmailAddress::parse(email).map_err(|problem| self.email.error = Some(problem.to_string()));
        let named = Label::parse(name).map_err(|_| self.name.error = Some("Enter your name.".to_owned()));
        let password = Password::parse(form.text("password"), &[email.trim(), name.trim()])
            .map_err(|problem| self.password.error = Some(problem.to_string()));
        Some((parsed.ok()?, named.ok()?, password.ok()?))
    }
}

async fn make_owner(state: &AppState, link: &SecretToken, new: NewOrganizer) -> Result<SetUp, WebError> {
    let (hash, now) = (link.hash(), state.clock.now());
    let made = state
        .db
        .write(move |tx| {
            let (hash, new) = (hash.clone(), new.clone());
            Box::pin(async move {
                let made = store::set_up(tx, &hash, &new, now).await?;
                if let SetUp::Done(owner) = &made {
                    let entry = Entry {
                        actor: Actor::SetupLink,
                        action: "organizer.add",
                        subject: owner.public_id.to_string(),
                        detail: "role owner".to_owned(),
                    };
                    audit::record(tx, &entry, now).await?;
                }
                Ok(made)
            })
        })
        .await?;
    Ok(made)
}
