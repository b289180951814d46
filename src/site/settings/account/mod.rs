//! `/organizer/settings/account`: what everybody sets for themselves: name and clock, password, second factor, and where they
//! are signed in.

mod password;
mod second_factor;
mod sign_ins;
mod sign_on;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Query, ServiceConfig};
use askama::Template;

use crate::audit::{self, Actor, Change, Entry};
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::framed;
use crate::organizers::pages::read_name;
use crate::organizers::store::{self, SignInOfMember};
use crate::organizers::this_sign_in;
use crate::values::Zone;
use crate::web::layout::{Field, Layout, Mistake, When, mistakes};
use crate::web::{Answer, Form, WebError, at, page as shown, see_other};

const PATH: &str = "/organizer/settings/account";

/// What the last act did.
const DONE: [(&str, &str); 8] = [
    ("saved", "Saved."),
    (
        "password",
        "Your password is changed. All your other sign-ins have ended.",
    ),
    ("off", "Your second factor is off. The password alone is enough now."),
    ("connected", "Connected. From now on you can sign in there, too."),
    (
        "taken",
        "Nothing was connected: that sign-in belongs to another account here.",
    ),
    ("disconnected", "You sign in with your password alone."),
    ("ended", "That sign-in has ended."),
    ("others", "All your other sign-ins have ended."),
];

#[derive(Template)]
#[template(path = "console/settings/account.html")]
struct AccountPage {
    layout: Layout,
    frame: ConsoleFrame,
    email: String,
    name: Field,
    /// Empty: the organization's.
    time_zone: Field,
    zones: Vec<String>,
    /// "Berlin time (UTC+1)", the organization's.
    usual_zone: String,
    has_shortcuts: bool,
    current: Field,
    password: Field,
    /// Without one, one signs in through the provider alone.
    has_password: bool,
    /// The provider, and whether this account is bound to it.
    sign_on: Option<(String, bool)>,
    has_second_factor: bool,
    codes_left: i64,
    sign_ins: Vec<ShownSignIn>,
}

framed!(AccountPage);

struct ShownSignIn {
    id: i64,
    device: String,
    network: String,
    with_second_factor: bool,
    since: When,
    last_seen: When,
    is_this: bool,
}

impl AccountPage {
    async fn read(console: &Console, request: &HttpRequest) -> Result<Self, WebError> {
        let (who, now) = (&console.who, console.state.clock.now());
        let conn = &mut console.state.db.read().await?;
        let account = store::find_by_id(conn, who.id).await?.ok_or(WebError::NotFound)?;
        let this = this_sign_in(&console.state, request);
        let sign_ins = store::sign_ins_of(conn, who.id, now).await?;
        let (layout, frame) = console.page(MenuEntry::Settings, "My account");
        Ok(Self {
            layout,
            frame,
            email: who.email.to_string(),
            name: Field::of(who.name.as_str()),
            time_zone: Field::of(who.zone.as_ref().map(Zone::name).unwrap_or_default()),
            zones: Zone::names(),
            usual_zone: console.around.zone.name().to_owned(),
            has_shortcuts: who.has_shortcuts,
            current: Field::default(),
            password: Field::default(),
            has_password: !account.password_hash.is_empty(),
            sign_on: match console.state.config.sign_on.as_ref() {
                Some(sign_on) => Some((sign_on.host(), store::is_bound(conn, who.id).await?)),
                None => None,
            },
            has_second_factor: account.second_factor.is_some(),
            codes_left: store::recovery_codes_left(conn, who.id).await?,
            sign_ins: sign_ins
                .into_iter()
                .map(|row| ShownSignIn::of(console, row, this.as_deref()))
                .collect::<Result<_, _>>()?,
        })
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("name", &self.name),
            ("time_zone", &self.time_zone),
            ("current", &self.current),
            ("password", &self.password),
        ])
    }
}

impl ShownSignIn {
    fn of(console: &Console, row: SignInOfMember, this: Option<&[u8]>) -> Result<Self, WebError> {
        Ok(Self {
            id: row.id,
            is_this: this == Some(row.token_hash.as_slice()),
            device: row.device,
            network: row.network,
            with_second_factor: row.mfa != 0,
            since: console.stored_moment(row.created_at)?,
            last_seen: console.stored_moment(row.last_seen)?,
        })
    }
}

/// `GET /organizer/settings/account`
async fn page(console: Console, request: HttpRequest, done: Query<Done>) -> Answer {
    let mut page = AccountPage::read(&console, &request).await?;
    page.frame = page.frame.with(done.said(&DONE));
    shown(StatusCode::OK, &page)
}

/// `POST /organizer/settings/account`: name, clock and keys.
async fn save(console: Console, request: HttpRequest, form: Form) -> Answer {
    let mut page = AccountPage::read(&console, &request).await?;
    page.name = Field::of(form.text("name"));
    page.time_zone = Field::of(form.text("time_zone"));
    page.has_shortcuts = form.is_checked("shortcuts");
    if form.is_brought_back() {
        page.frame = page.frame.brought_back();
        return shown(StatusCode::OK, &page);
    }
    let name = page.name.read(read_name);
    let zone = match page.time_zone.value.trim() {
        "" => Some(None),
        _ => page.time_zone.read(Zone::parse).map(Some),
    };
    let (Some(name), Some(zone)) = (name, zone) else {
        return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let (who, now, keys) = (console.who.clone(), console.state.clock.now(), page.has_shortcuts);
    let zone_name = |zone: Option<&Zone>| zone.map(Zone::name).unwrap_or_default().to_owned();
    let change = Change::of("name", who.name.as_str(), name.as_str()).and(
        "time_zone",
        &zone_name(who.zone.as_ref()),
        &zone_name(zone.as_ref()),
    );
    let write = console.state.db.write(move |tx| {
        let (who, name, zone, change) = (who.clone(), name.clone(), zone.clone(), change.clone());
        Box::pin(async move {
            store::set_profile(tx, who.id, (&name, zone.as_ref(), keys)).await?;
            if change.is_empty() {
                return Ok(());
            }
            let entry = Entry {
                actor: Actor::from(&who),
                action: "account.change",
                subject: who.public_id.to_string(),
                detail: String::new(),
            };
            audit::record_change(tx, &entry, &change, now).await
        })
    });
    write.await?;
    Ok(see_other(&format!("{PATH}?done=saved")))
}

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/settings/account").get(page).post(save))
        .service(at("/organizer/settings/account/password").post(password::save))
        .service(at("/organizer/settings/account/sign-ins").post(sign_ins::end))
        .service(at("/organizer/settings/account/sign-on").post(sign_on::change))
        .service(
            at("/organizer/settings/account/second-factor")
                .get(second_factor::page)
                .post(second_factor::begin),
        )
        .service(at("/organizer/settings/account/second-factor/confirm").post(second_factor::confirm))
        .service(at("/organizer/settings/account/second-factor/codes").post(second_factor::renew))
        .service(at("/organizer/settings/account/second-factor/off").post(second_factor::switch_off));
}
