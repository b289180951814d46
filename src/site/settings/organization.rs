//! `/organizer/settings/organization`: the firm's name, its colour, and the clock of the organizers' pages.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;

use crate::audit::{self, Actor, Change, Entry};
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::db::settings;
use crate::framed;
use crate::site::look::{self, ACCENT, NAME, ZONE};
use crate::values::{Accent, AccentProblem, Label, Problem, Zone};
use crate::web::layout::{Choice, Field, Layout, Mistake, mistakes};
use crate::web::{Answer, Form, WebError, page as shown, see_other};

const PATH: &str = "/organizer/settings/organization";
/// Longest name, in characters: it stands at the top of every page.
const LONGEST_NAME: usize = 80;

/// What the last act did.
const DONE: [(&str, &str); 1] = [("saved", "Saved. Every page has it within ten seconds.")];

#[derive(Template)]
#[template(path = "console/settings/organization.html")]
struct OrganizationPage {
    layout: Layout,
    frame: ConsoleFrame,
    name: Field,
    /// Where the name was set; `None`: here, or nowhere.
    name_is_from: Option<String>,
    accent: Field,
    zone: Field,
    zones: Vec<String>,
    /// Where mail comes from, and where answers go, as the server has it.
    sender: Vec<(&'static str, String, String)>,
}

framed!(OrganizationPage);

impl OrganizationPage {
    async fn read(console: &Console) -> Result<Self, WebError> {
        let (state, conn) = (&console.state, &mut console.state.db.read().await?);
        let (layout, frame) = console.page(MenuEntry::Settings, "Organization");
        Ok(Self {
            layout,
            frame,
            name: Field::of(state.organization().as_str()),
            name_is_from: state.config.organization_is_from().map(ToString::to_string),
            accent: Field::of(settings::find(conn, ACCENT).await?.unwrap_or_default()),
            zone: Field::of(settings::find(conn, ZONE).await?.unwrap_or_default()),
            zones: Zone::names(),
            sender: state
                .config
                .shown
                .iter()
                .filter(|set| ["smtp_url", "mail_from", "mail_reply_to", "public_url"].contains(&set.name))
                .map(|set| (set.name, set.value.clone(), set.source.to_string()))
                .collect(),
        })
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[("name", &self.name), ("accent", &self.accent), ("zone", &self.zone)])
    }

    /// What was typed, all mistakes at once: name, colour and clock, each as it is stored.
    fn typed(&mut self, form: &Form) -> Option<[(&'static str, String); 3]> {
        if self.name_is_from.is_none() {
            self.name = Field::of(form.text("name"));
        }
        self.accent = Field::of(form.text("accent").trim());
        self.zone = Field::of(form.text("zone"));
        let name = self.name.read(read_name);
        let accent = self.read_accent();
        let zone = match self.zone.value.as_str() {
            "" => Some(String::new()),
            _ => self.zone.read(Zone::parse).map(|zone| zone.name().to_owned()),
        };
        Some([(NAME, name?.as_str().to_owned()), (ACCENT, accent?), (ZONE, zone?)])
    }

    /// One that cannot be read comes back with a button for the nearest that can.
    fn read_accent(&mut self) -> Option<String> {
        if self.accent.value.is_empty() {
            return Some(String::new());
        }
        match Accent::parse(&self.accent.value) {
            Ok(accent) => Some(accent.to_string()),
            Err(problem) => {
                if let AccentProblem::TooLight { nearest, .. } = &problem {
                    self.accent.choices = vec![Choice {
                        name: "nearest".to_owned(),
                        value: nearest.clone(),
                        label: format!("Use {nearest}"),
                    }];
                }
                self.accent.error = Some(problem.to_string());
                None
            }
        }
    }
}

fn read_name(raw: &str) -> Result<Label, Problem> {
    let name = Label::parse(raw)?;
    if name.as_str().chars().count() > LONGEST_NAME {
        return Err(Problem::new("Use at most 80 characters."));
    }
    Ok(name)
}

/// `GET /organizer/settings/organization`
pub(super) async fn page(console: Console, done: Query<Done>) -> Answer {
    let mut page = OrganizationPage::read(&console).await?;
    page.frame = page.frame.with(done.said(&DONE));
    shown(StatusCode::OK, &page)
}

/// `POST /organizer/settings/organization`
pub(super) async fn save(console: Console, form: Form) -> Answer {
    let mut page = OrganizationPage::read(&console).await?;
    let before = [
        page.name.value.clone(),
        page.accent.value.clone(),
        page.zone.value.clone(),
    ];
    let form = with_nearest(form);
    let typed = page.typed(&form);
    if form.is_brought_back() {
        page.frame = page.frame.brought_back();
        return shown(StatusCode::OK, &page);
    }
    let Some(typed) = typed else {
        return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let change = typed
        .iter()
        .zip(&before)
        .fold(Change::default(), |change, ((key, value), before)| {
            change.and(key, before, value)
        });
    let (actor, now, keeps_name) = (
        Actor::from(&console.who),
        console.state.clock.now(),
        page.name_is_from.is_none(),
    );
    let write = console.state.db.write(move |tx| {
        let (typed, change) = (typed.clone(), change.clone());
        let entry = Entry {
            actor,
            action: "settings.change",
            subject: "organization".to_owned(),
            detail: String::new(),
        };
        Box::pin(async move {
            for (key, value) in &typed {
                if *key == NAME && !keeps_name {
                    continue;
                }
                if value.is_empty() {
                    settings::forget(tx, key).await?;
                } else {
                    settings::put(tx, key, value).await?;
                }
            }
            audit::record_change(tx, &entry, &change, now).await
        })
    });
    write.await?;
    look::read(&mut console.state.db.read().await?, &console.state).await?;
    Ok(see_other(&format!("{PATH}?done=saved")))
}

/// The button for the nearest colour was pressed: it stands in for what was typed.
fn with_nearest(form: Form) -> Form {
    if !form.has("nearest") {
        return form;
    }
    let nearest = form.text("nearest").to_owned();
    let fields = form.fields().filter(|(name, _)| !["accent", "nearest"].contains(name));
    let fields: Vec<(String, String)> = fields
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .chain(std::iter::once(("accent".to_owned(), nearest)))
        .collect();
    Form::of(fields)
}
