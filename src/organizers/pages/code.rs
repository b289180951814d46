//! `/organizer/sign-in/code`: the second step of a sign-in, where the account has a second factor. That the password was right
//! is carried along sealed, and nothing of it is stored.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::interrupted::Interrupted;
use super::safe_path;
use super::sign_in::{SignInPage, comes_from, note_failure, start_sign_in};
use crate::framed;
use crate::organizers::desk::SignInDesk;
use crate::organizers::second_factor::{CodeVerdict, TotpSecret, recovery_hash};
use crate::organizers::signing_in::SecondStep;
use crate::organizers::store::{self, Account};
use crate::values::LinkKey;
use crate::web::form::CarryingForm;
use crate::web::gate::Admission;
use crate::web::layout::{Layout, Section};
use crate::web::{Answer, AppState, Form, OurPage, WebError, page, see_other, too_many};

/// For so long the password counts as proved.
const LASTS: SignedDuration = SignedDuration::from_mins(10);
/// What the proof is sealed for.
const SEALED_FOR: &str = "proved-password";
/// The field that carries it.
const PROOF: &str = "proof";
/// Digits of a code of the app.
const DIGITS: usize = 6;

/// The question.
#[derive(Template)]
#[template(path = "organizers/code.html")]
pub(super) struct CodePage {
    layout: Layout,
    next: String,
    hidden: Vec<(String, String)>,
    refused: Option<String>,
}

framed!(CodePage);

impl CodePage {
    /// After the right password was typed into this form.
    pub(super) fn after(state: &AppState, account: &Account, form: &Form) -> Self {
        let proof = ProvedPassword::of(account, state.clock.now()).sealed(&state.links);
        Self::carrying(state, form, proof)
    }

    fn carrying(state: &AppState, form: &Form, proof: String) -> Self {
        let carried = Interrupted::carried(form).map(|interrupted| interrupted.hidden());
        Self {
            layout: state.personal_layout(Section::None, "The code of your app"),
            next: safe_path(form.text("next")).to_owned(),
            hidden: std::iter::once((PROOF.to_owned(), proof))
                .chain(carried.unwrap_or_default())
                .collect(),
            refused: None,
        }
    }

    fn refused(state: &AppState, form: &Form, words: String) -> Self {
        Self {
            refused: Some(words),
            ..Self::carrying(state, form, form.text(PROOF).to_owned())
        }
    }
}

/// That somebody has typed the right password, and until when it counts.
#[derive(Serialize, Deserialize)]
struct ProvedPassword {
    organizer: i64,
    /// The stored hash: another password ends it.
    password_hash: String,
    /// Microseconds.
    until: i64,
}

impl ProvedPassword {
    fn of(account: &Account, now: Timestamp) -> Self {
        Self {
            organizer: account.organizer.id,
            password_hash: account.password_hash.clone(),
            until: (now + LASTS).as_microsecond(),
        }
    }

    fn sealed(&self, key: &LinkKey) -> String {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(key.seal(SEALED_FOR, &plain))
    }

    fn unseal(key: &LinkKey, raw: &str, now: Timestamp) -> Option<Self> {
        let plain = key.unseal(SEALED_FOR, &URL_SAFE_NO_PAD.decode(raw).ok()?)?;
        let proved: Self = serde_json::from_slice(&plain).ok()?;
        (proved.until > now.as_microsecond()).then_some(proved)
    }

    /// The account, while its password is the one that was typed and it has a second factor.
    async fn account(self, state: &AppState) -> Result<Option<Account>, WebError> {
        let account = store::find_by_id(&mut state.db.read().await?, self.organizer).await?;
        Ok(account.filter(|account| {
            account.password_hash == self.password_hash && account.is_open() && account.second_factor.is_some()
        }))
    }
}

/// `GET /organizer/sign-in/code`: the page is an answer to a post, and cannot be opened by itself.
pub(super) async fn begin_again() -> Answer {
    Ok(see_other("/organizer/sign-in"))
}

