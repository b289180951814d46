//! `GET /whitepapers`

use actix_web::web;
use askama::Template;

use super::cover;
use crate::db::{Conn, DbError};
use crate::framed;
use crate::web::layout::{Layout, Picture, Section};
use crate::web::{Answer, AppState, Share, Visitor, ok};
use crate::whitepapers::{Edition, store};

#[derive(Template)]
#[template(path = "whitepapers/list.html")]
struct PaperListPage {
    layout: Layout,
    papers: Vec<PaperItem>,
}

framed!(PaperListPage);

struct PaperItem {
    slug: String,
    title: String,
    summary: String,
    /// "12 pages, PDF, 640 kB".
    facts: String,
    cover: Option<Picture>,
}

pub(super) async fn show(state: web::Data<AppState>, visitor: Visitor) -> Answer {
    let conn = &mut state.db.read().await?;
    let mut papers = Vec::new();
    for paper in store::list_whitepapers(conn).await? {
        papers.push(PaperItem {
            cover: cover(conn, &paper).await?,
            facts: paper.edition.as_ref().map(Edition::facts).unwrap_or_default(),
            slug: paper.slug.to_string(),
            title: paper.title,
            summary: paper.summary,
        });
    }
    let mut layout = state
        .layout(Section::Whitepapers, "Whitepapers")
        .seen_by(&visitor)
        .shared_as(Share::of_page(&state, "/whitepapers"));
    "Whitepapers on partnerships, sent by mail.".clone_into(&mut layout.description);
    ok(&PaperListPage { layout, papers })
}

/// The whitepaper that the front page leads to.
#[derive(Clone, Debug)]
pub(crate) struct FeaturedPaper {
    /// Its page.
    pub slug: String,
    /// The title.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
}

/// The newest paper that can be asked for.
pub(crate) async fn featured(conn: &mut Conn) -> Result<Option<FeaturedPaper>, DbError> {
    let papers = store::list_whitepapers(conn).await?;
    let Some(paper) = papers.into_iter().find(|paper| paper.edition.is_some()) else {
        return Ok(None);
    };
    Ok(Some(FeaturedPaper {
        slug: paper.slug.to_string(),
        title: paper.title,
        summary: paper.summary,
    }))
}
