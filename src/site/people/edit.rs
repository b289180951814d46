//! `/organizer/people/{id}/edit`: a name, an address, a company put right.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::PATH;
use crate::console::busy::form_again;
use crate::console::conflict::Conflict;
use crate::console::{Console, ConsoleFrame, MenuEntry, list, words};
use crate::contacts::Traces;
use crate::contacts::correct::{self, Corrected, WantedCorrection};
use crate::contacts::pages::address;
use crate::contacts::store::details::{self, ContactDetails, Correction};
use crate::framed;
use crate::values::{Country, EmailAddress, Label, PersonName, PhoneNumber, PublicId};
use crate::web::layout::{Field, Layout, Mistake, mistakes};
use crate::web::{Answer, Form, WebError, ok, page as answer, see_other};

#[derive(Template)]
#[template(path = "console/people/edit.html")]
struct EditPage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    form: PersonForm,
    /// Whose the address is, where it is somebody else's.
    taken_by: Option<String>,
    conflict: Option<Conflict>,
}

framed!(EditPage);

/// What is typed, and what is wrong with it.
#[derive(Default)]
struct PersonForm {
    name: Field,
    email: Field,
    company: Field,
    job_title: Field,
    phone: Field,
    /// A code of ISO 3166, or empty.
    country: Field,
    /// The state it was filled in from.
    version: String,
    /// Whether a new address gets at once what the one before was sent.
    send: bool,
}

impl PersonForm {
    fn of(person: &ContactDetails) -> Self {
        Self {
            name: Field::of(&person.name),
            email: Field::of(&person.email),
            company: Field::of(person.company.as_deref().unwrap_or_default()),
            job_title: Field::of(person.job_title.as_deref().unwrap_or_default()),
            phone: Field::of(person.phone.as_deref().unwrap_or_default()),
            country: Field::of(person.country.as_deref().unwrap_or_default()),
            version: person.version.to_string(),
            send: true,
        }
    }

    fn typed(form: &Form) -> Self {
        Self {
            name: Field::of(form.text("name")),
            email: address::shown(form, "email"),
            company: Field::of(form.text("company")),
            job_title: Field::of(form.text("job_title")),
            phone: Field::of(form.text("phone")),
            country: Field::of(form.text("country")),
            version: form.text("version").to_owned(),
            send: form.is_checked("send"),
        }
    }

    /// Reads it, all mistakes at once. An address that is not changed is not asked about.
    fn read(&mut self, form: &Form, before: &ContactDetails) -> Option<Correction> {
        // A script that knows of none of these leaves them as they are.
        for (name, field, stored) in [
            ("job_title", &mut self.job_title, &before.job_title),
            ("country", &mut self.country, &before.country),
            ("phone", &mut self.phone, &before.phone),
        ] {
            if !form.has(name) {
                *field = Field::of(stored.as_deref().unwrap_or_default());
            }
        }
        let name = PersonName::parse(form.text("name"))
            .map_err(|problem| self.name.error = Some(words::of_them(&problem)))
            .ok();
        let email = match EmailAddress::parse(&before.email) {
            Ok(same) if form.text("email").trim() == before.email => Some(same),
            _ => address::read(form, "email").map_err(|field| self.email = field).ok(),
        };
        let company = self.company.read(company);
        let job_title = self.job_title.read(self::company);
        let country = self.country.read(|raw| match raw {
            "" => Ok(None),
            raw => Country::parse(raw).map(Some),
        });
        let home = country.flatten();
        let phone = self.phone.read(|raw| match raw {
            "" => Ok(None),
            raw => PhoneNumber::parse(raw, home).map(Some),
        });
        Some(Correction {
            name: name?,
            email: email?,
            company: company?,
            job_title: job_title?,
            phone: phone?,
            country: country?,
        })
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("name", &self.name),
            ("email", &self.email),
            ("company", &self.company),
            ("job_title", &self.job_title),
            ("country", &self.country),
            ("phone", &self.phone),
        ])
    }
}

/// A company's name, or none.
pub(super) fn company(raw: &str) -> Result<Option<String>, String> {
    if raw.trim().is_empty() {
        return Ok(None);
    }
    let label = Label::parse(raw).map_err(|problem| problem.to_string())?;
    Ok(Some(label.as_str().to_owned()))
}

/// `GET /organizer/people/{id}/edit`
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    let person = load(&console, list::id(&raw)?).await?;
    ok(&EditPage::new(&console, &person, PersonForm::of(&person))?)
}

