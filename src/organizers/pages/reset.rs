//! `/organizer/reset`: whoever has forgotten the password gets a link by mail, and chooses another one behind it. It never says
//! whether an address has an account.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::link_gone;
use crate::framed;
use crate::organizers::accounts;
use crate::organizers::desk::SignInDesk;
use crate::organizers::password::{LEAST, Password};
use crate::organizers::store::{self, Account, AccountLink, AccountLinkKind};
use crate::values::{EmailAddress, LinkPurpose};
use crate::web::gate::Admission;
use crate::web::layout::{Field, Layout, Mistake, Section, mistakes};
use crate::web::{Answer, AppState, Form, OurPage, WebError, ok, page, see_other, too_many};

const PATH: &str = "/organizer/reset";

#[derive(Template)]
#[template(path = "organizers/reset.html")]
struct ForgottenPage {
    layout: Layout,
    email: Field,
    /// Whether it goes out at all.
    sends_mail: bool,
    asked: bool,
    refused: Option<String>,
}

framed!(ForgottenPage);

impl ForgottenPage {
    fn new(state: &AppState) -> Self {
        Self {
            layout: state.personal_layout(Section::None, "A new password"),
            email: Field::default(),
            sends_mail: state.sends_mail(),
            asked: false,
            refused: None,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ForgottenQuery {
    asked: Option<String>,
}

/// `GET /organizer/reset`
pub(super) async fn ask(state: Data<AppState>, asked: Query<ForgottenQuery>) -> Answer {
    let mut shown = ForgottenPage::new(&state);
    shown.asked = asked.asked.is_some();
    ok(&shown)
}

/// `POST /organizer/reset`: the same answer, in the same time, for every address.
pub(super) async fn send(_: OurPage, state: Data<AppState>, admission: Admission, form: Form) -> Answer {
    let mut shown = ForgottenPage::new(&state);
    shown.email = Field::of(form.text("email"));
    if let Some(wait) = admission.refused() {
        shown.refused = Some(format!("Too many attempts. Try again {}.", too_many::in_words(wait)));
        return too_many::answer(page(StatusCode::TOO_MANY_REQUESTS, &shown), wait);
    }
    let Some(email) = shown.email.read(EmailAddress::parse) else {
        return page(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };
    admission.keep();
    let now = state.clock.now();
    state.note("a link for a new password", move |tx| {
        let email = email.clone();
        Box::pin(async move {
            if let Some(account) = store::find(tx, &email).await?.filter(Account::is_open) {
                accounts::ask_for_reset(tx, &account.organizer, now).await?;
            }
            Ok(())
        })
    });
    Ok(see_other(&format!("{PATH}?asked=yes")))
}

#[derive(Template)]
#[template(path = "organizers/new_password.html")]
struct NewPasswordPage {
    layout: Layout,
    token: String,
    email: String,
    password: Field,
    password_length: usize,
}

framed!(NewPasswordPage);

impl NewPasswordPage {
    fn new(state: &AppState, token: &str, link: &AccountLink) -> Self {
        Self {
            layout: state.personal_layout(Section::None, "Choose a new password"),
            token: token.to_owned(),
            email: link.email.to_string(),
            password: Field::default(),
            password_length: LEAST,
        }
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[("password", &self.password)])
    }
}

/// The link, and the account that it is for, while both are open.
async fn find(state: &AppState, token: &str) -> Result<Option<(AccountLink, Account)>, WebError> {
    let Some(link) = state.links.read(LinkPurpose::AccountReset, token) else {
        return Ok(None);
    };
    let (conn, now) = (&mut state.db.read().await?, state.clock.now());
    let Some(link) = store::find_account_link(conn, AccountLinkKind::Reset, link.id, now).await? else {
        return Ok(None);
    };
    let account = match link.organizer {
        Some(organizer) => store::find_by_id(conn, organizer).await?,
        None => None,
    };
    Ok(account.filter(Account::is_open).map(|account| (link, account)))
}

/// `GET /organizer/reset/{token}`
pub(super) async fn show(state: Data<AppState>, token: Path<String>) -> Answer {
    match find(&state, &token).await? {
        Some((link, _)) => ok(&NewPasswordPage::new(&state, &token, &link)),
        None => link_gone::reset(&state),
    }
}

/// `POST /organizer/reset/{token}`
pub(super) async fn save(
    _: OurPage,
    state: Data<AppState>,
    desk: Data<SignInDesk>,
    token: Path<String>,
    form: Form,
) -> Answer {
    let Some((link, account)) = find(&state, &token).await? else {
        return link_gone::reset(&state);
    };
    let mut shown = NewPasswordPage::new(&state, &token, &link);
    let about = [account.organizer.email.as_str(), account.organizer.name.as_str()];
    let password = match Password::parse(form.text("password"), &about) {
        Ok(password) => password,
        Err(problem) => {
            shown.password.error = Some(problem.to_string());
            return page(StatusCode::UNPROCESSABLE_ENTITY, &shown);
        }
    };
    let (hash, now) = (desk.hasher.hash(password).await?, state.clock.now());
    desk.kept.forget_all(account.organizer.id);
    let write = state.db.write(move |tx| {
        let (link, organizer, hash) = (link.clone(), account.organizer.clone(), hash.clone());
        Box::pin(async move { accounts::reset(tx, (&link, &organizer), &hash, now).await })
    });
    if !write.await? {
        return link_gone::reset(&state);
    }
    state.bell.ring();
    Ok(see_other("/organizer/sign-in?new_password=yes"))
}
