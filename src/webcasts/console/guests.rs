//! `/organizer/webcasts/{slug}/guests`: who may register.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::workspace::{NextStep, Tab, Workspace, WorkspaceHead};
use crate::console::busy::form_again;
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, words};
use crate::framed;
use crate::values::EmailAddress;
use crate::web::form::LongForm;
use crate::web::layout::{Field, Layout, Mistake, mistakes};
use crate::web::{Answer, Form, WebError, ok, page as answer, see_other};
use crate::webcasts::change::guests::{self, WantedGuests};
use crate::webcasts::guests::{GuestRule, Guests, addresses, code, domains};
use crate::webcasts::store;

/// What the last act did.
const DONE: [(&str, &str); 1] = [("saved", "Saved. It holds for whoever registers from now on.")];

#[derive(Template)]
#[template(path = "console/webcasts/guests.html")]
struct GuestsPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    form: GuestsForm,
    /// How many are on the list, and how many posts came by those who are not.
    listed: String,
    turned_away: String,
}

framed!(GuestsPage);

/// What is typed, and what is wrong with it.
struct GuestsForm {
    guests: Field,
    code: Field,
    addresses: Field,
    anew: bool,
    business_only: bool,
    domains: Field,
}

impl GuestsForm {
    fn of(rule: &GuestRule) -> Self {
        Self {
            guests: Field::of(rule.guests.as_str()),
            code: Field::of(&rule.code),
            addresses: Field::default(),
            anew: false,
            business_only: rule.business_only,
            domains: Field::of(rule.blocked.join("\n")),
        }
    }

    fn typed(form: &Form) -> Self {
        Self {
            guests: Field::of(form.text("guests")),
            code: Field::of(form.text("code")),
            addresses: Field::of(form.text("addresses")),
            anew: form.is_checked("anew"),
            business_only: form.is_checked("business_only"),
            domains: Field::of(form.text("domains")),
        }
    }

    fn read(&mut self) -> Option<WantedGuests> {
        let who = self
            .guests
            .read(|raw| Guests::parse(raw).ok_or("Choose one of the three.".to_owned()));
        let is_asked_for = who == Some(Guests::WithCode);
        let code = self.code.read(|raw| match raw.trim() {
            "" if !is_asked_for => Ok(String::new()),
            raw => code(raw),
        });
        let invited = self.addresses.read(addresses);
        let blocked = self.domains.read(domains);
        Some(WantedGuests {
            rule: GuestRule {
                guests: who?,
                code: code?,
                business_only: self.business_only,
                blocked: blocked?,
            },
            invited: invited?.iter().map(EmailAddress::key).collect(),
            anew: self.anew,
        })
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("guests", &self.guests),
            ("code", &self.code),
            ("addresses", &self.addresses),
            ("domains", &self.domains),
        ])
    }
}

/// `GET /organizer/webcasts/{slug}/guests`
pub(super) async fn page(console: Console, slug: Path<String>, done: Query<Done>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let rule = store::guest_rule(&mut console.state.db.read().await?, &workspace.webcast.slug).await?;
    let mut shown = draw(&console, &workspace, GuestsForm::of(&rule)).await?;
    shown.frame = shown.frame.with(done.said(&DONE));
    ok(&shown)
}

async fn draw(console: &Console, workspace: &Workspace, form: GuestsForm) -> Result<GuestsPage, WebError> {
    let (listed, turned_away) = store::count_invited(&mut console.state.db.read().await?, workspace.webcast.id).await?;
    let (layout, frame, head) = workspace.page(console, Tab::Guests);
    Ok(GuestsPage {
        layout,
        frame,
        head,
        form,
        listed: words::grouped(listed),
        turned_away: words::grouped(turned_away),
    })
}

/// `POST /organizer/webcasts/{slug}/guests`
pub(super) async fn save(console: Console, slug: Path<String>, LongForm(form): LongForm) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let mut typed = GuestsForm::typed(&form);
    if form.is_brought_back() {
        let mut shown = draw(&console, &workspace, typed).await?;
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let Some(wanted) = typed.read() else {
        return answer(
            StatusCode::UNPROCESSABLE_ENTITY,
            &draw(&console, &workspace, typed).await?,
        );
    };
    let (webcast, who, now) = (
        workspace.webcast.clone(),
        console.who.clone(),
        console.state.clock.now(),
    );
    let write = console.state.db.write(move |tx| {
        let (webcast, wanted, who) = (webcast.clone(), wanted.clone(), who.clone());
        Box::pin(async move { guests::set(tx, &webcast, &wanted, &who, now).await })
    });
    match write.await {
        Ok(()) => Ok(see_other(&format!("{}/guests?done=saved", workspace.path()))),
        Err(error) => {
            let mut shown = draw(&console, &workspace, typed).await?;
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}
