//! `/organizer/settings/account/second-factor`: switching it on with an app, new recovery codes, switching it off. Until a code
//! has confirmed it, the secret goes to the page and back sealed, and nothing of it is stored.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::PATH;
use crate::audit::Actor;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::framed;
use crate::organizers::pages::off_by;
use crate::organizers::second_factor::{CodeVerdict, RecoveryCode, TotpSecret};
use crate::organizers::{accounts, store};
use crate::web::layout::{Field, Layout};
use crate::web::{Answer, Form, WebError, page as shown, see_other};

/// Where it is.
const HERE: &str = "/organizer/settings/account/second-factor";

#[derive(Template)]
#[template(path = "console/settings/second_factor.html")]
struct SecondFactorPage {
    layout: Layout,
    frame: ConsoleFrame,
    is_on: bool,
    codes_left: i64,
    /// Of one that is being switched on: the secret sealed, in letters to be typed, and as a picture.
    new: Option<NewSecret>,
    code: Field,
}

framed!(SecondFactorPage);

struct NewSecret {
    sealed: String,
    letters: String,
    address: String,
    picture: String,
}

impl SecondFactorPage {
    async fn read(console: &Console) -> Result<Self, WebError> {
        let conn = &mut console.state.db.read().await?;
        let account = store::find_by_id(conn, console.who.id)
            .await?
            .ok_or(WebError::NotFound)?;
        let (layout, frame) = console.page(MenuEntry::Settings, "Second factor");
        Ok(Self {
            layout,
            frame: frame.below(PATH, "My account"),
            is_on: account.second_factor.is_some(),
            codes_left: store::recovery_codes_left(conn, console.who.id).await?,
            new: None,
            code: Field::default(),
        })
    }

    fn with(mut self, console: &Console, secret: &TotpSecret) -> Result<Self, WebError> {
        let state = &console.state;
        let for_app = secret.for_app(state.organization().as_str(), console.who.email.as_str());
        let (address, picture) = for_app.ok_or_else(|| WebError::internal("no picture of a secret"))?;
        self.new = Some(NewSecret {
            sealed: URL_SAFE_NO_PAD.encode(secret.sealed(&state.links)),
            letters: secret.in_groups(),
            address,
            picture,
        });
        Ok(self)
    }
}

/// `GET /organizer/settings/account/second-factor`
pub(super) async fn page(console: Console) -> Answer {
    shown(StatusCode::OK, &SecondFactorPage::read(&console).await?)
}

/// `POST /organizer/settings/account/second-factor`: a new secret, for the app. Nothing is stored yet.
pub(super) async fn begin(console: Console) -> Answer {
    let page = SecondFactorPage::read(&console).await?;
    shown(StatusCode::OK, &page.with(&console, &TotpSecret::random())?)
}

/// `POST /organizer/settings/account/second-factor/confirm`: a code shows that the app has the secret.
pub(super) async fn confirm(console: Console, form: Form) -> Answer {
    let (state, now) = (&console.state, console.state.clock.now());
    let sealed = URL_SAFE_NO_PAD.decode(form.text("secret")).ok();
    let secret = sealed.and_then(|sealed| TotpSecret::unseal(&state.links, &sealed));
    let Some(secret) = secret else {
        return Ok(see_other(HERE));
    };
    let problem = match secret.check(form.text("code"), now) {
        CodeVerdict::Right(step) => {
            let codes = RecoveryCode::several();
            switch_on(&console, &secret, step, &codes).await?;
            return codes_page(&console, &codes);
        }
        CodeVerdict::OffBy(seconds) => off_by(seconds),
        CodeVerdict::Wrong => "The code is wrong. Type the six digits that your app shows now.".to_owned(),
    };
    let mut page = SecondFactorPage::read(&console).await?.with(&console, &secret)?;
    page.code.error = Some(problem);
    shown(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn switch_on(console: &Console, secret: &TotpSecret, step: i64, codes: &[RecoveryCode]) -> Result<(), WebError> {
    let (who, state, now) = (console.who.clone(), &console.state, console.state.clock.now());
    let sealed = secret.sealed(&state.links);
    let hashes = hashes(console, codes);
    let write = state.db.write(move |tx| {
        let (who, sealed, hashes) = (who.clone(), sealed.clone(), hashes.clone());
        Box::pin(async move { accounts::switch_on_second_factor(tx, &who, (&sealed, step), &hashes, now).await })
    });
    write.await?;
    state.bell.ring();
    Ok(())
}

fn hashes(console: &Console, codes: &[RecoveryCode]) -> Vec<Vec<u8>> {
    let (key, whose) = (&console.state.links, console.who.public_id);
    codes.iter().map(|code| code.hash(key, whose)).collect()
}

#[derive(Template)]
#[template(path = "console/settings/recovery_codes.html")]
struct RecoveryCodesPage {
    layout: Layout,
    frame: ConsoleFrame,
    codes: Vec<String>,
}

framed!(RecoveryCodesPage);

fn codes_page(console: &Console, codes: &[RecoveryCode]) -> Result<HttpResponse, WebError> {
    let (layout, frame) = console.page(MenuEntry::Settings, "Recovery codes");
    shown(
        StatusCode::OK,
        &RecoveryCodesPage {
            layout,
            frame: frame.below(PATH, "My account"),
            codes: codes.iter().map(ToString::to_string).collect(),
        },
    )
}

/// `POST /organizer/settings/account/second-factor/codes`: new ones in place of all before.
pub(super) async fn renew(console: Console) -> Answer {
    if !SecondFactorPage::read(&console).await?.is_on {
        return Ok(see_other(HERE));
    }
    let codes = RecoveryCode::several();
    let (who, hashes, now) = (console.who.clone(), hashes(&console, &codes), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let (who, hashes) = (who.clone(), hashes.clone());
        Box::pin(async move { accounts::renew_recovery_codes(tx, &who, &hashes, now).await })
    });
    write.await?;
    codes_page(&console, &codes)
}

/// `POST /organizer/settings/account/second-factor/off`
pub(super) async fn switch_off(console: Console) -> Answer {
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let who = who.clone();
        Box::pin(async move { accounts::switch_off_second_factor(tx, Actor::from(&who), &who, now).await })
    });
    write.await?;
    console.state.bell.ring();
    Ok(see_other(&format!("{PATH}?done=off")))
}
