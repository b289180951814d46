//! The lists of people, attendees and requests: one way to narrow, sort, read, save and export them, at any size.

pub(super) mod cells;
mod columns;
mod filters;
mod pages;
mod shown;
mod views;

use actix_web::web::ServiceConfig;

use crate::web::at;

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/people").get(pages::people))
        .service(at("/organizer/webcasts/{slug}/people").get(pages::attendees))
        .service(at("/organizer/papers").get(pages::papers))
        .service(at("/organizer/papers/{slug}/people").get(pages::requests_for))
        .service(at("/organizer/lists/columns").post(views::choose))
        .service(at("/organizer/lists/views").post(views::save))
        .service(at("/organizer/views/{id}/forget").post(views::forget));
}