/// `POST /organizer/sign-in/code`
pub(super) async fn check(
    _: OurPage,
    state: Data<AppState>,
    desk: Data<SignInDesk>,
    admission: Admission,
    request: HttpRequest,
    form: CarryingForm,
) -> Answer {
    let form = form.0;
    let refuse = |status, words: String| page(status, &CodePage::refused(&state, &form, words));
    let too_many = |wait| {
        let words = format!("Too many attempts. Try again {}.", too_many::in_words(wait));
        too_many::answer(refuse(StatusCode::TOO_MANY_REQUESTS, words), wait)
    };
    if let Some(wait) = admission.refused() {
        return too_many(wait);
    }
    let now = state.clock.now();
    let account = match ProvedPassword::unseal(&state.links, form.text(PROOF), now) {
        Some(proved) => proved.account(&state).await?,
        None => None,
    };
    let Some(account) = account else {
        let again = SignInPage::again(
            &state,
            &form,
            "That took too long. Type address and password once more.",
        );
        return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
    };
    let from = comes_from(&state, &request);
    let (network, email) = (state.network_of(&request), &account.organizer.email);
    let is_known_here = store::knows_network(&mut state.db.read().await?, account.organizer.id, &from.hash).await?;
    let guess = match desk.limit.charge(&state, email, network, Some(&account), is_known_here) {
        Ok(guess) => guess,
        Err(wait) => return too_many(wait),
    };
    tokio::time::sleep(guess.pause).await;
    match read_code(&state, &account, form.text("code"), now) {
        Ok(step) => {
            let then = match Interrupted::carried(&form) {
                Some(interrupted) => interrupted.go_on(&state)?,
                None => see_other(safe_path(form.text("next"))),
            };
            let started = start_sign_in(&state, &desk.kept, &account, (from, step), then).await?;
            let Some(answer) = started else {
                admission.keep();
                return refuse(StatusCode::UNPROCESSABLE_ENTITY, USED.to_owned());
            };
            admission.give_back();
            guess.give_back(&state.limits, now);
            Ok(answer)
        }
        Err(words) => {
            admission.keep();
            note_failure(&state, Some(account), from);
            refuse(StatusCode::UNPROCESSABLE_ENTITY, words)
        }
    }
}

const USED: &str = "This code was used already, or it is none of yours. Wait until your app shows the next one.";

/// What was typed: a code of the app, or else a recovery code. `Err`: why not.
fn read_code(state: &AppState, account: &Account, typed: &str, now: Timestamp) -> Result<SecondStep, String> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if code.is_empty() {
        return Err("Type the six digits that your app shows, or a recovery code.".to_owned());
    }
    if code.len() != DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        let hash = recovery_hash(&code, &state.links, account.organizer.public_id);
        return Ok(SecondStep::Recovery(hash));
    }
    let sealed = account.second_factor.as_deref().unwrap_or_default();
    let Some(secret) = TotpSecret::unseal(&state.links, sealed) else {
        return Err(
            "Codes cannot be checked: the secret key of this site has changed. Whoever runs the server switches the second \
             factor off with commonground organizer reset-password --totp-off."
                .to_owned(),
        );
    };
    match secret.check(&code, now) {
        CodeVerdict::Right(step) => Ok(SecondStep::Code(step)),
        CodeVerdict::OffBy(seconds) => Err(off_by(seconds)),
        CodeVerdict::Wrong => Err("The code is wrong. Type the one that your app shows now.".to_owned()),
    }
}

/// In words for whoever types the code of another time.
pub(crate) fn off_by(seconds: i64) -> String {
    let (by, way) = (seconds.unsigned_abs(), if seconds > 0 { "ahead of" } else { "behind" });
    format!(
        "This is the code of another time: the clock of your app is about {by} seconds {way} ours. Let your device set its \
         time by itself, then try again."
    )
}
