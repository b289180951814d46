//! The doors: the set-up link, the sign-in, the sign-out.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query, ServiceConfig, get, post, resource};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use super::password::{Hasher, LEAST, Password};
use super::sign_in_limit::SignInLimit;
use super::store::{self, Account, NewOrganizer, SetUp};
use super::{Role, cookie, guard};
use crate::audit::{self, Actor, Entry};
use crate::framed;
use crate::values::{EmailAddress, Label, SecretToken};
use crate::web::client::Network;
use crate::web::layout::{Field, Layout, Mistake, Section, mistakes};
use crate::web::{Answer, AppState, Form, OurPage, WebError, ok, page, see_other};

/// Where signing in leads when nothing else was wanted.
const HOME: &str = "/organizer";

/// Adds the routes. The app carries a `Data<Hasher>` and a `Data<SignInLimit>` beside its state.
pub(crate) fn routes(app: &mut ServiceConfig) {
    app.service(
        resource("/organizer/setup/{token}")
            .route(get().to(setup_page))
            .route(post().to(set_up)),
    )
    .service(
        resource("/organizer/sign-in")
            .route(get().to(sign_in_page))
            .route(post().to(sign_in)),
    )
    .service(resource("/organizer/sign-out").route(post().to(sign_out)));
}

/// The form behind the set-up link.
#[derive(Template)]
#[template(path = "organizers/setup.html")]
pub(crate) struct SetupPage {
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
pub(crate) struct SetupExpiredPage {
    layout: Layout,
    /// An owner exists: lead to the sign-in.
    owner_exists: bool,
}

framed!(SetupExpiredPage);

/// The sign-in.
#[derive(Template)]
#[template(path = "organizers/sign_in.html")]
pub(crate) struct SignInPage {
    layout: Layout,
    email: Field,
    password: Field,
    /// Where to go afterwards, a path of this site.
    next: String,
    /// Never says which of the two is wrong.
    refused: Option<String>,
    signed_out: bool,
}

framed!(SignInPage);

/// `GET /organizer/setup/{token}`
async fn setup_page(state: Data<AppState>, token: Path<String>) -> Answer {
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
async fn set_up(_: OurPage, state: Data<AppState>, hasher: Data<Hasher>, token: Path<String>, form: Form) -> Answer {
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
        password_hash: hasher.hash(password).await.map_err(WebError::internal)?,
    };
    match make_owner(&state, &link, new.clone()).await? {
        SetUp::Done(organizer) => {
            let password_hash = new.password_hash;
            let account = Account {
                organizer,
                password_hash,
            };
            start_sign_in(&state, account, HOME).await
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

/// What the sign-in page may be asked with.
#[derive(Deserialize)]
struct SignInQuery {
    #[serde(default)]
    next: String,
    signed_out: Option<String>,
}

/// `GET /organizer/sign-in`
async fn sign_in_page(state: Data<AppState>, request: HttpRequest, wanted: Query<SignInQuery>) -> Answer {
    if guard::sign_in(&state, &request).await?.is_some() {
        return Ok(see_other(safe_path(&wanted.next)));
    }
    if !store::has_owner(&mut state.db.read().await?).await? {
        return Ok(see_other(HOME));
    }
    let mut shown = SignInPage::new(&state, &wanted.next);
    shown.signed_out = wanted.signed_out.is_some();
    ok(&shown)
}

impl SignInPage {
    fn new(state: &AppState, next: &str) -> Self {
        Self {
            layout: state.personal_layout(Section::None, "Sign in"),
            email: Field::default(),
            password: Field::default(),
            next: safe_path(next).to_owned(),
            refused: None,
            signed_out: false,
        }
    }
}

/// `POST /organizer/sign-in`
async fn sign_in(
    _: OurPage,
    state: Data<AppState>,
    hasher: Data<Hasher>,
    sign_in_limit: Data<SignInLimit>,
    request: HttpRequest,
    form: Form,
) -> Answer {
    let (typed, network) = (form.text("email"), state.network_of(&request));
    meet_limits(&sign_in_limit, typed, network, state.clock.now()).await?;
    let email = EmailAddress::parse(typed).ok();
    let account = match &email {
        Some(email) => store::find(&mut state.db.read().await?, email).await?,
        None => None,
    };
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let password = SecretString::from(form.text("password"));
    let proved = hasher.verify(password, stored).await.map_err(WebError::internal)?;
    if let (true, Some(account)) = (proved, account) {
        sign_in_limit.prove(typed, network);
        return start_sign_in(&state, account, safe_path(form.text("next"))).await;
    }
    let mut shown = SignInPage::new(&state, form.text("next"));
    shown.email = Field::of(typed);
    shown.refused = Some("Address or password is wrong.".to_owned());
    page(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

/// Counts the try before it is checked, so that many at once cannot slip through.
async fn meet_limits(
    sign_in_limit: &SignInLimit,
    typed: &str,
    network: Network,
    now: Timestamp,
) -> Result<(), WebError> {
    let pause = sign_in_limit.count(typed, network, now).map_err(WebError::TooMany)?;
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// A new token each time, so that nobody can plant one before.
async fn start_sign_in(state: &AppState, account: Account, next: &str) -> Answer {
    let token = SecretToken::random();
    if !store_sign_in(state, account, token.hash()).await? {
        return Ok(see_other("/organizer/sign-in"));
    }
    let mut answer = see_other(next);
    answer
        .add_cookie(&cookie::keep(state, &token))
        .map_err(WebError::internal)?;
    Ok(answer)
}

async fn store_sign_in(state: &AppState, account: Account, hash: Vec<u8>) -> Result<bool, WebError> {
    let now = state.clock.now();
    let stored = state
        .db
        .write(move |tx| {
            let (account, hash) = (account.clone(), hash.clone());
            Box::pin(async move { store::sign_in(tx, &account, &hash, now).await })
        })
        .await?;
    Ok(stored)
}

/// `POST /organizer/sign-out`
async fn sign_out(_: OurPage, state: Data<AppState>, request: HttpRequest) -> Answer {
    if let Some(token) = cookie::token(&state, &request) {
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

/// Only a path below the organizers' pages; everything else could lead off this site.
fn safe_path(next: &str) -> &str {
    let below = next
        .strip_prefix(HOME)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if below && plain { next } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_leads_to_organizers_pages_only() {
        for good in ["/organizer", "/organizer/outbox?state=failed", "/organizer?x=1"] {
            assert_eq!(safe_path(good), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "https://evil.example",
            "/organizers",
            "/organizer\\evil",
            "/organizer/\r\nx",
            "/webcasts",
        ] {
            assert_eq!(safe_path(bad), HOME, "{bad:?}");
        }
    }
}