/// `POST /organizer/people/{id}/edit`
pub(super) async fn save(console: Console, traces: Data<Traces>, raw: Path<String>, form: Form) -> Answer {
    let id = list::id(&raw)?;
    let person = load(&console, id).await?;
    let mut typed = PersonForm::typed(&form);
    if form.is_brought_back() {
        return ok(&EditPage::new(&console, &person, typed)?.brought_back());
    }
    let Some(correction) = typed.read(&form, &person) else {
        return refuse(&EditPage::new(&console, &person, typed)?);
    };
    let moves = correction.email.key() != person.email_key;
    let wanted = WantedCorrection {
        person: id,
        correction,
        version: typed.version.parse().ok(),
        send: typed.send,
    };
    let (now, who, traces) = (console.state.clock.now(), console.who.clone(), traces.get_ref().clone());
    let write = console.state.db.write(move |tx| {
        let (wanted, who, traces) = (wanted.clone(), who.clone(), traces.clone());
        Box::pin(async move { correct::correct(tx, &wanted, &who, &traces, now).await })
    });
    let corrected = match write.await {
        Ok(corrected) => corrected,
        Err(error) => {
            let mut shown = EditPage::new(&console, &person, typed)?;
            shown.frame = shown.frame.not_saved();
            return form_again(error, &shown);
        }
    };
    console.state.bell.ring();
    match corrected {
        Corrected::Yes => {
            let done = if moves && typed.send { "sent" } else { "saved" };
            Ok(see_other(&format!("{PATH}/{id}?done={done}")))
        }
        Corrected::Gone => Err(WebError::NotFound),
        Corrected::Meanwhile(now) => refuse(&EditPage::in_conflict(&console, &now, typed)?),
        Corrected::Taken(other) => {
            typed.email.error = Some("Somebody else in the list has this address.".to_owned());
            let mut shown = EditPage::new(&console, &person, typed)?;
            shown.taken_by = Some(other.to_string());
            refuse(&shown)
        }
        Corrected::TooOften => {
            typed.email.error =
                Some("This address was corrected 30 times. Add them anew with the right address instead.".to_owned());
            refuse(&EditPage::new(&console, &person, typed)?)
        }
    }
}

fn refuse(shown: &EditPage) -> Answer {
    answer(StatusCode::UNPROCESSABLE_ENTITY, shown)
}

async fn load(console: &Console, id: PublicId) -> Result<ContactDetails, WebError> {
    let person = details::person(&mut console.state.db.read().await?, id).await?;
    person.ok_or(WebError::NotFound)
}

impl EditPage {
    fn new(console: &Console, person: &ContactDetails, form: PersonForm) -> Result<Self, WebError> {
        let path = format!("{PATH}/{}", list::shown_id(&person.public_id)?);
        let (layout, frame) = console.page(MenuEntry::People, format!("Edit {}", person.name));
        Ok(Self {
            layout,
            frame: frame.below(PATH, "People").below(path.clone(), person.name.clone()),
            path,
            form,
            taken_by: None,
            conflict: None,
        })
    }

    fn brought_back(mut self) -> Self {
        self.frame = self.frame.brought_back();
        self
    }

    /// Somebody was quicker: both values of what differs, what was typed chosen.
    fn in_conflict(console: &Console, person: &ContactDetails, mut form: PersonForm) -> Result<Self, WebError> {
        let by = person.changed_by.as_deref().unwrap_or("Somebody else");
        let at = person.changed_at.map(|at| console.stored_moment(at)).transpose()?;
        let at = at.map(|at| format!(" on {}", at.text)).unwrap_or_default();
        let conflict = Conflict::between(
            format!("{by} changed this{at}, while you had it open. Nothing of yours is saved yet: choose, then save."),
            &[
                ("name", "Name", &form.name.value, &person.name),
                ("email", "E-mail address", &form.email.value, &person.email),
                (
                    "company",
                    "Company",
                    &form.company.value,
                    person.company.as_deref().unwrap_or_default(),
                ),
                (
                    "job_title",
                    "Job title",
                    &form.job_title.value,
                    person.job_title.as_deref().unwrap_or_default(),
                ),
                (
                    "country",
                    "Country",
                    &form.country.value,
                    person.country.as_deref().unwrap_or_default(),
                ),
                (
                    "phone",
                    "Telephone",
                    &form.phone.value,
                    person.phone.as_deref().unwrap_or_default(),
                ),
            ],
        );
        form.version = person.version.to_string();
        let mut page = Self::new(console, person, form)?;
        page.conflict = Some(conflict);
        Ok(page)
    }

    /// Templates ask which fields are asked about by radio buttons.
    fn is_in_conflict(&self, field: &str) -> bool {
        self.conflict.as_ref().is_some_and(|conflict| conflict.is_about(field))
    }
}
