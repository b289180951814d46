//! `/organizer/people/import`: lists and reports from elsewhere, in four steps: the file, its columns, what would become of it,
//! and what became of it.

mod columns;
mod preview;
mod sending;
mod standing;

use actix_web::web::ServiceConfig;

use crate::console::{Console, list};
use crate::imports::store::{self, ImportRow};
use crate::web::{WebError, at};

/// Where the first step is; the others are below it.
const PATH: &str = "/organizer/people/import";

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/people/import").get(sending::page).post(sending::send))
        .service(
            at("/organizer/people/import/{id}")
                .get(columns::page)
                .post(columns::choose),
        )
        .service(at("/organizer/people/import/{id}/preview").get(preview::page))
        .service(at("/organizer/people/import/{id}/start").post(preview::start))
        .service(at("/organizer/people/import/{id}/undo").post(standing::undo))
        .service(at("/organizer/people/import/{id}/match").post(standing::match_one))
        .service(at("/organizer/people/import/{id}/not-taken.csv").get(standing::not_taken));
}

/// The import of an address, for whoever sent the file.
async fn find(console: &Console, raw: &str) -> Result<(ImportRow, String), WebError> {
    let name = list::id(raw)?;
    let row = store::find(&mut console.state.db.read().await?, console.who.id, name).await?;
    let row = row.ok_or(WebError::NotFound)?;
    Ok((row, format!("{PATH}/{name}")))
}
