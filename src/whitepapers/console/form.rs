//! `/organizer/papers/{slug}/form`: what the form that asks for a paper asks. The pages themselves are [`crate::questions`]'s.

use actix_web::web::{Path, Query};
use askama::Template;

use crate::console::flash::Done;
use crate::console::{Console, MenuEntry, list};
use crate::organizers::acts::Act;
use crate::questions::FormOwner;
use crate::questions::change::FormOf;
use crate::questions::console::{self as questions, FormDesk, NewQuestion};
use crate::values::Slug;
use crate::web::{Answer, Form, WebError};
use crate::whitepapers::store;

/// What stands above these pages.
#[derive(Template)]
#[template(
    source = "<div class=\"page-head\"><h1 class=\"work\">{{ title }}</h1></div><p class=\"clock-of\">What its form asks. <a href=\"{{ page }}\">{{ page }}</a></p>",
    ext = "html"
)]
struct HeadOfPaper {
    title: String,
    page: String,
}

async fn desk(console: Console, raw: &str) -> Result<FormDesk, WebError> {
    let slug = Slug::parse(raw).map_err(|_| WebError::NotFound)?;
    let paper = store::whitepaper_by_slug(&mut console.state.db.read().await?, &slug)
        .await?
        .ok_or(WebError::NotFound)?;
    let (layout, frame) = console.page(MenuEntry::Papers, format!("Form: {}", paper.title));
    let page = format!("/whitepapers/{slug}");
    let head = HeadOfPaper {
        title: paper.title,
        page: page.clone(),
    };
    Ok(FormDesk {
        path: format!("/organizer/papers/{slug}/form"),
        form: FormOf {
            owner: FormOwner::Whitepaper(paper.id),
            slug,
        },
        version: paper.form_version,
        preview: format!("{page}#request"),
        act: Act::ChangePapers,
        layout,
        frame: frame.below("/organizer/papers", "Papers"),
        head: head.render().map_err(WebError::internal)?,
        console,
    })
}

/// `GET /organizer/papers/{slug}/form`
pub(super) async fn page(console: Console, slug: Path<String>, done: Query<Done>) -> Answer {
    questions::page(desk(console, &slug).await?, &done).await
}

/// `POST /organizer/papers/{slug}/form`
pub(super) async fn save_fields(console: Console, slug: Path<String>, form: Form) -> Answer {
    questions::save_fields(desk(console, &slug).await?, &form).await
}

/// `POST /organizer/papers/{slug}/form/order`
pub(super) async fn shift(console: Console, slug: Path<String>, form: Form) -> Answer {
    questions::shift(desk(console, &slug).await?, &form).await
}

/// `GET /organizer/papers/{slug}/form/questions/{id}`
pub(super) async fn question(console: Console, path: Path<(String, String)>, new: Query<NewQuestion>) -> Answer {
    let (slug, id) = path.into_inner();
    questions::question(desk(console, &slug).await?, &id, &new).await
}

/// `POST /organizer/papers/{slug}/form/questions/{id}`
pub(super) async fn save(
    console: Console,
    path: Path<(String, String)>,
    new: Query<NewQuestion>,
    form: Form,
) -> Answer {
    let (slug, id) = path.into_inner();
    questions::save(desk(console, &slug).await?, &id, &new, &form).await
}

/// `POST /organizer/papers/{slug}/form/questions/{id}/delete`
pub(super) async fn delete(console: Console, path: Path<(String, String)>) -> Answer {
    let (slug, id) = path.into_inner();
    questions::delete(desk(console, &slug).await?, list::id(&id)?).await
}
