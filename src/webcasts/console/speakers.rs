//! `/organizer/webcasts/{slug}/speakers`: who speaks, in what order; somebody who spoke before, or somebody new. It shows at
//! once: it is no part of the text that waits to be published.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::presenter::AboutForm;
use super::workspace::{NextStep, Tab, Workspace, WorkspaceHead};
use crate::console::busy::form_again;
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, list};
use crate::framed;
use crate::values::PublicId;
use crate::web::layout::Layout;
use crate::web::{Answer, Form, WebError, ok, page as answer, see_other};
use crate::webcasts::change::presenters::{self, MOST_SPEAKERS};
use crate::webcasts::presenter::Presenter;
use crate::webcasts::store;

/// What the last act did.
const DONE: [(&str, &str); 2] = [
    ("saved", "Saved. Everybody sees it."),
    ("added", "Added. Everybody sees it."),
];
/// Before the number in the name of a field.
const PLACE: &str = "place_";
const REMOVE: &str = "remove_";

#[derive(Template)]
#[template(path = "console/webcasts/speakers.html")]
struct SpeakersPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    speakers: Vec<SpeakerLine>,
    /// Those who speak elsewhere.
    known: Vec<KnownPresenter>,
    is_full: bool,
    form: AboutForm,
}

framed!(SpeakersPage);

struct SpeakerLine {
    id: String,
    place: usize,
    name: String,
    role: String,
    picture: Option<String>,
}

struct KnownPresenter {
    id: String,
    name: String,
}

/// `GET /organizer/webcasts/{slug}/speakers`
pub(super) async fn page(console: Console, slug: Path<String>, done: Query<Done>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let mut shown = draw(&console, &workspace, AboutForm::default()).await?;
    shown.frame = shown.frame.with(done.said(&DONE));
    ok(&shown)
}

async fn draw(console: &Console, workspace: &Workspace, form: AboutForm) -> Result<SpeakersPage, WebError> {
    let conn = &mut console.state.db.read().await?;
    let speakers = store::speakers_of(conn, workspace.webcast.id).await?;
    let known = store::presenters(conn).await?;
    let (layout, frame, head) = workspace.page(console, Tab::Speakers);
    Ok(SpeakersPage {
        layout,
        frame,
        head,
        known: known
            .into_iter()
            .filter(|presenter| speakers.iter().all(|speaker| speaker.id != presenter.id))
            .map(|presenter| KnownPresenter {
                id: presenter.public_id.to_string(),
                name: match presenter.about.role_and_firm() {
                    role if role.is_empty() => presenter.about.name,
                    role => format!("{} ({role})", presenter.about.name),
                },
            })
            .collect(),
        is_full: speakers.len() >= MOST_SPEAKERS,
        speakers: (1..)
            .zip(speakers)
            .map(|(place, speaker)| line(place, speaker))
            .collect(),
        form,
    })
}

fn line(place: usize, speaker: Presenter) -> SpeakerLine {
    SpeakerLine {
        id: speaker.public_id.to_string(),
        place,
        role: speaker.about.role_and_firm(),
        name: speaker.about.name,
        picture: speaker.picture.map(|id| format!("/pictures/{id}")),
    }
}

/// `POST /organizer/webcasts/{slug}/speakers`: the order, and who does not speak after all.
pub(super) async fn arrange(console: Console, slug: Path<String>, form: Form) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let mut places: Vec<(f64, PublicId)> = Vec::new();
    let mut removed = Vec::new();
    for (name, value) in form.fields() {
        if let Some(id) = name.strip_prefix(PLACE) {
            // What is no number goes to the end.
            let place = value.trim().parse().ok().filter(|place: &f64| place.is_finite());
            places.push((place.unwrap_or(f64::MAX), list::id(id)?));
        } else if let Some(id) = name.strip_prefix(REMOVE) {
            removed.push(list::id(id)?);
        }
    }
    places.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let order: Vec<PublicId> = places.into_iter().map(|(_, id)| id).collect();
    let (webcast, who, now) = (
        workspace.webcast.clone(),
        console.who.clone(),
        console.state.clock.now(),
    );
    let write = console.state.db.write(move |tx| {
        let (webcast, order, removed, who) = (webcast.clone(), order.clone(), removed.clone(), who.clone());
        Box::pin(async move { presenters::arrange(tx, &webcast, &order, &removed, &who, now).await })
    });
    write.await?;
    Ok(see_other(&format!("{}/speakers?done=saved", workspace.path())))
}

/// `POST /organizer/webcasts/{slug}/speakers/known`
pub(super) async fn add_known(console: Console, slug: Path<String>, form: Form) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let id = list::id(form.text("presenter"))?;
    let (webcast, who, now) = (
        workspace.webcast.clone(),
        console.who.clone(),
        console.state.clock.now(),
    );
    let write = console.state.db.write(move |tx| {
        let (webcast, who) = (webcast.clone(), who.clone());
        Box::pin(async move { presenters::add_known(tx, &webcast, id, &who, now).await })
    });
    if write.await? {
        Ok(see_other(&format!("{}/speakers?done=added", workspace.path())))
    } else {
        Err(WebError::NotFound)
    }
}

/// `POST /organizer/webcasts/{slug}/speakers/new`: their own page is next, for the picture.
pub(super) async fn add_new(console: Console, slug: Path<String>, form: Form) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let mut typed = AboutForm::typed(&form);
    if form.is_brought_back() {
        let mut shown = draw(&console, &workspace, typed).await?;
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let Some(about) = typed.read() else {
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
        let (webcast, about, who) = (webcast.clone(), about.clone(), who.clone());
        Box::pin(async move { presenters::add_new(tx, &webcast, &about, &who, now).await })
    });
    match write.await {
        Ok(Some(id)) => Ok(see_other(&format!("/organizer/presenters/{id}?done=added"))),
        Ok(None) => {
            typed.name.error = Some(format!("{MOST_SPEAKERS} speak already. Take somebody off first."));
            answer(
                StatusCode::UNPROCESSABLE_ENTITY,
                &draw(&console, &workspace, typed).await?,
            )
        }
        Err(error) => {
            let mut shown = draw(&console, &workspace, typed).await?;
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}
