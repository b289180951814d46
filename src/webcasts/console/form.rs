//! `/organizer/webcasts/{slug}/form`: what the form that registers asks. The pages themselves are [`crate::questions`]'s.

use actix_web::web::{Path, Query};
use askama::Template;

use super::workspace::{NextStep, Tab, Workspace, WorkspaceHead};
use crate::console::flash::Done;
use crate::console::{Console, list};
use crate::organizers::acts::Act;
use crate::questions::FormOwner;
use crate::questions::change::FormOf;
use crate::questions::console::{self as questions, FormDesk, NewQuestion};
use crate::web::{Answer, Form, WebError};

/// What stands above these pages.
#[derive(Template)]
#[template(
    source = "{% import \"_pieces.html\" as p %}{% include \"console/webcasts/_head.html\" %}",
    ext = "html"
)]
struct HeadOfForm {
    head: WorkspaceHead,
}

async fn desk(console: Console, slug: &str) -> Result<FormDesk, WebError> {
    let workspace = Workspace::load(&console, slug).await?;
    let (layout, frame, head) = workspace.page(&console, Tab::Form);
    let webcast = &workspace.webcast;
    Ok(FormDesk {
        form: FormOf {
            owner: FormOwner::Webcast(webcast.id),
            slug: webcast.slug.clone(),
        },
        version: webcast.form_version,
        path: format!("{}/form", workspace.path()),
        preview: format!("{}/preview#register", workspace.path()),
        act: Act::ChangeWebcasts,
        layout,
        frame,
        head: HeadOfForm { head }.render().map_err(WebError::internal)?,
        console,
    })
}

/// `GET /organizer/webcasts/{slug}/form`
pub(super) async fn page(console: Console, slug: Path<String>, done: Query<Done>) -> Answer {
    questions::page(desk(console, &slug).await?, &done).await
}

/// `POST /organizer/webcasts/{slug}/form`
pub(super) async fn save_fields(console: Console, slug: Path<String>, form: Form) -> Answer {
    questions::save_fields(desk(console, &slug).await?, &form).await
}

/// `POST /organizer/webcasts/{slug}/form/order`
pub(super) async fn shift(console: Console, slug: Path<String>, form: Form) -> Answer {
    questions::shift(desk(console, &slug).await?, &form).await
}

/// `GET /organizer/webcasts/{slug}/form/questions/{id}`
pub(super) async fn question(console: Console, path: Path<(String, String)>, new: Query<NewQuestion>) -> Answer {
    let (slug, id) = path.into_inner();
    questions::question(desk(console, &slug).await?, &id, &new).await
}

/// `POST /organizer/webcasts/{slug}/form/questions/{id}`
pub(super) async fn save(
    console: Console,
    path: Path<(String, String)>,
    new: Query<NewQuestion>,
    form: Form,
) -> Answer {
    let (slug, id) = path.into_inner();
    questions::save(desk(console, &slug).await?, &id, &new, &form).await
}

/// `POST /organizer/webcasts/{slug}/form/questions/{id}/delete`
pub(super) async fn delete(console: Console, path: Path<(String, String)>) -> Answer {
    let (slug, id) = path.into_inner();
    questions::delete(desk(console, &slug).await?, list::id(&id)?).await
}
