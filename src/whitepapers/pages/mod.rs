//! The visitors' pages of a whitepaper: list, page with form, thanks, download.

mod card;
mod download;
mod list;
mod paper;

use actix_web::web;

use super::{Edition, Whitepaper, store};
use crate::db::{Conn, DbError};
use crate::web::at;
use crate::web::layout::Picture;

use download::RecentPictures;
pub(crate) use list::{FeaturedPaper, featured};

/// The routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .app_data(web::Data::new(RecentPictures::default()))
        .service(at("/whitepapers").get(list::show))
        .service(at("/whitepapers/{slug}").get(paper::show))
        .service(
            at("/whitepapers/{slug}/request")
                .get(paper::back_to_form)
                .post(paper::request),
        )
        .service(at("/whitepapers/{slug}/card.png").get(card::card))
        .service(at("/whitepapers/{slug}/thanks").get(paper::thanks))
        .service(at("/editions/{edition}/pictures/{position}").get(download::picture))
        .service(at("/downloads/{token}").get(download::file));
}

/// The pages of an edition that are shown as pictures, the cover first.
async fn pictures(conn: &mut Conn, edition: &Edition) -> Result<Vec<Picture>, DbError> {
    let facts = store::pictures_of(conn, edition.id).await?;
    Ok(facts
        .into_iter()
        .map(|facts| Picture {
            url: format!("/editions/{}/pictures/{}", edition.public_id, facts.position),
            alt: facts.alt,
            width: u32::try_from(facts.width).unwrap_or_default(),
            height: u32::try_from(facts.height).unwrap_or_default(),
        })
        .collect())
}

async fn cover(conn: &mut Conn, paper: &Whitepaper) -> Result<Option<Picture>, DbError> {
    let Some(edition) = &paper.edition else { return Ok(None) };
    Ok(pictures(conn, edition).await?.into_iter().next())
}
