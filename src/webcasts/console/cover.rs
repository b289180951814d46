//! `/organizer/webcasts/{slug}/cover`: what is seen of a webcast before it is read, one of our patterns or a picture of
//! theirs; and the card that stands for its page where it is shared.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;

use super::workspace::{NextStep, Tab, Workspace, WorkspaceHead};
use crate::cards::Pattern;
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame};
use crate::framed;
use crate::uploads::Shape;
use crate::web::layout::Layout;
use crate::web::upload::Upload;
use crate::web::{Answer, Form, Pictures, WebError, ok, page as answer, see_other};
use crate::webcasts::change::cover::{self, WantedCover};
use crate::webcasts::change::text;
use crate::webcasts::cover::Cover;
use crate::webcasts::pages;

/// What the last act did.
const DONE: [(&str, &str); 2] = [
    ("saved", "Saved."),
    (
        "kept",
        "Saved. Everybody sees the cover of before until you publish the changes, on the tab Page.",
    ),
];
/// As the form says that there is to be none.
const NOTHING: &str = "none";

#[derive(Template)]
#[template(path = "console/webcasts/cover.html")]
struct CoverPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    cover: Option<Cover>,
    /// What was wrong with the picture that was sent.
    problem: Option<String>,
}

framed!(CoverPage);

impl CoverPage {
    /// Templates ask which pattern is chosen.
    fn has(&self, pattern: &str) -> bool {
        self.cover.and_then(Cover::pattern).map(Pattern::as_str) == Some(pattern)
    }
}

/// `GET /organizer/webcasts/{slug}/cover`
pub(super) async fn page(console: Console, slug: Path<String>, done: Query<Done>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let mut shown = draw(&console, &workspace).await?;
    shown.frame = shown.frame.with(done.said(&DONE));
    ok(&shown)
}

async fn draw(console: &Console, workspace: &Workspace) -> Result<CoverPage, WebError> {
    let current = text::current(&mut console.state.db.read().await?, workspace.webcast.id).await?;
    let (layout, frame, head) = workspace.page(console, Tab::Page);
    Ok(CoverPage {
        layout: Layout {
            title: format!("Cover: {}", workspace.webcast.text.title),
            ..layout
        },
        frame: frame
            .below(workspace.path(), workspace.webcast.text.title.clone())
            .below(format!("{}/page", workspace.path()), "Page"),
        head,
        cover: current.text.cover,
        problem: None,
    })
}

/// `POST /organizer/webcasts/{slug}/cover`: one of our patterns, or none.
pub(super) async fn choose(console: Console, slug: Path<String>, form: Form) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let wanted = match form.text("cover") {
        NOTHING => WantedCover::Nothing,
        // Their own picture, which is there.
        "" => return Ok(see_other(&format!("{}/cover?done=saved", workspace.path()))),
        name => WantedCover::Pattern(Pattern::parse(name).ok_or(WebError::BadRequest)?),
    };
    keep(&console, &workspace, wanted).await
}

/// `POST /organizer/webcasts/{slug}/cover/picture`
pub(super) async fn put_picture(console: Console, slug: Path<String>, upload: Result<Upload, WebError>) -> Answer {
    // Whether they may comes before what they sent.
    let upload = upload?;
    let workspace = Workspace::load(&console, &slug).await?;
    match upload.picture(&console.state.picture_reader, Shape::Wide).await? {
        Ok(picture) => keep(&console, &workspace, WantedCover::Picture(picture)).await,
        Err(problem) => {
            let mut shown = draw(&console, &workspace).await?;
            shown.problem = Some(problem);
            answer(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

async fn keep(console: &Console, workspace: &Workspace, wanted: WantedCover) -> Answer {
    let (webcast, who, now) = (
        workspace.webcast.clone(),
        console.who.clone(),
        console.state.clock.now(),
    );
    let write = console.state.db.write(move |tx| {
        let (webcast, wanted, who) = (webcast.clone(), wanted.clone(), who.clone());
        Box::pin(async move { cover::choose(tx, &webcast, &wanted, &who, now).await })
    });
    write.await?;
    let done = if workspace.is_draft() { "saved" } else { "kept" };
    Ok(see_other(&format!("{}/cover?done={done}", workspace.path())))
}

/// `GET /organizer/webcasts/{slug}/card.png`: with what is written for the next time.
pub(super) async fn card(console: Console, pictures: Data<Pictures>, slug: Path<String>) -> Answer {
    let mut webcast = Workspace::load(&console, &slug).await?.webcast;
    webcast.text = text::current(&mut console.state.db.read().await?, webcast.id)
        .await?
        .text;
    pages::preview_card(&console.state, &pictures, webcast).await
}
