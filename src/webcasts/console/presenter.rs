//! `/organizer/presenters/{id}`: somebody who speaks: what is said of them, and their picture.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::console::busy::form_again;
use crate::console::conflict::Conflict;
use crate::console::{Console, ConsoleFrame, MenuEntry, list, words};
use crate::framed;
use crate::organizers::acts::Act;
use crate::uploads::Shape;
use crate::values::{PersonName, PublicId};
use crate::web::layout::{Field, Layout, Mistake, mistakes};
use crate::web::upload::Upload;
use crate::web::{Answer, Form, WebError, ok, page as answer, see_other};
use crate::webcasts::change::presenters::{self, PresenterOutcome};
use crate::webcasts::presenter::{AboutPresenter, Presenter, bio, line_or_nothing};
use crate::webcasts::store;

#[derive(Template)]
#[template(path = "console/webcasts/presenter.html")]
struct PresenterPage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    name: String,
    form: AboutForm,
    conflict: Option<Conflict>,
    picture: Option<String>,
    /// What was wrong with the picture that was sent.
    picture_problem: Option<String>,
    /// Slug and title of where they speak.
    webcasts: Vec<(String, String)>,
    may_edit: bool,
}

framed!(PresenterPage);

impl PresenterPage {
    /// Templates ask which fields are asked about by radio buttons.
    fn is_in_conflict(&self, field: &str) -> bool {
        self.conflict.as_ref().is_some_and(|conflict| conflict.is_about(field))
    }
}

/// What is typed of somebody, and what is wrong with it.
#[derive(Default)]
pub(super) struct AboutForm {
    pub(super) name: Field,
    pub(super) role: Field,
    pub(super) firm: Field,
    pub(super) bio: Field,
    version: String,
}

impl AboutForm {
    fn of(presenter: &Presenter) -> Self {
        Self {
            name: Field::of(&presenter.about.name),
            role: Field::of(&presenter.about.role),
            firm: Field::of(&presenter.about.firm),
            bio: Field::of(&presenter.about.bio),
            version: presenter.version.to_string(),
        }
    }

    pub(super) fn typed(form: &Form) -> Self {
        let field = |name| Field::of(form.text(name));
        Self {
            name: field("name"),
            role: field("role"),
            firm: field("firm"),
            bio: field("bio"),
            version: form.text("version").to_owned(),
        }
    }

    /// Reads it, all mistakes at once.
    pub(super) fn read(&mut self) -> Option<AboutPresenter> {
        let name = self
            .name
            .read(|raw| PersonName::parse(raw).map_err(|problem| words::of_them(&problem)));
        let (role, firm) = (self.role.read(line_or_nothing), self.firm.read(line_or_nothing));
        let bio = self.bio.read(bio);
        Some(AboutPresenter {
            name: name?.as_str().to_owned(),
            role: role?,
            firm: firm?,
            bio: bio?,
        })
    }

    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("name", &self.name),
            ("role", &self.role),
            ("firm", &self.firm),
            ("bio", &self.bio),
        ])
    }
}

/// What the page may be asked with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PresenterQuery {
    done: String,
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "added" => Some("Added to the webcast. A picture makes the page: choose one below."),
        "saved" => Some("Saved, on every page they stand on."),
        "picture" => Some("The picture is there. It was cut square, from the middle."),
        "removed" => Some("The picture is gone."),
        "kept" => Some("They were not deleted: they speak in a webcast. Take them off there first."),
        _ => None,
    }
}

/// `GET /organizer/presenters/{id}`
pub(super) async fn page(console: Console, id: Path<String>, wanted: Query<PresenterQuery>) -> Answer {
    let presenter = load(&console, &id).await?;
    let mut shown = draw(&console, &presenter, AboutForm::of(&presenter)).await?;
    shown.frame = shown.frame.with(done(&wanted.done));
    ok(&shown)
}

async fn load(console: &Console, id: &str) -> Result<Presenter, WebError> {
    let found = store::presenter(&mut console.state.db.read().await?, list::id(id)?).await?;
    found.ok_or(WebError::NotFound)
}

