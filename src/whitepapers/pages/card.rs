//! `GET /whitepapers/{slug}/card.png`: what stands for the page where its address is shared.

use actix_web::web;

use crate::cards::Card;
use crate::values::Slug;
use crate::web::{Answer, AppState, Pictures, WebError};
use crate::whitepapers::{Edition, store};

/// The title, and what it is.
pub(super) async fn card(state: web::Data<AppState>, pictures: web::Data<Pictures>, slug: web::Path<String>) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let found = store::whitepaper_by_slug(&mut state.db.read().await?, &slug).await?;
    let paper = found.ok_or(WebError::NotFound)?;
    let card = Card {
        kicker: "Whitepaper".to_owned(),
        lines: paper.edition.as_ref().map(Edition::facts).into_iter().collect(),
        title: paper.title,
        organization: state.organization().as_str().to_owned(),
        pattern: None,
    };
    pictures.card(card).await
}