async fn draw(console: &Console, presenter: &Presenter, form: AboutForm) -> Result<PresenterPage, WebError> {
    let webcasts = store::webcasts_with(&mut console.state.db.read().await?, presenter.id).await?;
    let (layout, frame) = console.page(MenuEntry::Webcasts, presenter.about.name.clone());
    let mut frame = frame.below("/organizer/webcasts", "Webcasts");
    if let [(slug, title)] = webcasts.as_slice() {
        frame = frame
            .below(format!("/organizer/webcasts/{slug}"), title.clone())
            .below(format!("/organizer/webcasts/{slug}/speakers"), "Speakers");
    }
    Ok(PresenterPage {
        layout,
        frame,
        path: path(presenter.public_id),
        name: presenter.about.name.clone(),
        form,
        conflict: None,
        picture: presenter.picture.map(|id| format!("/pictures/{id}")),
        picture_problem: None,
        webcasts,
        may_edit: console.may(Act::ChangeWebcasts),
    })
}

fn path(id: PublicId) -> String {
    format!("/organizer/presenters/{id}")
}

/// `POST /organizer/presenters/{id}`
pub(super) async fn save(console: Console, id: Path<String>, form: Form) -> Answer {
    let presenter = load(&console, &id).await?;
    let mut typed = AboutForm::typed(&form);
    if form.is_brought_back() {
        let mut shown = draw(&console, &presenter, typed).await?;
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let Some(about) = typed.read() else {
        return answer(
            StatusCode::UNPROCESSABLE_ENTITY,
            &draw(&console, &presenter, typed).await?,
        );
    };
    let (id, version) = (presenter.public_id, typed.version.parse().ok());
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let (about, who) = (about.clone(), who.clone());
        Box::pin(async move { presenters::correct(tx, id, &about, version, &who, now).await })
    });
    match write.await {
        Ok(PresenterOutcome::Yes) => Ok(see_other(&format!("{}?done=saved", path(id)))),
        Ok(PresenterOutcome::Gone) => Err(WebError::NotFound),
        Ok(PresenterOutcome::Meanwhile(now)) => {
            let shown = in_conflict(&console, typed, &now).await?;
            answer(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
        Err(error) => {
            let mut shown = draw(&console, &presenter, typed).await?;
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}

async fn in_conflict(console: &Console, mut typed: AboutForm, now: &Presenter) -> Result<PresenterPage, WebError> {
    let conflict = Conflict::between(
        "Somebody else changed this while you had it open. Nothing of yours is saved yet: choose, then save."
            .to_owned(),
        &[
            ("name", "Name", &typed.name.value, &now.about.name),
            ("role", "Role", &typed.role.value, &now.about.role),
            ("firm", "Firm", &typed.firm.value, &now.about.firm),
            ("bio", "Two lines about them", &typed.bio.value, &now.about.bio),
        ],
    );
    typed.version = now.version.to_string();
    let mut shown = draw(console, now, typed).await?;
    shown.conflict = Some(conflict);
    Ok(shown)
}

/// `POST /organizer/presenters/{id}/picture`
pub(super) async fn put_picture(console: Console, id: Path<String>, upload: Result<Upload, WebError>) -> Answer {
    // Whether they may comes before what they sent.
    let upload = upload?;
    let presenter = load(&console, &id).await?;
    let picture = match upload.picture(&console.state.picture_reader, Shape::Square).await? {
        Ok(picture) => picture,
        Err(problem) => return refuse_picture(&console, &presenter, problem).await,
    };
    let (id, who, now) = (presenter.public_id, console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let (picture, who) = (picture.clone(), who.clone());
        Box::pin(async move { presenters::picture(tx, id, Some(&picture), &who, now).await })
    });
    if write.await? {
        Ok(see_other(&format!("{}?done=picture", path(id))))
    } else {
        Err(WebError::NotFound)
    }
}

async fn refuse_picture(console: &Console, presenter: &Presenter, problem: String) -> Answer {
    let mut shown = draw(console, presenter, AboutForm::of(presenter)).await?;
    shown.picture_problem = Some(problem);
    answer(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

/// `POST /organizer/presenters/{id}/picture/remove`
pub(super) async fn remove_picture(console: Console, id: Path<String>) -> Answer {
    let id = list::id(&id)?;
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let who = who.clone();
        Box::pin(async move { presenters::picture(tx, id, None, &who, now).await })
    });
    if write.await? {
        Ok(see_other(&format!("{}?done=removed", path(id))))
    } else {
        Err(WebError::NotFound)
    }
}

/// `POST /organizer/presenters/{id}/delete`
pub(super) async fn delete(console: Console, id: Path<String>) -> Answer {
    let id = list::id(&id)?;
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let who = who.clone();
        Box::pin(async move { presenters::delete(tx, id, &who, now).await })
    });
    if write.await? {
        Ok(see_other("/organizer/webcasts?done=presenter"))
    } else {
        Ok(see_other(&format!("{}?done=kept", path(id))))
    }
}
